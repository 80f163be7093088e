{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='touch_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('stg_campaign_touches', 'touch_id') }}",
        "{{ follow_dates('touch_date') }}",
    ],
    indexes=[
        {'columns': ['date_key']},
        {'columns': ['touch_date']},
        {'columns': ['campaign_id']},
        {'columns': ['customer_key']},
        {'columns': ['partition_date']},
        {'columns': ['is_key_assumed']},
    ],
) }}

-- How rows are kept right under reloads, repeated deliveries and withdrawals: macros/incremental_facts.sql.
with touches as (
    {{ first_deliveries('stg_campaign_touches', key='touch_id', date_key='date_key') }}
),

resolved as (
    select
        touches.*,
        customers.customer_key,
        coalesce(touches.touch_date < customers.valid_from, true) as is_key_assumed
    from touches
    left join {{ ref('int_customer_versions') }} as customers
        on
            touches.customer_id = customers.customer_id
            and touches.touch_date >= customers.applies_from
            and touches.touch_date < customers.applies_to
)

select
    touch_id,
    campaign_id,
    customer_id,
    customer_key,
    touched_at,
    touch_date,
    {{ date_key('touch_date') }} as date_key,
    channel,
    variant,
    variant = 'control' as is_control,
    is_delivered,
    is_opened,
    is_clicked,
    cost_amount,
    is_key_assumed,
    touch_date < partition_date as is_late,
    partition_date,
    source_line
from resolved
{{ unless_held('resolved', key='touch_id', looked_up=['customer_key', 'is_key_assumed']) }}
