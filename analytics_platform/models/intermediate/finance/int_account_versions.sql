{{ config(materialized='table', post_hook='{{ note_build() }}', indexes=[{'columns': ['account_id']}]) }}

-- Whose account it was when, and in what state.
{{ versions(ref('stg_accounts'), 'account_id', [
    'customer_id', 'account_type', 'account_status', 'opened_date', 'opening_balance_amount', 'credit_limit_amount',
]) }}
