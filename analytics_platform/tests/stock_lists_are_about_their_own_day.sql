-- fact_inventory_daily takes the rows of a delivered day for the stock of that day.
select *
from {{ ref('stg_inventory_levels') }}
where {{ is_dirty('partition_date') }} and inventory_date <> partition_date
