select
    sum(daily.revenue) as daily_revenue,
    (select sum(sales.revenue) from {{ ref('fact_sales') }} as sales) as fact_revenue
from {{ ref('daily_sales') }} as daily
having sum(daily.revenue) is distinct from (select sum(sales.revenue) from {{ ref('fact_sales') }} as sales)
