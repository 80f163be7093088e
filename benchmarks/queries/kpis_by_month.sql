select date_trunc('month', transaction_date) as month, count(*) as transactions,
    count(distinct customer_id) as active_customers, sum(posted_amount_abs) as volume, avg(posted_amount_abs) as average
from fact_transactions
where is_posted
group by 1
order by 1
