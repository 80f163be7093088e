{% set window_days = 30 %}
-- How do users who completed KYC behave, compared to those who did not (yet)?
-- Their state of now, their posted movements of the last thirty days: so the cost is that of thirty days.
with span as (
    select {{ data_through() }} as as_of_date
),

-- A user's state is that of the application handed in last.
applications as (
    select distinct on (user_id)
        user_id,
        kyc_status
    from {{ ref('fact_onboarding') }}
    order by user_id asc, submitted_at desc, onboarding_id desc
),

customers as (
    select
        user_id,
        customer_id
    from {{ ref('dim_customer') }}
    where is_last_version and user_id is not null
),

users as (
    select
        coalesce(applications.user_id, customers.user_id) as user_id,
        coalesce(applications.kyc_status, 'not_started') as kyc_status,
        customers.customer_id
    from applications
    full outer join customers on applications.user_id = customers.user_id
),

movements as (
    select
        transactions.customer_id,
        count(*) as attempt_count,
        count(*) filter (where transactions.is_posted) as transaction_count,
        count(*) filter (where transactions.is_declined) as declined_count,
        count(*) filter (where transactions.is_fraud) as fraud_count,
        count(distinct transactions.transaction_date) as active_days,
        sum(transactions.posted_amount_abs) as amount
    from {{ ref('fact_transactions') }} as transactions
    inner join span
        on
            transactions.transaction_date > span.as_of_date - {{ window_days }}
            and transactions.transaction_date <= span.as_of_date
    group by transactions.customer_id
)

select
    users.kyc_status,
    span.as_of_date,
    count(*) as users,
    count(users.customer_id) as customers,
    count(movements.customer_id) as active_users,
    {{ pct('count(movements.customer_id)', 'count(*)') }} as active_pct,
    cast(coalesce(sum(movements.transaction_count), 0) as bigint) as transaction_count,
    cast(coalesce(sum(movements.declined_count), 0) as bigint) as declined_count,
    cast(coalesce(sum(movements.fraud_count), 0) as bigint) as fraud_count,
    {{ money('coalesce(sum(movements.amount), 0)', 18) }} as amount,
    {{ money('sum(movements.amount) / nullif(sum(movements.transaction_count), 0)') }} as average_amount,
    {{ money('coalesce(sum(movements.amount), 0) / count(*)') }} as amount_per_user,
    cast(coalesce(sum(movements.transaction_count), 0) / cast(count(*) as numeric) as numeric(14, 2))
        as transactions_per_user,
    cast(avg(movements.active_days) as numeric(14, 2)) as average_active_days,
    {{ pct('sum(movements.declined_count)', 'sum(movements.attempt_count)') }} as decline_rate_pct,
    {{ pct('sum(movements.fraud_count)', 'sum(movements.attempt_count)') }} as fraud_rate_pct
from users
cross join span
left join movements on users.customer_id = movements.customer_id
group by users.kyc_status, span.as_of_date
