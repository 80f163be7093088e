"""Loads: what a file becomes in staging, quarantine and the books."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, text

from database import partitions, staging
from database.connection import engine
from database.etl import FileUnreadable, LoadRefused, load_domain, load_table
from database.etl.check import check
from database.generator import write_partition
from database.raw_zone import raw_file
from include.contracts import contracts
from include.settings import ROLES
from tests.conftest import checksums
from tests.warehouse.stores import DAY, HEADER, STORE, STORES, deliver, load, rows, stores

pytestmark = pytest.mark.usefixtures("held")

SALES = contracts()["sales.sales_transactions"]


def test_accepted_and_rejected_rows_add_up_to_what_was_read(warehouse: Engine, tmp_path: Path) -> None:
    written = write_partition(tmp_path, DAY, 42, 1.0, 0.02)
    for domain in ("sales", "operations", "finance"):
        load_domain(engine("loader"), domain, tmp_path, DAY, "test")
    books = rows(
        warehouse, "select domain || '.' || table_name, rows_read, rows_accepted, rows_rejected from ops.loads"
    )
    assert {table: read for table, read, _, _ in books} == written
    for table, read, accepted, rejected in books:
        contract = contracts()[str(table)]
        staged = rows(warehouse, f"select count(*) from staging.{contract.staging_table}")[0][0]
        kept = rows(
            warehouse,
            f"select count(*) from quarantine.rejected_rows where domain = '{contract.domain}' "
            f"and table_name = '{contract.table}'",
        )[0][0]
        assert (accepted, rejected) == (staged, kept)
        assert accepted + rejected == read
    assert sum(int(str(row[3])) for row in books) > 0


def test_the_same_day_twice_gives_identical_staging(warehouse: Engine, tmp_path: Path) -> None:
    write_partition(tmp_path, DAY, 42, 1.0, 0.02)
    seen = []
    for _ in range(2):
        for domain in ("sales", "operations", "finance"):
            load_domain(engine("loader"), domain, tmp_path, DAY, "test")
        seen.append(checksums(("staging",)))
    assert seen[0] == seen[1]
    assert len(seen[0]) == len(contracts())


def test_two_files_for_one_table_are_one_error_in_the_books(warehouse: Engine, tmp_path: Path) -> None:
    path = deliver(tmp_path, *stores(2))
    (path.parent / "stores.csv.gz").write_bytes(b"")
    with pytest.raises(FileUnreadable, match=r"stores\.csv and .*stores\.csv\.gz are both there") as error:
        load(tmp_path)
    assert rows(warehouse, "select status, error, source_file from ops.loads") == [
        ("failed", str(error.value), str(path))
    ]


def test_a_day_that_was_not_written_to_its_end_is_not_loaded(warehouse: Engine, tmp_path: Path) -> None:
    path = deliver(tmp_path, *stores(2))
    (path.parents[1] / "_unfinished.json").write_text("{}")
    with pytest.raises(FileUnreadable, match="is not complete: generating it was interrupted"):
        load(tmp_path)
    assert rows(warehouse, "select status from ops.loads") == [("failed",)]


def test_a_reload_replaces_the_day_and_only_the_day(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *stores(3))
    load(tmp_path)
    other = date(2026, 1, 6)
    raw_file(tmp_path, STORES, other).parent.mkdir(parents=True)
    raw_file(tmp_path, STORES, other).write_text("\n".join([HEADER, *stores(2)]) + "\n")
    load_table(engine("loader"), STORES, tmp_path, other, "test")
    deliver(tmp_path, *stores(1))
    load(tmp_path)
    counts = rows(warehouse, "select partition_date, count(*) from staging.sales_stores group by 1 order by 1")
    assert counts == [(DAY, 1), (other, 2)]


def test_every_reason_of_a_rejected_row_is_kept_with_its_line(warehouse: Engine, tmp_path: Path) -> None:
    bad = "S0099,,kiosk,Reno,Nevada,West,-5,2001-13-06,yes,2026-01-01T00:00:00Z"
    deliver(tmp_path, *stores(30), bad)
    result = load(tmp_path)
    [(line, raw, reasons)] = rows(warehouse, "select line_number, raw_text, reasons from quarantine.rejected_rows")
    assert line == 32
    assert raw == bad
    assert reasons == [
        "store_name: missing",
        "store_type: not an allowed value",
        "state: not like ^[A-Z]{2}$",
        "floor_area_sqft: below 0",
        "opened_date: not a valid date",
        "is_open: not a valid boolean",
    ]
    assert (result.rows_accepted, result.rows_rejected) == (30, 1)


def test_the_latest_record_of_an_entity_wins(warehouse: Engine, tmp_path: Path) -> None:
    newer = STORE.replace("Main Street", "High Street").replace("2026-01-01T", "2026-01-03T")
    deliver(tmp_path, newer, STORE, *stores(30, start=2))
    load(tmp_path)
    names = rows(warehouse, "select store_name from staging.sales_stores where store_id = 'S0001'")
    assert names == [("High Street",)]
    kept = rows(warehouse, "select line_number, reasons from quarantine.rejected_rows")
    assert kept == [(3, ["store_id: duplicate"])]


def test_the_first_of_two_events_wins(warehouse: Engine, tmp_path: Path) -> None:
    write_partition(tmp_path, DAY, 42, 1.0, 0.0)
    path = raw_file(tmp_path, SALES, DAY)
    lines = path.read_text().splitlines()
    again = lines[1].split(",")
    again[SALES.column_names.index("quantity")] = "77"
    path.write_text("\n".join([*lines, ",".join(again)]) + "\n")
    load_table(engine("loader"), SALES, tmp_path, DAY, "test")
    quantity = rows(
        warehouse, f"select quantity from staging.sales_sales_transactions where transaction_id = '{again[0]}'"
    )
    assert quantity != [(77,)]
    assert rows(warehouse, "select line_number from quarantine.rejected_rows") == [(len(lines) + 1,)]


def test_too_many_bad_rows_refuse_the_batch_and_load_nothing(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *stores(20))
    load(tmp_path)
    before = checksums(("staging",))
    bad = [line.replace("West", "Atlantis") for line in stores(3)]
    deliver(tmp_path, *bad, *stores(10, start=100))
    with pytest.raises(LoadRefused) as error:
        load_domain(engine("loader"), "sales", tmp_path, DAY, "test")
    message = str(error.value)
    assert "sales.stores: 3 of 13 rows are bad, more than the allowed 5%, so nothing of it was loaded" in message
    assert "region: not an allowed value (3)" in message
    assert checksums(("staging",)) == before
    books = rows(
        warehouse,
        "select status, rows_read, rows_accepted, rows_rejected from ops.loads where table_name = 'stores' "
        "order by load_id",
    )
    assert books == [("loaded", 20, 20, 0), ("refused", 13, 10, 3)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist: deliver it"),
        ("", "is empty: it has no header line"),
        (HEADER.replace("region", "area") + "\n" + STORE + "\n", "lacks column region and has unknown column area"),
        (HEADER + "," + "region\n" + STORE + ",West\n", "has column region more than once"),
    ],
)
def test_an_unreadable_file_is_named_and_loads_nothing(
    warehouse: Engine, tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        raw_file(tmp_path, STORES, DAY).parent.mkdir(parents=True)
        raw_file(tmp_path, STORES, DAY).write_text(content)
    with pytest.raises(FileUnreadable, match=message) as error:
        load(tmp_path)
    assert str(raw_file(tmp_path, STORES, DAY)) in str(error.value)
    assert rows(warehouse, "select count(*) from staging.sales_stores") == [(0,)]


def test_an_empty_quoted_field_is_empty(warehouse: Engine, tmp_path: Path) -> None:
    quoted = [",".join(f'"{value}"' for value in line.split(",")) for line in stores(30)]
    deliver(tmp_path, *quoted, quoted[0].replace("S0001", "S0099").replace("Main Street", ""))
    load(tmp_path)
    assert rows(warehouse, "select reasons from quarantine.rejected_rows") == [(["store_name: missing"],)]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-01T00:00:00+18:00",
        "0000-01-01T00:00:00Z",
        "-0044-03-15T12:00:00Z",
        "+10000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01",
        "noon",
    ],
)
def test_a_moment_that_postgresql_does_not_read_is_rejected(warehouse: Engine, tmp_path: Path, moment: str) -> None:
    deliver(tmp_path, *stores(30), STORE.replace("S0001", "S0099").replace("2026-01-01T00:00:00Z", moment))
    load(tmp_path)
    kept = rows(warehouse, "select reasons from quarantine.rejected_rows")
    assert kept == [(["updated_at: not a valid timestamptz"],)]


@pytest.mark.parametrize(
    ("moment", "is_accepted"),
    [
        ("2019-12-31T23:59:59Z", False),
        ("2020-01-01T00:00:00Z", True),
        ("2030-12-31T23:59:59Z", True),
        ("2031-01-01T00:00:00Z", False),
    ],
)
def test_limits_of_moments_are_whole_days(tmp_path: Path, moment: str, is_accepted: bool) -> None:
    frame = pl.DataFrame(
        {"source_line": [2], **{name: ["x"] for name in SALES.column_names}, "sold_at": [moment]},
    )
    reasons = check(frame, SALES, {})[1]["reasons"].explode()
    assert is_accepted == (not any("sold_at" in reason for reason in reasons))


def test_a_refused_reload_keeps_the_quarantine_of_what_is_loaded(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *stores(30), STORE.replace("S0001", "S0099").replace("West", "Atlantis"))
    load(tmp_path)
    for _ in range(2):
        deliver(tmp_path, *(line.replace("West", "Atlantis") for line in stores(3)))
        load(tmp_path)
    kept = rows(warehouse, "select load_id, count(*) from quarantine.rejected_rows group by 1 order by 1")
    assert kept == [(1, 1), (3, 3)]


def test_columns_in_another_order_are_read_by_name(warehouse: Engine, tmp_path: Path) -> None:
    def turned(line: str) -> str:
        return ",".join(reversed(line.split(",")))

    deliver(tmp_path, *(turned(line) for line in stores(2)), header=turned(HEADER))
    load(tmp_path)
    assert rows(warehouse, "select store_id, region from staging.sales_stores order by 1")[0] == ("S0001", "West")


def test_a_run_that_does_not_hold_the_warehouse_loads_nothing(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *stores(2))
    with pytest.raises(partitions.NotHolder):
        load_table(engine("loader"), STORES, tmp_path, DAY, "a stranger")
    assert rows(warehouse, "select count(*) from staging.sales_stores") == [(0,)]


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("loader",)])
def test_only_the_loader_writes_staging(warehouse: Engine, role: str) -> None:
    with pytest.raises(Exception, match=r"permission denied|read-only"), engine(role).begin() as connection:
        connection.execute(text("delete from staging.sales_stores"))


def test_a_staging_table_from_before_extra_columns_gets_them(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *stores(2))
    load(tmp_path)
    with warehouse.begin() as connection:
        connection.execute(text("alter table staging.sales_stores drop column extra_columns"))
        assert staging.sync_tables(connection) == ["added staging.sales_stores.extra_columns"]
        assert staging.sync_tables(connection) == []
    deliver(tmp_path, *(f"{line},more" for line in stores(2)), header=f"{HEADER},note")
    load(tmp_path)
    assert rows(warehouse, "select distinct extra_columns from staging.sales_stores") == [({"note": "more"},)]
