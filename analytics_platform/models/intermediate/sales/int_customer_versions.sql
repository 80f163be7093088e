{{ config(materialized='table', post_hook='{{ note_build() }}', indexes=[{'columns': ['customer_id']}]) }}

with versions as (
    {{ versions(ref('stg_customers'), 'customer_id', [
        'user_id', 'first_name', 'last_name', 'email', 'phone', 'birth_date', 'gender', 'city', 'state', 'region',
        'postal_code', 'segment', 'loyalty_tier', 'preferred_channel', 'signup_date', 'is_active',
    ]) }}
)

select
    *,
    {{ dbt.hash("customer_id || '|' || to_char(valid_from, 'YYYY-MM-DD')") }} as customer_key
from versions
