{% set today = data_through() %}
{% set first_month = "cast(date_trunc('month', " ~ today ~ ") - interval '11 months' as date)" %}
{% set features = [
    'tenure_days', 'total_transactions_90d', 'transaction_amount_90d', 'sales_count_90d', 'revenue_90d', 'profit_90d',
    'interactions_90d', 'days_since_last_sale', 'customer_lifetime_value', 'churn_risk_score', 'fraud_risk_score',
    'credit_risk_score',
] %}
-- What patterns exist? Which features of customers go together, what groups of customers are like, where they live,
-- what is bought, how much of it comes from the few best, and what is unusual.
with customers as (
    select
        features.*,
        records.state,
        records.city
    from {{ ref('predictive_analytics') }} as features
    inner join {{ ref('dim_customer') }} as records
        on features.customer_id = records.customer_id and records.is_last_version
),

measured as (
    select
        customers.customer_id,
        customers.rfm_segment,
        measures.feature,
        measures.figure
    from customers
    cross join
        lateral (
            values
            {% for feature in features %}
                ('{{ feature }}', cast(customers.{{ feature }} as numeric)){{ ',' if not loop.last }}
            {% endfor %}
        ) as measures (feature, figure)
    where measures.figure is not null
),

pairs as (
    select
        first_features.feature as subject,
        second_features.feature as compared_with,
        cast(count(*) as numeric) as n,
        sum(first_features.figure) as sum_x,
        sum(second_features.figure) as sum_y,
        sum(first_features.figure * first_features.figure) as sum_xx,
        sum(second_features.figure * second_features.figure) as sum_yy,
        sum(first_features.figure * second_features.figure) as sum_xy
    from measured as first_features
    inner join measured as second_features on first_features.customer_id = second_features.customer_id
    group by first_features.feature, second_features.feature
),

-- Both triangles and the diagonal, as a heatmap shows them.
correlations as (
    select
        'correlation' as pattern,
        subject,
        compared_with,
        n as sample_size,
        {{ correlation('n', 'sum_x', 'sum_y', 'sum_xx', 'sum_yy', 'sum_xy') }} as metric_value,
        cast(null as numeric) as reference_value,
        cast(null as numeric) as score
    from pairs
),

totals as (
    select
        feature,
        cast(count(*) as numeric) as n,
        sum(figure) as total,
        sum(figure * figure) as squares
    from measured
    group by feature
),

spreads as (
    select
        feature,
        n,
        total / n as mean,
        sqrt({{ sample_variance('n', 'total', 'squares') }}) as deviation
    from totals
),

clusters as (
    select
        'cluster' as pattern,
        measured.rfm_segment as subject,
        measured.feature as compared_with,
        cast(count(*) as numeric) as sample_size,
        sum(measured.figure) / count(*) as metric_value,
        min(spreads.mean) as reference_value,
        (sum(measured.figure) / count(*) - min(spreads.mean)) / nullif(min(spreads.deviation), 0) as score
    from measured
    inner join spreads on measured.feature = spreads.feature
    where measured.rfm_segment is not null
    group by measured.rfm_segment, measured.feature
),

unusual_customers as (
    select
        'unusual_customer' as pattern,
        measured.customer_id as subject,
        measured.feature as compared_with,
        cast(1 as numeric) as sample_size,
        measured.figure as metric_value,
        spreads.mean as reference_value,
        (measured.figure - spreads.mean) / nullif(spreads.deviation, 0) as score
    from measured
    inner join spreads on measured.feature = spreads.feature
    where
        measured.feature in ('transaction_amount_90d', 'revenue_90d', 'interactions_90d', 'customer_lifetime_value')
        and abs(measured.figure - spreads.mean) > 3 * spreads.deviation
),

places as (
    select
        places.pattern,
        places.subject,
        cast(count(*) as numeric) as n,
        sum(customers.revenue_90d) as total
    from customers
    cross join
        lateral (
            values
            ('state', customers.state),
            ('city', customers.state || ' > ' || customers.city)
        ) as places (pattern, subject)
    group by places.pattern, places.subject
),

geography as (
    select
        places.pattern,
        places.subject,
        'revenue_90d' as compared_with,
        places.n as sample_size,
        places.total / places.n as metric_value,
        spreads.mean as reference_value,
        (places.total / places.n - spreads.mean) / nullif(spreads.deviation / sqrt(places.n), 0) as score
    from places
    inner join spreads on spreads.feature = 'revenue_90d'
),

-- Products that nobody bought count too, among those that the few best are a share of.
product_sales as (
    select
        products.product_id,
        products.category,
        products.subcategory,
        coalesce(sum(sums.line_count), 0) as line_count,
        coalesce(sum(sums.revenue), 0) as revenue
    from {{ ref('dim_product') }} as products
    left join {{ ref('sales_breakdowns') }} as sums
        on
            products.product_id = sums.member
            and sums.breakdown = 'product_id'
            and sums.month_date >= {{ first_month }}
    group by products.product_id, products.category, products.subcategory
),

