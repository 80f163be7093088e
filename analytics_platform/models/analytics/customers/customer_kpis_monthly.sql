-- How does the number of customers develop, and what does each bring?
-- Made of months and versions, so that it can be made anew each time.
with months as (
    select
        month_date,
        bool_and(is_complete) as is_complete,
        count(*) filter (where sales_count > 0) as active_customers,
        count(*) filter (where transaction_count > 0) as banking_customers,
        sum(sales_count) as sales_count,
        sum(revenue) as revenue,
        sum(profit_amount) as profit_amount,
        sum(transaction_count) as transaction_count,
        sum(transaction_amount) as transaction_amount,
        sum(interactions_count) as interactions_count,
        sum(complaints_count) as complaints_count
    from {{ ref('fact_customer_monthly') }}
    group by month_date
),

loaded as (
    select
        min(feature_date) as first_date,
        max(feature_date) as last_date
    from {{ ref('fact_customer_daily') }}
),

changes as (
    select
        customer_id,
        signup_date,
        is_active,
        valid_from,
        coalesce(valid_to, date 'infinity') as valid_to,
        lag(is_active) over (partition by customer_id order by valid_from) as was_active
    from {{ ref('dim_customer') }}
),

periods as (
    select
        months.month_date,
        greatest(months.month_date, loaded.first_date) as first_date,
        least(cast(months.month_date + interval '1 month - 1 day' as date), loaded.last_date) as last_date,
        loaded.first_date >= months.month_date as is_first
    from months
    cross join loaded
),

-- Who left is told by the first list that says so: not by the first list of all.
customers as (
    select
        periods.month_date,
        count(*) filter (
            where changes.is_active
            and changes.valid_from < periods.first_date + cast(periods.is_first as integer)
            and changes.valid_to >= periods.first_date + cast(periods.is_first as integer)
        ) as customers_at_start,
        count(*) filter (
            where changes.is_active and changes.valid_from <= periods.last_date and changes.valid_to > periods.last_date
        ) as customers_at_end,
        count(*) filter (
            where not changes.is_active and changes.was_active
            and changes.valid_from between periods.first_date and periods.last_date
        ) as churned_customers
    from periods
    cross join changes
    group by periods.month_date
),

signups as (
    select
        signup_month_date as month_date,
        count(*) as new_customers
    from {{ ref('dim_customer') }}
    where is_last_version
    group by signup_month_date
)

select
    months.month_date,
    months.is_complete,
    cast(months.active_customers as integer) as active_customers,
    cast(months.banking_customers as integer) as banking_customers,
    cast(customers.customers_at_start as integer) as customers_at_start,
    cast(customers.customers_at_end as integer) as customers_at_end,
    cast(coalesce(signups.new_customers, 0) as integer) as new_customers,
    cast(customers.churned_customers as integer) as churned_customers,
    {{ pct('customers.churned_customers', 'customers.customers_at_start') }} as churn_rate_pct,
    cast(months.sales_count as integer) as sales_count,
    {{ money('months.revenue', 18) }} as revenue,
    {{ money('months.profit_amount', 18) }} as profit_amount,
    {{ money('months.revenue / nullif(months.active_customers, 0)') }} as arpu_amount,
    {{ money('months.revenue / nullif(months.sales_count, 0)') }} as average_sale_amount,
    cast(months.transaction_count as integer) as transaction_count,
    {{ money('months.transaction_amount', 18) }} as transaction_amount,
    cast(months.interactions_count as integer) as interactions_count,
    {{ pct('months.complaints_count', 'months.interactions_count') }} as complaints_pct
from months
inner join customers on months.month_date = customers.month_date
left join signups on months.month_date = signups.month_date
