{#
    How facts of events stay equal to what a full rebuild would give, whatever the order of loads, at a cost
    that depends on the days to rebuild and not on the history behind them.

    An event may be delivered by several days, and the first day (lowest partition_date) wins. A day is dirty
    when its present load is not yet published: it may be new, reloaded, withdrawn in part, or no longer
    audited. Days that are clean hold what they held when the fact was built. So per event:
      a. the fact's row is from a clean day      -> it competes with what the dirty days deliver
      b. the fact's row is from a dirty day that
         no longer delivers the event            -> the next delivery, of any day, takes its place
      c. the fact has no row                     -> the first of the dirty days' deliveries
    An event that no audited day delivers any more is deleted by `delete_withdrawn`, the post-hook.

    Keys that are looked up by the event's date (version of the customer, region of the store, owner of the
    account), in facts that have a date_key, can become stale in rows of clean days. A load of day D begins, moves or ends versions from D on
    only; so only rows dated D or later can change, and rows that precede every version of what they refer to
    (is_key_assumed), because the earliest version stands in for them. Those are looked up again too, and
    written again only when a key has changed (`unless_held`).
#}

{# Days to rebuild, in order, as SQL literals: constants, because PostgreSQL skips the partitions of staging
   for constants only. When nothing is dirty: a day that no partition has. #}
{% macro dirty_days() -%}
    {%- set query = "select partition_date from " ~ source('ops', 'dirty_partitions') ~ " order by 1" %}
    {%- set days = run_query(query).columns[0].values() | map('string') | list if execute else [] -%}
    '{{ (days or ['9999-12-31']) | join("', '") }}'
{%- endmacro %}

{# Condition: the column is a dirty day. #}
{% macro is_dirty(column) -%}
    {{ column }} in ({{ dirty_days() }})
{%- endmacro %}

{# The winning delivery of each event that has to be built.
   events: model with one row per event and delivering day; key: the event's id; date_key: column of the
   fact that holds the event's day as 20260131, of facts that look keys up by the event's date. #}
{% macro first_deliveries(events, key, date_key=none) %}
    {% if not is_incremental() %}
    select distinct on ({{ key }}) *
    from {{ ref(events) }}
    order by {{ key }}, partition_date
    {% else %}
    with delivered as (
        select *
        from {{ ref(events) }}
        where {{ is_dirty('partition_date') }}
    ),

    -- Rows of clean days that a dirty day may concern. Materialized: without statistics, which tables just made lack, a
    -- join could look them up anew for each event.
    kept as materialized (
        {% if date_key %}
        select {{ key }}, partition_date
        from {{ this }}
        where
            ({{ date_key }} >= {{ dirty_days()[1:11] | replace('-', '') }} or is_key_assumed)
            and not {{ is_dirty('partition_date') }}
        union
        {% endif %}
        -- An array, and no join: its ids are looked up in the index, of each month if there are partitions.
        select {{ key }}, partition_date
        from {{ this }}
        where
            {{ key }} = any(array(select delivered.{{ key }} from delivered))
            and not {{ is_dirty('partition_date') }}
    ),

    withdrawn as materialized (
        select {{ key }}
        from (
            select {{ key }}, partition_date
            from {{ this }}
            where {{ is_dirty('partition_date') }}
            except
            select {{ key }}, partition_date
            from delivered
        ) as gone
    ),

    candidates as (
        select * from delivered
        union all
        select event.*
        from {{ ref(events) }} as event
        inner join kept on event.{{ key }} = kept.{{ key }} and event.partition_date = kept.partition_date
        union all
        select event.*
        from {{ ref(events) }} as event
        inner join withdrawn on event.{{ key }} = withdrawn.{{ key }}
    )

    select distinct on ({{ key }}) *
    from candidates
    order by {{ key }}, partition_date
    {% endif %}
{% endmacro %}

{# Leaves out what the fact already holds: the same delivery, of a clean day, with the same looked-up keys.
   partition_by: the date of facts with partitions. The same delivery has the same one, so one month is looked into. #}
{% macro unless_held(built, key, looked_up=[], partition_by=none) %}
    {% if is_incremental() %}
    where not exists (
        select 1
        from {{ this }} as held
        where
            held.{{ key }} = {{ built }}.{{ key }}
            and held.partition_date = {{ built }}.partition_date
            {% if partition_by %}
            and held.{{ partition_by }} = {{ built }}.{{ partition_by }}
            {% endif %}
            and not {{ is_dirty('held.partition_date') }}
            {% for column in looked_up %}
            and held.{{ column }} is not distinct from {{ built }}.{{ column }}
            {% endfor %}
    )
    {% endif %}
{% endmacro %}

{# Post-hook: rows whose delivery is gone and whose event no other day delivers. #}
{% macro delete_withdrawn(events, key) %}
    {%- set days = dirty_days() -%}
    {# Of many days at once the planner knows nothing yet: it would compare each row with each. #}
    {%- if ',' in days %}
    analyze {{ this }};
    {%- endif %}
    delete from {{ this }} as fact
    where
        fact.partition_date in ({{ days }})
        and not exists (
            select 1
            from {{ ref(events) }} as event
            where event.{{ key }} = fact.{{ key }} and event.partition_date = fact.partition_date
        )
{% endmacro %}

{# Pre-hook of a fact that is made of daily lists: makes room for what the dirty days list now. #}
{% macro delete_dirty_days() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where {{ is_dirty('partition_date') }}
    {%- endif -%}
{%- endmacro %}
