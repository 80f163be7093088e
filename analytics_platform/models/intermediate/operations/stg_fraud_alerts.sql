-- One row per delivery of an alert's event: an event may be delivered by several days.
select
    alert_id || '-' || alert_status as alert_event_id,
    alert_id,
    alert_status,
    transaction_id,
    account_id,
    alert_rule,
    risk_score,
    event_at,
    cast(event_at at time zone 'UTC' as date) as event_date,
    loss_amount,
    partition_date,
    source_line
from {{ staged('operations_fraud_alerts') }} as alerts
