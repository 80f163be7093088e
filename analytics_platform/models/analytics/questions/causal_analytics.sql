{% set today = data_through() %}
-- What causes what? Campaigns and late parcels compare with what would have been otherwise: with those held back or not
-- addressed, and with the same customers two days earlier. The economy and what customers buy most only go together
-- with what they may cause.
with arms as (
    select
        campaign_id,
        arm,
        channel,
        objective,
        is_ab_test,
        cast(customers as numeric) as n,
        cast(line_count as numeric) as total,
        cast(line_count_squares as numeric) as squares,
        revenue,
        cost_amount
    from {{ ref('campaign_responses') }}
),

campaigns as (
    select
        treated.campaign_id,
        treated.channel,
        treated.objective,
        treated.is_ab_test,
        treated.n,
        controls.n as control_n,
        treated.total,
        treated.n * ({{ sample_variance('treated.n', 'treated.total', 'treated.squares') }}) as variance,
        -- What those treated would have bought at the rate of their own campaign's control.
        treated.n * controls.total / controls.n as expected_total,
        treated.n ^ 2 / controls.n * ({{ sample_variance('controls.n', 'controls.total', 'controls.squares') }})
            as expected_variance,
        treated.revenue - treated.n * controls.revenue / controls.n as incremental_revenue,
        treated.cost_amount
    from arms as treated
    inner join arms as controls on treated.campaign_id = controls.campaign_id
    where treated.arm = 'treatment' and controls.arm = 'control'
),

campaign_groups as (
    select
        groups.analysis,
        groups.cause,
        sum(campaigns.n) as n,
        sum(campaigns.control_n) as control_n,
        sum(campaigns.total) / sum(campaigns.n) as treated_value,
        sum(campaigns.expected_total) / sum(campaigns.n) as control_value,
        sum(campaigns.total) / nullif(sum(campaigns.expected_total), 0) as ratio,
        -- Error of the logarithm of a ratio (delta method).
        sqrt(
            sum(campaigns.variance) / nullif(sum(campaigns.total), 0) ^ 2
            + sum(campaigns.expected_variance) / nullif(sum(campaigns.expected_total), 0) ^ 2
        ) as log_error,
        sum(campaigns.incremental_revenue) as incremental_revenue,
        sum(campaigns.cost_amount) as cost_amount
    from campaigns
    cross join
        lateral (
            values
            ('campaign_channel', case when not campaigns.is_ab_test then campaigns.channel end),
            ('campaign_objective', case when not campaigns.is_ab_test then campaigns.objective end),
            ('campaign_ab_test', case when campaigns.is_ab_test then 'promotion' end),
            ('campaign', campaigns.campaign_id)
        ) as groups (analysis, cause)
    where groups.cause is not null
    group by groups.analysis, groups.cause
),

campaign_effects as (
    select
        analysis,
        cause,
        'lines_bought_in_seven_days' as effect,
        0 as lag_months,
        n as sample_size,
        control_n as control_size,
        treated_value,
        control_value,
        treated_value - control_value as effect_value,
        100 * (ratio - 1) as lift_pct,
        100 * (exp(ln(nullif(ratio, 0)) - {{ z_95() }} * log_error) - 1) as ci_low,
        100 * (exp(ln(nullif(ratio, 0)) + {{ z_95() }} * log_error) - 1) as ci_high,
        ln(nullif(ratio, 0)) / nullif(log_error, 0) as z,
        cast(null as numeric) as correlation,
        incremental_revenue,
        cost_amount
    from campaign_groups
),

