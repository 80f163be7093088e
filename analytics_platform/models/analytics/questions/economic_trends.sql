-- How did the economy move in each month, and how did our sales?
-- Made anew each time: there are five figures a day, and the sums of sales are there already. Only months whose days
-- are all loaded: a part of a month compares with nothing.
with complete_months as (
    select month_date
    from {{ loaded_months() }} as loaded
    where is_complete
),

figures as (
    select
        cast(date_trunc('month', indicator_date) as date) as month_date,
        indicator,
        cast(avg(indicator_value) as numeric(14, 4)) as indicator_value
    from {{ ref('fact_economic_indicators') }}
    group by cast(date_trunc('month', indicator_date) as date), indicator
),

sales as (
    select
        cast(date_trunc('month', sale_date) as date) as month_date,
        sum(revenue) as revenue
    from {{ ref('daily_sales') }}
    group by cast(date_trunc('month', sale_date) as date)
),

monthly as (
    select
        complete_months.month_date,
        figures.indicator,
        figures.indicator_value,
        sales.revenue
    from complete_months
    inner join figures on complete_months.month_date = figures.month_date
    left join sales on complete_months.month_date = sales.month_date
)

select
    monthly.month_date,
    monthly.indicator,
    monthly.indicator_value,
    cast(monthly.indicator_value - before.indicator_value as numeric(14, 4)) as indicator_change,
    {{ money('monthly.revenue', 18) }} as revenue,
    {{ pct('monthly.revenue - before.revenue', 'before.revenue') }} as revenue_growth_pct
from monthly
left join monthly as before
    on
        monthly.indicator = before.indicator
        and monthly.month_date = before.month_date + interval '1 year'
