"""The feature store: what is known on a day is not changed by what later days tell, in whatever order they come."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from database.connection import engine
from database.raw_zone import raw_file
from include.contracts import contracts
from include.pipeline import run_day
from include.settings import settings
from tests.conftest import checksums, empty_warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from dbt.cli.main import dbtRunner

# The 7th is never loaded.
DAYS = [date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 8), date(2026, 1, 9)]
PER_DAY = ("fact_customer_daily", "customer_features")
Row = dict[str, str]


def by_day(table: str) -> dict[date, str]:
    """A checksum of each day's rows."""
    with engine("owner").connect() as connection:
        rows = connection.execute(
            text(
                f"select feature_date, count(*) || ':' || md5(string_agg(t::text, '' order by t::text)) "
                f"from marts.{table} t group by 1 order by 1"
            )
        )
        return dict(rows.all())


def rewrite(contract: str, day: date, change: Callable[[list[Row]], list[Row]]) -> None:
    """Change the rows of a day's file."""
    path = raw_file(settings().raw_zone, contracts()[contract], day)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(change(rows))


def other_contacts(rows: list[Row]) -> list[Row]:
    """Some contacts are withdrawn, some are complaints after all, and some of the first day come late."""
    complaints = [row | {"topic": "complaint"} for row in rows[20:40]]
    late = [
        row | {"interaction_id": f"late-{number}", "interaction_at": f"{DAYS[0]}T12:00:00Z"}
        for number, row in enumerate(rows[40:50])
    ]
    return complaints + rows[40:] + late


def other_customers(rows: list[Row]) -> list[Row]:
    """One customer is on the list no more, others have left or belong to another segment."""
    left = [row | {"is_active": "false"} for row in rows[1:5]]
    moved = [row | {"segment": "business"} for row in rows[5:20]]
    return left + moved + rows[20:]


@pytest.fixture(scope="module")
def told_first(dbt: dbtRunner) -> dict[str, dict[date, str]]:
    """What the days say at first, by table and day."""
    empty_warehouse()
    for day in DAYS:
        run_day(day, dbt, data_tests=False)
    return {table: by_day(table) for table in PER_DAY}


@pytest.fixture(scope="module")
def told_again(told_first: dict[str, dict[date, str]], dbt: dbtRunner) -> dict[str, dict[date, str]]:
    """What they say after the third day was sent again with other rows."""
    rewrite("operations.customer_interactions", DAYS[2], other_contacts)
    rewrite("sales.customers", DAYS[2], other_customers)
    run_day(DAYS[2], dbt, run_id="again", generate=False, data_tests=False)
    return {table: by_day(table) for table in PER_DAY}


@pytest.mark.parametrize("table", PER_DAY)
def test_the_days_that_were_loaded_have_rows(told_first: dict[str, dict[date, str]], table: str) -> None:
    assert list(told_first[table]) == DAYS


@pytest.mark.parametrize("table", PER_DAY)
def test_what_was_known_on_a_day_is_not_changed_by_later_ones(
    told_first: dict[str, dict[date, str]], told_again: dict[str, dict[date, str]], table: str
) -> None:
    changed = {day for day, checksum in told_again[table].items() if checksum != told_first[table][day]}
    assert changed == {DAYS[2], DAYS[3]}


def test_late_rows_count_from_their_delivery_on(told_again: dict[str, dict[date, str]]) -> None:
    with engine("owner").connect() as connection:
        told = dict(
            connection.execute(
                text("select feature_date, sum(interactions_count) from marts.fact_customer_daily group by 1")
            ).all()
        )
        delivered = dict(
            connection.execute(text("select partition_date, count(*) from marts.fact_interactions group by 1")).all()
        )
    assert told == delivered


def test_any_order_of_days_gives_the_same_features(told_again: dict[str, dict[date, str]], dbt: dbtRunner) -> None:
    expected = checksums(("marts", "analytics"))
    empty_warehouse()
    for day in (DAYS[3], DAYS[0], DAYS[2], DAYS[1]):
        run_day(day, dbt, generate=False, data_tests=False)
    assert {table: by_day(table) for table in PER_DAY} == told_again
    customers = ("customer", "dim_customer", "predictive", "retention")
    found = checksums(("marts", "analytics"))
    assert {table for table in found if found[table] != expected[table] and any(n in table for n in customers)} == set()