-- Growth of sales against how the figure has changed some months before; both against the year before.
leads as (
    select
        trends.indicator,
        lags.lag_months,
        cast(count(*) as numeric) as n,
        sum(trends.indicator_change) as sum_x,
        sum(later.revenue_growth_pct) as sum_y,
        sum(trends.indicator_change * trends.indicator_change) as sum_xx,
        sum(later.revenue_growth_pct * later.revenue_growth_pct) as sum_yy,
        sum(trends.indicator_change * later.revenue_growth_pct) as sum_xy
    from {{ ref('economic_trends') }} as trends
    cross join generate_series(0, 6) as lags (lag_months)
    inner join {{ ref('economic_trends') }} as later
        on
            trends.indicator = later.indicator
            and trends.month_date + interval '1 month' * lags.lag_months = later.month_date
    where trends.indicator_change is not null and later.revenue_growth_pct is not null
    group by trends.indicator, lags.lag_months
),

fitted as (
    select
        *,
        {{ correlation('n', 'sum_x', 'sum_y', 'sum_xx', 'sum_yy', 'sum_xy') }} as correlation,
        (n * sum_xy - sum_x * sum_y) / nullif(n * sum_xx - sum_x * sum_x, 0) as slope,
        sqrt(
            greatest(n * sum_yy - sum_y * sum_y, 0) / nullif(n * sum_xx - sum_x * sum_x, 0)
        ) as spread_ratio
    from leads
    where n >= 6
),

economic_effects as (
    select
        'economy' as analysis,
        indicator as cause,
        'revenue_growth_pct' as effect,
        lag_months,
        n as sample_size,
        cast(null as numeric) as control_size,
        cast(null as numeric) as treated_value,
        cast(null as numeric) as control_value,
        slope as effect_value,
        cast(null as numeric) as lift_pct,
        slope - {{ z_95() }} * spread_ratio * sqrt(greatest(1 - correlation * correlation, 0) / (n - 2)) as ci_low,
        slope + {{ z_95() }} * spread_ratio * sqrt(greatest(1 - correlation * correlation, 0) / (n - 2)) as ci_high,
        -- Fisher's transformation makes a correlation normal.
        0.5 * ln((1 + correlation) / nullif(1 - correlation, 0)) * sqrt(n - 3) as z,
        correlation,
        cast(null as numeric) as incremental_revenue,
        cast(null as numeric) as cost_amount
    from fitted
    where abs(correlation) < 1
),

-- Parcels of five weeks that were not there on the promised day.
late_parcels as (
    select
        sales.customer_id,
        shipments.promised_date
    from {{ ref('fact_shipments') }} as shipments
    inner join {{ ref('fact_sales') }} as sales on shipments.sale_id = sales.sale_id
    where
        shipments.sold_date > {{ today }} - 35
        -- Which sales these are is known by number; that they are of the same days saves looking through all.
        and sales.sale_date > {{ today }} - 35
        and shipments.promised_date < {{ today }}
        and coalesce(shipments.delivered_date > shipments.promised_date, true)
),

delivery_contacts as (
    select distinct
        customer_id,
        interaction_date
    from {{ ref('fact_interactions') }}
    where interaction_date > {{ today }} - 36 and topic = 'delivery'
),

waiting as (
    select
        cast(count(*) as numeric) as n,
        cast(count(after.customer_id) as numeric) as treated_total,
        cast(count(earlier.customer_id) as numeric) as control_total
    from late_parcels
    left join delivery_contacts as after
        on late_parcels.customer_id = after.customer_id and late_parcels.promised_date + 1 = after.interaction_date
    left join delivery_contacts as earlier
        on late_parcels.customer_id = earlier.customer_id and late_parcels.promised_date - 1 = earlier.interaction_date
),

late_parcel_shares as (
    select
        n,
        treated_total / nullif(n, 0) as treated_value,
        control_total / nullif(n, 0) as control_value,
        sqrt((treated_total * (n - treated_total) + control_total * (n - control_total)) / nullif(n, 0) ^ 3) as error
    from waiting
),

