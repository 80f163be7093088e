-- Each version ends where the next begins, and only the last may be open.
with versions as (
    select
        customer_id,
        valid_from,
        valid_to,
        is_last_version,
        lead(valid_from) over (partition by customer_id order by valid_from) as next_from
    from {{ ref('dim_customer') }}
)

select *
from versions
where
    valid_to <= valid_from
    or (next_from is not null and valid_to is distinct from next_from)
    or is_last_version is distinct from (next_from is null)
