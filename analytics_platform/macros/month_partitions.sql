{#
    Facts with the setting `partition_by` are tables partitioned by the month of that date
    (docs/decisions/0010-month-partitions.md). dbt-postgres knows no partitioned tables: of its own macros, these
    replace the one that makes a table and the one that brings changes in. The primary key must hold the date;
    that the id alone is unique follows from delete and insert by id, and is tested (facts_hold_each_event_once).

    The planner needs figures on the table as a whole, which autovacuum does not collect: they are collected
    when a table is made or gains a month.
#}

{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set month_of = config.get('partition_by') -%}
    {%- if temporary or not month_of -%}
    {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
    {%- else -%}
    {%- set rows = relation.identifier ~ '_rows' -%}
    {%- set columns = dbt.default__get_column_names() -%}
    {{ get_assert_columns_equivalent(sql) }}
    create temporary table {{ rows }} on commit drop as ({{ sql }});
    create table {{ relation }} {{ get_table_columns_and_constraints() }} partition by range ({{ month_of }});
    select {{ add_month_partitions(relation, rows, month_of) }};
    insert into {{ relation }} ({{ columns }}) select {{ columns }} from {{ rows }};
    analyze {{ relation }};
    {%- endif -%}
{%- endmacro %}

{% macro postgres__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {%- set month_of = config.get('partition_by') -%}
    {%- if not month_of -%}
    {{ dbt.default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) }}
    {%- else -%}
    {%- set added = run_query('select ' ~ add_month_partitions(target, source, month_of)).columns[0].values()[0] -%}
    {#- An array, because the planner would rather read all months than look the ids of a join up in each. -#}
    delete from {{ target }} where {{ unique_key }} = any(array(select {{ unique_key }} from {{ source }}));
    {{ get_insert_into_sql(target, source, dest_columns) }};
    {%- if added %}
    analyze {{ target }};
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro add_month_partitions(target, rows, month_of) -%}
    ops.add_month_partitions(
        '{{ target }}', array(select distinct cast(date_trunc('month', {{ month_of }}) as date) from {{ rows }})
    )
{%- endmacro %}
