select dates.year_number, dates.is_weekend, dates.is_federal_holiday, count(distinct sales.sale_date) as days,
    sum(sales.revenue) / count(distinct sales.sale_date) as revenue_a_day
from daily_sales as sales
join dim_date as dates on dates.full_date = sales.sale_date
group by 1, 2, 3
order by 1, 2, 3
