-- One row per delivery of a shipment's event: an event may be delivered by several days.
select
    shipment_id || '-' || shipment_event as shipment_event_id,
    shipment_id,
    shipment_event,
    transaction_id as sale_id,
    sold_date,
    product_id,
    store_id,
    warehouse_region,
    carrier,
    quantity,
    event_at,
    cast(event_at at time zone 'UTC' as date) as event_date,
    promised_date,
    shipping_cost_amount,
    return_reason,
    partition_date,
    source_line
from {{ staged('operations_shipments') }} as shipments
