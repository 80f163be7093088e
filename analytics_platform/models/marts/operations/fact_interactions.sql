{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='interaction_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('stg_customer_interactions', 'interaction_id') }}",
        "{{ follow_dates('interaction_date') }}",
    ],
    indexes=[
        {'columns': ['date_key']},
        {'columns': ['interaction_date']},
        {'columns': ['customer_key']},
        {'columns': ['partition_date']},
        {'columns': ['is_key_assumed']},
    ],
) }}

-- How rows are kept right under reloads, repeated deliveries and withdrawals: macros/incremental_facts.sql.
with interactions as (
    {{ first_deliveries('stg_customer_interactions', key='interaction_id', date_key='date_key') }}
),

resolved as (
    select
        interactions.*,
        customers.customer_key,
        coalesce(interactions.interaction_date < customers.valid_from, true) as is_key_assumed
    from interactions
    left join {{ ref('int_customer_versions') }} as customers
        on
            interactions.customer_id = customers.customer_id
            and interactions.interaction_date >= customers.applies_from
            and interactions.interaction_date < customers.applies_to
)

select
    interaction_id,
    interaction_at,
    interaction_date,
    {{ date_key('interaction_date') }} as date_key,
    customer_id,
    customer_key,
    channel,
    topic,
    duration_seconds,
    satisfaction_score,
    is_resolved,
    is_key_assumed,
    interaction_date < partition_date as is_late,
    partition_date,
    source_line
from resolved
{{ unless_held('resolved', key='interaction_id', looked_up=['customer_key', 'is_key_assumed']) }}
