{% set milestones = ['shipped_date', 'delivered_date', 'returned_date'] %}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='shipment_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_without_events(
            'int_shipment_events', 'shipment_id', ['shipped_date', 'delivered_date', 'returned_date']
        ) }}",
        "{{ follow_dates('sold_date') }}",
    ],
    indexes=[
        {'columns': ['sale_id']},
        {'columns': ['sold_date']},
        {'columns': ['product_id']},
        {'columns': ['shipped_date']},
        {'columns': ['delivered_date']},
        {'columns': ['returned_date']},
        {'columns': ['partition_date']},
    ],
) }}

-- How one row is made of several events, in any order of delivery: macros/accumulating_facts.sql.
-- What left before the first loaded day has no shipped event: what only that would tell is empty.
with events as (
    {{ events_to_accumulate('int_shipment_events', 'shipment_id', milestones) }}
),

last_events as (
    select distinct on (shipment_id) *
    from events
    order by shipment_id asc, event_at desc, shipment_event_id desc
),

milestones as (
    select
        shipment_id,
        {% for event in ['shipped', 'delivered', 'returned'] %}
            max(event_at) filter (where shipment_event = '{{ event }}') as {{ event }}_at,
            max(event_date) filter (where shipment_event = '{{ event }}') as {{ event }}_date,
            max(quantity) filter (where shipment_event = '{{ event }}') as {{ event }}_units,
        {% endfor %}
        max(return_reason) filter (where shipment_event = 'returned') as return_reason,
        sum(shipping_cost_amount) as shipping_cost_amount
    from events
    group by shipment_id
),

shipments as (
    select
        milestones.shipment_id,
        last_events.sale_id,
        last_events.sold_date,
        last_events.product_id,
        last_events.store_id,
        coalesce(regions.region_id, 0) as region_id,
        last_events.carrier,
        last_events.carrier = 'counter' as is_counter,
        coalesce(milestones.shipped_units, milestones.delivered_units) as quantity,
        milestones.shipped_at,
        milestones.shipped_date,
        milestones.delivered_at,
        milestones.delivered_date,
        milestones.returned_at,
        milestones.returned_date,
        last_events.promised_date,
        milestones.return_reason,
        {{ money('milestones.shipping_cost_amount') }} as shipping_cost_amount,
        last_events.carrier = 'counter' or milestones.delivered_at is not null as is_delivered,
        milestones.returned_at is not null as is_returned,
        coalesce(milestones.delivered_date > last_events.promised_date, false) as is_late_delivery,
        last_events.carrier <> 'counter' and coalesce(milestones.delivered_at, milestones.returned_at) is null
            as is_open,
        coalesce(milestones.returned_units, 0) as returned_quantity,
        cast(extract(epoch from milestones.delivered_at - milestones.shipped_at) / 3600 as numeric(14, 2))
            as hours_to_deliver,
        last_events.partition_date,
        last_events.source_line
    from milestones
    inner join last_events on milestones.shipment_id = last_events.shipment_id
    left join {{ ref('dim_region') }} as regions on last_events.warehouse_region = regions.region_name
)

select *
from shipments
{{ unless_same('shipments', 'shipment_id') }}
