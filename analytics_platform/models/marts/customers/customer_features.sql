{# The feature store. What is counted over windows: feature, and the measure of fact_customer_daily that it counts.
   A new feature is one entry here, or one line below. #}
{% set all_windows = [7, 30, 90, 180, 365] %}
{% set some_windows = [30, 90, 365] %}
{% set counted = {
    'sales_count': 'sales_count',
    'units': 'units',
    'revenue': 'revenue',
    'profit': 'profit_amount',
    'total_transactions': 'transaction_count',
    'transaction_amount': 'transaction_amount',
    'interactions': 'interactions_count',
} %}
{% set counted_in_some = {
    'list_amount': 'list_amount',
    'discount_amount': 'discount_amount',
    'discounted_sales': 'discounted_sales_count',
    'store_sales': 'store_sales_count',
    'online_sales': 'online_sales_count',
    'card_sales': 'card_sales_count',
    'returned_sales': 'returned_sales_count',
    'returned_profit': 'returned_profit_amount',
    'inflow_amount': 'inflow_amount',
    'outflow_amount': 'outflow_amount',
    'purchases': 'purchase_count',
    'purchase_amount': 'purchase_amount',
    'deposit_amount': 'deposit_amount',
    'withdrawal_amount': 'withdrawal_amount',
    'fee_amount': 'fee_amount',
    'online_transactions': 'online_transaction_count',
    'night_transactions': 'night_transaction_count',
    'declined': 'declined_count',
    'fraud': 'fraud_count',
    'fraud_amount': 'fraud_amount',
    'payments_due': 'payments_due',
    'payments_missed': 'payments_missed',
    'payments_made_up': 'payments_made_up',
    'complaints': 'complaints_count',
    'unresolved': 'unresolved_count',
    'rated': 'rated_count',
    'satisfaction_points': 'satisfaction_points',
    'touches': 'touches_count',
    'opened': 'opened_count',
    'clicked': 'clicked_count',
} %}
{% set windows = [] %}
{% for features, all_days in [(counted, all_windows), (counted_in_some, some_windows)] %}
    {% for feature, measure in features.items() %}
        {% for days in all_days %}
            {% do windows.append((feature, measure, days)) %}
        {% endfor %}
    {% endfor %}
{% endfor %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched('feature_date', 'fact_customer_daily') }}",
    post_hook="{{ follow_dates('feature_date') }}",
    indexes=[{'columns': ['customer_id']}],
) }}

-- What was known of each customer on each day. Counts over the last days are differences of running totals, so each
-- day costs the same; before the first loaded day nothing is known.
with today as (
    select *
    from {{ ref('fact_customer_daily') }}
    where is_listed and {{ is_touched('feature_date', 'fact_customer_daily') if is_incremental() else 'true' }}
),

days as (
    select
        {% for days in all_windows %}
            (
                select max(audited.partition_date) from {{ source('ops', 'audited_partitions') }} as audited
                where audited.partition_date <= dates.feature_date - {{ days }}
            ) as day_before_{{ days }},
        {% endfor %}
        dates.feature_date
    from (select distinct feature_date from today) as dates
),

windowed as (
    select
        {% for feature, measure, days in windows %}
            {{ customer_measure(
                measure, 'today.total_' ~ measure ~ ' - coalesce(before_' ~ days ~ '.total_' ~ measure ~ ', 0)'
            ) }} as {{ feature }}_{{ days }}d,
        {% endfor %}
        today.*
    from today
    inner join days on today.feature_date = days.feature_date
    {% for days in all_windows %}
        left join {{ ref('fact_customer_daily') }} as before_{{ days }}
            on
                today.customer_id = before_{{ days }}.customer_id
                and days.day_before_{{ days }} = before_{{ days }}.feature_date
    {% endfor %}
),

