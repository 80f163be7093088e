{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched('transaction_date', 'fact_transactions') }}",
    post_hook="{{ follow_dates('transaction_date') }}",
) }}

-- How much money moved on each day, and how much of it was fraud?
-- Amounts describe what was posted; counts of fraud include what was declined.
select
    transaction_date,
    count(*) as attempt_count,
    count(*) filter (where is_posted) as transaction_count,
    count(*) filter (where is_declined) as declined_count,
    count(distinct customer_id) as customers,
    {{ money('sum(posted_amount_abs)', 18) }} as volume_amount,
    {{ money('avg(transaction_amount_abs) filter (where is_posted)') }} as average_amount,
    {{ money(
        'percentile_cont(0.5) within group (order by transaction_amount_abs) filter (where is_posted)'
    ) }} as median_amount,
    {{ money('min(transaction_amount_abs) filter (where is_posted)') }} as min_amount,
    {{ money('max(transaction_amount_abs) filter (where is_posted)') }} as max_amount,
    count(*) filter (where is_fraud) as fraud_count,
    {{ money('sum(fraud_amount)', 18) }} as fraud_amount,
    {{ pct('count(*) filter (where is_fraud)', 'count(*)') }} as fraud_rate_pct
from {{ ref('fact_transactions') }}
where {{ is_touched('transaction_date', 'fact_transactions') if is_incremental() else 'true' }}
group by transaction_date
