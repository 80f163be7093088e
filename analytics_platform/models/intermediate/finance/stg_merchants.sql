select
    merchant_id,
    trim(merchant_name) as merchant_name,
    merchant_category,
    store_id,
    trim(city) as city,
    state,
    region,
    risk_level,
    onboarded_date,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('finance_merchants') }} as merchants
