-- The regions that the contracts allow, and 0 for what has none: constants, so that keys never change.
select
    cast(region_id as integer) as region_id,
    region_name,
    region_code
from (
    values
    (0, 'Unknown', 'UN'),
    (1, 'West', 'WE'),
    (2, 'South', 'SO'),
    (3, 'Midwest', 'MW'),
    (4, 'Northeast', 'NE')
) as regions (region_id, region_name, region_code)
