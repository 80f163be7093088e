"""`fso load`: what it prints, and how it ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from database import partitions
from database.connection import engine
from database.generator import write_partition
from database.raw_zone import raw_file
from include.cli.main import app
from include.contracts import ContractError, contracts
from include.runtime.errors import PlatformError
from include.settings import settings

DAY = date(2026, 1, 5)
STORES = contracts()["sales.stores"]


@pytest.fixture(autouse=True)
def raw_zone(warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A raw zone with one day."""
    monkeypatch.setattr(settings(), "raw_zone", tmp_path)
    write_partition(tmp_path, DAY, 42, 1.0, 0.0)
    return tmp_path


def load(*options: str) -> Result:
    return CliRunner().invoke(app, ["load", str(DAY), *options])


def loads(warehouse: Engine) -> list[tuple[str, str]]:
    with warehouse.connect() as connection:
        found = connection.execute(text("select domain || '.' || table_name, status from ops.loads order by load_id"))
        return [(table, status) for table, status in found]


def endings(warehouse: Engine) -> list[str]:
    with warehouse.connect() as connection:
        return list(connection.scalars(text("select status from ops.runs")))


def test_a_day_is_loaded_and_told_table_by_table(warehouse: Engine) -> None:
    done = load()
    assert done.exit_code == 0
    assert [line.split()[1] for line in done.output.splitlines() if "." in line and "│" in line] == list(contracts())
    assert f"fso run {DAY} --source files" in done.output
    assert loads(warehouse) == [(table, "loaded") for table in contracts()]
    assert endings(warehouse) == ["loaded"]


@pytest.mark.parametrize(
    ("options", "tables"),
    [
        (["--domain", "sales"], [contract.id for contract in contracts().values() if contract.domain == "sales"]),
        (["--table", "stores"], ["sales.stores"]),
        (["--table", "sales.stores", "--domain", "sales"], ["sales.stores"]),
    ],
)
def test_a_domain_or_a_table_alone(warehouse: Engine, options: list[str], tables: list[str]) -> None:
    assert load(*options).exit_code == 0
    assert loads(warehouse) == [(table, "loaded") for table in tables]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (["--domain", "retail"], PlatformError, "there is no domain retail: choose from sales, operations, finance"),
        (["--table", "shops"], ContractError, "no table is named shops: choose from .*sales.stores"),
        (["--domain", "finance", "--table", "stores"], PlatformError, "sales.stores is not a table of finance"),
    ],
)
def test_an_unknown_choice_is_named(options: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        CliRunner().invoke(app, ["load", str(DAY), *options], catch_exceptions=False)


def test_a_refused_file_and_a_missing_one_end_with_status_1(warehouse: Engine, raw_zone: Path) -> None:
    stores = raw_file(raw_zone, STORES, DAY)
    stores.write_text(stores.read_text().replace("West", "Atlantis"))
    raw_file(raw_zone, contracts()["sales.products"], DAY).unlink()
    done = load("--domain", "sales")
    assert done.exit_code == 1
    assert "sales.stores (refused)" in done.output
    assert "region: not an allowed value" in done.output
    assert "does not exist" in done.output
    assert endings(warehouse) == ["failed"]
    # The next run finds the warehouse free.
    assert partitions.acquire(engine("loader"), "next", DAY) is None


def test_a_warehouse_that_a_run_holds_is_left_alone(warehouse: Engine) -> None:
    partitions.acquire(engine("loader"), "scheduled__1", DAY)
    with pytest.raises(PlatformError, match=r"run scheduled__1 \(day 2026-01-05\) holds the warehouse"):
        CliRunner().invoke(app, ["load", str(DAY)], catch_exceptions=False)
    assert loads(warehouse) == []
