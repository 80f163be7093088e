{% set facts = customer_facts() %}
{% set first_day = first_day_to_count(facts) %}
{% set measures = customer_measures() %}
{% set dates = {
    'first_sale_date': ('sales', 'min(sale_date)'),
    'last_sale_date': ('sales', 'max(sale_date)'),
    'last_return_date': ('returns', 'max(event_date)'),
    'last_transaction_date': ('transactions', 'max(transaction_date)'),
    'last_fraud_date': ('transactions', 'max(transaction_date) filter (where is_fraud)'),
    'last_missed_payment_date': ('payments', 'max(event_date) filter (where is_missed)'),
    'last_interaction_date': ('interactions', 'max(interaction_date)'),
    'last_complaint_date': ('interactions', "max(interaction_date) filter (where topic = 'complaint')"),
    'last_touch_date': ('touches', 'max(touch_date) filter (where is_delivered)'),
} %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_from_first_day_to_count('feature_date', " ~ facts ~ ") }}",
    post_hook="{{ follow_dates('feature_date') }}",
    indexes=[{'columns': ['customer_id', 'feature_date']}],
) }}

-- Everything counts on the day on which it became known, so a late row changes no day before its delivery.
-- How days are added: macros/known_days.sql; what is counted: macros/customer_measures.sql.
with days as (
    select partition_date as feature_date
    from {{ source('ops', 'audited_partitions') }}
    where partition_date >= {{ first_day }}
),

sales as (
    select
        *,
        partition_date as known_date
    from {{ ref('fact_sales') }}
    where partition_date >= {{ first_day }}
),

-- Who sent something back tells the sale: a return becomes known with the later of the two.
returned as (
    select
        sales.customer_id,
        sales.quantity as sold_quantity,
        sales.revenue as sold_revenue,
        sales.profit_amount as sold_profit_amount,
        events.event_date,
        events.quantity,
        greatest(events.partition_date, sales.partition_date) as known_date
    from {{ ref('int_shipment_events') }} as events
    inner join {{ ref('fact_sales') }} as sales on events.sale_id = sales.sale_id
    where events.shipment_event = 'returned' and events.partition_date >= {{ first_day }}
    union all
    select
        sales.customer_id,
        sales.quantity as sold_quantity,
        sales.revenue as sold_revenue,
        sales.profit_amount as sold_profit_amount,
        events.event_date,
        events.quantity,
        sales.partition_date as known_date
    from sales
    inner join {{ ref('int_shipment_events') }} as events on sales.sale_id = events.sale_id
    where events.shipment_event = 'returned' and events.partition_date < {{ first_day }}
),

returns as (
    select
        *,
        {{ money('sold_revenue * quantity / sold_quantity') }} as revenue,
        {{ money('sold_profit_amount * quantity / sold_quantity') }} as profit_amount
    from returned
),

-- Whose account it is tells the list: of an account that was not on any yet, movements become known with it.
listed_accounts as (
    select
        account_id,
        valid_from as listed_date
    from {{ ref('int_account_versions') }}
    where version_number = 1
),

transactions as (
    select
        movements.*,
        greatest(movements.partition_date, accounts.listed_date) as known_date
    from {{ ref('fact_transactions') }} as movements
    inner join listed_accounts as accounts on movements.account_id = accounts.account_id
    where movements.partition_date >= {{ first_day }}
    union all
    select
        movements.*,
        accounts.listed_date as known_date
    from {{ ref('fact_transactions') }} as movements
    inner join listed_accounts as accounts on movements.account_id = accounts.account_id
    where accounts.listed_date >= {{ first_day }} and movements.partition_date < {{ first_day }}
),

payments as (
    select
        *,
        partition_date as known_date
    from {{ ref('fact_loan_payments') }}
    where partition_date >= {{ first_day }}
),

interactions as (
    select
        *,
        partition_date as known_date
    from {{ ref('fact_interactions') }}
    where partition_date >= {{ first_day }}
),

