{#
    Latest record of each entity: from the last audited day that lists it, so that an entity which
    disappeared from the lists is kept. Sees all history, because any day may hold somebody's last record;
    the day of that record comes from hashing keys and dates, and only that one record is read in full.
#}
{% macro latest(records, key) -%}
    select record.*
    from {{ records }} as record
    where (record.{{ key }}, record.partition_date) in (
        select
            every.{{ key }},
            max(every.partition_date)
        from {{ records }} as every
        group by every.{{ key }}
    )
{%- endmacro %}
