{{ config(materialized='table', post_hook='{{ note_build() }}') }}

-- Who a user was when.
{{ versions(ref('stg_users'), 'user_id', [
    'full_name', 'email', 'country', 'signup_channel', 'device', 'registered_at', 'is_deleted',
]) }}
