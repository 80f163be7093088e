{#
    Sums of each month by each single one of several traits, and of all: rows of (month_date, breakdown, member).
    breakdowns: columns that hold the traits, as text that is never null.
#}

{# Which trait a row is about, and its value. #}
{% macro breakdown_columns(breakdowns) -%}
    case
        {%- for breakdown in breakdowns %}
            when grouping({{ breakdown }}) = 0 then '{{ breakdown }}'
        {%- endfor %}
        else 'total'
    end as breakdown,
    coalesce({{ breakdowns | join(', ') }}, 'all') as member
{%- endmacro %}

{# What such a query groups by. #}
{% macro breakdown_groups(breakdowns) -%}
    grouping sets (
        {%- for breakdown in breakdowns %}
        (month_date, {{ breakdown }}),
        {%- endfor %}
        (month_date)
    )
{%- endmacro %}
