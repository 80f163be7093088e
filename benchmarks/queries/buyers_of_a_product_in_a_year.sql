select customers.segment, count(distinct sales.customer_id) as customers, sum(sales.quantity) as units
from fact_sales as sales
join dim_customer as customers using (customer_key)
where sales.product_id = (select min(product_id) from dim_product where is_active)
    and sales.sale_date between '2025-01-01' and '2025-12-31'
group by customers.segment
order by units desc
