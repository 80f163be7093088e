-- A view: it sees all history, which only its readers should pay for.
with movements as (
    select distinct on (transaction_id) *
    from {{ ref('int_transactions_clean') }}
    order by transaction_id, partition_date
),

customers as (
    select
        customer_id,
        user_id
    from {{ ref('int_customer_versions') }}
    where is_last_version and user_id is not null
),

activity as (
    select
        customers.user_id,
        count(*) as transaction_count,
        count(*) filter (where movements.transaction_status = 'posted') as posted_count,
        sum(movements.transaction_amount_abs) filter (where movements.transaction_status = 'posted') as posted_amount,
        count(*) filter (where movements.is_fraud) as fraud_count,
        count(distinct movements.transaction_date) as active_days,
        min(movements.transacted_at) as first_transacted_at,
        max(movements.transacted_at) as last_transacted_at
    from movements
    inner join customers on movements.customer_id = customers.customer_id
    group by customers.user_id
)

select
    users.user_id,
    users.kyc_status,
    users.is_kyc_completed,
    coalesce(activity.transaction_count, 0) as transaction_count,
    coalesce(activity.posted_count, 0) as posted_count,
    {{ money('coalesce(activity.posted_amount, 0)', 18) }} as posted_amount,
    {{ money('activity.posted_amount / nullif(activity.posted_count, 0)') }} as average_amount,
    coalesce(activity.fraud_count, 0) as fraud_count,
    coalesce(activity.active_days, 0) as active_days,
    activity.first_transacted_at,
    activity.last_transacted_at
from {{ ref('int_users_clean') }} as users
left join activity on users.user_id = activity.user_id
