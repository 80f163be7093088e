select
    user_id,
    trim(full_name) as full_name,
    lower(trim(email)) as email,
    country,
    signup_channel,
    device,
    registered_at,
    is_deleted,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('operations_users') }} as users
