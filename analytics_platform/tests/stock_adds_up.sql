-- What is there in the evening is what was there in the morning and what moved. Judged for the dates that changed.
select *
from {{ ref('fact_inventory_daily') }}
where
    {{ is_touched('inventory_date', 'fact_inventory_daily') }}
    and closing_units <> opening_units + received_units + returned_units - shipped_units - written_off_units
