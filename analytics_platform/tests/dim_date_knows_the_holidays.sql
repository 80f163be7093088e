-- Days whose holiday is on record, fixed and moving ones.
with known as (
    select
        cast(holiday_date as date) as full_date,
        holiday_name
    from (
        values
        ('2020-06-19', null),
        ('2021-06-19', 'Juneteenth'),
        ('2024-05-27', 'Memorial Day'),
        ('2024-11-28', 'Thanksgiving Day'),
        ('2025-01-20', 'Martin Luther King Jr. Day'),
        ('2026-07-03', null),
        ('2026-07-04', 'Independence Day'),
        ('2026-09-07', 'Labor Day'),
        ('2026-10-12', 'Columbus Day'),
        ('2027-02-15', 'Washington''s Birthday')
    ) as holidays (holiday_date, holiday_name)
)

select
    known.full_date,
    dates.holiday_name
from known
left join {{ ref('dim_date') }} as dates on known.full_date = dates.full_date
where dates.full_date is null or dates.holiday_name is distinct from known.holiday_name
union all
-- 4 July 2026 is a Saturday: Friday is off.
select
    full_date,
    observed_holiday_name
from {{ ref('dim_date') }}
where full_date = date '2026-07-03' and (is_business_day or observed_holiday_name is distinct from 'Independence Day')
