{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched('transaction_date', 'fact_transactions') }}",
    post_hook="{{ follow_dates('transaction_date') }}",
) }}

-- Which five users moved most money on each day, and what share of the day's amount was theirs?
-- A user's movements are those of the accounts of the customer who he is; only what was posted moved.
with movements as (
    select
        transactions.transaction_date,
        customers.user_id,
        transactions.posted_amount_abs
    from {{ ref('fact_transactions') }} as transactions
    left join {{ ref('dim_customer') }} as customers on transactions.customer_key = customers.customer_key
    where
        transactions.is_posted
        and {{ is_touched('transactions.transaction_date', 'fact_transactions') if is_incremental() else 'true' }}
),

users as (
    select
        transaction_date,
        user_id,
        count(*) as transaction_count,
        sum(posted_amount_abs) as amount,
        -- Of everybody, customers without a user included.
        sum(sum(posted_amount_abs)) over (partition by transaction_date) as day_amount
    from movements
    group by transaction_date, user_id
),

ranked as (
    select
        *,
        row_number() over (partition by transaction_date order by amount desc, user_id asc) as user_rank
    from users
    where user_id is not null
)

select
    transaction_date,
    cast(user_rank as integer) as user_rank,
    user_id,
    transaction_count,
    {{ money('amount', 18) }} as amount,
    {{ money('day_amount', 18) }} as day_amount,
    {{ pct('amount', 'day_amount') }} as contribution_pct
from ranked
where user_rank <= 5
