select merchants.merchant_name, merchants.merchant_category, merchants.risk_level,
    count(*) as fraud_count, sum(transactions.fraud_amount) as fraud_amount
from fact_transactions as transactions
join dim_merchant as merchants using (merchant_key)
where transactions.is_fraud
    and transactions.transaction_date > (select data_through_date - 30 from publish_info)
group by merchants.merchant_key, merchants.merchant_name, merchants.merchant_category, merchants.risk_level
order by fraud_amount desc
