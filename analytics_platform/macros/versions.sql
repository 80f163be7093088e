{#
    Type 2 history of an entity from its daily lists: a pure function of audited staging, so days may be
    loaded in any order. A day that follows all others is added to the versions there are (macros/appending.sql).

    - A version begins on the day whose record differs in a tracked column from the entity's record before.
    - It is valid from that day until the next version begins (exclusive), or is open.
    - Who is on no list from some day to the last is closed on the first of these days. Who is merely missing
      on a day between two lists is not: a single record may have been quarantined.
    - Events are given the version with applies_from <= event date < applies_to: as valid_from and the next
      version's, but the first version also stands for everything before it, the last for everything after.

    The last versions are the latest records: type 1 dimensions are made of them.
#}
{% macro versions(records, key, tracked) -%}
    {%- set columns = [key] + tracked + ['source_updated_at', 'partition_date', 'source_line'] -%}
    {%- set fingerprint = 'md5(cast(row(' ~ tracked | join(', ') ~ ') as text))' -%}
    {%- set day = day_to_append() -%}
    {% if day %}
    {{ appended_versions(records, key, columns, fingerprint, day) }}
    {% else %}
    {{ all_versions(records, key, columns, fingerprint) }}
    {% endif %}
{%- endmacro %}

{% macro all_versions(records, key, columns, fingerprint) -%}
    with fingerprints as (
        select
            {{ key }},
            partition_date,
            {{ fingerprint }} as fingerprint
        from {{ records }}
    ),

    compared as (
        select
            {{ key }},
            partition_date,
            fingerprint,
            lag(fingerprint) over (partition by {{ key }} order by partition_date) as previous_fingerprint,
            max(partition_date) over (partition by {{ key }}) as last_listed_date
        from fingerprints
    ),

    days as (
        select
            partition_date as last_listed_date,
            lead(partition_date) over (order by partition_date) as closed_date
        from (select distinct partition_date from fingerprints) as listed
    ),

    starts as (
        select
            {{ key }},
            partition_date as valid_from,
            last_listed_date,
            lead(partition_date) over (partition by {{ key }} order by partition_date) as next_from,
            row_number() over (partition by {{ key }} order by partition_date) as version_number
        from compared
        where fingerprint is distinct from previous_fingerprint
    )

    select
        {% for column in columns %}
        record.{{ column }},
        {% endfor %}
        starts.valid_from,
        coalesce(starts.next_from, days.closed_date) as valid_to,
        cast(starts.version_number as integer) as version_number,
        starts.next_from is null as is_last_version,
        starts.next_from is null and days.closed_date is null as is_current,
        case when starts.version_number = 1 then date '-infinity' else starts.valid_from end as applies_from,
        coalesce(starts.next_from, date 'infinity') as applies_to
    from starts
    inner join {{ records }} as record
        on starts.{{ key }} = record.{{ key }} and starts.valid_from = record.partition_date
    inner join days on starts.last_listed_date = days.last_listed_date
{%- endmacro %}

{% macro appended_versions(records, key, columns, fingerprint, day) -%}
    with listed as (
        select
            {{ columns | join(', ') }},
            {{ fingerprint }} as fingerprint
        from {{ records }}
        where partition_date = '{{ day }}'
    ),

    held as (
        select
            *,
            {{ fingerprint }} as fingerprint
        from {{ this }}
    )

    select
        {% for column in columns %}
        held.{{ column }},
        {% endfor %}
        held.valid_from,
        case
            when not held.is_last_version then held.valid_to
            when listed.{{ key }} is null then coalesce(held.valid_to, date '{{ day }}')
            when listed.fingerprint <> held.fingerprint then date '{{ day }}'
        end as valid_to,
        held.version_number,
        held.is_last_version and coalesce(listed.fingerprint = held.fingerprint, true) as is_last_version,
        held.is_last_version and coalesce(listed.fingerprint = held.fingerprint, false) as is_current,
        held.applies_from,
        case
            when held.is_last_version and listed.fingerprint <> held.fingerprint then date '{{ day }}'
            else held.applies_to
        end as applies_to
    from held
    left join listed on held.{{ key }} = listed.{{ key }}
    union all
    select
        {% for column in columns %}
        listed.{{ column }},
        {% endfor %}
        listed.partition_date as valid_from,
        cast(null as date) as valid_to,
        coalesce(held.version_number, 0) + 1 as version_number,
        true as is_last_version,
        true as is_current,
        case when held.version_number is null then date '-infinity' else listed.partition_date end as applies_from,
        date 'infinity' as applies_to
    from listed
    left join held on listed.{{ key }} = held.{{ key }} and held.is_last_version
    where held.fingerprint is distinct from listed.fingerprint
{%- endmacro %}
