{{ config(indexes=[{'columns': ['application_date']}, {'columns': ['customer_id']}]) }}

-- The latest record of each application, made anew each time: there is one row per application, not per day.
with applications as (
    select *
    from {{ ref('int_credit_application_versions') }}
    where is_last_version
)

select
    applications.application_id,
    applications.customer_id,
    customers.customer_key,
    applications.account_id,
    applications.product_type,
    applications.applied_at,
    applications.application_date,
    {{ date_key('applications.application_date') }} as date_key,
    applications.requested_amount,
    applications.term_months,
    applications.annual_income_amount,
    applications.credit_score,
    applications.score_band,
    applications.debt_to_income_pct,
    applications.employment_status,
    applications.application_status,
    applications.application_status = 'pending' as is_pending,
    applications.application_status = 'approved' as is_approved,
    applications.application_status = 'declined' as is_declined,
    applications.decided_at,
    applications.decided_date,
    cast(extract(epoch from applications.decided_at - applications.applied_at) / 3600 as numeric(14, 2))
        as hours_to_decision,
    applications.decline_reason,
    applications.approved_amount,
    applications.interest_rate_pct,
    applications.is_current as is_listed,
    applications.source_updated_at,
    applications.partition_date,
    applications.source_line
from applications
left join {{ ref('int_customer_versions') }} as customers
    on
        applications.customer_id = customers.customer_id
        and applications.application_date >= customers.applies_from
        and applications.application_date < customers.applies_to
