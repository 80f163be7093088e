{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='sale_id',
    partition_by='sale_date',
    on_schema_change='fail',
    post_hook=[
        "{{ delete_withdrawn('stg_sales_transactions', 'sale_id') }}",
        "{{ follow_dates('sale_date') }}",
    ],
    indexes=[
        {'columns': ['date_id', 'region_id']},
        {'columns': ['sale_date']},
        {'columns': ['product_id', 'customer_id']},
        {'columns': ['customer_key']},
        {'columns': ['store_id']},
        {'columns': ['partition_date']},
        {'columns': ['is_key_assumed']},
    ],
) }}

-- How rows are kept right under reloads, repeated deliveries and withdrawals: macros/incremental_facts.sql.
with sales as (
    {{ first_deliveries('stg_sales_transactions', key='sale_id', date_key='date_id') }}
),

resolved as (
    select
        sales.*,
        customers.customer_key,
        coalesce(regions.region_id, 0) as region_id,
        coalesce(
            sales.sale_date < customers.valid_from or sales.sale_date < stores.valid_from, true
        ) as is_key_assumed,
        {{ money('sales.revenue - sales.cost_amount') }} as profit_amount
    from sales
    left join {{ ref('int_customer_versions') }} as customers
        on
            sales.customer_id = customers.customer_id
            and sales.sale_date >= customers.applies_from
            and sales.sale_date < customers.applies_to
    left join {{ ref('int_store_versions') }} as stores
        on
            sales.store_id = stores.store_id
            and sales.sale_date >= stores.applies_from
            and sales.sale_date < stores.applies_to
    left join {{ ref('dim_region') }} as regions
        -- The web shop sells everywhere: its sales belong to the region in which the customer lives.
        on
            case when stores.store_type = 'online' then customers.region else stores.region end
            = regions.region_name
)

select
    sale_id,
    sold_at,
    sale_date,
    {{ date_key('sale_date') }} as date_id,
    customer_id,
    customer_key,
    product_id,
    store_id,
    region_id,
    channel,
    payment_method,
    card_account_id,
    quantity,
    unit_price_amount,
    {{ money('quantity * unit_price_amount') }} as list_amount,
    discount_amount,
    {{ pct('discount_amount', 'quantity * unit_price_amount') }} as discount_pct,
    revenue,
    cost_amount,
    profit_amount,
    {{ pct('profit_amount', 'revenue') }} as profit_margin_pct,
    is_revenue_imputed,
    is_discount_imputed,
    is_key_assumed,
    sale_date < partition_date as is_late,
    sold_at as created_at,
    partition_date,
    source_line
from resolved
{{ unless_held(
    'resolved', key='sale_id', looked_up=['customer_key', 'region_id', 'is_key_assumed'], partition_by='sale_date',
) }}
