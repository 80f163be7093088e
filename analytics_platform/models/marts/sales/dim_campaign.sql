-- Type 1: the latest record, also of campaigns that left the list.
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
    end_date - start_date + 1 as duration_days,
    budget_amount,
    campaign_status,
    is_current as is_listed,
    source_updated_at,
    partition_date,
    source_line
from {{ ref('int_campaign_versions') }}
where is_last_version
