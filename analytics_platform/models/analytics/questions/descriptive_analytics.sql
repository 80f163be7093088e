-- What happened? What each group of customers, products, channels, merchants and accounts did in each month.
-- Made anew each time, of monthly sums: traits of customers, products and merchants are their latest, so that a
-- corrected trait corrects all months. Ages count to the month.
with months as (
    select
        month_date,
        is_complete
    from {{ loaded_months() }} as loaded
),

customer_months as (
    select
        sums.month_date,
        sums.customer_id,
        sums.sales_count,
        sums.units,
        sums.revenue,
        sums.profit_amount,
        sums.transaction_count,
        sums.transaction_amount,
        customers.region_name,
        customers.segment,
        customers.generation,
        customers.gender,
        customers.loyalty_tier,
        customers.kyc_status,
        cast(extract(year from age(sums.month_date, customers.birth_date)) as integer) as age_years
    from {{ ref('fact_customer_monthly') }} as sums
    left join {{ ref('dim_customer') }} as customers
        on sums.customer_id = customers.customer_id and customers.is_last_version
    where sums.sales_count > 0 or sums.transaction_count > 0
),

by_customer as (
    select
        customer_months.month_date,
        groups.breakdown,
        groups.member,
        count(*) as customers,
        sum(customer_months.sales_count) as line_count,
        sum(customer_months.units) as units,
        sum(customer_months.revenue) as revenue,
        sum(customer_months.profit_amount) as profit_amount,
        sum(customer_months.transaction_count) as transaction_count,
        sum(customer_months.transaction_amount) as volume_amount
    from customer_months
    cross join
        lateral (
            values
            ('region', customer_months.region_name),
            ('segment', customer_months.segment),
            ('generation', customer_months.generation),
            ('gender', customer_months.gender),
            ('loyalty_tier', customer_months.loyalty_tier),
            ('kyc_status', customer_months.kyc_status),
            (
                'age_band',
                case
                    when customer_months.age_years < 25 then 'below 25'
                    when customer_months.age_years < 35 then '25-34'
                    when customer_months.age_years < 45 then '35-44'
                    when customer_months.age_years < 55 then '45-54'
                    when customer_months.age_years < 65 then '55-64'
                    when customer_months.age_years >= 65 then '65 and above'
                end
            )
        ) as groups (breakdown, member)
    group by customer_months.month_date, groups.breakdown, groups.member
),

active_customers as (
    select
        month_date,
        'total' as breakdown,
        'all' as member,
        count(*) as customers
    from customer_months
    group by month_date
),

by_sale as (
    select
        sums.month_date,
        groups.breakdown,
        groups.member,
        sum(sums.line_count) as line_count,
        sum(sums.units) as units,
        sum(sums.revenue) as revenue,
        sum(sums.profit_amount) as profit_amount
    from {{ ref('sales_breakdowns') }} as sums
    left join
        {{ ref('dim_product') }} as products
        on sums.breakdown = 'product_id' and sums.member = products.product_id
    left join {{ ref('dim_region') }} as regions
        on sums.breakdown = 'region_id' and sums.member = cast(regions.region_id as text)
    cross join
        lateral (
            values
            ('total', case when sums.breakdown = 'total' then 'all' end),
            ('sales_channel', case when sums.breakdown = 'channel' then sums.member end),
            ('payment_method', case when sums.breakdown = 'payment_method' then sums.member end),
            ('sales_region', regions.region_name),
            ('category', case when sums.breakdown = 'product_id' then coalesce(products.category, 'unknown') end),
            (
                'subcategory',
                case
                    when sums.breakdown = 'product_id'
                        then coalesce(products.category || ' > ' || products.subcategory, 'unknown')
                end
            )
        ) as groups (breakdown, member)
    where groups.member is not null
    group by sums.month_date, groups.breakdown, groups.member
),

by_movement as (
    select
        sums.month_date,
        groups.breakdown,
        groups.member,
        sum(sums.transaction_count) as transaction_count,
        sum(sums.volume_amount) as volume_amount
    from {{ ref('transaction_breakdowns') }} as sums
    left join {{ ref('dim_merchant') }} as merchants
        on sums.breakdown = 'merchant_id' and sums.member = merchants.merchant_id
    cross join
        lateral (
            values
            ('total', case when sums.breakdown = 'total' then 'all' end),
            ('bank_channel', case when sums.breakdown = 'channel' then sums.member end),
            ('transaction_type', case when sums.breakdown = 'transaction_type' then sums.member end),
            ('account_type', case when sums.breakdown = 'account_type' then sums.member end),
            ('merchant_category', merchants.merchant_category),
            ('merchant', merchants.merchant_name || ' (' || merchants.merchant_id || ')')
        ) as groups (breakdown, member)
    where groups.member is not null
    group by sums.month_date, groups.breakdown, groups.member
),

