-- The latest figure of each month, account and cost center, made anew each time: there is one row per figure, not
-- per day.
select
    budget_month,
    gl_account,
    cost_center,
    budget_amount,
    is_current as is_listed,
    source_updated_at,
    partition_date,
    source_line
from {{ ref('int_budget_versions') }}
where is_last_version
