-- Fraud by merchant: how many cases, and how much money, in the last 30 days of data?
with last_day as (
    select max(transaction_date) as transaction_date
    from {{ ref('fact_transactions') }}
)

select
    transactions.merchant_id,
    merchants.merchant_name,
    merchants.merchant_category,
    count(*) as fraud_count,
    sum(transactions.fraud_amount) as fraud_amount
from {{ ref('fact_transactions') }} as transactions
inner join last_day on transactions.transaction_date > last_day.transaction_date - 30
left join {{ ref('dim_merchant') }} as merchants on transactions.merchant_key = merchants.merchant_key
where transactions.is_fraud and transactions.merchant_id is not null
group by transactions.merchant_id, merchants.merchant_name, merchants.merchant_category
order by fraud_amount desc, transactions.merchant_id asc
