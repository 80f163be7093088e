select sale_date, sum(revenue) as revenue, sum(profit_amount) as profit_amount, sum(order_lines) as order_lines
from daily_sales
where sale_date between '2025-12-01' and '2025-12-31'
group by sale_date
order by sale_date
