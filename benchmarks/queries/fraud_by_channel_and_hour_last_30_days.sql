select channel, transaction_hour, sum(fraud_count) as fraud_count, sum(fraud_amount) as fraud_amount,
    round(100.0 * sum(fraud_count) / count(*), 3) as fraud_rate_pct
from fact_transactions
where transaction_date > (select data_through_date - 30 from publish_info)
group by channel, transaction_hour
order by channel, transaction_hour
