{{ config(indexes=[{'columns': ['customer_id']}]) }}

-- Type 1: the latest record, also of accounts that left the list.
select
    account_id,
    customer_id,
    account_type,
    account_status,
    opened_date,
    opening_balance_amount,
    credit_limit_amount,
    is_current as is_listed,
    source_updated_at,
    partition_date,
    source_line
from {{ ref('int_account_versions') }}
where is_last_version
