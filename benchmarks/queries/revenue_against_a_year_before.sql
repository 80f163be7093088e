with months as (
    select date_trunc('month', sale_date)::date as month, sum(revenue) as revenue from daily_sales group by 1
)
select this_year.month, this_year.revenue, year_before.revenue as revenue_year_before,
    round(100 * (this_year.revenue / nullif(year_before.revenue, 0) - 1), 2) as growth_pct
from months as this_year
left join months as year_before on year_before.month = this_year.month - interval '1 year'
order by this_year.month
