-- What happens more often than it can has the wrong base; each factor with cases has a rate of all to compare with.
select
    month_date,
    outcome,
    factor,
    member
from {{ ref('diagnostic_analytics') }}
where events > base or base < 0 or (base > 0 and overall_rate_pct is null)
