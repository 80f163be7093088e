select channel, payment_method, count(*) as lines, sum(revenue) as revenue, avg(discount_pct) as average_discount_pct
from fact_sales
where sale_date between '2025-10-01' and '2025-12-31'
group by channel, payment_method
order by revenue desc
