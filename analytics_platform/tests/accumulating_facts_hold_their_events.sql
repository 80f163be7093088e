-- Each event on a date that changed is in the row of its shipment or alert, and no row has lost all of its events.
select events.shipment_event_id as row_id
from {{ ref('int_shipment_events') }} as events
left join {{ ref('fact_shipments') }} as fact on events.shipment_id = fact.shipment_id
where
    {{ is_touched('events.event_date', 'int_shipment_events') }}
    and events.event_at is distinct from
    case events.shipment_event
        when 'shipped' then fact.shipped_at
        when 'delivered' then fact.delivered_at
        else fact.returned_at
    end
union all
select fact.shipment_id
from {{ ref('fact_shipments') }} as fact
where
    ({{ has_touched_milestone('int_shipment_events', ['shipped_date', 'delivered_date', 'returned_date']) }})
    and not exists (
        select 1 from {{ ref('int_shipment_events') }} as events
        where events.shipment_id = fact.shipment_id
    )
union all
select events.alert_event_id
from {{ ref('int_fraud_alert_events') }} as events
left join {{ ref('fact_fraud_alerts') }} as fact on events.alert_id = fact.alert_id
where
    {{ is_touched('events.event_date', 'int_fraud_alert_events') }}
    -- An earlier decision may have been overruled.
    and (
        fact.alert_id is null
        or (events.alert_status = 'open' and events.event_at is distinct from fact.opened_at)
        or (events.alert_status <> 'open' and events.event_at > fact.decided_at)
    )
union all
select fact.alert_id
from {{ ref('fact_fraud_alerts') }} as fact
where
    ({{ has_touched_milestone('int_fraud_alert_events', ['opened_date', 'decided_date']) }})
    and not exists (
        select 1 from {{ ref('int_fraud_alert_events') }} as events
        where events.alert_id = fact.alert_id
    )
