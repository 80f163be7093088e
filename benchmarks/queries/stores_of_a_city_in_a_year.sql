select stores.store_name, date_trunc('month', sales.sale_date) as month, sum(sales.revenue) as revenue
from fact_sales as sales
join dim_store as stores using (store_id)
where sales.sale_date between '2025-01-01' and '2025-12-31'
    and stores.city = (select min(city) from dim_store where region_name = 'West' and not is_online)
    and not stores.is_online
group by 1, 2
order by 1, 2
