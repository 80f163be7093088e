-- One row per delivery of a movement, with who owned the account on the day of the movement.
select
    transactions.*,
    accounts.customer_id,
    accounts.account_type,
    accounts.valid_from as account_valid_from
from {{ ref('stg_transactions') }} as transactions
left join {{ ref('int_account_versions') }} as accounts
    on
        transactions.account_id = accounts.account_id
        and transactions.transaction_date >= accounts.applies_from
        and transactions.transaction_date < accounts.applies_to
