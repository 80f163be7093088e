{{ config(indexes=[{'columns': ['user_id']}, {'columns': ['decided_date']}]) }}

-- One row per KYC application in its latest state, also of users who are not customers.
select
    onboarding_id,
    user_id,
    kyc_status,
    document_type,
    rejection_reason,
    submitted_at,
    cast(submitted_at at time zone 'UTC' as date) as submitted_date,
    decided_at,
    cast(decided_at at time zone 'UTC' as date) as decided_date,
    round(cast(extract(epoch from decided_at - submitted_at) / 3600 as numeric), 2) as hours_to_decision,
    kyc_status = 'completed' as is_completed,
    kyc_status = 'rejected' as is_rejected,
    source_updated_at,
    partition_date,
    source_line
from {{ ref('int_onboarding_versions') }}
where is_last_version
