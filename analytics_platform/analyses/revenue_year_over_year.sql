-- Year over year: what did each month bring, compared with the same month a year before?
with months as (
    select
        cast(date_trunc('month', sale_date) as date) as month_date,
        sum(revenue) as revenue
    from {{ ref('daily_sales') }}
    group by cast(date_trunc('month', sale_date) as date)
)

select
    months.month_date,
    months.revenue,
    before.revenue as revenue_year_before,
    round(100 * (months.revenue - before.revenue) / nullif(before.revenue, 0), 2) as growth_pct
from months
left join months as before on months.month_date = before.month_date + interval '1 year'
order by months.month_date
