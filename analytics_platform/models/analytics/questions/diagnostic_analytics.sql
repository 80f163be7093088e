{% set today = data_through() %}
-- Why did it happen? How often each outcome follows where a single factor has each of its values.
-- Made anew each time, of monthly sums, of entities, and of the loan payments of thirteen months. Traits of products,
-- merchants and customers are their latest: a corrected trait corrects all months.
with movements as (
    select
        sums.month_date,
        sums.breakdown as factor,
        sums.member,
        sums.attempt_count,
        sums.declined_count,
        sums.fraud_count
    from {{ ref('transaction_breakdowns') }} as sums
    where sums.breakdown not in ('total', 'merchant_id')
    union all
    select
        sums.month_date,
        traits.factor,
        traits.member,
        sums.attempt_count,
        sums.declined_count,
        sums.fraud_count
    from {{ ref('transaction_breakdowns') }} as sums
    inner join {{ ref('dim_merchant') }} as merchants on sums.member = merchants.merchant_id
    cross join
        lateral (
            values
            ('merchant_category', merchants.merchant_category),
            ('merchant_risk', merchants.risk_level)
        ) as traits (factor, member)
    where sums.breakdown = 'merchant_id'
    union all
    select
        month_date,
        'all' as factor,
        'all' as member,
        attempt_count,
        declined_count,
        fraud_count
    from {{ ref('transaction_breakdowns') }}
    where breakdown = 'total'
),

movement_outcomes as (
    select
        month_date,
        'fraud' as outcome,
        factor,
        member,
        fraud_count as events,
        attempt_count as base
    from movements
    where factor <> 'decline_reason'
    union all
    -- A reason is known of the declined only: they are a share of all movements of the month.
    select
        month_date,
        'decline' as outcome,
        factor,
        member,
        declined_count as events,
        case when factor <> 'decline_reason' then attempt_count end as base
    from movements
    where not (factor = 'decline_reason' and member = 'none') and factor <> 'weekday_hour'
),

instalments as (
    select
        payments.month_date,
        'missed_instalment' as outcome,
        factors.factor,
        factors.member,
        payments.missed_count as events,
        payments.due_count as base
    from {{ ref('loan_performance') }} as payments
    cross join
        lateral (
            values
            ('all', 'all'),
            ('score_band', payments.score_band),
            ('product_type', payments.product_type)
        ) as factors (factor, member)
),

borrowers as (
    select
        cast(date_trunc('month', payments.event_date) as date) as month_date,
        'missed_instalment' as outcome,
        factors.factor,
        factors.member,
        count(*) filter (where payments.is_missed) as events,
        count(*) as base
    from {{ ref('fact_loan_payments') }} as payments
    inner join {{ ref('fact_credit_applications') }} as applications
        on payments.application_id = applications.application_id
    cross join
        lateral (
            values
            (
                'debt_to_income',
                case
                    when applications.debt_to_income_pct <= 20 then '20 and below'
                    when applications.debt_to_income_pct <= 36 then '21-36'
                    else 'above 36'
                end
            ),
            (
                'annual_income',
                case
                    when applications.annual_income_amount < 40000 then 'below 40000'
                    when applications.annual_income_amount < 80000 then '40000-79999'
                    else '80000 and above'
                end
            ),
            ('employment_status', applications.employment_status)
        ) as factors (factor, member)
    where
        payments.event_date >= cast(date_trunc('month', {{ today }}) - interval '12 months' as date)
        and not payments.is_late_payment
    group by cast(date_trunc('month', payments.event_date) as date), factors.factor, factors.member
),

credits as (
    select
        decisions.month_date,
        'credit_decline' as outcome,
        factors.factor,
        factors.member,
        factors.events,
        factors.base
    from {{ ref('credit_decisions') }} as decisions
    cross join
        lateral (
            values
            ('all', 'all', decisions.declined_count, decisions.approved_count + decisions.declined_count),
            (
                'score_band',
                decisions.score_band,
                decisions.declined_count,
                decisions.approved_count + decisions.declined_count
            ),
            (
                'product_type',
                decisions.product_type,
                decisions.declined_count,
                decisions.approved_count + decisions.declined_count
            ),
            ('decline_reason', 'low_score', decisions.declined_low_score_count, null),
            ('decline_reason', 'high_debt', decisions.declined_high_debt_count, null),
            ('decline_reason', 'unstable_income', decisions.declined_unstable_income_count, null),
            ('decline_reason', 'policy', decisions.declined_policy_count, null)
        ) as factors (factor, member, events, base)
),

