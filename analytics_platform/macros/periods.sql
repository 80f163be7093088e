{#
    Relations by day, week, month, quarter and year: as macros/dated_relations.sql for periods of any length.
#}

{# Kinds of periods: how long each is, and over how many of them a moving average goes. #}
{% macro period_types() -%}
    {{- return({
        'day': ('1 day', 7), 'week': ('7 days', 4), 'month': ('1 month', 3), 'quarter': ('3 months', 4),
        'year': ('1 year', 3),
    }) -}}
{%- endmacro %}

{# First day of the period that the day lies in. #}
{% macro period_start(type, day) -%}
    cast(date_trunc('{{ type }}', cast({{ day }} as timestamp)) as date)
{%- endmacro %}

{# Condition: the date lies in a period of this type in which a date changed in one of the relations. #}
{% macro in_touched_period(column, type, relations) -%}
    {%- set dates = touched_dates(relations) -%}
    {%- if 'all' in dates -%}
        {{ column }} is not null
    {%- else -%}
        (
            {%- for day in dates or ['0001-01-01'] %}
            {%- set start = "date_trunc('" ~ type ~ "', timestamp '" ~ day ~ "')" %}
            {{ 'or ' if not loop.first -}}
            ({{ column }} >= {{ start }} and {{ column }} < {{ start }} + interval '{{ period_types()[type][0] }}')
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{# Pre-hook of a relation by period_type and period_start_date: makes room for the periods that changed. #}
{% macro delete_touched_periods(relations) -%}
    {%- if is_incremental() -%}
    {%- set dates = touched_dates(relations) -%}
    delete from {{ this }}
    where
        {%- for type in period_types() if 'all' not in dates %}
        {{ 'or ' if not loop.first -}}
        period_type = '{{ type }}' and period_start_date in (
            {%- for day in dates or ['0001-01-01'] %}
            {{ period_start(type, "'" ~ day ~ "'") }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {%- else %}
        true
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}
