{{ config(materialized='table') }}

-- Where a store was when: dim_store is type 1, but a sale keeps the region of its day.
{{ versions(ref('stg_stores'), 'store_id', ['region']) }}
