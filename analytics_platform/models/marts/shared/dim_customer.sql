{{ config(indexes=[
    {'columns': ['customer_id', 'valid_from'], 'unique': true},
    {'columns': ['user_id']},
    {'columns': ['region_id']},
]) }}

-- Type 2: one row per version. User and KYC state hang on every version as they are now (type 1); scores and value
-- on the current one only, as of the last day.
-- Ages and tenures count to the beginning of the version, so that no row changes by the clock alone.
with totals as (
    select
        daily.customer_id,
        daily.last_sale_date,
        daily.total_sales_count,
        daily.total_revenue,
        daily.total_profit_amount - daily.total_returned_profit_amount - daily.total_touch_cost_amount
            as lifetime_value_amount
    from {{ ref('fact_customer_daily') }} as daily
    inner join {{ ref('int_customer_versions') }} as versions
        on daily.customer_id = versions.customer_id and versions.is_current
    where daily.feature_date = (select max(known.feature_date) from {{ ref('fact_customer_daily') }} as known)
),

-- Fifths of those who ever bought, 5 is best.
scores as (
    select
        customer_id,
        ntile(5) over (order by last_sale_date, customer_id) as recency_score,
        ntile(5) over (order by total_sales_count, customer_id) as frequency_score,
        ntile(5) over (order by total_revenue, customer_id) as monetary_score
    from totals
    where total_sales_count > 0
)

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
    scores.recency_score as rfm_recency_score,
    scores.frequency_score as rfm_frequency_score,
    scores.monetary_score as rfm_monetary_score,
    case
        when totals.customer_id is null then null
        when scores.customer_id is null then 'Prospects'
        when scores.recency_score >= 4 and scores.frequency_score >= 4 then 'Champions'
        when scores.recency_score >= 3 and scores.frequency_score >= 3 then 'Loyal'
        when scores.recency_score >= 3 then 'Potential'
        when greatest(scores.frequency_score, scores.monetary_score) >= 3 then 'At Risk'
        else 'Hibernating'
    end as rfm_segment,
    {{ money('totals.lifetime_value_amount', 18) }} as lifetime_value_amount,
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
left join totals on customers.customer_id = totals.customer_id and customers.is_current
left join scores on customers.customer_id = scores.customer_id and customers.is_current
