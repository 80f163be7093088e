-- What should we do? For each customer, what to do to keep him, and what to offer him next.
-- Costs, success rates and values are assumptions of the business; they stand here, in one place. An action or offer is
-- chosen by the expected value that remains after its cost; what costs more than it brings is not done.
with actions as (
    select
        action_name,
        cast(cost_amount as numeric(14, 2)) as cost_amount,
        cast(success_rate as numeric(6, 4)) as success_rate
    from (
        values
        ('personal call', 25.00, 0.35),
        ('voucher', 12.00, 0.25),
        ('loyalty upgrade', 6.00, 0.15),
        ('reminder by email', 0.10, 0.03)
    ) as assumed (action_name, cost_amount, success_rate)
),

offers as (
    select
        offer_name,
        cast(cost_amount as numeric(14, 2)) as cost_amount,
        cast(yearly_value_amount as numeric(14, 2)) as yearly_value_amount,
        cast(acceptance_rate as numeric(6, 4)) as acceptance_rate
    from (
        values
        ('credit card', 4.00, 90.00, 0.10),
        ('savings account', 1.00, 30.00, 0.12),
        ('personal loan', 5.00, 240.00, 0.04),
        ('premium tier', 1.50, 60.00, 0.08)
    ) as assumed (offer_name, cost_amount, yearly_value_amount, acceptance_rate)
),

holdings as (
    select
        customer_id,
        bool_or(account_type = 'credit') as has_credit_card,
        bool_or(account_type = 'savings') as has_savings
    from {{ ref('dim_account') }}
    where account_status = 'active'
    group by customer_id
),

customers as (
    select
        features.customer_id,
        features.as_of_date,
        features.churn_risk_score,
        features.churn_risk_category,
        features.credit_risk_score,
        features.customer_lifetime_value,
        records.segment,
        records.region_name,
        records.loyalty_tier,
        coalesce(holdings.has_credit_card, false) as has_credit_card,
        coalesce(holdings.has_savings, false) as has_savings,
        holdings.customer_id is not null as has_account,
        ntile(3) over (order by features.customer_lifetime_value desc, features.customer_id asc) as value_third
    from {{ ref('predictive_analytics') }} as features
    inner join {{ ref('dim_customer') }} as records
        on features.customer_id = records.customer_id and records.is_last_version
    left join holdings on features.customer_id = holdings.customer_id
),

possible_actions as (
    select
        customers.customer_id,
        actions.action_name,
        actions.cost_amount,
        actions.success_rate,
        customers.churn_risk_score * customers.customer_lifetime_value * actions.success_rate as saved_value,
        customers.churn_risk_score * customers.customer_lifetime_value * actions.success_rate - actions.cost_amount
            as net_value
    from customers
    cross join actions
),

best_actions as (
    select distinct on (customer_id) *
    from possible_actions
    where net_value > 0
    order by customer_id asc, net_value desc, action_name asc
),

-- Whoever is likely to leave, or not to pay, is less likely to take an offer or worth to be made one.
possible_offers as (
    select
        customers.customer_id,
        offers.offer_name,
        offers.cost_amount,
        offers.acceptance_rate * (1 - customers.churn_risk_score) as acceptance_rate,
        offers.acceptance_rate * (1 - customers.churn_risk_score) * offers.yearly_value_amount
        * case
            when offers.offer_name in ('credit card', 'personal loan') then 1 - customers.credit_risk_score else 1
        end
            as expected_value
    from customers
    inner join offers
        on case offers.offer_name
            when 'credit card' then customers.has_account and not customers.has_credit_card
            when 'savings account' then customers.has_account and not customers.has_savings
            when 'personal loan' then customers.has_account and customers.credit_risk_score < 0.2
            when 'premium tier' then customers.loyalty_tier not in ('gold', 'platinum')
        end
),

best_offers as (
    select distinct on (customer_id) *
    from possible_offers
    where expected_value > cost_amount
    order by customer_id asc, expected_value - cost_amount desc, offer_name asc
),

planned as (
    select
        customers.*,
        coalesce(best_actions.action_name, 'none') as retention_action,
        coalesce(best_actions.cost_amount, 0) as action_cost_amount,
        coalesce(best_actions.success_rate, 0) as action_success_rate,
        coalesce(best_actions.saved_value, 0) as saved_value,
        coalesce(best_actions.net_value, 0) as net_value,
        coalesce(best_offers.offer_name, 'none') as next_best_offer,
        coalesce(best_offers.acceptance_rate, 0) as offer_acceptance_rate,
        coalesce(best_offers.cost_amount, 0) as offer_cost_amount,
        coalesce(best_offers.expected_value, 0) as offer_expected_value,
        row_number() over (
            order by coalesce(best_actions.net_value, 0) desc, customers.customer_id asc
        ) as priority_rank
    from customers
    left join best_actions on customers.customer_id = best_actions.customer_id
    left join best_offers on customers.customer_id = best_offers.customer_id
)

select
    customer_id,
    as_of_date,
    segment,
    region_name,
    case value_third when 1 then 'high' when 2 then 'medium' else 'low' end as value_tier,
    cast(churn_risk_score as numeric(8, 6)) as churn_risk_score,
    churn_risk_category,
    {{ money('customer_lifetime_value', 18) }} as customer_lifetime_value,
    {{ money('churn_risk_score * customer_lifetime_value', 18) }} as value_at_risk_amount,
    retention_action,
    {{ money('action_cost_amount') }} as action_cost_amount,
    cast(100 * action_success_rate as numeric(14, 2)) as action_success_pct,
    {{ money('saved_value', 18) }} as expected_value_saved_amount,
    {{ money('net_value', 18) }} as expected_net_value_amount,
    {{ pct('net_value', 'action_cost_amount') }} as expected_roi_pct,
    priority_rank,
    case
        when retention_action = 'none' then 'none'
        when churn_risk_score >= 0.5 and value_third = 1 then 'urgent'
        when churn_risk_score >= 0.5 or value_third = 1 then 'high'
        else 'normal'
    end as priority,
    {{ money('sum(action_cost_amount) over (order by priority_rank)', 18) }} as cumulative_cost_amount,
    next_best_offer,
    cast(100 * offer_acceptance_rate as numeric(14, 2)) as offer_acceptance_pct,
    {{ money('offer_cost_amount') }} as offer_cost_amount,
    {{ money('offer_expected_value', 18) }} as offer_expected_value_amount
from planned
