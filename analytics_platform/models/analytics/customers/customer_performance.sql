-- Who are the best customers, and what have they brought so far?
with last_day as (
    select max(feature_date) as feature_date
    from {{ ref('fact_customer_daily') }}
)

select
    customers.customer_id,
    last_day.feature_date as as_of_date,
    customers.full_name,
    customers.segment,
    customers.region_name,
    customers.loyalty_tier,
    customers.is_active,
    customers.signup_date,
    customers.rfm_recency_score,
    customers.rfm_frequency_score,
    customers.rfm_monetary_score,
    customers.rfm_segment,
    customers.lifetime_value_amount,
    daily.total_sales_count as sales_count,
    daily.total_units as units,
    daily.total_revenue as revenue,
    daily.total_profit_amount as profit_amount,
    {{ pct('daily.total_profit_amount', 'daily.total_revenue') }} as margin_pct,
    {{ money('daily.total_revenue / nullif(daily.total_sales_count, 0)') }} as average_sale_amount,
    {{ pct('daily.total_returned_sales_count', 'daily.total_sales_count') }} as returned_sales_pct,
    daily.total_interactions_count as interactions_count,
    daily.first_sale_date,
    daily.last_sale_date,
    {{ pct('daily.total_revenue', 'sum(daily.total_revenue) over ()') }} as revenue_share_pct,
    cast(row_number() over (order by daily.total_revenue desc, customers.customer_id asc) as integer) as revenue_rank
from last_day
inner join {{ ref('fact_customer_daily') }} as daily on last_day.feature_date = daily.feature_date
inner join {{ ref('dim_customer') }} as customers
    on daily.customer_id = customers.customer_id and customers.is_current
