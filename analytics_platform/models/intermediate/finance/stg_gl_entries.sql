-- One row per delivery of a ledger line: a line may be delivered by several days.
select
    journal_id || '-' || journal_line as ledger_entry_id,
    journal_id,
    journal_line,
    posted_at,
    cast(posted_at at time zone 'UTC' as date) as posting_date,
    gl_account,
    cost_center,
    document_type,
    document_id,
    debit_amount,
    credit_amount,
    partition_date,
    source_line
from {{ staged('finance_gl_entries') }} as entries
