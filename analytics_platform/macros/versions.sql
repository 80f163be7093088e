{#
    Type 2 history of an entity from its daily lists: a pure function of audited staging, so days may be
    loaded in any order. Sees all history, because a day that arrives late may begin, move or end a version.

    - A version begins on the day whose record differs in a tracked column from the entity's record before.
    - It is valid from that day until the next version begins (exclusive), or is open.
    - Who is on no list from some day to the last is closed on the first of these days. Who is merely missing
      on a day between two lists is not: a single record may have been quarantined.
    - Events are given the version with applies_from <= event date < applies_to: as valid_from and the next
      version's, but the first version also stands for everything before it, the last for everything after.
#}
{% macro versions(records, key, tracked) -%}
    with fingerprints as (
        select
            {{ key }},
            partition_date,
            md5(cast(row({{ tracked | join(', ') }}) as text)) as fingerprint
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
        record.*,
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
