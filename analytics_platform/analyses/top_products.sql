-- Top products: which 20 bring most revenue, with what margin, and how much of the whole is that?
select
    sales.product_id,
    products.product_name,
    products.category,
    sum(sales.quantity) as units,
    sum(sales.revenue) as revenue,
    round(100 * sum(sales.profit_amount) / nullif(sum(sales.revenue), 0), 2) as profit_margin_pct,
    round(100 * sum(sales.revenue) / sum(sum(sales.revenue)) over (), 2) as revenue_share_pct
from {{ ref('fact_sales') }} as sales
left join {{ ref('dim_product') }} as products on sales.product_id = products.product_id
group by sales.product_id, products.product_name, products.category
order by revenue desc, sales.product_id asc
limit 20
