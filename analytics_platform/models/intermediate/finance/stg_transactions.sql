-- One row per delivery of a movement: a movement may be delivered by several days.
select
    transaction_id,
    account_id,
    merchant_id,
    transacted_at,
    cast(transacted_at at time zone 'UTC' as date) as transaction_date,
    transaction_type,
    channel,
    transaction_amount,
    {{ money('abs(transaction_amount)') }} as transaction_amount_abs,
    status as transaction_status,
    decline_reason,
    is_card_present,
    is_fraud,
    reference,
    partition_date,
    source_line
from {{ staged('finance_transactions') }} as transactions
