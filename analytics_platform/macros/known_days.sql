{#
    What is counted on the day on which it became known (the partition_date of a fact's row) adds up day by day: a load
    of day D changes D and the days after it, nothing before. Rows from the first day to publish on are made again, on
    top of the last loaded day before it. All are when one of the facts was made anew. On days that were not loaded
    nothing becomes known: they have no rows.
#}

{# The first day to make, as a literal: the first one to publish. #}
{% macro first_day_to_count(relations) -%}
    {%- if not execute or not is_incremental() or 'all' in touched_dates(relations) -%}
        '-infinity'
    {%- else -%}
        '{{ dirty_days()[1:11] }}'
    {%- endif -%}
{%- endmacro %}

{# Pre-hook: makes room for these days. #}
{% macro delete_from_first_day_to_count(date_column, relations) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ date_column }} >= {{ first_day_to_count(relations) }}
    {%- endif -%}
{%- endmacro %}

{# The first day of the month of the first date that changed, as a literal, and the pre-hook that makes room from there
   on: for sums by month of events that are told together with earlier ones (a return with its sale). #}
{% macro first_touched_month(relations) -%}
    cast(date_trunc('month', cast({{ first_touched(relations) }} as timestamp)) as date)
{%- endmacro %}

{% macro delete_from_first_touched_month(month_column, relations) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ month_column }} >= {{ first_touched_month(relations) }}
    {%- endif -%}
{%- endmacro %}
