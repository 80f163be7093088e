select products.product_name, products.category, top.units, top.revenue
from (
    select product_id, sum(quantity) as units, sum(revenue) as revenue
    from fact_sales
    where sale_date between '2025-10-01' and '2025-12-31'
    group by product_id
    order by revenue desc
    limit 20
) as top
join dim_product as products using (product_id)
order by top.revenue desc
