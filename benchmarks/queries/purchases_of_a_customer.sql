select sales.sold_at, products.product_name, stores.store_name, sales.quantity, sales.revenue
from fact_sales as sales
join dim_product as products using (product_id)
join dim_store as stores using (store_id)
where sales.customer_key in (
    select customer_key from dim_customer where customer_id = (select min(customer_id) from dim_customer)
)
order by sales.sold_at desc
