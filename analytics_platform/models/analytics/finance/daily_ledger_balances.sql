{% set first_day = first_touched('fact_ledger', 'balance_date') %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_from_first_touched('balance_date', 'fact_ledger') }}",
    post_hook="{{ follow_dates('balance_date') }}",
) }}

-- What is on each account of the ledger at the end of each day, and what moved it?
-- The ledger begins with nothing on the first loaded day: no balance of before was delivered.
with loaded as (
    select
        min(posting_date) as first_date,
        max(posting_date) as last_date
    from {{ ref('fact_ledger') }}
),

days as (
    select cast(spine.day_at as date) as balance_date
    from loaded
    cross join lateral generate_series(
        cast(greatest(loaded.first_date, cast({{ first_day }} as date)) as timestamp),
        cast(loaded.last_date as timestamp),
        interval '1 day'
    ) as spine (day_at)
),

moved as (
    select
        posting_date,
        gl_account,
        sum(debit_amount) as debit_amount,
        sum(credit_amount) as credit_amount,
        count(*) as entry_count
    from {{ ref('fact_ledger') }}
    where posting_date >= {{ first_day }}
    group by posting_date, gl_account
),

balances as (
    select
        days.balance_date,
        accounts.gl_account,
        accounts.account_name,
        accounts.statement,
        accounts.account_class,
        coalesce(moved.debit_amount, 0) as debit_amount,
        coalesce(moved.credit_amount, 0) as credit_amount,
        coalesce(moved.entry_count, 0) as entry_count,
        sum(coalesce(moved.debit_amount - moved.credit_amount, 0))
            over (partition by accounts.gl_account order by days.balance_date)
        {% if is_incremental() %}
            + coalesce((
                select held.closing_amount
                from {{ this }} as held
                where
                    held.balance_date = cast({{ first_day }} as date) - 1 and held.gl_account = accounts.gl_account
            ), 0)
        {% endif %}
            as closing_amount
    from days
    cross join {{ ref('dim_gl_account') }} as accounts
    left join moved on days.balance_date = moved.posting_date and accounts.gl_account = moved.gl_account
)

select
    balance_date,
    gl_account,
    account_name,
    statement,
    account_class,
    {{ money('closing_amount - debit_amount + credit_amount', 18) }} as opening_amount,
    {{ money('debit_amount', 18) }} as debit_amount,
    {{ money('credit_amount', 18) }} as credit_amount,
    {{ money('closing_amount', 18) }} as closing_amount,
    entry_count
from balances
