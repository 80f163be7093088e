select date_trunc('month', sale_date) as month, region_name, sum(revenue) as revenue, sum(profit_amount) as profit
from daily_sales
group by 1, 2
order by 1, 2
