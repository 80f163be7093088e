{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='shipment_event_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('stg_shipments', 'shipment_event_id') }}",
        "{{ follow_dates('event_date') }}",
    ],
    indexes=[
        {'columns': ['shipment_event_id'], 'unique': true},
        {'columns': ['shipment_id']},
        {'columns': ['event_date']},
        {'columns': ['partition_date']},
    ],
) }}

-- Each event once: macros/incremental_facts.sql. fact_shipments puts the events of a shipment together.
with events as (
    {{ first_deliveries('stg_shipments', key='shipment_event_id') }}
)

select
    shipment_event_id,
    shipment_id,
    shipment_event,
    sale_id,
    sold_date,
    product_id,
    store_id,
    warehouse_region,
    carrier,
    quantity,
    event_at,
    event_date,
    promised_date,
    shipping_cost_amount,
    return_reason,
    partition_date,
    source_line
from events
{{ unless_held('events', key='shipment_event_id') }}
