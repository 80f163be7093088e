{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months('month_date', 'fact_loan_payments') }}",
    post_hook="{{ follow_dates('month_date') }}",
) }}

-- Which loans are served, by kind and by the borrower's score?
-- An instalment counts in the month in which it fell due, its making up for in the month in which that happened.
select
    cast(date_trunc('month', event_date) as date) as month_date,
    coalesce(score_band, 'unknown') as score_band,
    coalesce(product_type, 'unknown') as product_type,
    count(distinct application_id) as loans,
    count(*) filter (where not is_late_payment) as due_count,
    count(*) filter (where is_paid) as paid_count,
    count(*) filter (where is_missed) as missed_count,
    count(*) filter (where is_late_payment) as late_count,
    {{ pct('count(*) filter (where is_missed)', 'count(*) filter (where not is_late_payment)') }}
        as delinquency_rate_pct,
    {{ money('coalesce(sum(due_amount) filter (where not is_late_payment), 0)', 18) }} as due_amount,
    {{ money('sum(paid_amount)', 18) }} as paid_amount,
    {{ money('coalesce(sum(due_amount) filter (where is_missed), 0)', 18) }} as missed_amount,
    {{ money('coalesce(sum(paid_amount) filter (where is_late_payment), 0)', 18) }} as made_up_amount,
    {{ money('coalesce(sum(interest_amount) filter (where not is_missed), 0)', 18) }} as interest_amount,
    cast(avg(days_late) filter (where is_late_payment) as numeric(14, 2)) as average_days_late
from {{ ref('fact_loan_payments') }}
where {{ in_touched_month('event_date', 'fact_loan_payments') if is_incremental() else 'true' }}
group by
    cast(date_trunc('month', event_date) as date),
    coalesce(score_band, 'unknown'),
    coalesce(product_type, 'unknown')
