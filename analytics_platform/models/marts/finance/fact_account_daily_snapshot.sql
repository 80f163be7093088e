{% set first_day = first_touched('fact_transactions', 'snapshot_date') %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_from_first_touched('snapshot_date', 'fact_transactions') }}",
    post_hook="{{ follow_dates('snapshot_date') }}",
    indexes=[{'columns': ['account_id']}],
) }}

-- A balance is the opening balance and all posted movements dated up to the day. Rows from the first day that
-- changed on are made again, on top of what had moved by the day before it.
with loaded as (
    select
        min(partition_date) as first_loaded_date,
        max(partition_date) as last_loaded_date
    from {{ source('ops', 'audited_partitions') }}
),

days as (
    select
        cast(spine.day_at as date) as snapshot_date,
        loaded.first_loaded_date
    from loaded
    cross join lateral generate_series(
        cast(greatest(loaded.first_loaded_date, cast({{ first_day }} as date)) as timestamp),
        cast(loaded.last_loaded_date as timestamp),
        interval '1 day'
    ) as spine (day_at)
),

-- Accounts stay in the snapshot once they were on a list: closed ones are listed too, and a record that is merely
-- missing leaves no hole.
listed as (
    select
        days.snapshot_date,
        days.first_loaded_date,
        accounts.account_id,
        accounts.customer_id,
        accounts.account_type,
        accounts.account_status,
        accounts.opened_date,
        accounts.opening_balance_amount,
        accounts.credit_limit_amount
    from days
    inner join {{ ref('int_account_versions') }} as accounts
        on days.snapshot_date >= accounts.valid_from and days.snapshot_date < accounts.applies_to
),

flows as (
    select
        account_id,
        transaction_date,
        sum(greatest(posted_amount, 0)) as inflow_amount,
        sum(greatest(-posted_amount, 0)) as outflow_amount,
        count(*) filter (where is_posted) as transaction_count,
        count(*) filter (where is_declined) as declined_count
    from {{ ref('fact_transactions') }}
    where transaction_date >= {{ first_day }}
    group by account_id, transaction_date
),

{% if is_incremental() %}
    held as (
        select
            account_id,
            closing_balance_amount - opening_balance_amount as moved_amount
        from {{ this }}
        where snapshot_date = cast({{ first_day }} as date) - 1
    ),
{% endif %}

-- Accounts whose first row is among these days may have moved before it.
arrivals as (
    select
        account_id,
        min(snapshot_date) as snapshot_date
    from listed
    {% if is_incremental() %}
        where account_id not in (select held.account_id from held)
    {% endif %}
    group by account_id
),

moved_before as (
    select
        arrivals.account_id,
        sum(movements.posted_amount) as moved_amount
    from arrivals
    inner join {{ ref('fact_transactions') }} as movements
        on arrivals.account_id = movements.account_id and arrivals.snapshot_date > movements.transaction_date
    group by arrivals.account_id
    {% if is_incremental() %}
        union all
        select
            account_id,
            moved_amount
        from held
    {% endif %}
),

balances as (
    select
        listed.*,
        coalesce(flows.inflow_amount, 0) as inflow_amount,
        coalesce(flows.outflow_amount, 0) as outflow_amount,
        coalesce(flows.transaction_count, 0) as transaction_count,
        coalesce(flows.declined_count, 0) as declined_count,
        listed.opening_balance_amount
        + coalesce(moved_before.moved_amount, 0)
        + sum(coalesce(flows.inflow_amount - flows.outflow_amount, 0))
            over (partition by listed.account_id order by listed.snapshot_date)
            as closing_balance_amount
    from listed
    left join flows
        on listed.account_id = flows.account_id and listed.snapshot_date = flows.transaction_date
    left join moved_before on listed.account_id = moved_before.account_id
)

select
    snapshot_date,
    account_id,
    customer_id,
    account_type,
    account_status,
    {{ money('opening_balance_amount') }} as opening_balance_amount,
    {{ money('inflow_amount') }} as inflow_amount,
    {{ money('outflow_amount') }} as outflow_amount,
    {{ money('closing_balance_amount', 18) }} as closing_balance_amount,
    transaction_count,
    declined_count,
    credit_limit_amount,
    {{ pct('greatest(-closing_balance_amount, 0)', 'credit_limit_amount') }} as utilization_pct,
    closing_balance_amount < -coalesce(credit_limit_amount, 0) as is_overdrawn,
    opened_date >= first_loaded_date as is_balance_complete
from balances
