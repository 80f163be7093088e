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

{# Condition: the column is a date that changed in the relation; true for every date when all may have.
   Literals, because PostgreSQL plans with them. #}
{% macro is_touched(column, relation) -%}
    {%- set query -%}
        select cast(touched_date as text)
        from {{ source('ops', 'touched_dates') }}
        where relation = '{{ relation }}'
        order by touched_date
    {%- endset -%}
    {%- set dates = run_query(query).columns[0].values() | list if execute else [] -%}
    {%- if 'infinity' in dates -%}
        {{ column }} is not null
    {%- else -%}
        {{ column }} in ('{{ (dates or ['-infinity']) | join("', '") }}')
    {%- endif -%}
{%- endmacro %}

{# Pre-hook of a relation that is summed up from a fact by date: makes room for what is built again. #}
{% macro delete_touched(date_column, fact) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ is_touched(date_column, fact) }}
    {%- endif -%}
{%- endmacro %}

{# Data tests of a dated relation look at the dates that changed; dbt calls this for every test. #}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if execute -%}
        {%- set query -%}
            select date_column
            from {{ source('ops', 'dated_relations') }}
            where relation = '{{ relation.identifier }}'
        {%- endset -%}
        {%- set date_column = run_query(query).columns[0].values() | join('') -%}
        {%- if date_column -%}
            {%- set touched = is_touched(date_column, relation.identifier) -%}
            {%- set where = '(' ~ where ~ ') and ' ~ touched if where else touched -%}
        {%- endif -%}
    {%- endif -%}
    {%- if where -%}
        (select * from {{ relation }} where {{ where }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
