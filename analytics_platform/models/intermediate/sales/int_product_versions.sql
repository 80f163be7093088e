{{ config(materialized='table', post_hook='{{ note_build() }}') }}

-- What a product was when, its price and cost included.
{{ versions(ref('stg_products'), 'product_id', [
    'product_name', 'category', 'subcategory', 'brand', 'unit_cost_amount', 'list_price_amount', 'launched_date',
    'is_active',
]) }}
