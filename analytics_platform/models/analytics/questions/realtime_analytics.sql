{% set today = data_through() %}
{% set compared_days = today ~ ', ' ~ today ~ ' - 1, ' ~ today ~ ' - 7' %}
-- What is happening now? Now is the end of the last audited day: no clock, so that the same data give the same rows.
-- Reads that day, the day before, the same weekday a week before, and what is still open.
with moment as (
    select
        {{ today }} as today,
        cast({{ today }} + 1 as timestamp) at time zone 'UTC' as as_of_at
),

sales as (
    select
        sale_date as day_date,
        cast(extract(hour from sold_at at time zone 'UTC') as integer) as hour_number,
        count(*) as line_count,
        sum(revenue) as revenue
    from {{ ref('fact_sales') }}
    where sale_date in ({{ compared_days }})
    group by sale_date, cast(extract(hour from sold_at at time zone 'UTC') as integer)
),

movements as (
    select
        transaction_date as day_date,
        transaction_hour as hour_number,
        count(*) as attempt_count,
        count(*) filter (where is_posted) as posted_count,
        count(*) filter (where is_declined) as declined_count,
        count(*) filter (where is_fraud) as fraud_count,
        sum(posted_amount_abs) as volume_amount
    from {{ ref('fact_transactions') }}
    where transaction_date in ({{ compared_days }})
    group by transaction_date, transaction_hour
),

contacts as (
    select
        interaction_date as day_date,
        cast(extract(hour from interaction_at at time zone 'UTC') as integer) as hour_number,
        count(*) as contact_count,
        count(*) filter (where is_resolved) as resolved_count
    from {{ ref('fact_interactions') }}
    where interaction_date in ({{ compared_days }})
    group by interaction_date, cast(extract(hour from interaction_at at time zone 'UTC') as integer)
),

-- What is counted of each hour. A metric with a base is a share of it or a mean over it.
counted as (
    select
        sales.day_date,
        sales.hour_number,
        figures.*
    from sales
    cross join
        lateral (
            values
            ('sales_lines', 'count', sales.line_count, cast(null as bigint), 1),
            ('revenue', 'amount', sales.revenue, null, 1)
        ) as figures (metric, unit, figure, base, factor)
    union all
    select
        movements.day_date,
        movements.hour_number,
        figures.*
    from movements
    cross join
        lateral (
            values
            ('transactions', 'count', movements.attempt_count, null, 1),
            ('transaction_volume', 'amount', movements.volume_amount, null, 1),
            ('average_transaction', 'amount', movements.volume_amount, movements.posted_count, 1),
            ('decline_rate', 'percent', movements.declined_count, movements.attempt_count, 100),
            ('fraud_transactions', 'count', movements.fraud_count, null, 1),
            ('fraud_rate', 'percent', movements.fraud_count, movements.attempt_count, 100)
        ) as figures (metric, unit, figure, base, factor)
    union all
    select
        contacts.day_date,
        contacts.hour_number,
        figures.*
    from contacts
    cross join lateral (
        values
        ('support_contacts', 'count', contacts.contact_count, null, 1),
        ('resolution_rate', 'percent', contacts.resolved_count, contacts.contact_count, 100)
    ) as figures (metric, unit, figure, base, factor)
),

windows as (
    select
        hours.hour_number,
        spans.window_name,
        spans.member,
        spans.first_hour
    from generate_series(0, 23) as hours (hour_number)
    cross join
        lateral (
            values
            ('hour', to_char(hours.hour_number, 'FM00'), hours.hour_number),
            ('last_hour', 'all', 23),
            ('last_24_hours', 'all', 0)
        ) as spans (window_name, member, first_hour)
    where hours.hour_number >= spans.first_hour
),

summed_up as (
    select
        counted.metric,
        counted.unit,
        windows.window_name,
        windows.member,
        windows.first_hour,
        counted.day_date,
        case
            when max(counted.base) is null then sum(counted.figure)
            else max(counted.factor) * sum(counted.figure) / nullif(sum(counted.base), 0)
        end as metric_value
    from counted
    inner join windows on counted.hour_number = windows.hour_number
    group by
        counted.metric, counted.unit, windows.window_name, windows.member, windows.first_hour, counted.day_date
),

