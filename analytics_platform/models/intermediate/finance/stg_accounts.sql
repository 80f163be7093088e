select
    account_id,
    customer_id,
    account_type,
    status as account_status,
    opened_date,
    opening_balance_amount,
    credit_limit_amount,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('finance_accounts') }} as accounts
