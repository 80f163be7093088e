-- One row per delivery of a sold line: a line may be delivered by several days.
select
    transaction_id as sale_id,
    sold_at,
    cast(sold_at at time zone 'UTC' as date) as sale_date,
    customer_id,
    product_id,
    store_id,
    channel,
    payment_method,
    card_account_id,
    quantity,
    unit_price_amount,
    {{ money('coalesce(discount_amount, 0)') }} as discount_amount,
    {{ money('coalesce(revenue_amount, 0)') }} as revenue,
    cost_amount,
    discount_amount is null as is_discount_imputed,
    revenue_amount is null as is_revenue_imputed,
    partition_date,
    source_line
from {{ staged('sales_sales_transactions') }} as sales