touches as (
    select
        *,
        partition_date as known_date
    from {{ ref('fact_campaign_touches') }}
    where partition_date >= {{ first_day }}
),

{% for source in measures %}
    daily_{{ source }} as (
        select
            customer_id,
            {% for measure, expression in measures[source].items() %}
                {{ expression }} as {{ measure }},
            {% endfor %}
            {% for column, (told_by, expression) in dates.items() if told_by == source %}
                {{ expression }} as {{ column }},
            {% endfor %}
            known_date
        from {{ source }}
        group by customer_id, known_date
    ),
{% endfor %}

{% if is_incremental() %}
    held as (
        select *
        from {{ this }}
        where
            feature_date = (
                select max(earlier.feature_date) from {{ this }} as earlier
                where earlier.feature_date < {{ first_day }}
            )
    ),
{% endif %}

-- A customer is known by a list, or by what happened before one named him; and stays so.
arrivals as (
    select
        customer_id,
        min(known_date) as known_date
    from (
        select
            customer_id,
            valid_from as known_date
        from {{ ref('int_customer_versions') }}
        where version_number = 1
        {% for source in measures %}
            union all
            select
                customer_id,
                known_date
            from daily_{{ source }}
        {% endfor %}
        {% if is_incremental() %}
            union all
            select
                customer_id,
                feature_date as known_date
            from held
        {% endif %}
    ) as signs
    group by customer_id
),

listed as (
    select
        days.feature_date,
        arrivals.customer_id,
        customers.user_id,
        customers.customer_id is not null as is_listed,
        coalesce(customers.is_active, false) as is_active
    from days
    inner join arrivals on days.feature_date >= arrivals.known_date
    left join {{ ref('int_customer_versions') }} as customers
        on
            arrivals.customer_id = customers.customer_id
            and days.feature_date >= customers.valid_from
            and days.feature_date < customers.applies_to
),

kyc as (
    select distinct on (days.feature_date, applications.user_id)
        days.feature_date,
        applications.user_id,
        applications.kyc_status
    from days
    inner join {{ ref('int_onboarding_versions') }} as applications
        on days.feature_date >= applications.valid_from and days.feature_date < applications.applies_to
    order by
        days.feature_date asc,
        applications.user_id asc,
        applications.submitted_at desc,
        applications.onboarding_id desc
)

select
    listed.feature_date,
    listed.customer_id,
    {% for source in measures %}
        {% for measure in measures[source] %}
            {{ customer_measure(measure, 'daily_' ~ source ~ '.' ~ measure) }} as {{ measure }},
            {{ customer_measure(
                'total_' ~ measure,
                ('coalesce(held.total_' ~ measure ~ ', 0) + ' if is_incremental() else '')
                ~ 'sum(coalesce(daily_' ~ source ~ '.' ~ measure ~ ', 0)) over to_date'
            ) }} as total_{{ measure }},
        {% endfor %}
    {% endfor %}
    {% for column, (source, expression) in dates.items() %}
        {% set end, end_of = ('min', 'least') if column.startswith('first_') else ('max', 'greatest') %}
        {{ end_of }}(
            {{ 'held.' ~ column ~ ',' if is_incremental() else '' }}
            {{ end }}(daily_{{ source }}.{{ column }}) over to_date
        ) as {{ column }},
    {% endfor %}
    listed.is_listed,
    listed.is_active,
    coalesce(kyc.kyc_status, 'not_started') as kyc_status
from listed
{% for source in measures %}
    left join daily_{{ source }}
        on
            listed.customer_id = daily_{{ source }}.customer_id
            and listed.feature_date = daily_{{ source }}.known_date
{% endfor %}
left join kyc on listed.user_id = kyc.user_id and listed.feature_date = kyc.feature_date
{% if is_incremental() %}
    left join held on listed.customer_id = held.customer_id
{% endif %}
window to_date as (partition by listed.customer_id order by listed.feature_date)
