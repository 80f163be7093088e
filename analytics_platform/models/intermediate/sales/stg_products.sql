select
    product_id,
    trim(product_name) as product_name,
    category,
    trim(subcategory) as subcategory,
    trim(brand) as brand,
    unit_cost_amount,
    list_price_amount,
    launched_date,
    is_active,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('sales_products') }} as products
