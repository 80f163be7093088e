{% set today = data_through() %}
{% set first_month = "cast(date_trunc('month', " ~ today ~ ") - interval '11 months' as date)" %}
-- Can we generalize? Is a group different from all others of the last twelve months, or may that be chance?
-- All is made of counts, sums and sums of squares of samples; of shares, which are means of zeros and ones, the events
-- are all three. Means by Welch's statistic, shares by the two-proportion z with the pooled share; intervals of shares
-- after Wilson (1927). The normal approximation is good for thirty cases of either side and five events or more.
with shares as (
    select
        outcome as test_name,
        factor,
        member as group_name,
        'percent' as unit,
        cast(sum(base) as numeric) as n,
        cast(sum(events) as numeric) as total,
        cast(sum(events) as numeric) as squares
    from {{ ref('diagnostic_analytics') }}
    where
        month_date >= {{ first_month }}
        and factor not in ('all', 'weekday_hour')
        -- Of all cases of the month, so that there are no others to compare with.
        and factor not like '%reason'
        and outcome <> 'support_contact'
    group by outcome, factor, member
),

daily as (
    select
        sales.sale_date,
        sales.region_name,
        sum(sales.revenue) as revenue
    from {{ ref('daily_sales') }} as sales
    where sales.sale_date >= {{ first_month }}
    group by grouping sets ((sales.sale_date), (sales.sale_date, sales.region_name))
),

daily_revenue as (
    select
        'daily_revenue' as test_name,
        groups.factor,
        groups.group_name,
        'amount' as unit,
        cast(count(*) as numeric) as n,
        sum(daily.revenue) as total,
        sum(daily.revenue * daily.revenue) as squares
    from daily
    inner join {{ ref('dim_date') }} as dates on daily.sale_date = dates.full_date
    cross join
        lateral (
            values
            ('region', daily.region_name),
            (
                'day_type',
                case
                    when daily.region_name is null then case when dates.is_weekend then 'weekend' else 'weekday' end
                end
            ),
            ('quarter', case when daily.region_name is null then 'Q' || dates.quarter_number end)
        ) as groups (factor, group_name)
    where groups.group_name is not null
    group by groups.factor, groups.group_name
),

customer_months as (
    select
        'revenue_of_a_customer_in_a_month' as test_name,
        groups.factor,
        groups.group_name,
        'amount' as unit,
        cast(count(*) as numeric) as n,
        sum(months.revenue) as total,
        sum(months.revenue * months.revenue) as squares
    from {{ ref('fact_customer_monthly') }} as months
    inner join {{ ref('dim_customer') }} as customers
        on months.customer_id = customers.customer_id and customers.is_last_version
    cross join
        lateral (
            values
            ('segment', customers.segment),
            ('region', customers.region_name),
            ('generation', coalesce(customers.generation, 'unknown')),
            ('kyc_status', customers.kyc_status)
        ) as groups (factor, group_name)
    where
        months.month_date >= {{ first_month }}
        and months.sales_count > 0
    group by groups.factor, groups.group_name
),

ab_tests as (
    select
        figures.test_name,
        'arm' as factor,
        responses.arm as group_name,
        figures.unit,
        cast(sum(responses.customers) as numeric) as n,
        cast(sum(figures.total) as numeric) as total,
        cast(sum(figures.squares) as numeric) as squares
    from {{ ref('campaign_responses') }} as responses
    cross join
        lateral (
            values
            ('ab_test_conversion', 'percent', responses.buyers, responses.buyers),
            ('ab_test_lines', 'count', responses.line_count, responses.line_count_squares),
            ('ab_test_revenue', 'amount', responses.revenue, responses.revenue_squares)
        ) as figures (test_name, unit, total, squares)
    where responses.is_ab_test
    group by figures.test_name, responses.arm, figures.unit
),

samples as (
    select * from shares
    union all
    select * from daily_revenue
    union all
    select * from customer_months
    union all
    select * from ab_tests
),

with_others as (
    select
        *,
        sum(n) over others - n as other_n,
        sum(total) over others - total as other_total,
        sum(squares) over others - squares as other_squares
    from samples
    window others as (partition by test_name, factor)
),

estimated as (
    select
        *,
        case unit when 'percent' then 100 else 1 end as scale,
        total / nullif(n, 0) as estimate,
        other_total / nullif(other_n, 0) as other_estimate,
        {{ sample_variance('n', 'total', 'squares') }} / nullif(n, 0) as error_square,
        {{ sample_variance('other_n', 'other_total', 'other_squares') }} / nullif(other_n, 0) as other_error_square,
        (total + other_total) / nullif(n + other_n, 0) as pooled,
        n >= 30 and other_n >= 30 and (unit <> 'percent' or total + other_total >= 5) as is_large_enough
    from with_others
),

compared as (
    select
        *,
        estimate - other_estimate as difference,
        sqrt(error_square + other_error_square) as difference_error,
        case
            when unit = 'percent'
                then sqrt(greatest(pooled * (1 - pooled), 0) * (1 / nullif(n, 0) + 1 / nullif(other_n, 0)))
            else sqrt(error_square + other_error_square)
        end as error_if_equal,
        -- Wilson's interval is not centred on the share; of means, the usual one.
        case when unit = 'percent' then 1 + {{ z_95() }} ^ 2 / nullif(n, 0) else 1 end as shrinkage,
        case when unit = 'percent' then {{ z_95() }} ^ 2 / (2 * nullif(n, 0)) else 0 end as shift,
        case
            when unit = 'percent'
                then sqrt(estimate * (1 - estimate) / nullif(n, 0) + {{ z_95() }} ^ 2 / (4 * nullif(n, 0) ^ 2))
            else sqrt(error_square)
        end as interval_error
    from estimated
),

tested as (
    select
        *,
        case when is_large_enough then difference / nullif(error_if_equal, 0) end as z
    from compared
)

select
    test_name,
    factor,
    group_name,
    unit,
    cast(n as bigint) as sample_size,
    cast(scale * estimate as numeric(18, 4)) as estimate,
    cast(scale * sqrt(error_square) as numeric(18, 4)) as standard_error,
    cast(scale * (estimate + shift - {{ z_95() }} * interval_error) / shrinkage as numeric(18, 4)) as ci_low,
    cast(scale * (estimate + shift + {{ z_95() }} * interval_error) / shrinkage as numeric(18, 4)) as ci_high,
    cast(other_n as bigint) as other_sample_size,
    cast(scale * other_estimate as numeric(18, 4)) as other_estimate,
    cast(scale * difference as numeric(18, 4)) as difference,
    cast(scale * (difference - {{ z_95() }} * difference_error) as numeric(18, 4)) as difference_ci_low,
    cast(scale * (difference + {{ z_95() }} * difference_error) as numeric(18, 4)) as difference_ci_high,
    cast(estimate / nullif(other_estimate, 0) as numeric(18, 4)) as ratio,
    cast(z as numeric(18, 4)) as z_statistic,
    {{ p_value('z') }} as p_value,
    {{ p_value('z') }} < 0.05 as is_significant
from tested
where n > 0
