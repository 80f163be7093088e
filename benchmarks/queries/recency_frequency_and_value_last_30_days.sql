with customers as (
    select customer_id, max(sale_date) as last_sale_date, count(*) as frequency, sum(revenue) as revenue
    from fact_sales
    where sale_date > (select data_through_date - 30 from publish_info)
    group by customer_id
),
scores as (
    select revenue, ntile(5) over (order by last_sale_date) as recency_score,
        ntile(5) over (order by frequency) as frequency_score, ntile(5) over (order by revenue) as monetary_score
    from customers
)
select recency_score, frequency_score, monetary_score, count(*) as customers, sum(revenue) as revenue
from scores
group by 1, 2, 3
order by 1 desc, 2 desc, 3 desc