accounts as (
    select
        days.feature_date,
        versions.customer_id,
        count(*) filter (where versions.account_status <> 'closed') as open_accounts,
        sum(versions.opening_balance_amount) as opening_balance_amount,
        sum(versions.credit_limit_amount) filter (where versions.account_status <> 'closed') as credit_limit_amount
    from days
    inner join {{ ref('int_account_versions') }} as versions
        on days.feature_date >= versions.valid_from and days.feature_date < versions.applies_to
    group by days.feature_date, versions.customer_id
),

applications as (
    select
        days.feature_date,
        versions.*
    from days
    inner join {{ ref('int_credit_application_versions') }} as versions
        on days.feature_date >= versions.valid_from and days.feature_date < versions.applies_to
),

credit as (
    select
        feature_date,
        customer_id,
        count(*) as credit_applications,
        count(*) filter (where application_status = 'approved') as approved_applications,
        count(*) filter (where application_status = 'declined') as declined_applications,
        sum(approved_amount) as approved_amount
    from applications
    group by feature_date, customer_id
),

last_applications as (
    select distinct on (feature_date, customer_id)
        feature_date,
        customer_id,
        credit_score,
        debt_to_income_pct,
        annual_income_amount,
        employment_status
    from applications
    order by feature_date asc, customer_id asc, applied_at desc, application_id desc
)

