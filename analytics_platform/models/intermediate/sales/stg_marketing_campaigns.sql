select
    campaign_id,
    campaign_name,
    channel,
    objective,
    audience,
    is_ab_test,
    discount_pct,
    start_date,
    end_date,
    budget_amount,
    status as campaign_status,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('sales_marketing_campaigns') }} as campaigns
