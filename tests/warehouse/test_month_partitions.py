"""Large facts lie in one table per month: in marts as dbt builds them, and in published; readers see one table."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from database.connection import engine
from database.raw_zone import raw_file
from include.contracts import contracts
from include.dbt_project import DBT_ARGUMENTS
from include.pipeline import run_day
from include.settings import settings
from tests.conftest import checksums, empty_warehouse
from tests.warehouse.test_publish import as_reader, as_transformer, run

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 1)
FACTS = {"fact_sales": "sale_date", "fact_transactions": "transaction_date"}
MONTHLY = """
create table marts.fact_monthly (id int, day date, value int, primary key (id, day)) partition by range (day);
select ops.add_month_partitions('marts.fact_monthly', array['2026-01-31', '2026-02-01', '2026-01-01', null]::date[]);
insert into marts.fact_monthly values (1, '2026-01-31', 7), (2, '2026-02-01', 7);
"""


def months(table: str, column: str = "id") -> list[tuple[str, object]]:
    """In which month's table each row lies."""
    with engine("transformer").connect() as connection:
        rows = connection.execute(text(f"select tableoid::regclass::text, {column} from {table} order by 1, 2"))
        return [(month, value) for month, value in rows]


def test_rows_are_published_in_the_table_of_their_month(warehouse: Engine) -> None:
    as_transformer(MONTHLY)
    run("one")
    expected = [("published_months.fact_monthly_2026_01", 1), ("published_months.fact_monthly_2026_02", 2)]
    assert months("published.fact_monthly") == expected
    # Its date moves to a month that is new.
    as_transformer("select ops.add_month_partitions('marts.fact_monthly', array['2026-03-05']::date[])")
    as_transformer("update marts.fact_monthly set day = '2026-03-05' where id = 1")
    run("two")
    expected = [("published_months.fact_monthly_2026_02", 2), ("published_months.fact_monthly_2026_03", 1)]
    assert months("published.fact_monthly") == expected


def test_only_months_that_are_missing_are_made(warehouse: Engine) -> None:
    as_transformer(MONTHLY)
    with engine("transformer").begin() as connection:
        again = text("select ops.add_month_partitions('marts.fact_monthly', array['2026-01-05', '2025-12-31']::date[])")
        assert connection.scalar(again) == 1
        made = "select inhrelid::regclass::text from pg_inherits where inhparent = 'marts.fact_monthly'::regclass"
        assert sorted(connection.scalars(text(made))) == [
            "marts_months.fact_monthly_2025_12",
            "marts_months.fact_monthly_2026_01",
            "marts_months.fact_monthly_2026_02",
        ]


def test_a_table_that_is_not_partitioned_is_refused_with_a_way_out(warehouse: Engine) -> None:
    as_transformer("create table marts.fact_plain (id int primary key, day date)")
    with pytest.raises(ProgrammingError, match=r"fact_plain is not partitioned(.|\n)*--full-refresh .* fact_plain"):
        as_transformer("select ops.add_month_partitions('marts.fact_plain', array['2026-01-05']::date[])")


def test_a_twin_from_before_the_months_is_made_anew(warehouse: Engine) -> None:
    as_transformer("create table marts.fact_monthly (id int, day date, value int, primary key (id, day))")
    run("one")
    as_transformer("drop table marts.fact_monthly")
    as_transformer(MONTHLY)
    run("two")
    assert [month for month, _ in months("published.fact_monthly")] == [
        "published_months.fact_monthly_2026_01",
        "published_months.fact_monthly_2026_02",
    ]


def test_readers_see_one_table_and_the_months_of_their_question_are_read(warehouse: Engine) -> None:
    as_transformer(MONTHLY)
    run("one")
    listed = "select table_schema || '.' || table_name from information_schema.tables where table_name ~ 'monthly'"
    assert as_reader(listed) == [("published.fact_monthly",)]
    plan = str(as_reader("explain select sum(value) from fact_monthly where day between '2026-02-01' and '2026-02-28'"))
    assert "fact_monthly_2026_02" in plan
    assert "fact_monthly_2026_01" not in plan


def test_a_new_month_waits_for_no_reader(warehouse: Engine) -> None:
    as_transformer(MONTHLY)
    run("one")
    as_transformer("select ops.add_month_partitions('marts.fact_monthly', array['2026-03-05']::date[])")
    as_transformer("insert into marts.fact_monthly values (3, '2026-03-05', 7)")
    publishing = threading.Thread(target=run, args=["two"])
    with engine("reader").connect() as connection:
        connection.execute(text("select * from fact_monthly"))
        publishing.start()
        publishing.join(20)
        has_waited = publishing.is_alive()
    publishing.join()
    assert not has_waited
    assert as_reader("select count(*) from fact_monthly") == [(3,)]


@pytest.fixture(scope="module")
def two_months(dbt: dbtRunner) -> None:
    """The last day of a month and the first of the next, from file to publish."""
    empty_warehouse()
    run_day(JANUARY, dbt, data_tests=False)
    run_day(FEBRUARY, dbt, data_tests=False)


def assert_rows_lie_in_their_months() -> None:
    for fact, day in FACTS.items():
        for schema in ("marts", "published"):
            found = set(months(f"{schema}.{fact}", f"to_char({day}, 'YYYY_MM')"))
            assert len(found) == 2, schema
            assert [
                (table, month) for table, month in found if not table.startswith(f"{schema}_months.{fact}_{month}")
            ] == []


@pytest.mark.usefixtures("two_months")
def test_facts_lie_in_the_tables_of_their_months() -> None:
    assert_rows_lie_in_their_months()


@pytest.mark.usefixtures("two_months")
def test_a_movement_whose_date_moves_to_another_month_moves_there(dbt: dbtRunner) -> None:
    def of_the_movement(schema: str) -> list[tuple[str, object]]:
        return [row for row in months(f"{schema}.fact_transactions", "transaction_id") if row[1] == moved]

    path = Path(raw_file(settings().raw_zone, contracts()["finance.transactions"], FEBRUARY))
    with engine("owner").connect() as connection:
        # Of sales and loans other systems tell, too: they would have to move as well.
        query = (
            "select min(transaction_id) from marts.fact_transactions "
            "where transaction_date = :day and partition_date = :day and reference is null"
        )
        moved = connection.scalar(text(query), {"day": FEBRUARY})
    assert of_the_movement("published") == [("published_months.fact_transactions_2026_02", moved)]
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line.replace("2026-02-01", "2026-01-31") if moved in line else line for line in lines))
    run_day(FEBRUARY, dbt, run_id="re-sent", generate=False, data_tests=False)
    assert of_the_movement("marts") == [("marts_months.fact_transactions_2026_01", moved)]
    assert of_the_movement("published") == [("published_months.fact_transactions_2026_01", moved)]


@pytest.mark.usefixtures("two_months")
def test_made_anew_again_and_again_a_fact_holds_the_same_in_its_months(dbt: dbtRunner) -> None:
    before = checksums(("marts",))
    for _ in range(2):
        done = dbt.invoke(["--quiet", "run", "--full-refresh", "--select", *FACTS, *DBT_ARGUMENTS])
        assert done.success
        assert checksums(("marts",)) == before
        assert_rows_lie_in_their_months()
