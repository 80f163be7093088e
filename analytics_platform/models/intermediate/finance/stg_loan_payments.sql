-- One row per delivery of a payment: a payment may be delivered by several days.
select
    payment_id,
    application_id,
    customer_id,
    account_id,
    instalment_number,
    due_date,
    payment_status,
    event_at,
    cast(event_at at time zone 'UTC' as date) as event_date,
    days_late,
    due_amount,
    paid_amount,
    principal_amount,
    interest_amount,
    outstanding_amount,
    partition_date,
    source_line
from {{ staged('finance_loan_payments') }} as payments
