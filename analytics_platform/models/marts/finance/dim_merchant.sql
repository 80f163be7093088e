-- Type 1: the latest record, also of merchants that left the list.
with merchants as (
    select *
    from {{ ref('int_merchant_versions') }}
    where is_last_version
)

select
    {{ dbt.hash('merchants.merchant_id') }} as merchant_key,
    merchants.merchant_id,
    merchants.merchant_name,
    merchants.merchant_category,
    merchants.store_id,
    merchants.store_id is not null as is_own_store,
    merchants.city,
    merchants.state,
    coalesce(regions.region_id, 0) as region_id,
    merchants.region as region_name,
    merchants.risk_level,
    case merchants.risk_level when 'low' then 1 when 'medium' then 2 else 3 end as risk_rank,
    merchants.onboarded_date,
    merchants.is_current as is_listed,
    merchants.source_updated_at,
    merchants.partition_date,
    merchants.source_line
from merchants
left join {{ ref('dim_region') }} as regions on merchants.region = regions.region_name
