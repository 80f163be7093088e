{{ config(materialized='table') }}

-- Where a store was when: dim_store is type 1, but a sale keeps the region and the kind of store of its day.
{{ versions(ref('stg_stores'), 'store_id', ['region', 'store_type']) }}
