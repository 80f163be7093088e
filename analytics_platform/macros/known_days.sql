{#
    What is counted on the day on which it became known (the partition_date of a fact's row) adds up day by day: a load
    of day D changes D and the days after it, nothing before. Rows from the first day to publish on are made again, on
    top of the day before it. All are when one of the facts was made anew.
#}

{# The first day to make, as a literal: the first one to publish, or the first one that the relation does not hold. #}
{% macro first_day_to_count(date_column, relations) -%}
    {%- if not execute or not is_incremental() or 'all' in touched_dates(relations) -%}
        '-infinity'
    {%- else -%}
        {%- set query = "select cast(max(" ~ date_column ~ ") + 1 as text) from " ~ this -%}
        {%- set next_day = run_query(query).columns[0].values()[0] or '-infinity' -%}
        '{{ [next_day, dirty_days()[1:11]] | sort | first }}'
    {%- endif -%}
{%- endmacro %}

{# Pre-hook: makes room for these days. #}
{% macro delete_from_first_day_to_count(date_column, relations) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ date_column }} >= {{ first_day_to_count(date_column, relations) }}
    {%- endif -%}
{%- endmacro %}
