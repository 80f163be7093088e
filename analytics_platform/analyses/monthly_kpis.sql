-- Monthly figures of the bank: transactions, active customers, volume, average.
select
    cast(date_trunc('month', transaction_date) as date) as month_date,
    count(*) as transactions,
    count(distinct customer_id) as active_customers,
    sum(posted_amount_abs) as volume_amount,
    round(avg(posted_amount_abs), 2) as average_amount
from {{ ref('fact_transactions') }}
where is_posted
group by cast(date_trunc('month', transaction_date) as date)
order by month_date
