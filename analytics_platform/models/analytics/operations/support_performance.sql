{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months('month_date', 'fact_interactions') }}",
    post_hook="{{ follow_dates('month_date') }}",
) }}

-- What do customers ask about, how, and are they helped?
select
    cast(date_trunc('month', interaction_date) as date) as month_date,
    topic,
    channel,
    count(*) as contact_count,
    count(distinct customer_id) as customers,
    count(*) filter (where is_resolved) as resolved_count,
    {{ pct('count(*) filter (where is_resolved)', 'count(*)') }} as resolution_rate_pct,
    count(satisfaction_score) as answered_count,
    cast(avg(satisfaction_score) as numeric(14, 2)) as average_satisfaction_score,
    {{ pct('count(*) filter (where satisfaction_score >= 4)', 'count(satisfaction_score)') }} as satisfied_pct,
    sum(duration_seconds) as duration_seconds,
    cast(avg(duration_seconds) as numeric(14, 2)) as average_duration_seconds
from {{ ref('fact_interactions') }}
where {{ in_touched_month('interaction_date', 'fact_interactions') if is_incremental() else 'true' }}
group by cast(date_trunc('month', interaction_date) as date), topic, channel
