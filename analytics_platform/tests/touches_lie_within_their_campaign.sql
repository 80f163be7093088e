{{ config(severity='warn') }}

-- A warning: a campaign may be prolonged, which a later list tells.
select
    touches.touch_id,
    touches.touch_date,
    campaigns.start_date,
    campaigns.end_date
from {{ ref('fact_campaign_touches') }} as touches
inner join {{ ref('dim_campaign') }} as campaigns on touches.campaign_id = campaigns.campaign_id
where
    {{ is_touched('touches.touch_date', 'fact_campaign_touches') }}
    and touches.touch_date not between campaigns.start_date and campaigns.end_date
