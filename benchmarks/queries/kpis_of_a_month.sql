select count(*) as transactions, count(distinct customer_id) as active_customers,
    sum(posted_amount_abs) as volume, avg(transaction_amount_abs) as average
from fact_transactions
where transaction_date between '2025-11-01' and '2025-11-30' and is_posted
