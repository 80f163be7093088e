select
    application_id,
    customer_id,
    account_id,
    product_type,
    applied_at,
    cast(applied_at at time zone 'UTC' as date) as application_date,
    requested_amount,
    term_months,
    annual_income_amount,
    credit_score,
    case
        when credit_score < 640 then 'below 640'
        when credit_score < 700 then '640-699'
        when credit_score < 760 then '700-759'
        else '760 and above'
    end as score_band,
    debt_to_income_pct,
    employment_status,
    application_status,
    decided_at,
    cast(decided_at at time zone 'UTC' as date) as decided_date,
    decline_reason,
    approved_amount,
    interest_rate_pct,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('finance_credit_applications') }} as applications
