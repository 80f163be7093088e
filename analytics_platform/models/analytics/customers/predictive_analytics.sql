{{ config(indexes=[{'columns': ['churn_risk_score']}]) }}

{#
    Scorecards: each coefficient is here, with what it says.
    churn    chance of leaving within 30 days. Odds by 30-day month of tenure (the third is when many leave) and by
             region, times what the contacts tell: who is about to leave contacts support three times as often during
             his last 30 days, that is throughout the last week and, on average over those who leave within 30 days,
             1.77 times as often in the 23 days before it. Contacts are Poisson: each contact multiplies the odds by
             that factor, and the contacts that were to be expected divide them.
    fraud    chance of a fraudulent purchase within 30 days: single thieves hit 0.4% of purchases, 6 times as often at
             night and 5 times as often online; who was hit three times within a year belongs to a ring that strikes
             every 20th night.
    credit   chance that a loan defaults: odds of 2% for the best borrowers, by band of the score, debt above 36% of
             income and income below 40,000 a year; every missed instalment that was not made up for multiplies
             them by 10. Who never applied gets the odds of the average band.
    value    Gupta and Lehmann, "Customers as Assets" (2003): yearly margin x r / (1 + i - r), with retention r of the
             coming year and 10% interest i. The margin is that of the last 90 days, less returns.
#}
{% set monthly_churn = [0.015, 0.02, 0.25, 0.02, 0.015, 0.015, 0.01] %}
{% set interest = 0.10 %}

-- What will happen? Chances and value of each customer of the last list, with all features that were known on that day.
with last_day as (
    select
        min(feature_date) as first_date,
        max(feature_date) as feature_date
    from {{ ref('customer_features') }}
),

features as (
    select
        features.*,
        customers.rfm_segment,
        least(90, features.tenure_days + 1, last_day.feature_date - last_day.first_date + 1) as observed_days,
        case when features.region_name = 'West' then 1.27 else 0.91 end as region_churn,
        features.interactions_30d - features.interactions_7d as earlier_interactions,
        least(features.tenure_days, 7) / 7.0 as last_week_share,
        least(greatest(features.tenure_days - 7, 0), 23) / 23.0 as earlier_share,
        array[{{ monthly_churn | join(', ') }}] as monthly_churn,
        least(features.tenure_days / 30, {{ monthly_churn | length - 1 }}) + 1 as tenure_month,
        (features.tenure_days % 30) / 30.0 as elapsed_share,
        features.purchases_30d * (1 + 0.05 * coalesce(features.night_transactions_pct_90d, 0))
        * (1 + 0.04 * coalesce(features.online_transactions_pct_90d, 0)) as exposed_purchases
    from last_day
    inner join {{ ref('customer_features') }} as features on last_day.feature_date = features.feature_date
    inner join {{ ref('dim_customer') }} as customers
        on features.customer_id = customers.customer_id and customers.is_current
),

-- What a customer of today usually does.
usual as (
    select
        coalesce(avg(interactions_7d) filter (where is_active), 0) as usual_interactions,
        coalesce(avg(earlier_interactions) filter (where is_active), 0) as usual_earlier_interactions,
        coalesce(sum(exposed_purchases) / nullif(sum(purchases_30d), 0), 1) as usual_exposure
    from features
),

compared as (
    select
        features.*,
        usual.*
    from features
    cross join usual
),

odds as (
    select
        *,
        -- The days to come lie in this month of tenure and in the next.
        ln(
            region_churn * (
                (1 - elapsed_share) * monthly_churn[tenure_month]
                + elapsed_share * monthly_churn[least(tenure_month + 1, {{ monthly_churn | length }})]
            )
        )
        + interactions_7d * ln(3.0) - 2 * usual_interactions * last_week_share
        + earlier_interactions * ln(1.77) - 0.77 * usual_earlier_interactions * earlier_share as churn_log_odds,
        0.004 * exposed_purchases / usual_exposure
        + case when fraud_365d >= 3 then 30 / 20.0 else 0 end as expected_frauds,
        0.02
        * case
            when credit_score is null then 2.5
            when credit_score < 640 then 6.0
            when credit_score < 700 then 3.3
            when credit_score < 760 then 1.8
            else 1.0
        end
        * case when debt_to_income_pct > 36 then 2.0 else 1.0 end
        * case when annual_income_amount < 40000 then 1.6 else 1.0 end
        * power(10.0, least(greatest(payments_missed_365d - payments_made_up_365d, 0), 6)) as default_odds
    from compared
),

scores as (
    select
        *,
        case
            when not is_active then 1
            else round(1 / (1 + exp(-least(greatest(churn_log_odds, -20), 20))), 4)
        end as churn_risk_score,
        case when is_active then round(1 - exp(-expected_frauds), 4) else 0 end as fraud_risk_score,
        round(default_odds / (1 + default_odds), 4) as credit_risk_score
    from odds
),

valued as (
    select
        *,
        greatest(profit_90d - returned_profit_90d, 0) * 365 / observed_days as yearly_margin,
        (1 - churn_risk_score) * power(1 - {{ monthly_churn[-1] }} * region_churn, 11) as retention
    from scores
)

select
    customer_id,
    feature_date as as_of_date,
    cast(churn_risk_score as numeric(5, 4)) as churn_risk_score,
    case
        when not is_active then 'left'
        when churn_risk_score > 0.7 then 'high'
        when churn_risk_score > 0.3 then 'medium'
        else 'low'
    end as churn_risk_category,
    {{ money('yearly_margin * retention / (1 + ' ~ interest ~ ' - retention)', 18) }} as customer_lifetime_value,
    cast(fraud_risk_score as numeric(5, 4)) as fraud_risk_score,
    cast(credit_risk_score as numeric(5, 4)) as credit_risk_score,
    rfm_segment,
    -- All features.
    is_active,
    segment,
    region_name,
    preferred_channel,
    loyalty_tier,
    loyalty_rank,
    age_years,
    tenure_days,
    has_user,
    kyc_status,
    is_kyc_completed,
    days_since_first_sale,
    days_since_last_sale,
    days_since_last_return,
    days_since_last_transaction,
    days_since_last_fraud,
    days_since_last_missed_payment,
    days_since_last_interaction,
    days_since_last_complaint,
    days_since_last_touch,
    total_sales_count,
    total_revenue,
    total_profit,
    total_returned_profit,
    total_touch_cost_amount,
    total_transactions,
    total_fraud,
    total_payments_missed,
    total_interactions,
    sales_count_7d,
    sales_count_30d,
    sales_count_90d,
    sales_count_180d,
    sales_count_365d,
    units_7d,
    units_30d,
    units_90d,
    units_180d,
    units_365d,
    revenue_7d,
    revenue_30d,
    revenue_90d,
    revenue_180d,
    revenue_365d,
    profit_7d,
    profit_30d,
    profit_90d,
    profit_180d,
    profit_365d,
    total_transactions_7d,
    total_transactions_30d,
    total_transactions_90d,
    total_transactions_180d,
    total_transactions_365d,
    transaction_amount_7d,
    transaction_amount_30d,
    transaction_amount_90d,
    transaction_amount_180d,
    transaction_amount_365d,
    interactions_7d,
    interactions_30d,
    interactions_90d,
    interactions_180d,
    interactions_365d,
    list_amount_30d,
    list_amount_90d,
    list_amount_365d,
    discount_amount_30d,
    discount_amount_90d,
    discount_amount_365d,
    discounted_sales_30d,
    discounted_sales_90d,
    discounted_sales_365d,
    store_sales_30d,
    store_sales_90d,
    store_sales_365d,
    online_sales_30d,
    online_sales_90d,
    online_sales_365d,
    card_sales_30d,
    card_sales_90d,
    card_sales_365d,
    returned_sales_30d,
    returned_sales_90d,
    returned_sales_365d,
    returned_profit_30d,
    returned_profit_90d,
    returned_profit_365d,
    inflow_amount_30d,
    inflow_amount_90d,
    inflow_amount_365d,
    outflow_amount_30d,
    outflow_amount_90d,
    outflow_amount_365d,
    purchases_30d,
    purchases_90d,
    purchases_365d,
    purchase_amount_30d,
    purchase_amount_90d,
    purchase_amount_365d,
    deposit_amount_30d,
    deposit_amount_90d,
    deposit_amount_365d,
    withdrawal_amount_30d,
    withdrawal_amount_90d,
    withdrawal_amount_365d,
    fee_amount_30d,
    fee_amount_90d,
    fee_amount_365d,
    online_transactions_30d,
    online_transactions_90d,
    online_transactions_365d,
    night_transactions_30d,
    night_transactions_90d,
    night_transactions_365d,
    declined_30d,
    declined_90d,
    declined_365d,
    fraud_30d,
    fraud_90d,
    fraud_365d,
    fraud_amount_30d,
    fraud_amount_90d,
    fraud_amount_365d,
    payments_due_30d,
    payments_due_90d,
    payments_due_365d,
    payments_missed_30d,
    payments_missed_90d,
    payments_missed_365d,
    payments_made_up_30d,
    payments_made_up_90d,
    payments_made_up_365d,
    complaints_30d,
    complaints_90d,
    complaints_365d,
    unresolved_30d,
    unresolved_90d,
    unresolved_365d,
    rated_30d,
    rated_90d,
    rated_365d,
    satisfaction_points_30d,
    satisfaction_points_90d,
    satisfaction_points_365d,
    touches_30d,
    touches_90d,
    touches_365d,
    opened_30d,
    opened_90d,
    opened_365d,
    clicked_30d,
    clicked_90d,
    clicked_365d,
    average_sale_amount_90d,
    average_sale_amount,
    units_per_sale_90d,
    margin_pct_90d,
    discount_pct_90d,
    discounted_sales_pct_90d,
    online_sales_pct_90d,
    card_sales_pct_90d,
    returned_sales_pct_365d,
    average_transaction_amount_90d,
    online_transactions_pct_90d,
    night_transactions_pct_90d,
    declined_pct_90d,
    fraud_pct_365d,
    open_accounts,
    balance_amount,
    net_flow_amount_30d,
    credit_limit_amount,
    credit_applications,
    approved_applications,
    declined_applications,
    approved_amount,
    credit_score,
    debt_to_income_pct,
    annual_income_amount,
    employment_status,
    payments_missed_pct_365d,
    average_satisfaction_365d,
    unresolved_pct_90d,
    opened_pct_90d,
    clicked_pct_90d,
    revenue_trend_pct,
    sales_trend_pct,
    transactions_trend_pct,
    interactions_trend_pct
from valued
