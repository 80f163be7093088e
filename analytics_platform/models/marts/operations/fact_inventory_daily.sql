{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_dirty_days() }}",
    post_hook="{{ follow_dates('inventory_date') }}",
    indexes=[{'columns': ['inventory_date']}, {'columns': ['product_id']}, {'columns': ['partition_date']}],
) }}

-- Each day delivers the stock of its own evening, so the rows of a dirty day are those that it delivers now.
select
    levels.inventory_date,
    levels.product_id,
    coalesce(regions.region_id, 0) as region_id,
    levels.opening_units,
    levels.received_units,
    levels.returned_units,
    levels.shipped_units,
    levels.written_off_units,
    levels.closing_units,
    levels.reorder_point_units,
    levels.unit_cost_amount,
    {{ money('levels.closing_units * levels.unit_cost_amount') }} as stock_value_amount,
    levels.closing_units < levels.reorder_point_units as is_below_reorder_point,
    -- What nobody would order again is not missed.
    levels.closing_units <= 0 and levels.reorder_point_units > 0 as is_out_of_stock,
    levels.partition_date,
    levels.source_line
from {{ ref('stg_inventory_levels') }} as levels
left join {{ ref('dim_region') }} as regions on levels.warehouse_region = regions.region_name
where {{ is_dirty('levels.partition_date') if is_incremental() else 'true' }}
