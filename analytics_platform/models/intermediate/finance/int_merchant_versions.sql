{{ config(materialized='table', post_hook='{{ note_build() }}') }}

-- What a merchant was when, its risk included.
{{ versions(ref('stg_merchants'), 'merchant_id', [
    'merchant_name', 'merchant_category', 'store_id', 'city', 'state', 'region', 'risk_level', 'onboarded_date',
]) }}
