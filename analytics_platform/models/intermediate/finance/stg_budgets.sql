select
    budget_month || '-' || gl_account || '-' || cost_center as budget_id,
    budget_month,
    gl_account,
    cost_center,
    budget_amount,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('finance_budgets') }} as budgets
