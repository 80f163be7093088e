"""What each checkpoint expects, as lists of Great Expectations expectations; reads nothing.

Staging suites follow from the contracts, so a new contract needs no code here. What intermediate and marts
must satisfy is declared in `include.quality.rules`.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from include.quality import gx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.contracts import Column, Contract
    from include.quality.rules import TableRules

# A delivery may be half or double the median of the days before it ...
HISTORY_DAYS = 7
MIN_HISTORY = 2
LOWEST_SHARE = 0.5
HIGHEST_SHARE = 2.0
# ... and in small tables, where chance moves the count by more than that, this many rows off.
FREE_ROWS = 10

DAY_OF_TABLE = "select * from {table} where partition_date = date '{day}'"
DAYS_OF_TABLE = "select * from {table} where partition_date in ({days})"
WHOLE_TABLE = "select * from {table}"
# The loads reject orphans; here are those that a later load of the parent alone has made.
ORPHANS = """
select {shown} from {{batch}}
where {column} is not null
  and not exists (
      select from staging.{parent_table} parent
      where parent.partition_date {days} and parent.{parent_column} = subselect.{column})
"""
NO_EVENT_OF_THE_DAY = """
select 'no event of {day}' as problem
where not exists (select from {{batch}} where {column} >= {start} and {column} < {end})
"""


@dataclass(frozen=True)
class TableSuite:
    """The rows of one table that a checkpoint judges, and the expectations on them."""

    table: str
    query: str
    expectations: list[Any]
    key: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()  # columns whose values nobody may see in a result


def _notes(rule: str, expected: str, column: str | None = None) -> dict[str, Any]:
    return {"meta": {"rule": rule, "column": column}, "description": expected}


def unexpected_rows(rule: str, expected: str, sql: str, column: str | None = None) -> Any:
    """An expectation that a query (over `{batch}`) returns no row."""
    notes = _notes(rule, expected, column)
    return gx.expectations().UnexpectedRowsExpectation(unexpected_rows_query=sql, **notes)


def unique_key(key: Sequence[str]) -> Any:
    """An expectation that no two rows share a key."""
    notes = _notes("unique", f"one row per {', '.join(key)}", ", ".join(key))
    if len(key) == 1:
        return gx.expectations().ExpectColumnValuesToBeUnique(column=key[0], **notes)
    return gx.expectations().ExpectCompoundColumnsToBeUnique(column_list=list(key), **notes)


def not_null(column: str) -> Any:
    """An expectation that a column is filled in every row."""
    notes = _notes("not_null", f"{column} to be filled in every row", column)
    return gx.expectations().ExpectColumnValuesToNotBeNull(column=column, **notes)


def row_count(rule: str, minimum: int, maximum: int | None, expected: str) -> Any:
    """An expectation on the number of rows."""
    return gx.expectations().ExpectTableRowCountToBeBetween(
        min_value=minimum, max_value=maximum, **_notes(rule, expected)
    )


def volume_bounds(history: Sequence[int]) -> tuple[int, int] | None:
    """Fewest and most rows that a delivery may have after these counts; None if they are too few to say."""
    if len(history) < MIN_HISTORY:
        return None
    median = statistics.median(history)
    low = min(median * LOWEST_SHARE, median - FREE_ROWS)
    high = max(median * HIGHEST_SHARE, median + FREE_ROWS)
    return max(0, round(low)), round(high)


def _volume(contract: Contract, history: Sequence[int]) -> list[Any]:
    """A delivery has about as many rows as those before; any number, where a day may pass without one."""
    bounds = volume_bounds(history)
    if bounds is None or contract.min_rows == 0:
        return []
    expected = (
        f"between {bounds[0]} and {bounds[1]} rows, as the median of the {len(history)} loaded days before "
        f"is {statistics.median(history):g}"
    )
    return [row_count("volume", *bounds, expected)]


def _limit(column: Column, limit: float | str | None, at: time) -> Any:
    if limit is None or column.is_numeric:
        return limit
    if column.type == "timestamptz":
        return datetime.combine(date.fromisoformat(str(limit)), at, UTC)
    return date.fromisoformat(str(limit))


def _of_column(column: Column) -> list[Any]:
    members = []
    if column.required or column.is_key:
        members.append(not_null(column.name))
    if column.allowed:
        notes = _notes("allowed_values", f"{column.name} to be one of {', '.join(column.allowed)}", column.name)
        members.append(
            gx.expectations().ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.allowed), **notes)
        )
    if column.minimum is not None or column.maximum is not None:
        low, high = _limit(column, column.minimum, time.min), _limit(column, column.maximum, time.max)
        words = [f"at least {column.minimum}"] if low is not None else []
        words += [f"at most {column.maximum}"] if high is not None else []
        notes = _notes("range", f"{column.name} to be {' and '.join(words)}", column.name)
        members.append(
            gx.expectations().ExpectColumnValuesToBeBetween(column=column.name, min_value=low, max_value=high, **notes)
        )
    return members


def _freshness(contract: Contract, day: date) -> list[Any]:
    """An events table, unless it may be empty, holds at least one event of its day; days are those of UTC."""
    if contract.delivery != "events" or contract.min_rows == 0:
        return []
    times = [column for column in contract.columns if column.type in ("timestamptz", "date") and column.required]
    if not times:
        return []
    event = times[0]
    cast, zone = ("timestamptz", " 00:00+00") if event.type == "timestamptz" else ("date", "")
    sql = NO_EVENT_OF_THE_DAY.format(
        day=day,
        column=event.name,
        start=f"{cast} '{day}{zone}'",
        end=f"{cast} '{day + timedelta(days=1)}{zone}'",
    )
    return [unexpected_rows("freshness", f"at least one event whose {event.name} is on {day}", sql, event.name)]


def _references(contract: Contract, day: date, contracts: Mapping[str, Contract]) -> list[Any]:
    members = []
    for column in contract.columns:
        if column.references is None:
            continue
        parent_id, parent_column = column.references.rsplit(".", 1)
        parent = contracts[parent_id]
        # A snapshot lists everything that exists on its day; an event may have been delivered on any day before.
        days = f"= date '{day}'" if parent.delivery == "snapshot" else f"<= date '{day}'"
        sql = ORPHANS.format(
            shown=", ".join(dict.fromkeys((*contract.key, column.name))),
            column=column.name,
            parent_table=parent.staging_table,
            parent_column=parent_column,
            days=days,
        )
        expected = f"every {column.name} to be in {parent_id} of {day}"
        members.append(unexpected_rows("referential_integrity", expected, sql, column.name))
    return members


def staging_suites(
    contracts: Mapping[str, Contract], day: date, history: Mapping[str, Sequence[int]]
) -> list[TableSuite]:
    """The suites of checkpoint_staging.

    Args:
        contracts: every contract by id.
        day: the partition date that is judged.
        history: by contract id, the row counts of the loaded days before (at most HISTORY_DAYS).
    """
    return [
        TableSuite(
            table=f"staging.{contract.staging_table}",
            query=DAY_OF_TABLE.format(table=f"staging.{contract.staging_table}", day=day),
            expectations=[
                row_count("row_count", contract.min_rows, None, f"at least {contract.min_rows} rows"),
                *_volume(contract, history.get(contract.id, ())),
                unique_key(contract.key),
                *(member for column in contract.columns for member in _of_column(column)),
                *_freshness(contract, day),
                *_references(contract, day, contracts),
            ],
            key=contract.key,
            hidden=frozenset(column.name for column in contract.columns if column.is_pii),
        )
        for contract in contracts.values()
    ]


def _of_rules(table: TableRules, days: str) -> list[Any]:
    least = [row_count("row_count", table.min_rows, None, f"at least {table.min_rows} rows")] if table.min_rows else []
    return [
        *least,
        *([unique_key(table.key)] if table.key else []),
        *(not_null(column) for column in (*table.key, *table.filled)),
        *(
            unexpected_rows(rule.name, rule.expected, rule.sql.replace("{days}", days), rule.column)
            for rule in table.rules
        ),
    ]


def rule_suites(tables: Sequence[TableRules], days: Sequence[date]) -> list[TableSuite]:
    """The suites of the declared rules of a layer, for the days that the next publish changes."""
    listed = ", ".join(f"date '{day}'" for day in days)
    return [
        TableSuite(
            table=table.table,
            query=(DAYS_OF_TABLE if table.by_day else WHOLE_TABLE).format(table=table.table, days=listed),
            expectations=_of_rules(table, listed),
            key=table.key,
        )
        for table in tables
    ]
