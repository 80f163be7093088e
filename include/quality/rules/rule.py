"""What a rule is, and the kinds of rules that many tables share."""

from __future__ import annotations

from dataclasses import dataclass

SAME_ROW_COUNT = """
select partition_date, sum(staged) as staged, sum(modelled) as modelled
from (
    select partition_date, count(*) as staged, 0 as modelled
    from {staging_table} where partition_date in ({{days}}) group by partition_date
    union all
    select partition_date, 0, count(*) from {{batch}} group by partition_date
) counted
group by partition_date
having sum(staged) <> sum(modelled)
"""
# Half-open intervals in order: each ends no later than the next begins, and only the last may be open.
OVERLAP = """
select {key}, valid_from, valid_to, next_from
from (
    select {key}, valid_from, valid_to, lead(valid_from) over (partition by {key} order by valid_from) as next_from
    from {{batch}}
) versions
where valid_to <= valid_from or (next_from is not null and (valid_to is null or valid_to > next_from))
"""
CURRENT_VERSIONS = """
select {key}, count(*) filter (where is_last_version) as last_versions,
    count(*) filter (where is_current) as current_versions
from {{batch}}
group by {key}
having count(*) filter (where is_last_version) <> 1 or count(*) filter (where is_current) > 1
"""
LISTED_WITHOUT_VERSION = """
select listed.{key}
from {staging_table} as listed
where listed.partition_date = (select max(partition_date) from ops.audited_partitions)
  and not exists (select from {{batch}} where subselect.{key} = listed.{key} and subselect.is_current)
"""
FACT_TIE_OUT = """
select partition_date, sum(staged_rows) as staged_rows, sum(fact_rows) as fact_rows,
    sum(staged_amount) as staged_amount, sum(fact_amount) as fact_amount
from (
    select partition_date, count(*) as staged_rows, 0 as fact_rows,
        sum(coalesce({staged_amount}, 0)) as staged_amount, 0 as fact_amount
    from {staging_table} as staged
    where partition_date in ({{days}}) and not exists (
        select from {fact} as earlier
        where earlier.{fact_key} = staged.{staged_key} and earlier.partition_date < staged.partition_date)
    group by partition_date
    union all
    select partition_date, 0, count(*), 0, sum({fact_amount}) from {{batch}} group by partition_date
) both_sides
group by partition_date
having sum(staged_rows) <> sum(fact_rows) or sum(staged_amount) <> sum(fact_amount)
"""
UNKNOWN_KEY = """
select {key}, {reference}, {column}
from {{batch}}
where {reference} is not null
  and not exists (select from {dimension} as dimension where dimension.{dimension_key} = subselect.{column})
"""
DAILY_TIE_OUT = """
with touched as (select distinct {date}, {date_key} from {fact} where partition_date in ({{days}})),
facts as (
    select {date}, count(*) as fact_rows, sum({fact_amount}) as fact_amount
    from {fact} where {date_key} in (select {date_key} from touched) group by {date}),
daily as (
    select {date}, sum({daily_rows}) as daily_rows, sum({daily_amount}) as daily_amount
    from {{batch}} where {date} in (select {date} from touched) group by {date})
select {date}, sum(fact_rows) as fact_rows, sum(daily_rows) as daily_rows, sum(fact_amount) as fact_amount,
    sum(daily_amount) as daily_amount
from (
    select {date}, fact_rows, 0 as daily_rows, fact_amount, 0 as daily_amount from facts
    union all
    select {date}, 0, daily_rows, 0, daily_amount from daily
) both_sides
group by {date}
having sum(fact_rows) <> sum(daily_rows) or sum(fact_amount) <> sum(daily_amount)
"""
# What is summed up by month is what the days sold.
MONTHLY_TIE_OUT = """
select month_date, sum(stated) as stated, sum(daily) as daily
from (
    select {month} as month_date, revenue as stated, 0 as daily from {{batch}} where {judged}
    union all
    select cast(date_trunc('month', sale_date) as date), 0, revenue from analytics.daily_sales
) both_sides
group by month_date
having sum(stated) <> sum(daily)
"""


@dataclass(frozen=True)
class Rule:
    """A rule in SQL: the query, over `{batch}` (alias subselect) and `{days}`, returns what breaks it.

    The query does without the keyword for joins: with it, Great Expectations leaves `{batch}` without alias.
    """

    name: str
    expected: str
    sql: str
    column: str | None = None


@dataclass(frozen=True)
class TableRules:
    """What one table must satisfy."""

    table: str
    key: tuple[str, ...] = ()  # no two rows share it, and it has no nulls
    by_day: bool = False  # judge the rows of the days to publish, not the whole table
    min_rows: int = 1
    filled: tuple[str, ...] = ()  # other columns without nulls
    rules: tuple[Rule, ...] = ()


def same_row_count(staging_table: str) -> Rule:
    """A cleaned model has as many rows of each day as its staging table."""
    sql = SAME_ROW_COUNT.format(staging_table=staging_table)
    return Rule("same_row_count", f"as many rows of each day as {staging_table}", sql)


def versions(key: str) -> tuple[Rule, ...]:
    """The versions of an entity follow each other, and one is the last."""
    return (
        Rule("no_overlap", f"versions of one {key} that do not overlap", OVERLAP.format(key=key), key),
        Rule(
            "one_current_version",
            f"one last version per {key}, and at most one current one",
            CURRENT_VERSIONS.format(key=key),
            key,
        ),
    )


def listed(key: str, staging_table: str) -> Rule:
    """Whoever is on the last audited list has a current version."""
    sql = LISTED_WITHOUT_VERSION.format(key=key, staging_table=staging_table)
    return Rule("listed_is_current", f"a current version of every {key} on the last audited list", sql, key)


def known(
    key: str,
    column: str,
    *,
    dimension: str,
    dimension_key: str,
    reference: str,
) -> Rule:
    """Every row finds its dimension.

    Args:
        key: key of the fact.
        column: the fact's key of the dimension.
        dimension: table of the dimension.
        dimension_key: its key.
        reference: the source's column behind `column`; where it is null, nothing is referred to.
    """
    sql = UNKNOWN_KEY.format(
        key=key, reference=reference, column=column, dimension=dimension, dimension_key=dimension_key
    )
    return Rule("dimension_key", f"{column} of every row with {reference} to be in {dimension}", sql, column)


def revenue_as_daily(month: str = "month_date", judged: str = "true") -> Rule:
    """The months (first days in `month`, of rows that meet `judged`) have the revenue of their days."""
    sql = MONTHLY_TIE_OUT.format(month=month, judged=judged)
    return Rule("tie_out", "revenue of each month as in analytics.daily_sales", sql, "revenue")
