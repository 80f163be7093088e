-- Whoever is held back for comparison is sent nothing, and costs nothing.
select *
from {{ ref('fact_campaign_touches') }}
where
    {{ is_touched('touch_date', 'fact_campaign_touches') }}
    and is_control
    and (is_delivered or is_opened or is_clicked or cost_amount <> 0)
