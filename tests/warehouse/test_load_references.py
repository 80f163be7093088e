"""Rows that refer to other tables: only what the parents' own files of the day leave may be referred to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from database.connection import engine
from database.etl import FileUnreadable, LoadRefused, load_domain, load_table
from database.etl.references import Parents
from database.generator import write_partition
from database.raw_zone import raw_file
from include.contracts import contracts
from tests.conftest import checksums
from tests.warehouse.stores import DAY, rows

pytestmark = pytest.mark.usefixtures("held")
SALES, CUSTOMERS = contracts()["sales.sales_transactions"], contracts()["sales.customers"]
USERS, ACCOUNTS = contracts()["operations.users"], contracts()["finance.accounts"]
REJECTED = "select table_name, reasons from quarantine.rejected_rows order by 1, line_number"


def edit(root: Path, table: str, change: Callable[[list[str]], object]) -> None:
    """Change the lines of a delivered file; the first is its header."""
    path = raw_file(root, contracts()[table], DAY)
    lines = path.read_text().splitlines()
    change(lines)
    path.write_text("\n".join(lines) + "\n")


def change_first(root: Path, table: str, column: str, value: str) -> str:
    """Give the first row of a file another value; returns the one that it had."""
    place = contracts()[table].column_names.index(column)
    before = []

    def change(lines: list[str]) -> None:
        fields = lines[1].split(",")
        before.append(fields[place])
        lines[1] = ",".join([*fields[:place], value, *fields[place + 1 :]])

    edit(root, table, change)
    return before[0]


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    write_partition(tmp_path, DAY, 42, 1.0, 0.0)
    return tmp_path


def load_all(root: Path, *domains: str) -> None:
    for domain in domains or ("sales", "operations", "finance"):
        load_domain(engine("loader"), domain, root, DAY, "test")


def test_a_row_that_refers_to_nothing_is_rejected(warehouse: Engine, delivered: Path) -> None:
    change_first(delivered, "sales.sales_transactions", "customer_id", "C9999999")
    change_first(delivered, "sales.sales_transactions", "store_id", "S9999")
    load_all(delivered)
    assert rows(warehouse, REJECTED) == [
        ("sales_transactions", ["customer_id: not in sales.customers", "store_id: not in sales.stores"])
    ]


def test_an_optional_reference_may_be_empty(warehouse: Engine, delivered: Path) -> None:
    change_first(delivered, "sales.customers", "user_id", "")
    load_all(delivered)
    assert rows(warehouse, REJECTED) == []


def test_a_rejected_parent_is_no_parent_in_whichever_order_domains_load(warehouse: Engine, delivered: Path) -> None:
    change_first(delivered, "sales.customers", "region", "Atlantis")
    customer = raw_file(delivered, CUSTOMERS, DAY).read_text().splitlines()[1].split(",")[0]
    change_first(delivered, "finance.accounts", "customer_id", customer)
    account = raw_file(delivered, ACCOUNTS, DAY).read_text().splitlines()[1].split(",")[0]
    change_first(delivered, "finance.transactions", "account_id", account)
    seen = []
    for order in [("sales", "operations", "finance"), ("finance", "operations", "sales")]:
        load_all(delivered, *order)
        rejected = rows(warehouse, REJECTED)
        assert ("customers", ["region: not an allowed value"]) in rejected
        assert ("accounts", ["customer_id: not in sales.customers"]) in rejected
        assert ("transactions", ["account_id: not in finance.accounts"]) in rejected
        seen.append((sorted(rejected), checksums(("staging",))))
    assert seen[0] == seen[1]


def test_what_the_database_holds_of_a_parent_does_not_count(warehouse: Engine, delivered: Path) -> None:
    load_all(delivered)
    edit(delivered, "sales.stores", lambda lines: lines.append(lines.pop(1).replace("S0001", "S0999", 1)))
    result = load_table(engine("loader"), SALES, delivered, DAY, "test")
    assert set(result.reasons) == {"store_id: not in sales.stores"}


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("nothing\n")])
def test_an_unreadable_parent_fails_its_children_with_one_error(
    warehouse: Engine, delivered: Path, spoil: Callable[[Path], object]
) -> None:
    path = raw_file(delivered, USERS, DAY)
    spoil(path)
    with pytest.raises(FileUnreadable) as error:
        load_table(engine("loader"), SALES, delivered, DAY, "test")
    message = str(error.value)
    assert message.startswith("sales.sales_transactions: its references cannot be checked: sales.customers: ")
    assert message.count(str(path)) == 1
    assert "\n" not in message
    assert rows(warehouse, "select status, error from ops.loads") == [("failed", message)]
    with pytest.raises(LoadRefused):
        load_all(delivered, "sales")
    loaded = rows(warehouse, "select table_name from ops.loads where status = 'loaded' order by 1")
    assert loaded == [("marketing_campaigns",), ("products",), ("stores",)]


def test_a_parent_without_rows_has_no_keys(warehouse: Engine, delivered: Path) -> None:
    edit(delivered, "sales.stores", lambda lines: lines.__delitem__(slice(1, None)))
    with pytest.raises(LoadRefused, match=r"store_id: not in sales\.stores"):
        load_all(delivered, "sales")
    loaded = rows(warehouse, "select table_name from ops.loads where status = 'loaded' and rows_read > 0 order by 1")
    assert ("customers",) in loaded


def test_the_first_day_of_a_company_loads(warehouse: Engine, tmp_path: Path) -> None:
    write_partition(tmp_path, DAY, 42, 1.0, 0.0, company_start=DAY)
    load_all(tmp_path)
    assert rows(warehouse, "select distinct status from ops.loads") == [("loaded",)]


def test_each_parent_is_read_once_for_a_domain(delivered: Path) -> None:
    parents = Parents(delivered, DAY, lambda _: {})
    before = parents.references(SALES)
    raw_file(delivered, CUSTOMERS, DAY).unlink()
    assert parents.references(SALES)["customer_id"] is before["customer_id"]
