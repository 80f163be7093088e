{# Rows of a staging table, of audited days only: all that any model may read of staging. #}
{% macro staged(table) -%}
    (
        select delivery.*
        from {{ source('staging', table) }} as delivery
        where delivery.partition_date in (
            select audited.partition_date from {{ source('ops', 'audited_partitions') }} as audited
        )
    )
{%- endmacro %}
