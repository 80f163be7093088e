-- How many users completed KYC on each day, and how does that compare to a week before?
with span as (
    -- Days without a decision count too, through the last day that was delivered.
    select
        min(least(submitted_date, decided_date)) as first_date,
        max(greatest(submitted_date, decided_date, partition_date)) as last_date
    from {{ ref('fact_onboarding') }}
),

days as (
    select dates.full_date as kyc_date
    from {{ ref('dim_date') }} as dates
    inner join span on dates.full_date between span.first_date and span.last_date
),

decisions as (
    select
        decided_date as kyc_date,
        count(*) filter (where is_completed) as completions,
        count(*) filter (where is_rejected) as rejections
    from {{ ref('fact_onboarding') }}
    where decided_date is not null
    group by decided_date
),

submissions as (
    select
        submitted_date as kyc_date,
        count(*) as submissions
    from {{ ref('fact_onboarding') }}
    group by submitted_date
),

daily as (
    select
        days.kyc_date,
        coalesce(submissions.submissions, 0) as submissions,
        coalesce(decisions.completions, 0) as completions,
        coalesce(decisions.rejections, 0) as rejections
    from days
    left join submissions on days.kyc_date = submissions.kyc_date
    left join decisions on days.kyc_date = decisions.kyc_date
),

compared as (
    select
        *,
        lag(completions, 7) over (order by kyc_date) as completions_week_before
    from daily
)

select
    *,
    {{ pct('completions', 'completions + rejections') }} as completion_rate_pct,
    {{ pct('completions - completions_week_before', 'completions_week_before') }} as week_over_week_pct
from compared
