-- One row per delivery of a figure: a figure may be delivered by several days.
select
    indicator || '-' || indicator_date as indicator_id,
    indicator,
    indicator_date,
    indicator_value,
    unit,
    partition_date,
    source_line
from {{ staged('finance_economic_indicators') }} as indicators
