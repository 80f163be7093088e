"""docs/tracing.md: every statement in it runs, finds rows, and leads to the right line of the right file."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from database import partitions
from database.connection import engine
from database.etl import load_table
from database.etl.replay import export, replay
from database.generator import write_partition
from database.raw_zone import raw_file
from include.contracts import contracts
from include.pipeline import run_day
from include.settings import PROJECT_DIR, settings
from tests.conftest import empty_warehouse

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner

DAY = date(2026, 1, 6)
SALES = contracts()["sales.sales_transactions"]
STATEMENTS = re.findall(r"```sql\n(.*?);\n```", (PROJECT_DIR / "docs" / "tracing.md").read_text(), re.DOTALL)


def found(statement: str) -> list[Any]:
    with engine("transformer").connect() as connection:
        return list(connection.execute(text(statement)))


def about(*words: str) -> str:
    """The one statement that holds these words."""
    [statement] = [statement for statement in STATEMENTS if all(word in statement for word in words)]
    return statement


def _correct_the_first_sale(folder: Path) -> None:
    """Reject the first sale of the day, and replay it as it was."""
    path = raw_file(settings().raw_zone, SALES, DAY)
    lines = path.read_text().splitlines(keepends=True)
    good = next(csv.DictReader(lines))
    bad = good | {"quantity": "many"}
    lines[1] = lines[1].replace(",".join(good.values()), ",".join(bad.values()))
    path.write_text("".join(lines))
    assert partitions.acquire(engine("loader"), "before", DAY) is None
    load_table(engine("loader"), SALES, settings().raw_zone, DAY, "before")
    partitions.release(engine("loader"), "before", "failed")
    edited = folder / "edited.csv"
    with edited.open("w", newline="") as file:
        export(engine("loader"), SALES, DAY, file)
    edited.write_text(edited.read_text().replace(",many,", f",{good['quantity']},", 1))
    replay(engine("loader"), edited, "Ada")


@pytest.fixture(scope="module")
def corrected_day(dbt: dbtRunner, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A published day, one of whose sales was corrected by hand."""
    empty_warehouse()
    write_partition(settings().raw_zone, DAY, settings().seed, settings().scale, 0.01)
    _correct_the_first_sale(tmp_path_factory.mktemp("edited"))
    run_day(DAY, dbt, generate=False, data_tests=False)


@pytest.mark.usefixtures("corrected_day")
def test_every_statement_finds_rows() -> None:
    assert len(STATEMENTS) > 5
    assert [statement for statement in STATEMENTS if not found(statement)] == []


@pytest.mark.usefixtures("corrected_day")
def test_a_sale_leads_to_its_line_and_to_who_corrected_it() -> None:
    [row] = found(about("published.fact_sales", "corrected_by"))
    line = Path(row.source_file).read_text().splitlines()[row.source_line - 1]
    assert row.sale_id in line
    assert (row.run_id, row.corrected_by) == (f"by_hand__{DAY}", "Ada")


@pytest.mark.usefixtures("corrected_day")
def test_a_file_leads_to_all_of_its_records() -> None:
    outcomes = found(about("staging.sales_customers"))
    with raw_file(settings().raw_zone, contracts()["sales.customers"], DAY).open(newline="") as file:
        assert len(outcomes) == sum(1 for _ in csv.reader(file)) - 1
    assert {row.outcome for row in outcomes} == {"accepted", "rejected"}


@pytest.mark.usefixtures("corrected_day")
def test_a_figure_is_the_sum_of_its_rows() -> None:
    [row] = found(about("sale.region_id = 1"))
    [(lines, revenue)] = found(
        f"select order_lines, revenue from published.daily_sales where sale_date = '{DAY}' and region_id = 1"
    )
    assert (row.order_lines, row.revenue) == (lines, revenue)
