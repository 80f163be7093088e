-- No event is lost or invented on the days to publish: each audited id of a dirty day is in its fact,
-- and nothing in the facts comes from a day that is not audited.
select sales.sale_id as event_id
from {{ ref('stg_sales_transactions') }} as sales
where
    {{ is_dirty('sales.partition_date') }}
    and not exists (
        select 1 from {{ ref('fact_sales') }} as fact
        where fact.sale_id = sales.sale_id
    )
union all
select transactions.transaction_id
from {{ ref('stg_transactions') }} as transactions
where
    {{ is_dirty('transactions.partition_date') }}
    and not exists (
        select 1 from {{ ref('fact_transactions') }} as fact
        where fact.transaction_id = transactions.transaction_id
    )
union all
select cast(days.partition_date as text)
from {{ source('ops', 'dirty_partitions') }} as days
where
    days.partition_date not in (
        select audited.partition_date from {{ source('ops', 'audited_partitions') }} as audited
    )
    and (
        exists (
            select 1 from {{ ref('fact_sales') }} as fact
            where fact.partition_date = days.partition_date
        )
        or exists (
            select 1 from {{ ref('fact_transactions') }} as fact
            where fact.partition_date = days.partition_date
        )
    )
