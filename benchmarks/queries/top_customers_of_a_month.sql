select customers.full_name, customers.segment, top.lines, top.revenue
from (
    select customer_key, count(*) as lines, sum(revenue) as revenue
    from fact_sales
    where sale_date between '2025-12-01' and '2025-12-31'
    group by customer_key
    order by revenue desc
    limit 50
) as top
join dim_customer as customers using (customer_key)
order by top.revenue desc
