{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched('touch_date', 'fact_campaign_touches') }}",
    post_hook="{{ follow_dates('touch_date') }}",
) }}

-- Whom did each campaign reach on each day, and what did that cost?
select
    touch_date,
    campaign_id,
    count(*) filter (where not is_control) as sent_count,
    count(*) filter (where is_control) as held_back_count,
    count(*) filter (where is_delivered) as delivered_count,
    count(*) filter (where is_opened) as opened_count,
    count(*) filter (where is_clicked) as clicked_count,
    {{ money('sum(cost_amount)', 18) }} as cost_amount
from {{ ref('fact_campaign_touches') }}
where {{ is_touched('touch_date', 'fact_campaign_touches') if is_incremental() else 'true' }}
group by touch_date, campaign_id
