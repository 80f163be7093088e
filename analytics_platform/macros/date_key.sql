{# Key of a day in dim_date: 20260131. #}
{% macro date_key(day) -%}
    cast(to_char({{ day }}, 'YYYYMMDD') as integer)
{%- endmacro %}
