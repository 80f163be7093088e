{#
    What "now" and "complete" mean without a clock: the last audited day, and months whose days are all audited.
#}

{# The last audited day, as a scalar. #}
{% macro data_through() -%}
    (select max(audited.partition_date) from {{ source('ops', 'audited_partitions') }} as audited)
{%- endmacro %}

{# Months with audited days, and whether they have all of them. #}
{% macro loaded_months() -%}
    (
        select
            cast(date_trunc('month', audited.partition_date) as date) as month_date,
            count(*) = extract(day from date_trunc('month', min(audited.partition_date)) + interval '1 month - 1 day')
                as is_complete
        from {{ source('ops', 'audited_partitions') }} as audited
        group by cast(date_trunc('month', audited.partition_date) as date)
    )
{%- endmacro %}
