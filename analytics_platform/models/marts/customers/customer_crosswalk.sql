-- Under which ids the systems know a customer, from the first list that said so on.
with known as (
    select
        customer_id,
        'sales' as source_system,
        customer_id as source_id,
        valid_from,
        is_current
    from {{ ref('int_customer_versions') }}
    union all
    select
        customer_id,
        'operations' as source_system,
        user_id as source_id,
        valid_from,
        is_current
    from {{ ref('int_customer_versions') }}
    where user_id is not null
    union all
    select
        customer_id,
        'finance' as source_system,
        account_id as source_id,
        valid_from,
        is_current
    from {{ ref('int_account_versions') }}
)

select
    customer_id,
    source_system,
    source_id,
    min(valid_from) as valid_from,
    bool_or(is_current) as is_current
from known
group by customer_id, source_system, source_id
