-- Where did income and expense of each month differ from the budget, and by how much?
-- Made of monthly sums, so that it can be made anew each time: the region of a shop is its latest.
with accounts as (
    select *
    from {{ ref('dim_gl_account') }}
    where statement = 'income_statement'
),

months as (
    select
        month_date,
        bool_and(is_complete) as is_complete
    from {{ ref('fact_ledger_monthly') }}
    group by month_date
),

actuals as (
    select
        ledger.month_date,
        ledger.gl_account,
        coalesce(centers.budget_center, 'unknown') as cost_center,
        0 as budget_amount,
        case accounts.normal_side when 'debit' then ledger.net_amount else -ledger.net_amount end as actual_amount
    from {{ ref('fact_ledger_monthly') }} as ledger
    inner join accounts on ledger.gl_account = accounts.gl_account
    left join {{ ref('dim_cost_center') }} as centers on ledger.cost_center = centers.cost_center
),

planned as (
    select
        budgets.budget_month as month_date,
        budgets.gl_account,
        budgets.cost_center,
        budgets.budget_amount,
        0 as actual_amount
    from {{ ref('fact_budgets') }} as budgets
    inner join months on budgets.budget_month = months.month_date
),

compared as (
    select
        month_date,
        gl_account,
        cost_center,
        sum(budget_amount) as budget_amount,
        sum(actual_amount) as actual_amount,
        sum(actual_amount - budget_amount) as variance_amount
    from (
        select * from planned
        union all
        select * from actuals
    ) as both_sides
    group by month_date, gl_account, cost_center
)

select
    compared.month_date,
    compared.gl_account,
    compared.cost_center,
    accounts.account_name,
    accounts.account_class,
    months.is_complete,
    {{ money('compared.budget_amount', 18) }} as budget_amount,
    {{ money('compared.actual_amount', 18) }} as actual_amount,
    {{ money('compared.variance_amount', 18) }} as variance_amount,
    {{ pct('compared.variance_amount', 'compared.budget_amount') }} as variance_pct,
    -- Income above the budget is good; sales returns are booked on the side of expenses.
    case accounts.normal_side
        when 'credit' then compared.variance_amount >= 0
        else compared.variance_amount <= 0
    end as is_favorable
from compared
inner join accounts on compared.gl_account = accounts.gl_account
inner join months on compared.month_date = months.month_date
