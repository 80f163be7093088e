select
    onboarding_id,
    user_id,
    kyc_status,
    document_type,
    submitted_at,
    decided_at,
    rejection_reason,
    updated_at as source_updated_at,
    partition_date,
    source_line
from {{ staged('operations_onboarding') }} as onboarding
