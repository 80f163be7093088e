select customers.segment, customers.loyalty_tier, count(distinct sales.customer_id) as customers,
    sum(sales.revenue) as revenue
from fact_sales as sales
join dim_customer as customers using (customer_key)
where sales.sale_date between '2025-11-01' and '2025-11-30'
group by 1, 2
order by 1, 2
