{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='ledger_entry_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('stg_gl_entries', 'ledger_entry_id') }}",
        "{{ follow_dates('posting_date') }}",
    ],
    indexes=[
        {'columns': ['posting_date']},
        {'columns': ['document_id']},
        {'columns': ['partition_date']},
    ],
) }}

-- How rows are kept right under reloads, repeated deliveries and withdrawals: macros/incremental_facts.sql.
with entries as (
    {{ first_deliveries('stg_gl_entries', key='ledger_entry_id') }}
)

select
    ledger_entry_id,
    journal_id,
    journal_line,
    posted_at,
    posting_date,
    {{ date_key('posting_date') }} as date_key,
    gl_account,
    cost_center,
    document_type,
    document_id,
    debit_amount,
    credit_amount,
    {{ money('debit_amount - credit_amount') }} as net_amount,
    posting_date < partition_date as is_late,
    partition_date,
    source_line
from entries
{{ unless_held('entries', key='ledger_entry_id') }}
