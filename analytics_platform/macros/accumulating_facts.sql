{#
    Facts with one row per entity that several events fill in: a shipment leaves, arrives, comes back. The events
    are an incremental relation of intermediate whose dates are followed; so the entities to build again are those
    with an event on a date that changed. Those that the fact holds with a milestone on such a date are among
    them: their event may have been withdrawn. Whoever has no event left is deleted.
#}

{# Events of the entities to build; all events in a build from scratch.
   events: incremental relation of events; key: the entity's id; milestones: the fact's dates of the events. #}
{% macro events_to_accumulate(events, key, milestones) %}
    select *
    from {{ ref(events) }}
    {% if is_incremental() %}
    where {{ key }} in (
        select {{ key }}
        from {{ ref(events) }}
        where {{ is_touched('event_date', events) }}
        union
        select {{ key }}
        from {{ this }}
        where {{ has_touched_milestone(events, milestones) }}
    )
    {% endif %}
{% endmacro %}

{# Condition on the fact's rows: one of the milestones is on a date on which events changed. #}
{% macro has_touched_milestone(events, milestones) -%}
    {%- for milestone in milestones %}
        {{- ' or ' if not loop.first }}{{ is_touched(milestone, events) }}
    {%- endfor -%}
{%- endmacro %}

{# Leaves out what the fact already holds like this, so that only what changes is written. #}
{% macro unless_same(built, key) %}
    {% if is_incremental() %}
    where not exists (
        select 1
        from {{ this }} as held
        where held.{{ key }} = {{ built }}.{{ key }} and to_jsonb(held) = to_jsonb({{ built }})
    )
    {% endif %}
{% endmacro %}

{# Post-hook: entities all of whose events were withdrawn. #}
{% macro delete_without_events(events, key, milestones) %}
    delete from {{ this }} as fact
    where
        ({{ has_touched_milestone(events, milestones) }})
        and not exists (
            select 1
            from {{ ref(events) }} as event
            where event.{{ key }} = fact.{{ key }}
        )
{% endmacro %}
