{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_periods('fact_sales') }}",
    post_hook="{{ follow_dates('period_start_date') }}",
) }}

-- How many customers bought in each day, week, month, quarter and year?
-- They do not add up over days: each period that changed is counted anew, from months on by who bought in a month, so
-- that the end of a year costs no more than its beginning.
{% for type in period_types() %}
    {% set is_short = type in ['day', 'week'] %}
    {% set date = 'sale_date' if is_short else 'month_date' %}
    {{ 'union all' if not loop.first }}
    select
        '{{ type }}' as period_type,
        {{ period_start(type, date) }} as period_start_date,
        count(distinct customer_id) as customers
    from {{ ref('fact_sales' if is_short else 'fact_customer_monthly') }}
    where
        {{ 'customer_id is not null' if is_short else 'sales_count > 0' }}
        and {{ in_touched_period(date, type, 'fact_sales') if is_incremental() else 'true' }}
    group by {{ period_start(type, date) }}
{% endfor %}
