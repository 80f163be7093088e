{{ config(materialized='table') }}

-- The state of onboarding is that of the application handed in last.
with users as (
    select *
    from {{ ref('int_user_versions') }}
    where is_last_version
),

last_application as (
    select distinct on (user_id) *
    from {{ ref('int_onboarding_versions') }}
    where is_last_version
    order by user_id asc, submitted_at desc, onboarding_id desc
)

select
    users.user_id,
    users.full_name,
    users.email,
    users.country,
    users.signup_channel,
    users.device,
    users.registered_at,
    users.is_deleted,
    last_application.onboarding_id,
    last_application.document_type as kyc_document_type,
    last_application.submitted_at as kyc_submitted_at,
    last_application.decided_at as kyc_decided_at,
    last_application.rejection_reason as kyc_rejection_reason,
    coalesce(last_application.kyc_status, 'not_started') as kyc_status,
    coalesce(last_application.kyc_status = 'completed', false) as is_kyc_completed,
    users.source_updated_at,
    users.partition_date,
    users.source_line
from users
left join last_application on users.user_id = last_application.user_id
