{% set milestones = ['opened_date', 'decided_date'] %}
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='alert_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_without_events('int_fraud_alert_events', 'alert_id', ['opened_date', 'decided_date']) }}",
        "{{ follow_dates('alert_date') }}",
    ],
    indexes=[
        {'columns': ['transaction_id']},
        {'columns': ['alert_date']},
        {'columns': ['opened_date']},
        {'columns': ['decided_date']},
        {'columns': ['partition_date']},
    ],
) }}

-- How one row is made of several events, in any order of delivery: macros/accumulating_facts.sql.
-- What was raised before the first loaded day has only its decision: what the opening would tell is empty.
with events as (
    {{ events_to_accumulate('int_fraud_alert_events', 'alert_id', milestones) }}
),

last_events as (
    select distinct on (alert_id) *
    from events
    order by alert_id asc, event_at desc, alert_event_id desc
),

openings as (
    select *
    from events
    where alert_status = 'open'
),

-- Of two decisions the last one counts.
decisions as (
    select distinct on (alert_id) *
    from events
    where alert_status <> 'open'
    order by alert_id asc, event_at desc, alert_event_id desc
),

alerts as (
    select
        last_events.alert_id,
        last_events.transaction_id,
        last_events.account_id,
        last_events.alert_rule,
        last_events.risk_score,
        coalesce(decisions.alert_status, 'open') as alert_status,
        decisions.alert_id is null as is_open,
        coalesce(decisions.alert_status = 'confirmed', false) as is_confirmed,
        coalesce(decisions.alert_status = 'dismissed', false) as is_dismissed,
        coalesce(openings.event_date, decisions.event_date) as alert_date,
        openings.event_at as opened_at,
        openings.event_date as opened_date,
        decisions.event_at as decided_at,
        decisions.event_date as decided_date,
        cast(extract(epoch from decisions.event_at - openings.event_at) / 3600 as numeric(14, 2)) as hours_to_decision,
        decisions.loss_amount,
        last_events.partition_date,
        last_events.source_line
    from last_events
    left join openings on last_events.alert_id = openings.alert_id
    left join decisions on last_events.alert_id = decisions.alert_id
)

select *
from alerts
{{ unless_same('alerts', 'alert_id') }}
