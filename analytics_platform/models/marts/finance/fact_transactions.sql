{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='transaction_id',
    partition_by='transaction_date',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('int_transactions_clean', 'transaction_id') }}",
        "{{ follow_dates('transaction_date') }}",
    ],
    indexes=[
        {'columns': ['date_key']},
        {'columns': ['transaction_date']},
        {'columns': ['customer_key']},
        {'columns': ['merchant_key']},
        {'columns': ['account_id']},
        {'columns': ['partition_date']},
        {'columns': ['is_key_assumed']},
    ],
) }}

{# Parts of what was carried out, each an amount and a count. #}
{% set parts = {
    'purchase': "transaction_type = 'purchase'",
    'refund': "transaction_type = 'refund'",
    'deposit': "transaction_type = 'deposit'",
    'withdrawal': "transaction_type = 'withdrawal'",
    'transfer': "transaction_type = 'transfer'",
    'fee': "transaction_type = 'fee'",
    'online': 'is_online',
    'in_person': 'not is_online',
    'pos': "channel = 'pos'",
    'web': "channel = 'online'",
    'mobile': "channel = 'mobile'",
    'atm': "channel = 'atm'",
    'branch': "channel = 'branch'",
    'card_present': 'is_card_present',
    'weekend': 'is_weekend',
    'night': 'is_night',
} %}

-- How rows are kept right under reloads, repeated deliveries and withdrawals: macros/incremental_facts.sql.
with transactions as (
    {{ first_deliveries('int_transactions_clean', key='transaction_id', date_key='date_key') }}
),

resolved as (
    select
        transactions.*,
        customers.customer_key,
        coalesce(
            transactions.transaction_date < customers.valid_from
            or transactions.transaction_date < transactions.account_valid_from,
            true
        ) as is_key_assumed,
        transactions.transaction_status = 'posted' as is_posted,
        transactions.channel in ('online', 'mobile') as is_online,
        cast(extract(hour from transactions.transacted_at at time zone 'UTC') as integer) as transaction_hour,
        extract(isodow from transactions.transaction_date) >= 6 as is_weekend,
        extract(hour from transactions.transacted_at at time zone 'UTC') < 6 as is_night
    from transactions
    left join {{ ref('int_customer_versions') }} as customers
        on
            transactions.customer_id = customers.customer_id
            and transactions.transaction_date >= customers.applies_from
            and transactions.transaction_date < customers.applies_to
)

select
    transaction_id,
    transacted_at,
    transaction_date,
    {{ date_key('transaction_date') }} as date_key,
    transaction_hour,
    case
        when transaction_hour < 6 then 'night'
        when transaction_hour < 12 then 'morning'
        when transaction_hour < 18 then 'afternoon'
        else 'evening'
    end as hour_band,
    account_id,
    account_type,
    customer_id,
    customer_key,
    merchant_id,
    {{ dbt.hash('merchant_id') }} as merchant_key,
    transaction_type,
    channel,
    transaction_status,
    decline_reason,
    reference,
    is_posted,
    not is_posted as is_declined,
    is_fraud,
    is_fraud and is_posted as is_fraud_loss,
    is_card_present,
    is_online,
    transaction_amount > 0 as is_inflow,
    is_weekend,
    is_night,
    transaction_date < partition_date as is_late,
    is_key_assumed,
    transaction_amount,
    transaction_amount_abs,
    {{ money('greatest(transaction_amount, 0)') }} as inflow_amount,
    {{ money('greatest(-transaction_amount, 0)') }} as outflow_amount,
    {{ money_if('is_posted', 'transaction_amount') }} as posted_amount,
    {{ money_if('is_posted', 'transaction_amount_abs') }} as posted_amount_abs,
    {{ money_if('is_posted and transaction_amount > 0', 'transaction_amount') }} as posted_inflow_amount,
    {{ money_if('is_posted and transaction_amount < 0', '-transaction_amount') }} as posted_outflow_amount,
    {{ money_if('not is_posted', 'transaction_amount_abs') }} as declined_amount,
    {{ money_if('is_fraud', 'transaction_amount_abs') }} as fraud_amount,
    {{ money_if('is_fraud and is_posted', 'transaction_amount_abs') }} as fraud_loss_amount,
    {{ money_if('is_fraud and not is_posted', 'transaction_amount_abs') }} as fraud_stopped_amount,
    {% for name, condition in parts.items() %}
        {{ money_if('is_posted and ' ~ condition, 'transaction_amount_abs') }} as {{ name }}_amount,
    {% endfor %}
    {{ count_if('is_posted') }} as posted_count,
    {{ count_if('not is_posted') }} as declined_count,
    {{ count_if('is_fraud') }} as fraud_count,
    {{ count_if('is_fraud and is_posted') }} as fraud_loss_count,
    {{ count_if('is_fraud and not is_posted') }} as fraud_stopped_count,
    {% for name, condition in parts.items() %}
        {{ count_if('is_posted and ' ~ condition) }} as {{ name }}_count,
    {% endfor %}
    transacted_at as created_at,
    partition_date,
    source_line
from resolved
{{ unless_held(
    'resolved', key='transaction_id', looked_up=['customer_id', 'account_type', 'customer_key', 'is_key_assumed'],
    partition_by='transaction_date',
) }}