-- Accounts as they were on the last loaded day of each month of a year.
last_days as (
    select max(days.partition_date) as snapshot_date
    from {{ source('ops', 'audited_partitions') }} as days
    where days.partition_date > {{ data_through() }} - 365
    group by date_trunc('month', days.partition_date)
),

by_account as (
    select
        cast(date_trunc('month', accounts.snapshot_date) as date) as month_date,
        'account_status' as breakdown,
        accounts.account_type || ' > ' || accounts.account_status as member,
        count(*) as accounts,
        sum(accounts.closing_balance_amount) as balance_amount
    from {{ ref('fact_account_daily_snapshot') }} as accounts
    inner join last_days on accounts.snapshot_date = last_days.snapshot_date
    group by accounts.snapshot_date, accounts.account_type, accounts.account_status
),

collected as (
    select
        month_date,
        breakdown,
        coalesce(member, 'unknown') as member,
        customers,
        cast(null as bigint) as accounts,
        line_count,
        units,
        revenue,
        profit_amount,
        transaction_count,
        volume_amount,
        cast(null as numeric) as balance_amount
    from by_customer
    union all
    select
        month_date,
        breakdown,
        member,
        customers,
        null as accounts,
        null as line_count,
        null as units,
        null as revenue,
        null as profit_amount,
        null as transaction_count,
        null as volume_amount,
        null as balance_amount
    from active_customers
    union all
    select
        month_date,
        breakdown,
        member,
        null as customers,
        null as accounts,
        line_count,
        units,
        revenue,
        profit_amount,
        null as transaction_count,
        null as volume_amount,
        null as balance_amount
    from by_sale
    union all
    select
        month_date,
        breakdown,
        member,
        null as customers,
        null as accounts,
        null as line_count,
        null as units,
        null as revenue,
        null as profit_amount,
        transaction_count,
        volume_amount,
        null as balance_amount
    from by_movement
    union all
    select
        month_date,
        breakdown,
        member,
        null as customers,
        accounts,
        null as line_count,
        null as units,
        null as revenue,
        null as profit_amount,
        null as transaction_count,
        null as volume_amount,
        balance_amount
    from by_account
),

-- The total is collected from several sides.
all_rows as (
    select
        month_date,
        breakdown,
        member,
        sum(customers) as customers,
        sum(accounts) as accounts,
        sum(line_count) as line_count,
        sum(units) as units,
        sum(revenue) as revenue,
        sum(profit_amount) as profit_amount,
        sum(transaction_count) as transaction_count,
        sum(volume_amount) as volume_amount,
        sum(balance_amount) as balance_amount
    from collected
    group by month_date, breakdown, member
)

select
    all_rows.month_date,
    all_rows.breakdown,
    all_rows.member,
    coalesce(months.is_complete, false) as is_complete,
    cast(all_rows.customers as bigint) as customers,
    cast(all_rows.accounts as bigint) as accounts,
    cast(all_rows.line_count as bigint) as line_count,
    cast(all_rows.units as bigint) as units,
    {{ money('all_rows.revenue', 18) }} as revenue,
    {{ money('all_rows.profit_amount', 18) }} as profit_amount,
    {{ pct('all_rows.profit_amount', 'all_rows.revenue') }} as profit_margin_pct,
    {{ pct('all_rows.revenue', 'sum(all_rows.revenue) over peers') }} as revenue_share_pct,
    {{ money('all_rows.revenue / nullif(all_rows.customers, 0)') }} as revenue_per_customer_amount,
    cast(all_rows.transaction_count as bigint) as transaction_count,
    {{ money('all_rows.volume_amount', 18) }} as volume_amount,
    {{ money('all_rows.volume_amount / nullif(all_rows.transaction_count, 0)') }} as average_transaction_amount,
    {{ pct('all_rows.volume_amount', 'sum(all_rows.volume_amount) over peers') }} as volume_share_pct,
    {{ money('all_rows.balance_amount', 18) }} as balance_amount
from all_rows
left join months on all_rows.month_date = months.month_date
window peers as (partition by all_rows.month_date, all_rows.breakdown)
