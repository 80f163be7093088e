{# Amount of money: two decimals, one currency. Sums over many rows take 18 digits. #}
{% macro money(amount, digits=14) -%}
    cast({{ amount }} as numeric({{ digits }}, 2))
{%- endmacro %}

{# Amount of money where the condition holds, else 0. #}
{% macro money_if(condition, amount) -%}
    cast(case when {{ condition }} then {{ amount }} else 0 end as numeric(14, 2))
{%- endmacro %}

{# 1 where the condition holds, else 0: counts by being summed up. #}
{% macro count_if(condition) -%}
    cast(case when {{ condition }} then 1 else 0 end as smallint)
{%- endmacro %}
