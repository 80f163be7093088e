-- How does the business grow, by day, week, month, quarter and year?
-- Made of daily sums, so that it can be made anew each time. Growth compares whole periods only.
with span as (
    select
        min(sale_date) as first_date,
        max(sale_date) as last_date
    from {{ ref('daily_sales') }}
),

-- Every day from the first to the last, so that the period before is always the row before.
days as (
    select cast(spine.day_at as date) as sale_date
    from span
    cross join lateral generate_series(
        cast(span.first_date as timestamp), cast(span.last_date as timestamp), interval '1 day'
    ) as spine (day_at)
),

daily as (
    select
        sale_date,
        sum(order_lines) as order_lines,
        sum(units) as units,
        sum(revenue) as revenue,
        sum(cost_amount) as cost_amount,
        sum(profit_amount) as profit_amount
    from {{ ref('daily_sales') }}
    group by sale_date
),

periods as (
    {% for type in period_types() %}
        {{ 'union all' if not loop.first }}
        select
            '{{ type }}' as period_type,
            {{ period_start(type, 'days.sale_date') }} as period_start_date,
            count(audited.partition_date) as loaded_days,
            coalesce(sum(daily.order_lines), 0) as order_lines,
            coalesce(sum(daily.units), 0) as units,
            coalesce(sum(daily.revenue), 0) as revenue,
            coalesce(sum(daily.cost_amount), 0) as cost_amount,
            coalesce(sum(daily.profit_amount), 0) as profit_amount
        from days
        left join daily on days.sale_date = daily.sale_date
        left join {{ source('ops', 'audited_partitions') }} as audited on days.sale_date = audited.partition_date
        group by {{ period_start(type, 'days.sale_date') }}
    {% endfor %}
),

bounded as (
    select
        *,
        case period_type
            {% for type, (length, _) in period_types().items() %}
                when '{{ type }}' then cast(period_start_date + interval '{{ length }}' as date) - 1
            {% endfor %}
        end as period_end_date,
        -- A week compares with that of the same weekdays.
        case period_type
            when 'week' then period_start_date - 364
            else cast(period_start_date - interval '1 year' as date)
        end as year_before_date
    from periods
),

complete as (
    select
        *,
        loaded_days = period_end_date - period_start_date + 1 as is_complete
    from bounded
),

windowed as (
    {% for type, (_, window) in period_types().items() %}
        {{ 'union all' if not loop.first }}
        select
            *,
            lag(revenue) over period_order as previous_revenue,
            lag(profit_amount) over period_order as previous_profit_amount,
            lag(is_complete) over period_order as is_previous_complete,
            case
                when count(*) filter (where is_complete) over last_periods = {{ window }}
                    then avg(revenue) over last_periods
            end as revenue_moving_average
        from complete
        where period_type = '{{ type }}'
        window
            period_order as (order by period_start_date),
            last_periods as (order by period_start_date rows between {{ window - 1 }} preceding and current row)
    {% endfor %}
),

-- What growth is measured from: only whole periods are compared.
compared as (
    select
        windowed.*,
        before.revenue as year_before_revenue,
        before.profit_amount as year_before_profit_amount,
        case when windowed.is_complete and windowed.is_previous_complete then windowed.previous_revenue end
            as revenue_base,
        case when windowed.is_complete and windowed.is_previous_complete then windowed.previous_profit_amount end
            as profit_base,
        case when windowed.is_complete and before.is_complete then before.revenue end as year_revenue_base,
        case when windowed.is_complete and before.is_complete then before.profit_amount end as year_profit_base
    from windowed
    left join complete as before
        on windowed.period_type = before.period_type and windowed.year_before_date = before.period_start_date
)

select
    compared.period_type,
    compared.period_start_date,
    compared.period_end_date,
    compared.loaded_days,
    compared.is_complete,
    cast(compared.order_lines as bigint) as order_lines,
    cast(compared.units as bigint) as units,
    coalesce(buyers.customers, 0) as customers,
    {{ money('compared.revenue', 18) }} as revenue,
    {{ money('compared.cost_amount', 18) }} as cost_amount,
    {{ money('compared.profit_amount', 18) }} as profit_amount,
    {{ pct('compared.profit_amount', 'compared.revenue') }} as profit_margin_pct,
    {{ money('compared.revenue / nullif(buyers.customers, 0)') }} as revenue_per_customer,
    {{ money('compared.previous_revenue', 18) }} as previous_revenue,
    {{ money('compared.previous_profit_amount', 18) }} as previous_profit_amount,
    {{ money('compared.year_before_revenue', 18) }} as year_before_revenue,
    {{ money('compared.year_before_profit_amount', 18) }} as year_before_profit_amount,
    {{ pct('compared.revenue - compared.revenue_base', 'compared.revenue_base') }} as revenue_growth_pct,
    {{ pct('compared.profit_amount - compared.profit_base', 'compared.profit_base') }} as profit_growth_pct,
    {{ pct('compared.revenue - compared.year_revenue_base', 'compared.year_revenue_base') }}
        as revenue_year_over_year_pct,
    {{ pct('compared.profit_amount - compared.year_profit_base', 'compared.year_profit_base') }}
        as profit_year_over_year_pct,
    {{ money('compared.revenue_moving_average', 18) }} as revenue_moving_average
from compared
left join {{ ref('buyers_by_period') }} as buyers
    on compared.period_type = buyers.period_type and compared.period_start_date = buyers.period_start_date
