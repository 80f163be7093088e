{#
    Inference from sums (counts, sums, sums of squares), which add up over days and months, so that no test has to
    read single events again. Sums are numeric: those of floating point numbers depend on the order of the rows.
#}

{# Quantile of the normal distribution for intervals that hold in 95 of 100 cases. #}
{% macro z_95() -%}
    1.959964
{%- endmacro %}

{# Chance of a standard normal figure as far from 0 as this one, to either side: 2 (1 - Phi(|z|)) = erfc(|z| / sqrt(2)).
   Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.29. PostgreSQL has erfc since version 16. #}
{% macro p_value(z) -%}
    cast(round(cast(erfc(cast(abs({{ z }}) as double precision) / sqrt(2::double precision)) as numeric), 6) as numeric(8, 6))
{%- endmacro %}

{# Variance of a sample from its size, sum and sum of squares; null for fewer than two. #}
{% macro sample_variance(n, total, squares) -%}
    greatest({{ squares }} - {{ total }} * {{ total }} / nullif({{ n }}, 0), 0) / nullif({{ n }} - 1, 0)
{%- endmacro %}

{# Correlation (Pearson) of two figures from their sums; null where one of them does not vary. #}
{% macro correlation(n, sum_x, sum_y, sum_xx, sum_yy, sum_xy) -%}
    ({{ n }} * {{ sum_xy }} - {{ sum_x }} * {{ sum_y }}) / nullif(
        sqrt(
            greatest({{ n }} * {{ sum_xx }} - {{ sum_x }} * {{ sum_x }}, 0)
            * greatest({{ n }} * {{ sum_yy }} - {{ sum_y }} * {{ sum_y }}, 0)
        ), 0
    )
{%- endmacro %}
