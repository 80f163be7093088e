{{ config(materialized='table', post_hook='{{ note_build() }}', indexes=[{'columns': ['application_id']}]) }}

-- What was known of each application when: handed in, decided, paid out.
{{ versions(ref('stg_credit_applications'), 'application_id', [
    'customer_id', 'account_id', 'product_type', 'applied_at', 'application_date', 'requested_amount', 'term_months',
    'annual_income_amount', 'credit_score', 'score_band', 'debt_to_income_pct', 'employment_status',
    'application_status', 'decided_at', 'decided_date', 'decline_reason', 'approved_amount', 'interest_rate_pct',
]) }}
