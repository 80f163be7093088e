"""What the loads do with planted faults is what the truth file says, row by row, both ways."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from database import partitions
from database.connection import engine
from database.etl import FileUnreadable, LoadResult, load_table
from database.generator import write_partition
from database.generator.faults.rows import may_lose_rows
from include.contracts import Contract, contracts
from include.fault_kinds import DEFAULT_KINDS, FILE_KINDS, FaultKind
from tests.conftest import empty_warehouse

DAY = date(2026, 1, 5)
RATE = 0.04  # below the share of bad rows that the contracts allow
EVENTS = [contract for contract in contracts().values() if may_lose_rows(contract) and contract.min_rows]
Lines = dict[tuple[str, int], Any]


@pytest.fixture(scope="module")
def owner(server: None) -> Iterator[Engine]:
    """A warehouse that the test may load into."""
    warehouse = empty_warehouse()
    assert partitions.acquire(engine("loader"), "test", DAY) is None
    yield warehouse
    partitions.release(engine("loader"), "test", "failed")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A partition without faults."""
    root = tmp_path_factory.mktemp("clean")
    write_partition(root, DAY, 42, 1.0, 0.0)
    return root


def load(root: Path, contract: Contract) -> LoadResult:
    return load_table(engine("loader"), contract, root, DAY, "test")


def truth_below(root: Path) -> dict[str, dict[str, Any]]:
    truth: dict[str, dict[str, Any]] = json.loads((root / f"{DAY:%Y%m%d}" / "_truth.json").read_text())
    return truth


def file_below(root: Path, contract: Contract) -> Path:
    return root / f"{DAY:%Y%m%d}" / contract.domain / f"{contract.table}.csv"


def rejected(owner: Engine, tables: list[Contract]) -> Lines:
    with owner.connect() as connection:
        rows = connection.execute(
            text("select domain || '.' || table_name, line_number, reasons from quarantine.rejected_rows")
        )
        names = {contract.id for contract in tables}
        return {(table, line): reasons for table, line, reasons in rows if table in names}


def accepted(owner: Engine, tables: list[Contract]) -> Lines:
    with owner.connect() as connection:
        return {
            (contract.id, line): key
            for contract in tables
            for line, *key in connection.execute(
                text(
                    f"select source_line, {', '.join(contract.key)} from staging.{contract.staging_table} "
                    f"where partition_date = '{DAY}'"
                )
            )
        }


@pytest.mark.parametrize("kind", DEFAULT_KINDS)
def test_rows_are_rejected_for_the_planted_reason_and_no_others(owner: Engine, tmp_path: Path, kind: FaultKind) -> None:
    written = write_partition(tmp_path, DAY, 42, 1.0, RATE, [kind])
    tables = list(contracts().values())
    results = [load(tmp_path, contract) for contract in tables]
    assert {result.status for result in results} == {"loaded"}
    planted = {
        (name, row["line_number"]): row for name, truth in truth_below(tmp_path).items() for row in truth["rows"]
    }
    assert {row["kind"] for row in planted.values()} == {kind}
    bad = {line: [row["reason"]] for line, row in planted.items() if row["reason"]}
    assert rejected(owner, tables) == bad
    every = {(name, line) for name, rows in written.items() for line in range(2, rows + 2)}
    assert accepted(owner, tables).keys() == every - bad.keys()


@pytest.mark.parametrize("kind", FILE_KINDS)
@pytest.mark.parametrize("contract", EVENTS, ids=[contract.id for contract in EVENTS])
def test_a_faulty_file_is_read_or_refused_as_its_truth_says(
    owner: Engine, clean: Path, tmp_path: Path, kind: FaultKind, contract: Contract
) -> None:
    load(clean, contract)
    before = accepted(owner, [contract])
    faulty = faulty_file(clean, tmp_path, kind, contract)
    if faulty["is_refused"]:
        # Of a wrong encoding, that no name of a column can be read may be all that is said.
        with pytest.raises(FileUnreadable, match=f"{faulty['reason']}|lacks column"):
            load(tmp_path, contract)
        assert accepted(owner, [contract]) == before
        return
    result = load(tmp_path, contract)
    if result.status == "refused":  # in a small table one cut line is too large a share
        assert rejected(owner, [contract]).keys() == {(contract.id, faulty["cut_line"])}
        assert accepted(owner, [contract]) == before
        return
    cut = faulty["cut_line"] or len(before) + 2
    assert accepted(owner, [contract]) == {line: key for line, key in before.items() if line[1] < cut}
    assert rejected(owner, [contract]).keys() == ({(contract.id, cut)} if faulty["cut_line"] else set())


def faulty_file(clean: Path, root: Path, kind: FaultKind, contract: Contract) -> dict[str, Any]:
    """Make `root` the clean partition but for one faulty file; returns the truth about that file."""
    write_partition(root / "faulty", DAY, 42, 1.0, 1.0, [kind])
    shutil.copytree(clean / f"{DAY:%Y%m%d}", root / f"{DAY:%Y%m%d}")
    file_below(root, contract).unlink()
    if file_below(root / "faulty", contract).exists():
        shutil.copy(file_below(root / "faulty", contract), file_below(root, contract))
    fault: dict[str, Any] = truth_below(root / "faulty")[contract.id]["file"]
    assert fault["kind"] == kind
    return fault


def test_rows_withdrawn_by_a_second_delivery_are_gone(owner: Engine, tmp_path: Path) -> None:
    write_partition(tmp_path / "first", DAY, 42, 1.0, RATE, DEFAULT_KINDS)
    write_partition(tmp_path / "second", DAY, 42, 1.0, RATE, [*DEFAULT_KINDS, FaultKind.withdrawn])
    total = 0
    for contract in EVENTS:
        load(tmp_path / "first", contract)
        before = accepted(owner, [contract])
        load(tmp_path / "second", contract)
        withdrawn = truth_below(tmp_path / "second")[contract.id]["withdrawn"]
        gone = [before.pop((contract.id, row["line_number"])) for row in withdrawn]
        assert [[str(value) for value in key] for key in gone] == [list(row["key"].values()) for row in withdrawn]
        assert sorted(accepted(owner, [contract]).values()) == sorted(before.values())
        total += len(gone)
    assert total > 100
