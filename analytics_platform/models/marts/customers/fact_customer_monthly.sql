{% set facts = customer_facts() %}
{% set first_month = first_touched_month(facts) %}
{% set measures = customer_measures() %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_from_first_touched_month('month_date', " ~ facts ~ ") }}",
    post_hook="{{ follow_dates('month_date') }}",
    indexes=[{'columns': ['customer_id']}],
) }}

-- By the month in which it happened, whenever it became known. Made again from the first month that changed on: a
-- sale that changes also changes the months in which it was sent back.
with sales as (
    select
        *,
        sale_date as event_date
    from {{ ref('fact_sales') }}
    where sale_date >= {{ first_month }}
),

returns as (
    select
        sales.customer_id,
        events.event_date,
        events.quantity,
        {{ money('sales.revenue * events.quantity / sales.quantity') }} as revenue,
        {{ money('sales.profit_amount * events.quantity / sales.quantity') }} as profit_amount
    from {{ ref('int_shipment_events') }} as events
    inner join {{ ref('fact_sales') }} as sales on events.sale_id = sales.sale_id
    where events.shipment_event = 'returned' and events.event_date >= {{ first_month }}
),

transactions as (
    select
        *,
        transaction_date as event_date
    from {{ ref('fact_transactions') }}
    where transaction_date >= {{ first_month }} and customer_id is not null
),

payments as (
    select *
    from {{ ref('fact_loan_payments') }}
    where event_date >= {{ first_month }}
),

interactions as (
    select
        *,
        interaction_date as event_date
    from {{ ref('fact_interactions') }}
    where interaction_date >= {{ first_month }}
),

touches as (
    select
        *,
        touch_date as event_date
    from {{ ref('fact_campaign_touches') }}
    where touch_date >= {{ first_month }}
),

{% for source in measures %}
    monthly_{{ source }} as (
        select
            cast(date_trunc('month', event_date) as date) as month_date,
            customer_id,
            {% for measure, expression in measures[source].items() %}
                {{ expression }} as {{ measure }},
            {% endfor %}
            count(distinct event_date) as days
        from {{ source }}
        group by cast(date_trunc('month', event_date) as date), customer_id
    ),
{% endfor %}

active as (
    {% for source in measures %}
        select
            month_date,
            customer_id
        from monthly_{{ source }}
        {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    active.month_date,
    active.customer_id,
    coalesce(loaded.is_complete, false) as is_complete,
    cast(coalesce(monthly_sales.days, 0) as integer) as purchase_days,
    cast(coalesce(monthly_transactions.days, 0) as integer) as transaction_days,
    {% for source in measures %}
        {% for measure in measures[source] %}
            {{ customer_measure(measure, 'monthly_' ~ source ~ '.' ~ measure) }} as {{ measure }},
        {% endfor %}
    {% endfor %}
    {{ pct('monthly_sales.profit_amount', 'monthly_sales.revenue') }} as margin_pct,
    {{ money('monthly_sales.revenue / monthly_sales.sales_count') }} as average_sale_amount
from active
{% for source in measures %}
    left join monthly_{{ source }}
        on
            active.customer_id = monthly_{{ source }}.customer_id
            and active.month_date = monthly_{{ source }}.month_date
{% endfor %}
left join {{ loaded_months() }} as loaded on active.month_date = loaded.month_date