kyc_decisions as (
    select
        cast(date_trunc('month', decisions.decided_date) as date) as month_date,
        'kyc_rejection' as outcome,
        factors.factor,
        factors.member,
        cast(decisions.is_rejected as integer) as events,
        case when factors.factor <> 'rejection_reason' then 1 end as base
    from {{ ref('fact_onboarding') }} as decisions
    cross join
        lateral (
            values
            ('all', 'all'),
            ('document_type', decisions.document_type),
            ('rejection_reason', decisions.rejection_reason)
        ) as factors (factor, member)
    where decisions.decided_date is not null and factors.member is not null
),

parcels as (
    select
        parcels.month_date,
        'late_delivery' as outcome,
        factors.factor,
        factors.member,
        parcels.late_count as events,
        parcels.delivered_count as base
    from {{ ref('delivery_performance') }} as parcels
    cross join
        lateral (
            values
            ('all', 'all'),
            ('carrier', parcels.carrier)
        ) as factors (factor, member)
),

returns as (
    select
        sales.month_date,
        'return' as outcome,
        factors.factor,
        factors.member,
        sales.returned_units as events,
        sales.units as base
    from {{ ref('product_performance') }} as sales
    left join {{ ref('dim_product') }} as products on sales.product_id = products.product_id
    cross join
        lateral (
            values
            ('all', 'all'),
            ('category', products.category),
            ('subcategory', products.category || ' > ' || products.subcategory)
        ) as factors (factor, member)
),

contacts as (
    select
        contacts.month_date,
        outcomes.outcome,
        factors.factor,
        factors.member,
        outcomes.events,
        case when factors.factor = 'all' or outcomes.outcome = 'unresolved_contact' then contacts.contact_count end
            as base
    from {{ ref('support_performance') }} as contacts
    cross join
        lateral (
            values
            ('all', 'all'),
            ('topic', contacts.topic),
            ('channel', contacts.channel)
        ) as factors (factor, member)
    cross join
        lateral (
            values
            -- What customers ask about, as a share of all contacts.
            ('support_contact', contacts.contact_count),
            ('unresolved_contact', contacts.contact_count - contacts.resolved_count)
        ) as outcomes (outcome, events)
),

-- Whoever has left never comes back: the first record that says so tells when.
departures as (
    select
        customer_id,
        cast(min(source_updated_at) at time zone 'UTC' as date) as left_date
    from {{ ref('dim_customer') }}
    where not is_active
    group by customer_id
),

lifetimes as (
    select
        latest.customer_id,
        latest.signup_date,
        latest.region_name,
        latest.segment,
        latest.generation,
        latest.preferred_channel,
        departures.left_date
    from {{ ref('dim_customer') }} as latest
    left join departures on latest.customer_id = departures.customer_id and not latest.is_active
    where latest.is_last_version
),

-- Each thirty days of each customer that are over and that began with the customer still there.
tenure_months as (
    select
        lifetimes.*,
        tenure.month_number,
        lifetimes.signup_date + 30 * tenure.month_number as ended_date,
        coalesce(lifetimes.left_date <= lifetimes.signup_date + 30 * tenure.month_number, false) as is_left
    from lifetimes
    cross join
        lateral generate_series(
            1, (least(lifetimes.left_date + 29, {{ today }}) - lifetimes.signup_date) / 30
        ) as tenure (month_number)
    where
        lifetimes.signup_date + 30 * tenure.month_number <= {{ today }}
        and lifetimes.signup_date + 30 * tenure.month_number >= date_trunc('month', {{ today }}) - interval '24 months'
),