flows as (
    select
        summed_up.metric,
        summed_up.window_name,
        summed_up.member,
        summed_up.unit,
        max(moment.as_of_at) - interval '1 hour' * (24 - summed_up.first_hour) as happened_at,
        max(summed_up.metric_value) filter (where summed_up.day_date = moment.today) as metric_value,
        max(summed_up.metric_value) filter (where summed_up.day_date = moment.today - 1) as value_day_before,
        max(summed_up.metric_value) filter (where summed_up.day_date = moment.today - 7) as value_week_before,
        cast(null as text) as detail
    from summed_up
    cross join moment
    group by summed_up.metric, summed_up.window_name, summed_up.member, summed_up.unit, summed_up.first_hour
),

latest_transactions as (
    select
        'latest_transaction' as metric,
        'now' as window_name,
        transaction_id as member,
        'amount' as unit,
        transacted_at as happened_at,
        transaction_amount as metric_value,
        transaction_type || ' ' || channel || ' ' || transaction_status as detail
    from {{ ref('fact_transactions') }}
    where transaction_date = {{ today }}
    order by transacted_at desc, transaction_id asc
    limit 50
),

open_alerts as (
    select
        alert_id,
        alert_rule,
        risk_score,
        opened_at,
        row_number() over (order by risk_score desc, alert_id asc) as position
    from {{ ref('fact_fraud_alerts') }}
    where is_open
),

-- A parcel that is not there after three weeks is a matter for support, not of the queue.
open_shipments as (
    select
        carrier,
        shipped_at,
        promised_date <= {{ today }} as is_overdue
    from {{ ref('fact_shipments') }}
    where
        sold_date > {{ today }} - 21
        and is_open
        and not is_counter
),

states as (
    select
        'open_fraud_alerts' as metric,
        coalesce(alert_rule, 'all') as member,
        min(opened_at) as happened_at,
        count(*) as metric_value
    from open_alerts
    group by grouping sets ((), (alert_rule))
    union all
    select
        'open_shipments' as metric,
        coalesce(carrier, 'all') as member,
        min(shipped_at) as happened_at,
        count(*) as metric_value
    from open_shipments
    group by grouping sets ((), (carrier))
    union all
    select
        'overdue_shipments' as metric,
        coalesce(carrier, 'all') as member,
        min(shipped_at) as happened_at,
        count(*) as metric_value
    from open_shipments
    where is_overdue
    group by grouping sets ((), (carrier))
),

all_rows as (
    select * from flows
    union all
    select
        metric,
        window_name,
        member,
        unit,
        happened_at,
        metric_value,
        null as value_day_before,
        null as value_week_before,
        detail
    from latest_transactions
    union all
    select
        'open_alert' as metric,
        'now' as window_name,
        alert_id as member,
        'score' as unit,
        opened_at as happened_at,
        risk_score as metric_value,
        null as value_day_before,
        null as value_week_before,
        alert_rule as detail
    from open_alerts
    where position <= 50
    union all
    select
        metric,
        'now' as window_name,
        member,
        'count' as unit,
        happened_at,
        metric_value,
        null as value_day_before,
        null as value_week_before,
        null as detail
    from states
)

select
    all_rows.metric,
    all_rows.window_name,
    all_rows.member,
    moment.as_of_at,
    all_rows.happened_at,
    all_rows.unit,
    cast(all_rows.metric_value as numeric(18, 2)) as metric_value,
    cast(all_rows.value_day_before as numeric(18, 2)) as value_day_before,
    {{ pct('all_rows.metric_value - all_rows.value_day_before', 'all_rows.value_day_before') }} as change_pct,
    cast(all_rows.value_week_before as numeric(18, 2)) as value_week_before,
    all_rows.detail
from all_rows
cross join moment
