{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_months('month_date', 'fact_ledger') }}",
    post_hook="{{ follow_dates('month_date') }}",
) }}

-- The ledger by month, account and cost center: what statements by month are made of.
with entries as (
    select
        cast(date_trunc('month', posting_date) as date) as month_date,
        posting_date,
        gl_account,
        cost_center,
        debit_amount,
        credit_amount
    from {{ ref('fact_ledger') }}
    where {{ in_touched_month('posting_date', 'fact_ledger') if is_incremental() else 'true' }}
),

months as (
    select
        month_date,
        count(distinct posting_date) as loaded_days
    from entries
    group by month_date
)

select
    entries.month_date,
    entries.gl_account,
    entries.cost_center,
    count(*) as entry_count,
    {{ money('sum(entries.debit_amount)', 18) }} as debit_amount,
    {{ money('sum(entries.credit_amount)', 18) }} as credit_amount,
    {{ money('sum(entries.debit_amount - entries.credit_amount)', 18) }} as net_amount,
    months.loaded_days = extract(day from entries.month_date + interval '1 month - 1 day') as is_complete
from entries
inner join months on entries.month_date = months.month_date
group by entries.month_date, entries.gl_account, entries.cost_center, months.loaded_days
