-- One row per delivery of a touch: a touch may be delivered by several days.
select
    touch_id,
    campaign_id,
    customer_id,
    touched_at,
    cast(touched_at at time zone 'UTC' as date) as touch_date,
    channel,
    variant,
    is_delivered,
    is_opened,
    is_clicked,
    cost_amount,
    partition_date,
    source_line
from {{ staged('sales_campaign_touches') }} as touches
