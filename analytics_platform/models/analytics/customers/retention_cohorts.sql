-- How many of those who signed up in a month are still customers, and still buy, in the months after?
-- Made of months and versions, so that it can be made anew each time. Customers stay on the list when they leave.
-- Who is still a customer is told by the last loaded day of the month.
with customers as (
    select
        customer_id,
        signup_month_date as cohort_month
    from {{ ref('dim_customer') }}
    where is_last_version
),

sizes as (
    select
        cohort_month,
        count(*) as customers
    from customers
    group by cohort_month
),

months as (
    select
        monthly.month_date,
        monthly.is_complete,
        (
            select max(audited.partition_date) from {{ source('ops', 'audited_partitions') }} as audited
            where audited.partition_date < monthly.month_date + interval '1 month'
        ) as last_date
    from (
        select
            month_date,
            bool_and(is_complete) as is_complete
        from {{ ref('fact_customer_monthly') }}
        group by month_date
    ) as monthly
),

remaining as (
    select
        months.month_date,
        customers.cohort_month,
        count(*) filter (where daily.is_active) as customers
    from months
    inner join {{ ref('fact_customer_daily') }} as daily on months.last_date = daily.feature_date
    inner join customers on daily.customer_id = customers.customer_id
    group by months.month_date, customers.cohort_month
),

buying as (
    select
        monthly.month_date,
        customers.cohort_month,
        count(*) as customers,
        sum(monthly.revenue) as revenue
    from {{ ref('fact_customer_monthly') }} as monthly
    inner join customers on monthly.customer_id = customers.customer_id
    where monthly.sales_count > 0
    group by monthly.month_date, customers.cohort_month
)

select
    sizes.cohort_month,
    cast(
        12 * (extract(year from months.month_date) - extract(year from sizes.cohort_month))
        + extract(month from months.month_date) - extract(month from sizes.cohort_month) as integer
    ) as months_since,
    months.month_date,
    cast(sizes.customers as integer) as customers,
    cast(remaining.customers as integer) as remaining_customers,
    {{ pct('remaining.customers', 'sizes.customers') }} as retained_pct,
    cast(coalesce(buying.customers, 0) as integer) as buying_customers,
    {{ pct('coalesce(buying.customers, 0)', 'sizes.customers') }} as buying_pct,
    {{ money('coalesce(buying.revenue, 0)', 18) }} as revenue,
    months.is_complete
from sizes
inner join months on sizes.cohort_month <= months.month_date
inner join remaining on sizes.cohort_month = remaining.cohort_month and months.month_date = remaining.month_date
left join buying on sizes.cohort_month = buying.cohort_month and months.month_date = buying.month_date