churn as (
    select
        cast(date_trunc('month', tenure_months.ended_date) as date) as month_date,
        'churn' as outcome,
        factors.factor,
        factors.member,
        count(*) filter (where tenure_months.is_left) as events,
        count(*) as base
    from tenure_months
    cross join
        lateral (
            values
            ('all', 'all'),
            (
                'tenure_month',
                case
                    when tenure_months.month_number > 12 then '13 and later'
                    else to_char(tenure_months.month_number, 'FM00')
                end
            ),
            ('region', tenure_months.region_name),
            ('segment', tenure_months.segment),
            ('generation', tenure_months.generation),
            ('preferred_channel', tenure_months.preferred_channel)
        ) as factors (factor, member)
    group by cast(date_trunc('month', tenure_months.ended_date) as date), factors.factor, factors.member
),

-- Customers there at the beginning of a month, and whether they left in it: by what they asked for the month before.
customer_months as (
    select
        months.month_date,
        lifetimes.customer_id,
        coalesce(lifetimes.left_date < months.month_date + interval '1 month', false) as is_left,
        coalesce(earlier.interactions_count, 0) as contacts,
        coalesce(earlier.complaints_count, 0) as complaints
    from {{ loaded_months() }} as months
    inner join {{ loaded_months() }} as months_before
        on months.month_date = months_before.month_date + interval '1 month'
    inner join lifetimes
        on
            months_before.month_date > lifetimes.signup_date
            and coalesce(months.month_date <= lifetimes.left_date, true)
    left join {{ ref('fact_customer_monthly') }} as earlier
        on lifetimes.customer_id = earlier.customer_id and months_before.month_date = earlier.month_date
    where
        months.is_complete
        and months_before.is_complete
        and months.month_date >= date_trunc('month', {{ today }}) - interval '24 months'
),

churn_in_month as (
    select
        customer_months.month_date,
        'churn_in_month' as outcome,
        factors.factor,
        factors.member,
        count(*) filter (where customer_months.is_left) as events,
        count(*) as base
    from customer_months
    cross join
        lateral (
            values
            ('all', 'all'),
            (
                'contacts_month_before',
                case
                    when customer_months.contacts < 5 then 'below 5'
                    when customer_months.contacts < 10 then '5-9'
                    when customer_months.contacts < 15 then '10-14'
                    else '15 and more'
                end
            ),
            ('complaints_month_before', case when customer_months.complaints > 0 then '1 and more' else '0' end)
        ) as factors (factor, member)
    group by customer_months.month_date, factors.factor, factors.member
),

observed as (
    select * from movement_outcomes
    union all
    select * from instalments
    union all
    select * from borrowers
    union all
    select * from credits
    union all
    select * from kyc_decisions
    union all
    select * from parcels
    union all
    select * from returns
    union all
    select * from contacts
    union all
    select * from churn
    union all
    select * from churn_in_month
),

overall as (
    select
        month_date,
        outcome,
        cast(sum(events) as bigint) as events,
        cast(sum(base) as bigint) as base
    from observed
    where factor = 'all'
    group by month_date, outcome
),

-- A reason that nobody had in a month is there too, with no events: else bases would not add up over months.
reasons as (
    select distinct
        outcome,
        factor,
        member
    from observed
    where base is null
),

complete as (
    select * from observed
    union all
    select
        overall.month_date,
        reasons.outcome,
        reasons.factor,
        reasons.member,
        0 as events,
        null as base
    from overall
    inner join reasons on overall.outcome = reasons.outcome
),

summed_up as (
    select
        month_date,
        outcome,
        factor,
        coalesce(member, 'unknown') as member,
        cast(sum(events) as bigint) as events,
        cast(sum(base) as bigint) as base
    from complete
    group by month_date, outcome, factor, coalesce(member, 'unknown')
),

compared as (
    select
        summed_up.month_date,
        summed_up.outcome,
        summed_up.factor,
        summed_up.member,
        summed_up.events,
        coalesce(summed_up.base, overall.base) as base,
        overall.events as overall_events,
        overall.base as overall_base
    from summed_up
    inner join overall
        on summed_up.month_date = overall.month_date and summed_up.outcome = overall.outcome
)

select
    month_date,
    outcome,
    factor,
    member,
    events,
    base,
    {{ pct('events', 'base') }} as rate_pct,
    {{ pct('overall_events', 'overall_base') }} as overall_rate_pct,
    cast(
        cast(events as numeric) * overall_base / nullif(cast(base as numeric) * overall_events, 0) as numeric(14, 4)
    ) as lift
from compared
