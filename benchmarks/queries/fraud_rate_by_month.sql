select date_trunc('month', transaction_date) as month, sum(attempt_count) as attempts, sum(fraud_count) as fraud_count,
    sum(fraud_amount) as fraud_amount, round(100.0 * sum(fraud_count) / sum(attempt_count), 3) as fraud_rate_pct
from daily_transactions
group by 1
order by 1
