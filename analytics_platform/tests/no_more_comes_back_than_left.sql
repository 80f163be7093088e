-- Judged for the dates of sale that changed; how much left is unknown of what left before the first loaded day.
select *
from {{ ref('fact_shipments') }}
where {{ is_touched('sold_date', 'fact_shipments') }} and returned_quantity > quantity
