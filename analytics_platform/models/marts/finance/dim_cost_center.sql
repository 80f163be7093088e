-- Who answers for what in the ledger, and in the budget: shops by region, the web shop and departments by themselves.
select
    store_id as cost_center,
    store_name as cost_center_name,
    'store' as cost_center_type,
    case when is_online then 'online' else region_name end as budget_center
from {{ ref('dim_store') }}
union all
select
    cost_center,
    cost_center_name,
    'department' as cost_center_type,
    cost_center as budget_center
from (
    values
    ('head_office', 'Head office'),
    ('bank', 'Bank')
) as departments (cost_center, cost_center_name)
