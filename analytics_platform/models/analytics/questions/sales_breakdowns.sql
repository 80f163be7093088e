{% set breakdowns = ['channel', 'payment_method', 'hour_of_day', 'weekday', 'region_id', 'product_id'] %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months('month_date', 'fact_sales') }}",
    post_hook="{{ follow_dates('month_date') }}",
) }}

-- How were sales in each month, by each single trait of the lines sold?
-- Only traits that fact_sales itself holds: what a product is like is looked up by those who read this.
with lines as (
    select
        cast(date_trunc('month', sale_date) as date) as month_date,
        channel,
        payment_method,
        to_char(sold_at at time zone 'UTC', 'HH24') as hour_of_day,
        to_char(sale_date, 'ID') as weekday,
        cast(region_id as text) as region_id,
        product_id,
        quantity,
        revenue,
        discount_amount,
        profit_amount
    from {{ ref('fact_sales') }}
    where {{ in_touched_month('sale_date', 'fact_sales') if is_incremental() else 'true' }}
)

select
    month_date,
    {{ breakdown_columns(breakdowns) }},
    count(*) as line_count,
    sum(quantity) as units,
    {{ money('sum(revenue)', 18) }} as revenue,
    {{ money('sum(discount_amount)', 18) }} as discount_amount,
    {{ money('sum(profit_amount)', 18) }} as profit_amount
from lines
group by {{ breakdown_groups(breakdowns) }}
