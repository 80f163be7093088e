select dates.year_quarter, sum(sales.revenue) as revenue,
    sum(sales.revenue) - lag(sum(sales.revenue)) over (order by dates.year_quarter) as growth
from daily_sales as sales
join dim_date as dates on dates.full_date = sales.sale_date
group by dates.year_quarter
order by dates.year_quarter
