{{ config(materialized='table', post_hook='{{ note_build() }}') }}

-- What a store was when: dim_store is type 1, but a sale keeps the region and the kind of store of its day.
{{ versions(ref('stg_stores'), 'store_id', [
    'store_name', 'store_type', 'city', 'state', 'region', 'floor_area_sqft', 'opened_date', 'is_open',
]) }}
