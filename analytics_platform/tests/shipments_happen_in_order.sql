{{ config(severity='warn') }}

-- A warning: clocks of carriers differ, and a parcel may be sent back before anybody took it.
select *
from {{ ref('fact_shipments') }}
where
    {{ is_touched('sold_date', 'fact_shipments') }}
    and (
        shipped_at > delivered_at
        or coalesce(delivered_at, shipped_at) > returned_at
        or sold_date > coalesce(shipped_date, delivered_date, returned_date)
    )
