{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months('month_date', 'fact_sales') }}",
    post_hook="{{ follow_dates('month_date') }}",
) }}

-- What did each customer buy in each month?
select
    cast(date_trunc('month', sale_date) as date) as month_date,
    customer_id,
    count(*) as order_lines,
    sum(quantity) as units,
    {{ money('sum(revenue)', 18) }} as revenue,
    {{ money('sum(profit_amount)', 18) }} as profit_amount
from {{ ref('fact_sales') }}
where
    customer_id is not null
    and {{ in_touched_month('sale_date', 'fact_sales') if is_incremental() else 'true' }}
group by cast(date_trunc('month', sale_date) as date), customer_id