late_parcel_effects as (
    select
        'late_delivery' as analysis,
        'parcel_not_there_when_promised' as cause,
        'share_contacting_support_next_day' as effect,
        0 as lag_months,
        n as sample_size,
        n as control_size,
        treated_value,
        control_value,
        treated_value - control_value as effect_value,
        100 * (treated_value / nullif(control_value, 0) - 1) as lift_pct,
        treated_value - control_value - {{ z_95() }} * error as ci_low,
        treated_value - control_value + {{ z_95() }} * error as ci_high,
        (treated_value - control_value) / nullif(error, 0) as z,
        cast(null as numeric) as correlation,
        cast(null as numeric) as incremental_revenue,
        cast(null as numeric) as cost_amount
    from late_parcel_shares
),

-- The category on which each customer spent most in thirty days.
spending as (
    select
        sales.customer_id,
        products.category,
        sum(sales.revenue) as revenue
    from {{ ref('fact_sales') }} as sales
    inner join {{ ref('dim_product') }} as products on sales.product_id = products.product_id
    where sales.sale_date > {{ today }} - 30
    group by sales.customer_id, products.category
),

favourites as (
    select distinct on (customer_id)
        customer_id,
        category
    from spending
    order by customer_id asc, revenue desc, category asc
),

values_by_category as (
    select
        favourites.category,
        cast(count(*) as numeric) as n,
        sum(customers.customer_lifetime_value) as total,
        sum(customers.customer_lifetime_value * customers.customer_lifetime_value) as squares
    from favourites
    inner join {{ ref('predictive_analytics') }} as customers on favourites.customer_id = customers.customer_id
    group by favourites.category
),

with_others as (
    select
        *,
        sum(n) over () - n as other_n,
        sum(total) over () - total as other_total,
        sum(squares) over () - squares as other_squares
    from values_by_category
),

category_values as (
    select
        category,
        n,
        other_n,
        total / n as treated_value,
        other_total / nullif(other_n, 0) as control_value,
        sqrt(
            ({{ sample_variance('n', 'total', 'squares') }}) / n
            + ({{ sample_variance('other_n', 'other_total', 'other_squares') }}) / nullif(other_n, 0)
        ) as error
    from with_others
),

product_effects as (
    select
        'product' as analysis,
        category as cause,
        'customer_lifetime_value' as effect,
        0 as lag_months,
        n as sample_size,
        other_n as control_size,
        treated_value,
        control_value,
        treated_value - control_value as effect_value,
        100 * (treated_value / nullif(control_value, 0) - 1) as lift_pct,
        treated_value - control_value - {{ z_95() }} * error as ci_low,
        treated_value - control_value + {{ z_95() }} * error as ci_high,
        (treated_value - control_value) / nullif(error, 0) as z,
        cast(null as numeric) as correlation,
        cast(null as numeric) as incremental_revenue,
        cast(null as numeric) as cost_amount
    from category_values
),

all_effects as (
    select * from campaign_effects
    union all
    select * from economic_effects
    union all
    select * from late_parcel_effects
    union all
    select * from product_effects
),

-- The normal approximation needs samples of some size; Fisher's transformation does not.
effects as (
    select
        *,
        case when analysis = 'economy' or (sample_size >= 30 and control_size >= 30) then z end as tested_z
    from all_effects
)

select
    analysis,
    cause,
    effect,
    lag_months,
    cast(sample_size as bigint) as sample_size,
    cast(control_size as bigint) as control_size,
    cast(treated_value as numeric(18, 4)) as treated_value,
    cast(control_value as numeric(18, 4)) as control_value,
    cast(effect_value as numeric(18, 4)) as effect_value,
    cast(lift_pct as numeric(18, 4)) as lift_pct,
    cast(ci_low as numeric(18, 4)) as ci_low,
    cast(ci_high as numeric(18, 4)) as ci_high,
    cast(correlation as numeric(8, 4)) as correlation,
    {{ p_value('tested_z') }} as p_value,
    {{ p_value('tested_z') }} < 0.05 as is_significant,
    {{ money('incremental_revenue', 18) }} as incremental_revenue,
    {{ money('cost_amount', 18) }} as cost_amount,
    {{ pct('incremental_revenue - cost_amount', 'cost_amount') }} as return_on_cost_pct
from effects
