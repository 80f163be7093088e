{{ config(severity='warn') }}

-- A warning: the day before may have been counted wrongly, or a record of it may be in quarantine.
select
    today.inventory_date,
    today.product_id,
    today.region_id,
    today.opening_units,
    yesterday.closing_units
from {{ ref('fact_inventory_daily') }} as today
inner join {{ ref('fact_inventory_daily') }} as yesterday
    on
        today.inventory_date - 1 = yesterday.inventory_date
        and today.product_id = yesterday.product_id
        and today.region_id = yesterday.region_id
where
    {{ is_touched('today.inventory_date', 'fact_inventory_daily') }}
    and today.opening_units <> yesterday.closing_units
