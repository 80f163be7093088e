select regions.region_name, count(*) as lines, sum(sales.revenue) as revenue, sum(sales.profit_amount) as profit
from fact_sales as sales
join dim_region as regions using (region_id)
where sales.sale_date between '2025-07-01' and '2025-09-30'
group by regions.region_name
order by revenue desc
