{% set breakdowns = [
    'channel', 'hour_of_day', 'weekday_hour', 'day_part', 'channel_day_part', 'account_type', 'transaction_type',
    'decline_reason', 'merchant_id',
] %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months('month_date', 'fact_transactions') }}",
    post_hook="{{ follow_dates('month_date') }}",
) }}

-- How did money move in each month, by each single trait of the movements?
-- Only traits that fact_transactions itself holds: what a merchant is like is looked up by those who read this.
with movements as (
    select
        cast(date_trunc('month', transaction_date) as date) as month_date,
        channel,
        to_char(transaction_hour, 'FM00') as hour_of_day,
        to_char(transaction_date, 'ID ') || to_char(transaction_hour, 'FM00') as weekday_hour,
        case when is_night then 'night' else 'day' end as day_part,
        channel || case when is_night then ' night' else ' day' end as channel_day_part,
        coalesce(account_type, 'unknown') as account_type,
        transaction_type,
        coalesce(decline_reason, 'none') as decline_reason,
        coalesce(merchant_id, 'none') as merchant_id,
        is_posted,
        is_declined,
        is_fraud,
        posted_amount_abs,
        fraud_amount,
        fraud_loss_amount
    from {{ ref('fact_transactions') }}
    where {{ in_touched_month('transaction_date', 'fact_transactions') if is_incremental() else 'true' }}
)

select
    month_date,
    {{ breakdown_columns(breakdowns) }},
    count(*) as attempt_count,
    count(*) filter (where is_posted) as transaction_count,
    count(*) filter (where is_declined) as declined_count,
    count(*) filter (where is_fraud) as fraud_count,
    {{ money('sum(posted_amount_abs)', 18) }} as volume_amount,
    {{ money('sum(fraud_amount)', 18) }} as fraud_amount,
    {{ money('sum(fraud_loss_amount)', 18) }} as fraud_loss_amount
from movements
group by {{ breakdown_groups(breakdowns) }}
