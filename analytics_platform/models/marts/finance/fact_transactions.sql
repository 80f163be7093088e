{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='transaction_id',
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
        cast(extract(isodow from transactions.transaction_date) as integer) as day_of_week
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
    day_of_week >= 6 as is_weekend,
    transaction_hour < 6 as is_night,
    transaction_date < partition_date as is_late,
    is_key_assumed,
    transaction_amount,
    transaction_amount_abs,
    {{ money('greatest(transaction_amount, 0)') }} as inflow_amount,
    {{ money('greatest(-transaction_amount, 0)') }} as outflow_amount,
    {{ money_if('is_posted', 'transaction_amount') }} as posted_amount,
    {{ money_if('is_posted', 'transaction_amount_abs') }} as posted_amount_abs,
    {{ money_if('not is_posted', 'transaction_amount_abs') }} as declined_amount,
    {{ money_if('is_fraud', 'transaction_amount_abs') }} as fraud_amount,
    {{ money_if('is_fraud and is_posted', 'transaction_amount_abs') }} as fraud_loss_amount,
    {{ money_if("is_posted and transaction_type = 'purchase'", 'transaction_amount_abs') }} as purchase_amount,
    {{ money_if("is_posted and transaction_type = 'refund'", 'transaction_amount_abs') }} as refund_amount,
    {{ money_if("is_posted and transaction_type = 'deposit'", 'transaction_amount_abs') }} as deposit_amount,
    {{ money_if("is_posted and transaction_type = 'withdrawal'", 'transaction_amount_abs') }} as withdrawal_amount,
    {{ money_if("is_posted and transaction_type = 'transfer'", 'transaction_amount_abs') }} as transfer_amount,
    {{ money_if("is_posted and transaction_type = 'fee'", 'transaction_amount_abs') }} as fee_amount,
    {{ money_if('is_posted and is_online', 'transaction_amount_abs') }} as online_amount,
    {{ money_if('is_posted and not is_online', 'transaction_amount_abs') }} as in_person_amount,
    transacted_at as created_at,
    partition_date,
    source_line
from resolved
{{ unless_held(
    'resolved', key='transaction_id', looked_up=['customer_id', 'account_type', 'customer_key', 'is_key_assumed'],
) }}
