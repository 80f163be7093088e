-- One row per delivery of a contact: a contact may be delivered by several days.
select
    interaction_id,
    customer_id,
    interaction_at,
    cast(interaction_at at time zone 'UTC' as date) as interaction_date,
    channel,
    topic,
    duration_seconds,
    satisfaction_score,
    is_resolved,
    partition_date,
    source_line
from {{ staged('operations_customer_interactions') }} as interactions
