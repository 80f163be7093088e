-- Type 1: the latest record, also of products that left the catalogue.
with products as (
    select *
    from {{ ref('int_product_versions') }}
    where is_last_version
)

select
    product_id,
    product_name,
    category,
    subcategory,
    brand,
    category || ' > ' || subcategory || ' > ' || brand as hierarchy_path,
    unit_cost_amount,
    list_price_amount,
    {{ money('list_price_amount - unit_cost_amount') }} as unit_margin_amount,
    {{ pct('list_price_amount - unit_cost_amount', 'list_price_amount') }} as margin_pct,
    case
        when list_price_amount < 20 then 'low'
        when list_price_amount < 100 then 'medium'
        else 'high'
    end as price_band,
    launched_date,
    is_active,
    is_current as is_listed,
    source_updated_at,
    partition_date,
    source_line
from products
