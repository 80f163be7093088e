-- Whom did each campaign reach, at what cost, and what did it bring?
-- Reach and cost are of all touches; purchases are of the seven days after a touch, as campaign_responses has them.
-- Nearly everybody buys within a week, so conversion hardly tells: lines and revenue of a customer do.
with reach as (
    select
        campaign_id,
        min(touch_date) as first_touch_date,
        max(touch_date) as last_touch_date,
        sum(sent_count) as sent_count,
        sum(held_back_count) as held_back_count,
        sum(delivered_count) as delivered_count,
        sum(opened_count) as opened_count,
        sum(clicked_count) as clicked_count,
        sum(cost_amount) as cost_amount
    from {{ ref('daily_campaign_touches') }}
    group by campaign_id
),

compared as (
    select
        campaigns.*,
        reach.first_touch_date,
        reach.last_touch_date,
        reach.sent_count,
        reach.held_back_count,
        reach.delivered_count,
        reach.opened_count,
        reach.clicked_count,
        reach.cost_amount,
        {% for arm in ['treatment', 'control'] %}
            {{ arm }}s.customers as {{ arm }}_customers,
            {{ arm }}s.buyers as {{ arm }}_buyers,
            {{ arm }}s.line_count as {{ arm }}_lines,
            {{ arm }}s.revenue as {{ arm }}_revenue,
            cast({{ arm }}s.buyers as numeric) / {{ arm }}s.customers as {{ arm }}_conversion,
            cast({{ arm }}s.line_count as numeric) / {{ arm }}s.customers as {{ arm }}_lines_each,
            {{ arm }}s.revenue / {{ arm }}s.customers as {{ arm }}_revenue_each,
        {% endfor %}
        treatments.cost_amount as treatment_cost_amount,
        treatments.revenue - treatments.customers * controls.revenue / controls.customers as incremental_revenue
    from {{ ref('dim_campaign') }} as campaigns
    left join reach on campaigns.campaign_id = reach.campaign_id
    left join {{ ref('campaign_responses') }} as treatments
        on campaigns.campaign_id = treatments.campaign_id and treatments.arm = 'treatment'
    left join {{ ref('campaign_responses') }} as controls
        on campaigns.campaign_id = controls.campaign_id and controls.arm = 'control'
)

select
    campaign_id,
    campaign_name,
    channel,
    objective,
    audience,
    is_ab_test,
    discount_pct,
    start_date,
    end_date,
    campaign_status,
    budget_amount,
    first_touch_date,
    last_touch_date,
    cast(coalesce(sent_count, 0) as bigint) as sent_count,
    cast(coalesce(held_back_count, 0) as bigint) as held_back_count,
    cast(coalesce(delivered_count, 0) as bigint) as delivered_count,
    cast(coalesce(opened_count, 0) as bigint) as opened_count,
    cast(coalesce(clicked_count, 0) as bigint) as clicked_count,
    {{ pct('delivered_count', 'sent_count') }} as delivery_rate_pct,
    {{ pct('opened_count', 'delivered_count') }} as open_rate_pct,
    {{ pct('clicked_count', 'opened_count') }} as click_rate_pct,
    {{ money('coalesce(cost_amount, 0)', 18) }} as cost_amount,
    {{ money('cost_amount / nullif(delivered_count, 0)') }} as cost_per_reach_amount,
    {{ pct('cost_amount', 'budget_amount') }} as budget_used_pct,
    {% for arm in ['treatment', 'control'] %}
        coalesce({{ arm }}_customers, 0) as {{ arm }}_customers,
        coalesce({{ arm }}_buyers, 0) as {{ arm }}_buyers,
        {{ pct(arm ~ '_conversion', 1) }} as {{ arm }}_conversion_pct,
        cast({{ arm }}_lines_each as numeric(14, 4)) as {{ arm }}_lines_per_customer,
        {{ money(arm ~ '_revenue_each') }} as {{ arm }}_revenue_per_customer,
    {% endfor %}
    {{ pct('treatment_conversion - control_conversion', 'control_conversion') }} as conversion_lift_pct,
    {{ pct('treatment_lines_each - control_lines_each', 'control_lines_each') }} as lines_lift_pct,
    {{ pct('treatment_revenue_each - control_revenue_each', 'control_revenue_each') }} as revenue_lift_pct,
    {{ money('incremental_revenue', 18) }} as incremental_revenue,
    {{ money('treatment_cost_amount', 18) }} as treatment_cost_amount,
    {{ pct('incremental_revenue - treatment_cost_amount', 'treatment_cost_amount') }} as return_on_cost_pct
from compared
