-- What did each region, the web shop and each department earn and cost in each month?
-- Made of monthly sums, so that it can be made anew each time: the region of a shop is its latest.
with entries as (
    select
        ledger.month_date,
        coalesce(centers.budget_center, 'unknown') as cost_center,
        ledger.gl_account,
        ledger.net_amount,
        ledger.is_complete
    from {{ ref('fact_ledger_monthly') }} as ledger
    inner join {{ ref('dim_gl_account') }} as accounts on ledger.gl_account = accounts.gl_account
    left join {{ ref('dim_cost_center') }} as centers on ledger.cost_center = centers.cost_center
    where accounts.statement = 'income_statement'
),

lines as (
    select
        month_date,
        cost_center,
        bool_and(is_complete) as is_complete,
        coalesce(-sum(net_amount) filter (where gl_account = '4000'), 0) as sales_amount,
        coalesce(sum(net_amount) filter (where gl_account = '4050'), 0) as sales_returns_amount,
        coalesce(sum(net_amount) filter (where gl_account = '5000'), 0) as cost_of_sales_amount,
        coalesce(-sum(net_amount) filter (where gl_account = '4100'), 0) as fee_income_amount,
        coalesce(-sum(net_amount) filter (where gl_account = '4200'), 0) as interest_income_amount,
        coalesce(sum(net_amount) filter (where gl_account = '6000'), 0) as payroll_amount,
        coalesce(sum(net_amount) filter (where gl_account = '6100'), 0) as rent_amount,
        coalesce(sum(net_amount) filter (where gl_account = '6200'), 0) as marketing_amount,
        coalesce(sum(net_amount) filter (where gl_account = '6300'), 0) as shipping_amount,
        coalesce(sum(net_amount) filter (where gl_account = '6400'), 0) as fraud_losses_amount,
        -sum(net_amount) as operating_profit_amount
    from entries
    group by month_date, cost_center
),

summed_up as (
    select
        *,
        sales_amount - sales_returns_amount as net_sales_amount,
        sales_amount - sales_returns_amount - cost_of_sales_amount as gross_profit_amount
    from lines
)

select
    month_date,
    cost_center,
    is_complete,
    {{ money('sales_amount', 18) }} as sales_amount,
    {{ money('sales_returns_amount', 18) }} as sales_returns_amount,
    {{ money('net_sales_amount', 18) }} as net_sales_amount,
    {{ money('cost_of_sales_amount', 18) }} as cost_of_sales_amount,
    {{ money('gross_profit_amount', 18) }} as gross_profit_amount,
    {{ pct('gross_profit_amount', 'net_sales_amount') }} as gross_margin_pct,
    {{ money('fee_income_amount', 18) }} as fee_income_amount,
    {{ money('interest_income_amount', 18) }} as interest_income_amount,
    {{ money('payroll_amount', 18) }} as payroll_amount,
    {{ money('rent_amount', 18) }} as rent_amount,
    {{ money('marketing_amount', 18) }} as marketing_amount,
    {{ money('shipping_amount', 18) }} as shipping_amount,
    {{ money('fraud_losses_amount', 18) }} as fraud_losses_amount,
    {{ money('payroll_amount + rent_amount + marketing_amount + shipping_amount + fraud_losses_amount', 18) }}
        as operating_expense_amount,
    {{ money('operating_profit_amount', 18) }} as operating_profit_amount
from summed_up
