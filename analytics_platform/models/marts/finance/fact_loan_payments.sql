{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='payment_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('stg_loan_payments', 'payment_id') }}",
        "{{ follow_dates('event_date') }}",
    ],
    indexes=[
        {'columns': ['date_key']},
        {'columns': ['event_date']},
        {'columns': ['customer_id']},
        {'columns': ['application_id']},
        {'columns': ['partition_date']},
        {'columns': ['is_key_assumed']},
    ],
) }}

-- How rows are kept right under reloads, repeated deliveries and withdrawals: macros/incremental_facts.sql.
with payments as (
    {{ first_deliveries('stg_loan_payments', key='payment_id', date_key='date_key') }}
),

resolved as (
    select
        payments.*,
        customers.customer_key,
        applications.product_type,
        applications.score_band,
        coalesce(
            payments.event_date < customers.valid_from or payments.event_date < applications.valid_from, true
        ) as is_key_assumed
    from payments
    left join {{ ref('int_customer_versions') }} as customers
        on
            payments.customer_id = customers.customer_id
            and payments.event_date >= customers.applies_from
            and payments.event_date < customers.applies_to
    left join {{ ref('int_credit_application_versions') }} as applications
        on
            payments.application_id = applications.application_id
            and payments.event_date >= applications.applies_from
            and payments.event_date < applications.applies_to
)

select
    payment_id,
    application_id,
    customer_id,
    customer_key,
    account_id,
    product_type,
    score_band,
    instalment_number,
    due_date,
    payment_status,
    payment_status = 'paid' as is_paid,
    payment_status = 'missed' as is_missed,
    payment_status = 'late' as is_late_payment,
    event_at,
    event_date,
    {{ date_key('event_date') }} as date_key,
    days_late,
    due_amount,
    paid_amount,
    principal_amount,
    interest_amount,
    outstanding_amount,
    is_key_assumed,
    event_date < partition_date as is_late,
    partition_date,
    source_line
from resolved
{{ unless_held(
    'resolved', key='payment_id', looked_up=['customer_key', 'product_type', 'score_band', 'is_key_assumed'],
) }}
