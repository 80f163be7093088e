-- Where is it sold: by region, city and store?
-- Made of monthly sums, so that it can be made anew each time: where a store is, its latest record says.
with months as (
    select *
    from {{ loaded_months() }} as loaded
),

sales as (
    select
        sales.month_date,
        sales.store_id,
        stores.store_name,
        stores.store_type,
        coalesce(stores.is_online, false) as is_online,
        -- The web shop sells everywhere: its seat says nothing.
        case when stores.is_online then 0 else coalesce(stores.region_id, 0) end as region_id,
        case when stores.is_online then 'Online' else coalesce(stores.region_name, 'Unknown') end as region_name,
        stores.state,
        stores.city,
        stores.floor_area_sqft,
        coalesce(months.is_complete, false) as is_complete,
        sales.order_lines,
        sales.customers,
        sales.units,
        sales.revenue,
        sales.cost_amount,
        sales.profit_amount,
        case when months.is_complete and months_before.is_complete then before.revenue end as previous_revenue
    from {{ ref('store_sales_monthly') }} as sales
    left join {{ ref('dim_store') }} as stores on sales.store_id = stores.store_id
    left join months on sales.month_date = months.month_date
    left join months as months_before on sales.month_date = months_before.month_date + interval '1 month'
    left join {{ ref('store_sales_monthly') }} as before
        on sales.store_id = before.store_id and sales.month_date = before.month_date + interval '1 month'
)

select
    month_date,
    store_id,
    store_name,
    store_type,
    is_online,
    region_id,
    region_name,
    state,
    city,
    is_complete,
    order_lines,
    customers,
    units,
    revenue,
    cost_amount,
    profit_amount,
    {{ pct('profit_amount', 'revenue') }} as profit_margin_pct,
    {{ pct('revenue', 'sum(revenue) over (partition by month_date)') }} as revenue_share_pct,
    {{ pct('revenue', 'sum(revenue) over (partition by month_date, region_name)') }} as region_share_pct,
    rank() over (partition by month_date order by revenue desc) as revenue_rank,
    rank() over (partition by month_date, region_name order by revenue desc) as region_rank,
    {{ money('revenue / nullif(floor_area_sqft, 0)') }} as revenue_per_sqft,
    {{ pct('revenue - previous_revenue', 'previous_revenue') }} as revenue_growth_pct
from sales
