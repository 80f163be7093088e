{# Percentage with two decimals; null when there is nothing to divide by. #}
{% macro pct(numerator, denominator) -%}
    cast(100.0 * ({{ numerator }}) / nullif({{ denominator }}, 0) as numeric(14, 2))
{%- endmacro %}
