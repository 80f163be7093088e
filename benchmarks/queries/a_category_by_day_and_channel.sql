select sales.sale_date, sales.channel, sum(sales.quantity) as units, sum(sales.revenue) as revenue
from fact_sales as sales
join dim_product as products using (product_id)
where sales.sale_date between '2025-12-01' and '2025-12-31' and products.category = 'Electronics'
group by 1, 2
order by 1, 2
