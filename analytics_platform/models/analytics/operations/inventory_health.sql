{% set window_days = 30 %}
-- What has to be ordered, what lies idle, and what gets lost?
-- As of the last day, over the thirty days up to it: so the cost is that of thirty days, whatever lies behind them.
with span as (
    select {{ data_through() }} as as_of_date
),

days as (
    select
        levels.*,
        span.as_of_date
    from {{ ref('fact_inventory_daily') }} as levels
    inner join span
        on levels.inventory_date > span.as_of_date - {{ window_days }} and levels.inventory_date <= span.as_of_date
),

summed as (
    select
        as_of_date,
        product_id,
        region_id,
        count(*) as counted_days,
        sum(received_units) as received_units,
        sum(returned_units) as returned_units,
        sum(shipped_units) as shipped_units,
        sum(written_off_units) as written_off_units,
        cast(sum(shipped_units) as numeric) / count(*) as daily_units,
        avg(closing_units) as average_units,
        count(*) filter (where is_out_of_stock) as out_of_stock_days,
        count(*) filter (where is_below_reorder_point) as below_reorder_point_days
    from days
    group by as_of_date, product_id, region_id
),

latest as (
    -- A product that left the list has no row of the last day: nothing to order.
    select
        summed.*,
        levels.closing_units,
        levels.reorder_point_units,
        levels.stock_value_amount,
        levels.is_out_of_stock,
        levels.is_below_reorder_point,
        levels.closing_units / nullif(summed.daily_units, 0) as days_of_cover
    from summed
    inner join days as levels
        on
            summed.as_of_date = levels.inventory_date
            and summed.product_id = levels.product_id
            and summed.region_id = levels.region_id
)

select
    product_id,
    region_id,
    as_of_date,
    counted_days,
    closing_units,
    reorder_point_units,
    stock_value_amount,
    received_units,
    returned_units,
    shipped_units,
    written_off_units,
    cast(daily_units as numeric(14, 2)) as average_daily_units,
    cast(days_of_cover as numeric(14, 2)) as days_of_cover,
    cast(shipped_units / nullif(average_units, 0) as numeric(14, 2)) as turnover,
    {{ pct('written_off_units', 'shipped_units') }} as shrinkage_pct,
    out_of_stock_days,
    below_reorder_point_days,
    case
        when is_out_of_stock then 'out_of_stock'
        when shipped_units = 0 and closing_units > 0 then 'idle'
        when is_below_reorder_point then 'to_order'
        else 'healthy'
    end as stock_state
from latest
