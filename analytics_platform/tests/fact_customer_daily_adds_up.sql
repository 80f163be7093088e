-- On the dates that changed: what became known is what the facts delivered on that day, and totals go on from the
-- last loaded day before.
with touched as (
    select *
    from {{ ref('fact_customer_daily') }}
    where {{ is_touched('feature_date', 'fact_customer_daily') }}
),

counted as (
    select
        feature_date,
        sum(sales_count) as sales_count,
        sum(revenue) as revenue,
        sum(interactions_count) as interactions_count,
        sum(payments_due + payments_made_up) as payments
    from touched
    group by feature_date
),

delivered as (
    select
        counted.feature_date,
        (
            select count(*)
            from {{ ref('fact_sales') }} as sales
            where sales.partition_date = counted.feature_date
        ) as sales_count,
        (
            select coalesce(sum(sales.revenue), 0)
            from {{ ref('fact_sales') }} as sales
            where sales.partition_date = counted.feature_date
        ) as revenue,
        (
            select count(*)
            from {{ ref('fact_interactions') }} as interactions
            where interactions.partition_date = counted.feature_date
        ) as interactions_count,
        (
            select count(*)
            from {{ ref('fact_loan_payments') }} as payments
            where payments.partition_date = counted.feature_date
        ) as payments
    from counted
)

select
    counted.feature_date,
    'as delivered' as expected
from counted
inner join delivered on counted.feature_date = delivered.feature_date
where
    (counted.sales_count, counted.revenue, counted.interactions_count, counted.payments)
    <> (delivered.sales_count, delivered.revenue, delivered.interactions_count, delivered.payments)
union all
select
    touched.feature_date,
    'totals of ' || touched.customer_id || ' to go on' as expected
from touched
left join {{ ref('fact_customer_daily') }} as before
    on
        touched.customer_id = before.customer_id
        and before.feature_date = (
            select max(audited.partition_date) from {{ source('ops', 'audited_partitions') }} as audited
            where audited.partition_date < touched.feature_date
        )
where
    touched.total_revenue <> coalesce(before.total_revenue, 0) + touched.revenue
    or touched.total_transaction_count <> coalesce(before.total_transaction_count, 0) + touched.transaction_count
