{{ config(materialized='table', indexes=[{'columns': ['account_id']}]) }}

-- Whose account it was when.
{{ versions(ref('stg_accounts'), 'account_id', ['customer_id', 'account_type']) }}
