"""What `write_partition` leaves on disk: the files of the tables, and how they were made."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from database.generator import generate, write_partition
from include.contracts import contracts
from include.fault_kinds import DEFAULT_KINDS

DAY = date(2026, 1, 5)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def lines_of(partition: Path, name: str) -> list[str]:
    contract = contracts()[name]
    return (partition / contract.domain / f"{contract.table}.csv").read_text().splitlines()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "raw zone" / "mock data"


def test_a_partition_has_one_file_per_contract_and_its_own_description(root):
    rows = write_partition(root, DAY, 42, 1.0, 0.0)
    partition = root / "20260105"
    expected = {f"{c.domain}/{c.table}.csv" for c in contracts().values()} | {"_partition.json", "_truth.json"}
    assert content(partition).keys() == expected
    manifest = json.loads((partition / "_partition.json").read_text())
    assert manifest == {
        "partition_date": "2026-01-05",
        "seed": 42,
        "scale": 1.0,
        "company_start": "2023-01-01",
        "fault_rate": 0.0,
        "fault_kinds": list(DEFAULT_KINDS),
        "revision": 1,
        "rows": rows,
        "checksums": {
            name: hashlib.sha256(data).hexdigest()
            for name, data in content(partition).items()
            if name != "_partition.json"
        },
    }
    nothing = {"file": None, "rows": [], "withdrawn": []}
    assert json.loads((partition / "_truth.json").read_text()) == dict.fromkeys(contracts(), nothing)
    for name, frame in generate(DAY, 42).items():
        assert len(lines_of(partition, name)) - 1 == rows[name] == frame.height


def test_values_are_written_as_the_contracts_say(root):
    write_partition(root, DAY, 42, 1.0, 0.0)
    row = next(csv.DictReader(lines_of(root / "20260105", "sales.sales_transactions")))
    assert row["transaction_id"] == "T20260105-0000001"
    assert row["sold_at"].startswith("2026-01-05T")
    assert row["sold_at"].endswith("Z")
    for name, contract in contracts().items():
        money = [column.name for column in contract.columns if column.type == "numeric(14,2)"]
        for line in csv.DictReader(lines_of(root / "20260105", name)):
            assert all(line[column] == "" or line[column][-3] == "." for column in money)


def test_reading_a_clean_partition_gives_what_was_generated(root):
    write_partition(root, DAY, 42, 1.0, 0.0)
    for name, frame in generate(DAY, 42).items():
        contract = contracts()[name]
        path = root / "20260105" / contract.domain / f"{contract.table}.csv"
        read = pl.read_csv(path, schema_overrides=dict.fromkeys(frame.columns, pl.String))
        expected = pl.read_csv(
            frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%SZ").encode(),
            schema_overrides=dict.fromkeys(frame.columns, pl.String),
        )
        assert read.equals(expected), name


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_an_impossible_fault_rate_is_refused(root, rate):
    with pytest.raises(ValueError, match="fault_rate must be between 0 and 1"):
        write_partition(root, DAY, 42, 1.0, rate)
    assert not root.exists()
