{#
    Facts and what is summed up from them by date tell which dates they changed (ops.touched_dates, filled by
    triggers), until these are published. What reads them rebuilds only those dates, data tests look only at
    those, and publish compares only those.
#}

{# Post-hook: from now on note the dates whose rows change; of a relation just made, all dates. #}
{% macro follow_dates(date_column) -%}
    {%- set query -%}
        select count(*)
        from pg_trigger
        where tgrelid = to_regclass('{{ this }}') and tgname = 'note_inserted'
    {%- endset -%}
    {%- if execute and run_query(query).columns[0].values()[0] == 0 -%}
    insert into {{ source('ops', 'dated_relations') }} (relation, date_column)
    values ('{{ this.identifier }}', '{{ date_column }}')
    on conflict (relation) do update set date_column = excluded.date_column;
    insert into {{ source('ops', 'touched_dates') }} (relation, touched_date)
    values ('{{ this.identifier }}', 'infinity')
    on conflict do nothing;
    create trigger note_inserted after insert on {{ this }}
    referencing new table as touched for each statement execute function ops.note_touched_dates();
    create trigger note_deleted after delete on {{ this }}
    referencing old table as touched for each statement execute function ops.note_touched_dates();
    {%- endif -%}
{%- endmacro %}

{# Dates that changed in any of the relations, in order; starts with 'all' when all may have. #}
{% macro touched_dates(relations) -%}
    {%- set names = [relations] if relations is string else relations -%}
    {%- set query -%}
        select distinct touched_date as day, cast(touched_date as text) as day_text
        from {{ source('ops', 'touched_dates') }}
        where relation in ('{{ names | join("', '") }}')
        order by day
    {%- endset -%}
    {%- set dates = run_query(query).columns[1].values() | list if execute else [] -%}
    {{- return(['all'] + dates if 'infinity' in dates else dates) -}}
{%- endmacro %}

{# Condition: the column is a date that changed in one of the relations; true for every date when all may have.
   Literals, because PostgreSQL plans with them. #}
{% macro is_touched(column, relations) -%}
    {%- set dates = touched_dates(relations) -%}
    {%- if 'all' in dates -%}
        {{ column }} is not null
    {%- else -%}
        {{ column }} in ('{{ (dates or ['-infinity']) | join("', '") }}')
    {%- endif -%}
{%- endmacro %}

{# Condition: the column is the first day of a month in which a date changed in one of the relations. #}
{% macro is_touched_month(column, relations) -%}
    {%- set dates = touched_dates(relations) -%}
    {%- if 'all' in dates -%}
        {{ column }} is not null
    {%- else -%}
        {{ column }} in ('{{ touched_months(dates) | join("', '") }}')
    {%- endif -%}
{%- endmacro %}

{# Condition: the date lies in a month in which a date changed in one of the relations. #}
{% macro in_touched_month(column, relations) -%}
    {%- set dates = touched_dates(relations) -%}
    {%- if 'all' in dates -%}
        {{ column }} is not null
    {%- else -%}
        (
            {%- for month in touched_months(dates) %}
            {{ 'or ' if not loop.first }}({{ column }} >= '{{ month }}' and {{ column }} < date '{{ month }}' + interval '1 month')
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{# First days of the months of these dates; a day that no relation has when there are none. #}
{% macro touched_months(dates) -%}
    {%- set months = [] -%}
    {%- for day in dates if day[:7] ~ '-01' not in months -%}
        {%- do months.append(day[:7] ~ '-01') -%}
    {%- endfor -%}
    {{- return(months or ['0001-01-01']) -}}
{%- endmacro %}

{# The first date from which something that adds up over time must be made again, as a literal: the first that
   changed in one of the relations, the first day to publish, or, where the relation has a row for each day, the first
   that it does not hold. #}
{% macro first_touched(relations, date_column=none) -%}
    {%- set dates = touched_dates(relations) -%}
    {%- if 'all' in dates or not is_incremental() -%}
        '-infinity'
    {%- else -%}
        {%- if date_column and execute -%}
            {%- set query = "select coalesce(cast(max(" ~ date_column ~ ") + 1 as text), '-infinity') from " ~ this -%}
            {%- do dates.append(run_query(query).columns[0].values()[0]) -%}
        {%- endif -%}
        '{{ (dates + [dirty_days()[1:11]]) | sort | first }}'
    {%- endif -%}
{%- endmacro %}

{# Pre-hook of a relation that is summed up from facts by date: makes room for what is built again. #}
{% macro delete_touched(date_column, relations) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ is_touched(date_column, relations) }}
    {%- endif -%}
{%- endmacro %}

{# The same of a relation by month. #}
{% macro delete_touched_months(month_column, relations) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ is_touched_month(month_column, relations) }}
    {%- endif -%}
{%- endmacro %}

{# The same of a relation that adds up over time. #}
{% macro delete_from_first_touched(date_column, relations) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ date_column }} >= {{ first_touched(relations, date_column) }}
    {%- endif -%}
{%- endmacro %}

{# Condition on the rows that change: dates of a dated relation, days to publish of cleaned deliveries; else empty. #}
{% macro changed_rows(relation) -%}
    {%- if relation.identifier.startswith('stg_') or relation.identifier == 'int_transactions_clean' -%}
        {{ return(is_dirty('partition_date')) }}
    {%- endif -%}
    {%- set query -%}
        select date_column
        from {{ source('ops', 'dated_relations') }}
        where relation = '{{ relation.identifier }}'
    {%- endset -%}
    {%- set date_column = run_query(query).columns[0].values() | join('') -%}
    {{- return(is_touched(date_column, relation.identifier) if date_column else '') -}}
{%- endmacro %}

{# Data tests look at the rows that change; dbt calls this for every test. All rows for a person: `fso dbt` sets FSO_TEST_ALL.
   Not a --var, which would make the next task parse the project anew. #}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [config.get('where', '')] -%}
    {%- if execute and env_var('FSO_TEST_ALL', '') != '1' -%}
        {%- do conditions.append(changed_rows(relation)) -%}
    {%- endif -%}
    {%- set where = conditions | select | join(') and (') -%}
    {%- if where -%}
        (select * from {{ relation }} where ({{ where }})) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
