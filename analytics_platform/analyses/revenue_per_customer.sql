-- ARPU: what did a customer who bought bring in each month, by market segment?
select
    cast(date_trunc('month', sales.sale_date) as date) as month_date,
    customers.segment,
    count(distinct sales.customer_id) as buying_customers,
    sum(sales.revenue) as revenue,
    round(sum(sales.revenue) / count(distinct sales.customer_id), 2) as revenue_per_customer
from {{ ref('fact_sales') }} as sales
inner join {{ ref('dim_customer') }} as customers on sales.customer_key = customers.customer_key
group by cast(date_trunc('month', sales.sale_date) as date), customers.segment
order by month_date, customers.segment
