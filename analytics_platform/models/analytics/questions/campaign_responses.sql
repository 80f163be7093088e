{% set window_days = 7 %}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched_campaigns(7, ['fact_sales', 'fact_campaign_touches']) }}",
) }}

-- What did those whom a campaign addressed buy in the week after, and what did comparable others?
-- Others are those whom an A/B test held back, on the day of their turn; of other campaigns, the customers of the
-- audience whom it did not address, on a day of the campaign that their names decide by a hash: neither by chance
-- nor by what they bought.
-- Campaigns that are not touched keep their rows; those that have none are built.
with to_build as (
    select
        campaigns.campaign_id,
        campaigns.channel,
        campaigns.objective,
        campaigns.audience,
        campaigns.is_ab_test,
        campaigns.start_date,
        campaigns.end_date
    from {{ ref('dim_campaign') }} as campaigns
    where
        campaigns.start_date between
        (select min(audited.partition_date) from {{ source('ops', 'audited_partitions') }} as audited)
        and {{ data_through() }}
        {% if is_incremental() %}
            and not exists (
                select 1 from {{ this }} as held
                where held.campaign_id = campaigns.campaign_id
            )
        {% endif %}
),

touches as (
    select
        touches.campaign_id,
        touches.customer_id,
        touches.touch_date,
        touches.is_control,
        touches.is_delivered,
        touches.cost_amount
    from {{ ref('fact_campaign_touches') }} as touches
    inner join to_build on touches.campaign_id = to_build.campaign_id
),

audiences as (
    select
        to_build.campaign_id,
        customers.customer_id,
        to_build.start_date + mod(
            cast(cast('x' || substr(md5(to_build.campaign_id || customers.customer_id), 1, 7) as bit(28)) as integer),
            to_build.end_date - to_build.start_date + 1
        ) as turn_date,
        customers.signup_date,
        customers.is_active,
        customers.valid_from,
        customers.valid_to,
        customers.is_last_version
    from to_build
    inner join {{ ref('dim_customer') }} as customers
        on to_build.audience = 'all' or to_build.audience = customers.segment
    where not to_build.is_ab_test
),

exposures as (
    select
        campaign_id,
        case when is_control then 'control' else 'treatment' end as arm,
        customer_id,
        touch_date as turn_date,
        cost_amount
    from touches
    where is_control or is_delivered
    union all
    select
        audiences.campaign_id,
        'control' as arm,
        audiences.customer_id,
        audiences.turn_date,
        0 as cost_amount
    from audiences
    where
        audiences.is_active
        and audiences.signup_date <= audiences.turn_date
        -- Listed by then: who turns up later must not change what is long over.
        and audiences.valid_from <= audiences.turn_date
        and (audiences.valid_to > audiences.turn_date or audiences.is_last_version)
        and not exists (
            select 1
            from touches
            where touches.campaign_id = audiences.campaign_id and touches.customer_id = audiences.customer_id
        )
),

observed as (
    select *
    from exposures
    where turn_date + {{ window_days }} <= {{ data_through() }}
),

purchases as (
    select
        customer_id,
        sale_date,
        count(*) as line_count,
        sum(revenue) as revenue
    from {{ ref('fact_sales') }}
    where
        sale_date > (select min(observed.turn_date) from observed)
        and sale_date <= (select max(observed.turn_date) from observed) + {{ window_days }}
    group by customer_id, sale_date
),

responses as (
    select
        observed.campaign_id,
        observed.arm,
        observed.customer_id,
        observed.cost_amount,
        coalesce(sum(purchases.line_count), 0) as line_count,
        coalesce(sum(purchases.revenue), 0) as revenue
    from observed
    left join purchases
        on
            observed.customer_id = purchases.customer_id
            and observed.turn_date < purchases.sale_date
            and observed.turn_date + {{ window_days }} >= purchases.sale_date
    group by observed.campaign_id, observed.arm, observed.customer_id, observed.cost_amount
)

select
    to_build.campaign_id,
    responses.arm,
    to_build.channel,
    to_build.objective,
    to_build.audience,
    to_build.is_ab_test,
    to_build.start_date,
    to_build.end_date,
    count(*) as customers,
    count(*) filter (where responses.line_count > 0) as buyers,
    cast(sum(responses.line_count) as bigint) as line_count,
    cast(sum(responses.line_count * responses.line_count) as bigint) as line_count_squares,
    {{ money('sum(responses.revenue)', 18) }} as revenue,
    cast(sum(responses.revenue * responses.revenue) as numeric(24, 4)) as revenue_squares,
    {{ money('sum(responses.cost_amount)', 18) }} as cost_amount
from responses
inner join to_build on responses.campaign_id = to_build.campaign_id
group by
    to_build.campaign_id,
    responses.arm,
    to_build.channel,
    to_build.objective,
    to_build.audience,
    to_build.is_ab_test,
    to_build.start_date,
    to_build.end_date
