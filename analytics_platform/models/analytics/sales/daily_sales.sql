{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched('sale_date', 'fact_sales') }}",
    post_hook="{{ follow_dates('sale_date') }}",
) }}

-- What did each region sell on each day?
select
    sales.sale_date,
    sales.region_id,
    regions.region_name,
    count(*) as order_lines,
    count(distinct sales.customer_id) as customers,
    sum(sales.quantity) as units,
    {{ money('sum(sales.revenue)', 18) }} as revenue,
    {{ money('sum(sales.discount_amount)', 18) }} as discount_amount,
    {{ money('sum(sales.cost_amount)', 18) }} as cost_amount,
    {{ money('sum(sales.profit_amount)', 18) }} as profit_amount,
    {{ pct('sum(sales.profit_amount)', 'sum(sales.revenue)') }} as profit_margin_pct
from {{ ref('fact_sales') }} as sales
inner join {{ ref('dim_region') }} as regions on sales.region_id = regions.region_id
where {{ is_touched('sales.sale_date', 'fact_sales') if is_incremental() else 'true' }}
group by sales.sale_date, sales.region_id, regions.region_name
