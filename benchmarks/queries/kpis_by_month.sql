select month_date, transaction_count, banking_customers, transaction_amount,
    transaction_amount / transaction_count as average, is_complete
from customer_kpis_monthly
order by month_date
