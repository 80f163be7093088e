{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months('month_date', ['fact_sales', 'fact_shipments']) }}",
    post_hook="{{ follow_dates('month_date') }}",
) }}

-- Which products carry each month, and which come back?
-- What comes back counts in the month in which it was sold: a recent month still gains returns.
{% set relations = ['fact_sales', 'fact_shipments'] %}
with counted as (
    select
        cast(date_trunc('month', sale_date) as date) as month_date,
        product_id,
        1 as order_lines,
        quantity as units,
        0 as returned_units,
        revenue,
        discount_amount,
        cost_amount,
        profit_amount
    from {{ ref('fact_sales') }}
    where {{ in_touched_month('sale_date', relations) if is_incremental() else 'true' }}
    union all
    select
        cast(date_trunc('month', sold_date) as date) as month_date,
        product_id,
        0 as order_lines,
        0 as units,
        returned_quantity as returned_units,
        0 as revenue,
        0 as discount_amount,
        0 as cost_amount,
        0 as profit_amount
    from {{ ref('fact_shipments') }} as shipments
    where
        is_returned
        and {{ in_touched_month('sold_date', relations) if is_incremental() else 'true' }}
        -- Lines sold before the first loaded day come back too, but we know nothing of their sale.
        and exists (
            select 1 from {{ ref('fact_sales') }} as sales
            where sales.sale_id = shipments.sale_id
        )
),

summed as (
    select
        month_date,
        product_id,
        sum(order_lines) as order_lines,
        sum(units) as units,
        sum(returned_units) as returned_units,
        sum(revenue) as revenue,
        sum(discount_amount) as discount_amount,
        sum(cost_amount) as cost_amount,
        sum(profit_amount) as profit_amount
    from counted
    group by month_date, product_id
),

ranked as (
    select
        *,
        sum(revenue) over (partition by month_date) as month_revenue,
        sum(revenue) over (partition by month_date order by revenue desc, product_id asc) as cumulative_revenue,
        row_number() over (partition by month_date order by revenue desc, product_id asc) as revenue_rank,
        count(*) over (partition by month_date) as product_count
    from summed
)

select
    month_date,
    product_id,
    order_lines,
    units,
    returned_units,
    {{ pct('returned_units', 'units') }} as return_rate_pct,
    {{ money('revenue', 18) }} as revenue,
    {{ money('discount_amount', 18) }} as discount_amount,
    {{ money('cost_amount', 18) }} as cost_amount,
    {{ money('profit_amount', 18) }} as profit_amount,
    {{ pct('profit_amount', 'revenue') }} as profit_margin_pct,
    {{ pct('revenue', 'month_revenue') }} as revenue_share_pct,
    {{ pct('cumulative_revenue', 'month_revenue') }} as cumulative_share_pct,
    revenue_rank,
    revenue_rank <= ceil(product_count * 0.2) as is_top_20_pct
from ranked
