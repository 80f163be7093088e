-- Who asks for credit, who gets it, on what terms, and why do others not?
-- Made anew each time: there is one row per application, not per day.
select
    cast(date_trunc('month', application_date) as date) as month_date,
    score_band,
    product_type,
    count(*) as application_count,
    count(*) filter (where is_approved) as approved_count,
    count(*) filter (where is_declined) as declined_count,
    count(*) filter (where is_pending) as pending_count,
    {{ pct('count(*) filter (where is_approved)', 'count(*) filter (where not is_pending)') }} as approval_rate_pct,
    {{ money('sum(requested_amount)', 18) }} as requested_amount,
    {{ money('coalesce(sum(approved_amount), 0)', 18) }} as approved_amount,
    cast(avg(interest_rate_pct) as numeric(14, 2)) as average_interest_rate_pct,
    cast(avg(credit_score) as numeric(14, 2)) as average_credit_score,
    cast(avg(hours_to_decision) as numeric(14, 2)) as average_hours_to_decision,
    count(*) filter (where decline_reason = 'low_score') as declined_low_score_count,
    count(*) filter (where decline_reason = 'high_debt') as declined_high_debt_count,
    count(*) filter (where decline_reason = 'unstable_income') as declined_unstable_income_count,
    count(*) filter (where decline_reason = 'policy') as declined_policy_count
from {{ ref('fact_credit_applications') }}
group by cast(date_trunc('month', application_date) as date), score_band, product_type
