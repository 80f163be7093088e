"""Loads from wherever files lie, in whatever format: what lands in staging is the same."""

from __future__ import annotations

import csv
import gzip
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart
from sqlalchemy import Engine, text
from upath import UPath

from database import partitions
from database.connection import engine
from database.etl import LoadRefused, load_domain
from database.generator import write_partition
from database.raw_zone import missing_files, raw_file
from include.contracts import contracts, contracts_of
from include.domains import DOMAINS
from include.settings import location
from tests.conftest import checksums

DAY = date(2026, 1, 5)
SALES = contracts()["sales.sales_transactions"]
TOUCHES = contracts()["sales.campaign_touches"]
STORES = contracts()["sales.stores"]


@pytest.fixture(autouse=True)
def _warehouse_is_held(warehouse: Engine) -> None:
    assert partitions.acquire(engine("loader"), "test", DAY) is None


def loaded(raw_zone: UPath) -> dict[str, str]:
    for domain in DOMAINS:
        load_domain(engine("loader"), domain.name, raw_zone, DAY, "test")
    return checksums(("staging",))


def as_gzip(path: UPath) -> None:
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


def cell(value: str, column_type: str) -> object:
    if value == "":
        return None
    if column_type in ("date", "timestamptz"):
        return datetime.fromisoformat(value.removesuffix("Z"))
    if column_type == "boolean":
        return value == "true"
    return value if column_type == "text" else float(value)


def as_excel(path: UPath, types: list[str]) -> None:
    book = Workbook()
    header, *lines = csv.reader(path.read_text().splitlines())
    for row in [header, *([cell(*pair) for pair in zip(line, types, strict=True)] for line in lines)]:
        book.active.append(row)
    book.save(path.with_suffix(".xlsx"))
    path.unlink()


def test_a_day_loads_from_s3_as_from_a_folder(warehouse: Engine, tmp_path: Path, bucket: UPath) -> None:
    folder = location(str(tmp_path), Path())
    for raw_zone in (folder, bucket):
        write_partition(raw_zone, DAY, 42, 0.2, 0.02)
    assert missing_files(bucket, DAY) == []
    assert loaded(bucket) == loaded(folder)
    with warehouse.connect() as connection:
        rows = connection.execute(text("select source_file, file_bytes from ops.loads order by load_id")).all()
    path = raw_file(bucket, contracts()["finance.accounts"], DAY)
    assert (str(path), len(path.read_bytes())) in [tuple(row) for row in rows]


def test_gzip_and_excel_load_as_csv(warehouse: Engine, tmp_path: Path) -> None:
    raw_zone = location(str(tmp_path), Path())
    write_partition(raw_zone, DAY, 42, 0.2, 0.0)
    as_csv = loaded(raw_zone)
    as_gzip(raw_file(raw_zone, SALES, DAY))
    as_excel(raw_file(raw_zone, STORES, DAY), [column.type for column in STORES.columns])
    assert loaded(raw_zone) == as_csv
    assert [raw_file(raw_zone, contract, DAY).name for contract in (SALES, STORES)] == [
        "sales_transactions.csv.gz",
        "stores.xlsx",
    ]


def test_damaged_files_refuse_their_tables_only(warehouse: Engine, tmp_path: Path) -> None:
    raw_zone = location(str(tmp_path), Path())
    write_partition(raw_zone, DAY, 42, 0.2, 0.0)
    as_gzip(raw_file(raw_zone, SALES, DAY))
    damaged = raw_file(raw_zone, SALES, DAY)
    damaged.write_bytes(damaged.read_bytes()[:-20])
    book = Workbook()
    book.remove(book.active)
    book.create_chartsheet().add_chart(BarChart())
    csv_file = raw_file(raw_zone, TOUCHES, DAY)
    book.save(csv_file.with_suffix(".xlsx"))
    csv_file.unlink()
    with pytest.raises(LoadRefused) as error:
        load_domain(engine("loader"), "sales", raw_zone, DAY, "test")
    assert "sales_transactions.csv.gz: a damaged gzip file" in str(error.value)
    assert "campaign_touches.xlsx: an Excel file without a worksheet" in str(error.value)
    with warehouse.connect() as connection:
        loads = set(connection.execute(text("select table_name from ops.loads where status = 'loaded'")).scalars())
    assert loads == {contract.table for contract in contracts_of("sales")} - {SALES.table, TOUCHES.table}
