{{ config(materialized='table', post_hook='{{ note_build() }}') }}

-- What a campaign was when, its state included.
{{ versions(ref('stg_marketing_campaigns'), 'campaign_id', [
    'campaign_name', 'channel', 'objective', 'audience', 'is_ab_test', 'discount_pct', 'start_date', 'end_date',
    'budget_amount', 'campaign_status',
]) }}
