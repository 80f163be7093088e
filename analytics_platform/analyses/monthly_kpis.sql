-- Monthly figures of the bank: transactions, active customers, volume, average.
select
    month_date,
    transaction_count as transactions,
    banking_customers as active_customers,
    transaction_amount as volume_amount,
    round(transaction_amount / nullif(transaction_count, 0), 2) as average_amount,
    is_complete
from {{ ref('customer_kpis_monthly') }}
order by month_date
