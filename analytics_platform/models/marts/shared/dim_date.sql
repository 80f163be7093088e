{{ config(indexes=[{'columns': ['full_date'], 'unique': true}]) }}

with spine as (
    {{ dbt.date_spine('day', "cast('2020-01-01' as date)", "cast('2031-01-01' as date)") }}
),

days as (
    select
        cast(date_day as date) as full_date,
        cast(extract(month from date_day) as integer) as month_number,
        cast(extract(day from date_day) as integer) as day_of_month,
        cast(extract(isodow from date_day) as integer) as day_of_week
    from spine
),

holidays as (
    select
        *,
        -- The nth Monday of a month has day (n - 1) * 7 + 1 to n * 7; the last one of May falls after the 24th.
        case
            when month_number = 1 and day_of_month = 1 then 'New Year''s Day'
            when month_number = 1 and day_of_week = 1 and day_of_month between 15 and 21
                then 'Martin Luther King Jr. Day'
            when month_number = 2 and day_of_week = 1 and day_of_month between 15 and 21 then 'Washington''s Birthday'
            when month_number = 5 and day_of_week = 1 and day_of_month > 24 then 'Memorial Day'
            when month_number = 6 and day_of_month = 19 and full_date >= date '2021-06-17' then 'Juneteenth'
            when month_number = 7 and day_of_month = 4 then 'Independence Day'
            when month_number = 9 and day_of_week = 1 and day_of_month <= 7 then 'Labor Day'
            when month_number = 10 and day_of_week = 1 and day_of_month between 8 and 14 then 'Columbus Day'
            when month_number = 11 and day_of_month = 11 then 'Veterans Day'
            when month_number = 11 and day_of_week = 4 and day_of_month between 22 and 28 then 'Thanksgiving Day'
            when month_number = 12 and day_of_month = 25 then 'Christmas Day'
        end as holiday_name
    from days
),

observed as (
    -- A holiday on a Saturday is observed on Friday, one on a Sunday on Monday.
    select
        *,
        case day_of_week
            when 5 then coalesce(holiday_name, lead(holiday_name) over (order by full_date))
            when 1 then coalesce(holiday_name, lag(holiday_name) over (order by full_date))
            when 6 then null
            when 7 then null
            else holiday_name
        end as observed_holiday_name
    from holidays
)

select
    {{ date_key('full_date') }} as date_key,
    full_date,
    day_of_week,
    trim(to_char(full_date, 'Day')) as day_name,
    to_char(full_date, 'Dy') as day_name_short,
    day_of_month,
    cast(extract(doy from full_date) as integer) as day_of_year,
    cast(extract(week from full_date) as integer) as iso_week,
    cast(extract(isoyear from full_date) as integer) as iso_year,
    cast(date_trunc('week', full_date) as date) as week_start_date,
    month_number,
    trim(to_char(full_date, 'Month')) as month_name,
    to_char(full_date, 'Mon') as month_name_short,
    to_char(full_date, 'YYYY-MM') as year_month,
    cast(date_trunc('month', full_date) as date) as month_start_date,
    cast(date_trunc('month', full_date) + interval '1 month - 1 day' as date) as month_end_date,
    cast(extract(quarter from full_date) as integer) as quarter_number,
    to_char(full_date, 'YYYY-"Q"Q') as year_quarter,
    cast(date_trunc('quarter', full_date) as date) as quarter_start_date,
    cast(extract(year from full_date) as integer) as year_number,
    full_date = cast(date_trunc('month', full_date) as date) as is_month_start,
    full_date = cast(date_trunc('month', full_date) + interval '1 month - 1 day' as date) as is_month_end,
    day_of_week >= 6 as is_weekend,
    holiday_name is not null as is_federal_holiday,
    holiday_name,
    observed_holiday_name,
    day_of_week < 6 and observed_holiday_name is null as is_business_day
from observed
