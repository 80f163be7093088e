{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='indicator_id',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('stg_economic_indicators', 'indicator_id') }}",
        "{{ follow_dates('indicator_date') }}",
    ],
    indexes=[{'columns': ['indicator_id']}, {'columns': ['indicator_date']}, {'columns': ['partition_date']}],
) }}

-- How rows are kept right under reloads, repeated deliveries and withdrawals: macros/incremental_facts.sql.
with indicators as (
    {{ first_deliveries('stg_economic_indicators', key='indicator_id') }}
)

select
    indicator,
    indicator_date,
    {{ date_key('indicator_date') }} as date_key,
    indicator_id,
    indicator_value,
    unit,
    partition_date,
    source_line
from indicators
{{ unless_held('indicators', key='indicator_id') }}
