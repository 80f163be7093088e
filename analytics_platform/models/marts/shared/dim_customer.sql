{{ config(indexes=[
    {'columns': ['customer_id', 'valid_from'], 'unique': true},
    {'columns': ['user_id']},
    {'columns': ['region_id']},
]) }}

-- Type 2: one row per version. User and KYC state hang on every version as they are now (type 1).
-- Ages and tenures count to the beginning of the version, so that no row changes by the clock alone.
select
    customers.customer_key,
    customers.customer_id,
    customers.user_id,
    customers.first_name,
    customers.last_name,
    customers.first_name || ' ' || customers.last_name as full_name,
    customers.email,
    split_part(customers.email, '@', 2) as email_domain,
    customers.phone,
    customers.birth_date,
    cast(extract(year from age(customers.valid_from, customers.birth_date)) as integer) as age_years,
    case
        when customers.birth_date < date '1946-01-01' then 'silent'
        when customers.birth_date < date '1965-01-01' then 'boomer'
        when customers.birth_date < date '1981-01-01' then 'x'
        when customers.birth_date < date '1997-01-01' then 'millennial'
        when customers.birth_date is not null then 'z'
    end as generation,
    customers.gender,
    customers.city,
    customers.state,
    coalesce(regions.region_id, 0) as region_id,
    customers.region as region_name,
    customers.postal_code,
    customers.segment,
    customers.loyalty_tier,
    array_position(array['none', 'bronze', 'silver', 'gold', 'platinum'], customers.loyalty_tier) - 1 as loyalty_rank,
    customers.preferred_channel,
    customers.signup_date,
    cast(date_trunc('month', customers.signup_date) as date) as signup_month_date,
    customers.valid_from - customers.signup_date as tenure_days,
    customers.is_active,
    customers.user_id is not null as has_user,
    users.country,
    users.signup_channel,
    users.device,
    users.registered_at,
    coalesce(users.is_deleted, false) as is_user_deleted,
    coalesce(users.kyc_status, 'not_started') as kyc_status,
    coalesce(users.is_kyc_completed, false) as is_kyc_completed,
    users.kyc_document_type,
    users.kyc_submitted_at,
    users.kyc_decided_at,
    users.kyc_rejection_reason,
    customers.version_number,
    customers.valid_from,
    customers.valid_to,
    customers.is_current,
    customers.is_last_version,
    customers.source_updated_at,
    customers.partition_date,
    customers.source_line
from {{ ref('int_customer_versions') }} as customers
left join {{ ref('int_users_clean') }} as users on customers.user_id = users.user_id
left join {{ ref('dim_region') }} as regions on customers.region = regions.region_name
