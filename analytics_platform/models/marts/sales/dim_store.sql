-- Type 1: the latest record, also of stores that left the list.
with stores as (
    select *
    from {{ ref('int_store_versions') }}
    where is_last_version
)

select
    stores.store_id,
    stores.store_name,
    stores.store_type,
    stores.store_type = 'online' as is_online,
    stores.city,
    stores.state,
    coalesce(regions.region_id, 0) as region_id,
    stores.region as region_name,
    stores.floor_area_sqft,
    stores.opened_date,
    stores.is_open,
    stores.is_current as is_listed,
    stores.source_updated_at,
    stores.partition_date,
    stores.source_line
from stores
left join {{ ref('dim_region') }} as regions on stores.region = regions.region_name
