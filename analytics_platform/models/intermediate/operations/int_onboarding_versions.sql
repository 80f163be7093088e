{{ config(materialized='table', post_hook='{{ note_build() }}', indexes=[{'columns': ['user_id']}]) }}

-- In what state a KYC application was when.
{{ versions(ref('stg_onboarding'), 'onboarding_id', [
    'user_id', 'kyc_status', 'document_type', 'submitted_at', 'decided_at', 'rejection_reason',
]) }}
