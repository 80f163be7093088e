-- No event stands in two months of a partitioned fact, whose primary key has to hold the date. Of the dates that
-- changed, by ids: an array is looked up in the index of each month, for a join all months would be read.
select sale_id as event_id
from {{ ref('fact_sales') }}
where
    sale_id = any(array(
        select changed.sale_id
        from {{ ref('fact_sales') }} as changed
        where {{ is_touched('changed.sale_date', 'fact_sales') }}
    ))
group by sale_id
having count(*) > 1
union all
select transaction_id
from {{ ref('fact_transactions') }}
where
    transaction_id = any(array(
        select changed.transaction_id
        from {{ ref('fact_transactions') }} as changed
        where {{ is_touched('changed.transaction_date', 'fact_transactions') }}
    ))
group by transaction_id
having count(*) > 1