spending as (
    select
        'spending' as pattern,
        category as subject,
        subcategory as compared_with,
        sum(line_count) as sample_size,
        sum(revenue) as metric_value,
        sum(sum(revenue)) over (partition by category) as reference_value,
        100 * sum(revenue) / nullif(sum(sum(revenue)) over (), 0) as score
    from product_sales
    group by category, subcategory
    union all
    select
        'card_spending' as pattern,
        merchants.merchant_category as subject,
        merchants.risk_level as compared_with,
        sum(sums.transaction_count) as sample_size,
        sum(sums.volume_amount) as metric_value,
        sum(sum(sums.volume_amount)) over (partition by merchants.merchant_category) as reference_value,
        100 * sum(sums.volume_amount) / nullif(sum(sum(sums.volume_amount)) over (), 0) as score
    from {{ ref('transaction_breakdowns') }} as sums
    inner join {{ ref('dim_merchant') }} as merchants on sums.member = merchants.merchant_id
    where sums.breakdown = 'merchant_id' and sums.month_date >= {{ first_month }}
    group by merchants.merchant_category, merchants.risk_level
),

best_first as (
    select
        'products' as subject,
        revenue,
        row_number() over (order by revenue desc, product_id asc) as position,
        count(*) over () as members
    from product_sales
    union all
    select
        'customers' as subject,
        revenue_90d as revenue,
        row_number() over (order by revenue_90d desc, customer_id asc) as position,
        count(*) over () as members
    from customers
),

concentration as (
    select
        'concentration' as pattern,
        best_first.subject,
        'top ' || shares.share_pct || '%' as compared_with,
        cast(
            count(*) filter (
                where best_first.position <= ceil(best_first.members * shares.share_pct / 100.0)
            ) as numeric
        )
            as sample_size,
        sum(best_first.revenue) filter (
            where best_first.position <= ceil(best_first.members * shares.share_pct / 100.0)
        ) as metric_value,
        sum(best_first.revenue) as reference_value,
        100 * sum(best_first.revenue) filter (
            where best_first.position <= ceil(best_first.members * shares.share_pct / 100.0)
        ) / nullif(sum(best_first.revenue), 0) as score
    from best_first
    cross join (values (1), (5), (10), (20), (50)) as shares (share_pct)
    group by best_first.subject, shares.share_pct
),

days as (
    select
        sales.sale_date,
        dates.day_name,
        sum(sales.revenue) as revenue
    from {{ ref('daily_sales') }} as sales
    inner join {{ ref('dim_date') }} as dates on sales.sale_date = dates.full_date
    where sales.sale_date > {{ today }} - 365
    group by sales.sale_date, dates.day_name
),

weekdays as (
    select
        day_name,
        cast(count(*) as numeric) as n,
        sum(revenue) as total,
        sum(revenue * revenue) as squares
    from days
    group by day_name
),

unusual_days as (
    select
        'unusual_day' as pattern,
        cast(days.sale_date as text) as subject,
        days.day_name as compared_with,
        weekdays.n as sample_size,
        days.revenue as metric_value,
        weekdays.total / weekdays.n as reference_value,
        (days.revenue - weekdays.total / weekdays.n)
        / nullif(sqrt({{ sample_variance('weekdays.n', 'weekdays.total', 'weekdays.squares') }}), 0) as score
    from days
    inner join weekdays on days.day_name = weekdays.day_name
),

merchant_fraud as (
    select
        member as merchant_id,
        cast(sum(attempt_count) as numeric) as n,
        cast(sum(fraud_count) as numeric) as events,
        sum(sum(fraud_count)) over () / nullif(sum(sum(attempt_count)) over (), 0) as overall_share
    from {{ ref('transaction_breakdowns') }}
    where breakdown = 'merchant_id' and member <> 'none' and month_date >= {{ first_month }}
    group by member
),

unusual_merchants as (
    select
        'unusual_merchant' as pattern,
        merchant_id as subject,
        'fraud_rate_pct' as compared_with,
        n as sample_size,
        100 * events / n as metric_value,
        100 * overall_share as reference_value,
        (events - n * overall_share) / nullif(sqrt(n * overall_share * (1 - overall_share)), 0) as score
    from merchant_fraud
    -- So many that the normal approximation is good.
    where n * overall_share >= 1 or events >= 5
),

patterns as (
    select * from correlations
    union all
    select * from clusters
    union all
    select * from unusual_customers
    union all
    select * from geography
    union all
    select * from spending
    union all
    select * from concentration
    union all
    select * from unusual_days
    where abs(score) >= 3
    union all
    select * from unusual_merchants
    where score >= 3
)

select
    pattern,
    subject,
    compared_with,
    cast(sample_size as bigint) as sample_size,
    cast(metric_value as numeric(18, 4)) as metric_value,
    cast(reference_value as numeric(18, 4)) as reference_value,
    cast(score as numeric(18, 4)) as score
from patterns
