{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='alert_event_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('stg_fraud_alerts', 'alert_event_id') }}",
        "{{ follow_dates('event_date') }}",
    ],
    indexes=[
        {'columns': ['alert_event_id'], 'unique': true},
        {'columns': ['alert_id']},
        {'columns': ['event_date']},
        {'columns': ['partition_date']},
    ],
) }}

-- Each event once: macros/incremental_facts.sql. fact_fraud_alerts puts the events of an alert together.
with events as (
    {{ first_deliveries('stg_fraud_alerts', key='alert_event_id') }}
)

select
    alert_event_id,
    alert_id,
    alert_status,
    transaction_id,
    account_id,
    alert_rule,
    risk_score,
    event_at,
    event_date,
    loss_amount,
    partition_date,
    source_line
from events
{{ unless_held('events', key='alert_event_id') }}
