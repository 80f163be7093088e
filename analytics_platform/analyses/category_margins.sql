-- Margins: which categories earn most, and on which volume?
select
    products.category,
    sum(sales.quantity) as units,
    sum(sales.revenue) as revenue,
    sum(sales.profit_amount) as profit_amount,
    round(100 * sum(sales.profit_amount) / nullif(sum(sales.revenue), 0), 2) as profit_margin_pct
from {{ ref('fact_sales') }} as sales
inner join {{ ref('dim_product') }} as products on sales.product_id = products.product_id
group by products.category
order by profit_margin_pct desc
