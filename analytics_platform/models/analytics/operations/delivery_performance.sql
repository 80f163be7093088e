{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months('month_date', 'fact_shipments') }}",
    post_hook="{{ follow_dates('month_date') }}",
) }}

-- Which carriers keep what was promised, how fast are they, and what do they cost?
-- Parcels count in the month in which they were sold: those of a recent month are still on their way. What is handed
-- over at the counter is not delivered by anybody.
select
    cast(date_trunc('month', sold_date) as date) as month_date,
    carrier,
    count(*) as shipment_count,
    coalesce(sum(quantity), 0) as units,
    count(*) filter (where is_delivered) as delivered_count,
    count(*) filter (where is_late_delivery) as late_count,
    count(*) filter (where is_open) as open_count,
    count(*) filter (where is_returned) as returned_count,
    {{ pct('count(*) filter (where is_late_delivery)', 'count(*) filter (where is_delivered)') }} as late_rate_pct,
    {{ pct('count(*) filter (where is_returned)', 'count(*)') }} as return_rate_pct,
    cast(avg(delivered_date - promised_date) filter (where is_late_delivery) as numeric(14, 2)) as average_days_late,
    cast(avg(hours_to_deliver) as numeric(14, 2)) as average_hours_to_deliver,
    {{ money('sum(shipping_cost_amount)', 18) }} as shipping_cost_amount,
    {{ money('sum(shipping_cost_amount) / count(*)') }} as cost_per_shipment_amount
from {{ ref('fact_shipments') }}
where
    not is_counter
    and {{ in_touched_month('sold_date', 'fact_shipments') if is_incremental() else 'true' }}
group by cast(date_trunc('month', sold_date) as date), carrier
