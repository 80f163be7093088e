select
    store_id,
    trim(store_name) as store_name,
    store_type,
    trim(city) as city,
    state,
    region,
    floor_area_sqft,
    opened_date,
    is_open,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('sales_stores') }} as stores
