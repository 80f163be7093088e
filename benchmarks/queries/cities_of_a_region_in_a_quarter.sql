select stores.city, count(*) as lines, sum(sales.revenue) as revenue, sum(sales.profit_amount) as profit
from fact_sales as sales
join dim_store as stores using (store_id)
where sales.sale_date between '2025-07-01' and '2025-09-30'
    and stores.region_name = 'West' and not stores.is_online
group by stores.city
order by revenue desc
