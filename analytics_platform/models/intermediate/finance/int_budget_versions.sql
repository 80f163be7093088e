{{ config(materialized='table', post_hook='{{ note_build() }}') }}

-- What was planned when: a figure changes with its review.
{{ versions(ref('stg_budgets'), 'budget_id', ['budget_month', 'gl_account', 'cost_center', 'budget_amount']) }}
