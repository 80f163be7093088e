select
    product_id,
    warehouse_region,
    inventory_date,
    opening_units,
    received_units,
    returned_units,
    shipped_units,
    written_off_units,
    closing_units,
    reorder_point_units,
    unit_cost_amount,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('operations_inventory_levels') }} as levels
