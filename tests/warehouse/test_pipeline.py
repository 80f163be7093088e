"""The whole pipeline: any order of days, any repetition, the same figures; and a checkpoint that stops it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from database.connection import engine
from database.generator import write_partition
from database.raw_zone import raw_file
from include.contracts import contracts
from include.dbt_project import DBT_ARGUMENTS, DBT_DIR
from include.pipeline import run_day
from include.quality.checkpoints import CheckpointFailed
from include.settings import settings
from tests.conftest import checksums, empty_warehouse

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner

DAYS = [date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)]
# What dbt last ran to make a model of versions: from all history, or adding a day.
VERSIONS_SQL = DBT_DIR / "target/run/analytics_platform/models/intermediate/sales/int_store_versions.sql"
EVERYTHING = ("staging", "marts", "analytics", "published")
SALES, MOVEMENTS = contracts()["sales.sales_transactions"], contracts()["finance.transactions"]


@pytest.fixture(scope="module")
def in_order(dbt: dbtRunner) -> dict[str, str]:
    """Checksums of everything after three days in their order."""
    empty_warehouse()
    for day in DAYS:
        run_day(day, dbt)
        assert was_added(day) == (day != DAYS[0])
    return checksums(EVERYTHING)


def was_added(day: date) -> bool:
    """Whether dbt added the day to the versions that there were, without looking at any other day."""
    return f"where partition_date = '{day}'" in VERSIONS_SQL.read_text()


def published_revenue() -> list[tuple[date, str]]:
    with engine("reader").connect() as connection:
        rows = connection.execute(
            text("select partition_date, sum(revenue)::text from fact_sales group by 1 order by 1")
        )
        return [(day, revenue) for day, revenue in rows]


def published_movements() -> set[str]:
    with engine("reader").connect() as connection:
        return set(connection.scalars(text("select transaction_id from fact_transactions")))


def of_other_days(day: date) -> set[str]:
    """Movements that other days delivered."""
    with engine("reader").connect() as connection:
        statement = text("select transaction_id from fact_transactions where partition_date <> :day")
        return set(connection.scalars(statement, {"day": day}))


def test_every_table_has_rows(in_order: dict[str, str]) -> None:
    assert len(in_order) >= 10 + 2 * 12
    empty = {table.split(".")[1] for table, checksum in in_order.items() if checksum.startswith("0:")}
    # What customers bought in the week after a touch is not known yet, and a trend takes whole months.
    assert empty == {"campaign_responses", "economic_trends"}


def test_published_equals_what_was_built(in_order: dict[str, str]) -> None:
    built = {
        table.split(".")[1]: sum_ for table, sum_ in in_order.items() if table.startswith(("marts.", "analytics."))
    }
    assert {table.split(".")[1]: sum_ for table, sum_ in in_order.items() if table.startswith("published.")} == built


def test_the_rules_argued_in_dbt_unit_tests_hold(in_order: dict[str, str], dbt: dbtRunner) -> None:
    done = dbt.invoke(["--quiet", "test", "--select", "test_type:unit", *DBT_ARGUMENTS])
    assert done.success
    assert len(done.result) >= 17


def test_the_same_day_again_changes_no_figure(in_order: dict[str, str], dbt: dbtRunner) -> None:
    run_day(DAYS[1], dbt, run_id="again", data_tests=False)
    assert not was_added(DAYS[1])
    assert checksums(EVERYTHING) == in_order


def test_the_order_of_days_changes_no_figure(in_order: dict[str, str], dbt: dbtRunner) -> None:
    empty_warehouse()
    for day in (DAYS[2], DAYS[0], DAYS[1]):
        run_day(day, dbt, data_tests=False)
    assert checksums(EVERYTHING) == in_order


def test_a_failed_checkpoint_stops_the_run_and_readers_see_no_change(in_order: dict[str, str], dbt: dbtRunner) -> None:
    before = checksums(("published",))
    day = date(2026, 1, 8)
    write_partition(settings().raw_zone, day, settings().seed, settings().scale, 0.0)
    path = raw_file(settings().raw_zone, SALES, day)
    # A tenth of a day: every row is good, the delivery is not.
    path.write_text("".join(path.open().readlines()[:150]))
    with pytest.raises(CheckpointFailed, match="sales_transactions"):
        run_day(day, dbt, generate=False)
    assert checksums(("published",)) == before
    with engine("owner").connect() as connection:
        [(success,)] = connection.execute(
            text("select success from ops.checkpoints order by checkpoint_id desc limit 1")
        )
        [(audited,)] = connection.execute(
            text("select audited_version from ops.partitions where partition_date = '2026-01-08'")
        )
    assert (success, audited) == (False, None)


def test_a_day_that_failed_its_checkpoint_does_not_leak_into_the_next(in_order: dict[str, str], dbt: dbtRunner) -> None:
    run_day(DAYS[2], dbt, run_id="after the failure", data_tests=False)
    assert [day for day, _ in published_revenue()] == DAYS
    assert checksums(("marts", "analytics", "published")).items() <= in_order.items()


def test_the_repaired_day_is_published(in_order: dict[str, str], dbt: dbtRunner) -> None:
    # Mock data never replace a file that was changed by hand.
    raw_file(settings().raw_zone, SALES, date(2026, 1, 8)).unlink()
    run_day(date(2026, 1, 8), dbt, run_id="repaired", data_tests=False)
    assert [day for day, _ in published_revenue()] == [*DAYS, date(2026, 1, 8)]


def test_withdrawn_rows_disappear(dbt: dbtRunner, in_order: dict[str, str]) -> None:
    path = Path(raw_file(settings().raw_zone, MOVEMENTS, DAYS[0]))
    lines = path.read_text().splitlines(keepends=True)
    # Of sales and loans other systems tell, too: with one side alone withdrawn, nothing would be published.
    settles_nothing = [number for number, row in enumerate(csv.DictReader(lines), start=1) if not row["reference"]]
    gone = set(settles_nothing[-10:])
    path.write_text("".join(line for number, line in enumerate(lines) if number not in gone))
    before = published_movements()
    # Duplicates are at the end of the file: cutting one withdraws nothing.
    withdrawn = before - {row["transaction_id"] for row in csv.DictReader(path.open())} - of_other_days(DAYS[0])
    assert withdrawn
    run_day(DAYS[0], dbt, run_id="re-sent", generate=False)
    assert published_movements() == before - withdrawn
