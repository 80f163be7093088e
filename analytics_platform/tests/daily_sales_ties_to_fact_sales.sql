-- Judged for the dates that changed.
with daily as (
    select sum(revenue) as revenue
    from {{ ref('daily_sales') }}
    where {{ is_touched('sale_date', 'fact_sales') }}
),

facts as (
    select sum(revenue) as revenue
    from {{ ref('fact_sales') }}
    where {{ is_touched('sale_date', 'fact_sales') }}
)

select
    daily.revenue as daily_revenue,
    facts.revenue as fact_revenue
from daily
cross join facts
where daily.revenue is distinct from facts.revenue
