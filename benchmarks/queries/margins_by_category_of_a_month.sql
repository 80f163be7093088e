select products.category, products.subcategory, sum(sales.revenue) as revenue, sum(sales.profit_amount) as profit,
    round(100 * sum(sales.profit_amount) / nullif(sum(sales.revenue), 0), 2) as margin_pct
from fact_sales as sales
join dim_product as products using (product_id)
where sales.sale_date between '2025-11-01' and '2025-11-30'
group by rollup (products.category, products.subcategory)
order by 1, 2