select
    windowed.feature_date,
    windowed.customer_id,
    -- Who it is.
    windowed.is_active,
    customers.segment,
    customers.region as region_name,
    customers.preferred_channel,
    customers.loyalty_tier,
    array_position(array['none', 'bronze', 'silver', 'gold', 'platinum'], customers.loyalty_tier) - 1 as loyalty_rank,
    cast(extract(year from age(windowed.feature_date, customers.birth_date)) as integer) as age_years,
    windowed.feature_date - customers.signup_date as tenure_days,
    customers.user_id is not null as has_user,
    windowed.kyc_status,
    windowed.kyc_status = 'completed' as is_kyc_completed,
    -- Recency.
    windowed.feature_date - windowed.first_sale_date as days_since_first_sale,
    windowed.feature_date - windowed.last_sale_date as days_since_last_sale,
    windowed.feature_date - windowed.last_return_date as days_since_last_return,
    windowed.feature_date - windowed.last_transaction_date as days_since_last_transaction,
    windowed.feature_date - windowed.last_fraud_date as days_since_last_fraud,
    windowed.feature_date - windowed.last_missed_payment_date as days_since_last_missed_payment,
    windowed.feature_date - windowed.last_interaction_date as days_since_last_interaction,
    windowed.feature_date - windowed.last_complaint_date as days_since_last_complaint,
    windowed.feature_date - windowed.last_touch_date as days_since_last_touch,
    -- All that is known.
    windowed.total_sales_count,
    windowed.total_revenue,
    windowed.total_profit_amount as total_profit,
    windowed.total_returned_profit_amount as total_returned_profit,
    windowed.total_touch_cost_amount,
    windowed.total_transaction_count as total_transactions,
    windowed.total_fraud_count as total_fraud,
    windowed.total_payments_missed,
    windowed.total_interactions_count as total_interactions,
    -- Over windows.
    {% for feature, measure, days in windows %}
        windowed.{{ feature }}_{{ days }}d,
    {% endfor %}
    -- Basket, prices, channels.
    {{ money('windowed.revenue_90d / nullif(windowed.sales_count_90d, 0)') }} as average_sale_amount_90d,
    {{ money('windowed.total_revenue / nullif(windowed.total_sales_count, 0)') }} as average_sale_amount,
    cast(1.0 * windowed.units_90d / nullif(windowed.sales_count_90d, 0) as numeric(14, 2)) as units_per_sale_90d,
    {{ pct('windowed.profit_90d', 'windowed.revenue_90d') }} as margin_pct_90d,
    {{ pct('windowed.discount_amount_90d', 'windowed.list_amount_90d') }} as discount_pct_90d,
    {{ pct('windowed.discounted_sales_90d', 'windowed.sales_count_90d') }} as discounted_sales_pct_90d,
    {{ pct('windowed.online_sales_90d', 'windowed.sales_count_90d') }} as online_sales_pct_90d,
    {{ pct('windowed.card_sales_90d', 'windowed.sales_count_90d') }} as card_sales_pct_90d,
    {{ pct('windowed.returned_sales_365d', 'windowed.sales_count_365d') }} as returned_sales_pct_365d,
    -- Bank.
    {{ money('windowed.transaction_amount_90d / nullif(windowed.total_transactions_90d, 0)') }}
        as average_transaction_amount_90d,
    {{ pct('windowed.online_transactions_90d', 'windowed.total_transactions_90d') }} as online_transactions_pct_90d,
    {{ pct('windowed.night_transactions_90d', 'windowed.total_transactions_90d') }} as night_transactions_pct_90d,
    {{ pct('windowed.declined_90d', 'windowed.declined_90d + windowed.total_transactions_90d') }} as declined_pct_90d,
    {{ pct('windowed.fraud_365d', 'windowed.purchases_365d') }} as fraud_pct_365d,
    cast(coalesce(accounts.open_accounts, 0) as integer) as open_accounts,
    {{ money(
        'coalesce(accounts.opening_balance_amount, 0) + windowed.total_inflow_amount - windowed.total_outflow_amount', 18
    ) }} as balance_amount,
    {{ money('windowed.inflow_amount_30d - windowed.outflow_amount_30d', 18) }} as net_flow_amount_30d,
    {{ money('coalesce(accounts.credit_limit_amount, 0)', 18) }} as credit_limit_amount,
    -- Credit.
    cast(coalesce(credit.credit_applications, 0) as integer) as credit_applications,
    cast(coalesce(credit.approved_applications, 0) as integer) as approved_applications,
    cast(coalesce(credit.declined_applications, 0) as integer) as declined_applications,
    {{ money('coalesce(credit.approved_amount, 0)', 18) }} as approved_amount,
    last_applications.credit_score,
    last_applications.debt_to_income_pct,
    last_applications.annual_income_amount,
    last_applications.employment_status,
    {{ pct('windowed.payments_missed_365d', 'windowed.payments_due_365d') }} as payments_missed_pct_365d,
    -- Support and campaigns.
    cast(1.0 * windowed.satisfaction_points_365d / nullif(windowed.rated_365d, 0) as numeric(14, 2))
        as average_satisfaction_365d,
    {{ pct('windowed.unresolved_90d', 'windowed.interactions_90d') }} as unresolved_pct_90d,
    {{ pct('windowed.opened_90d', 'windowed.touches_90d') }} as opened_pct_90d,
    {{ pct('windowed.clicked_90d', 'windowed.touches_90d') }} as clicked_pct_90d,
    -- Trend: the last 30 days against the average of the last 90; 100 is no change.
    {{ pct('3 * windowed.revenue_30d', 'windowed.revenue_90d') }} as revenue_trend_pct,
    {{ pct('3 * windowed.sales_count_30d', 'windowed.sales_count_90d') }} as sales_trend_pct,
    {{ pct('3 * windowed.total_transactions_30d', 'windowed.total_transactions_90d') }} as transactions_trend_pct,
    {{ pct('30 * windowed.interactions_7d', '7 * windowed.interactions_30d') }} as interactions_trend_pct
from windowed
inner join {{ ref('int_customer_versions') }} as customers
    on
        windowed.customer_id = customers.customer_id
        and windowed.feature_date >= customers.valid_from
        and windowed.feature_date < customers.applies_to
left join accounts on windowed.customer_id = accounts.customer_id and windowed.feature_date = accounts.feature_date
left join credit on windowed.customer_id = credit.customer_id and windowed.feature_date = credit.feature_date
left join last_applications
    on
        windowed.customer_id = last_applications.customer_id
        and windowed.feature_date = last_applications.feature_date
