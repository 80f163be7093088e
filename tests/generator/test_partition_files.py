"""What `write_partition` leaves on disk: the files, the planted faults, and nothing half-written."""

from __future__ import annotations

import csv
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pytest

from database.generator import generate, rendering, write_partition
from database.generator.faults import plant_faults
from database.generator.randomness import Stream
from include.contracts import contracts

DAY = date(2026, 1, 5)
FAULT_RATE = 0.05


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
        "fault_rate": 0.0,
        "rows": rows,
        "checksums": {
            name: hashlib.sha256(data).hexdigest()
            for name, data in content(partition).items()
            if name != "_partition.json"
        },
    }
    assert json.loads((partition / "_truth.json").read_text()) == {name: [] for name in contracts()}
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


def test_writing_again_leaves_the_same_bytes_and_nothing_else(root):
    first_rows = write_partition(root, DAY, 42, 1.0, FAULT_RATE)
    before = content(root)
    assert write_partition(root, DAY, 42, 1.0, FAULT_RATE) == first_rows
    assert content(root) == before
    assert [path.name for path in root.iterdir()] == ["20260105"]


def test_a_damaged_or_different_partition_is_replaced_whole(root):
    write_partition(root, DAY, 42, 1.0, FAULT_RATE)
    before = content(root)
    (root / "20260105" / "sales" / "stores.csv").write_text("damaged")
    (root / "20260105" / "sales" / "left_over.csv").write_text("left over")
    write_partition(root, DAY, 42, 1.0, FAULT_RATE)
    assert content(root) == before
    write_partition(root, DAY, 43, 1.0, FAULT_RATE)
    assert content(root).keys() == before.keys()
    assert json.loads((root / "20260105" / "_partition.json").read_text())["seed"] == 43
    assert [path.name for path in root.iterdir()] == ["20260105"]


def test_files_that_were_not_generated_are_never_replaced(root):
    real = root / "20260105" / "sales" / "stores.csv"
    real.parent.mkdir(parents=True)
    real.write_text("real")
    with pytest.raises(FileExistsError, match=r"real files lie in .*20260105 .*--source files.*move them away"):
        write_partition(root, DAY, 42, 0.1, 0.0)
    assert content(root) == {"20260105/sales/stores.csv": b"real"}
    assert [path.name for path in root.iterdir()] == ["20260105"]


def test_a_failure_while_writing_leaves_what_was_there(root, monkeypatch):
    write_partition(root, DAY, 42, 1.0, 0.0)
    before = content(root)
    assert len(before) == len(contracts()) + 2

    def fails_at_the_last_table(contract, lines, rate, stream):
        if contract.id == list(contracts())[-1]:
            raise OSError("disk full")
        return lines, []

    monkeypatch.setattr(rendering, "plant_faults", fails_at_the_last_table)
    for day in (DAY, date(2026, 1, 6)):
        with pytest.raises(OSError, match="disk full"):
            write_partition(root, day, 43, 1.0, 0.0)
    assert content(root) == before


def test_a_partition_that_cannot_be_replaced_stays(root, monkeypatch):
    write_partition(root, DAY, 42, 0.1, 0.0)
    before = content(root)
    rename = Path.rename

    def refuses_drafts(self, target):
        if Path(target).name == "20260105" and not self.name.endswith(".replaced"):
            raise PermissionError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuses_drafts)
    with pytest.raises(PermissionError):
        write_partition(root, DAY, 43, 0.1, 0.0)
    assert content(root) == before


def test_a_rival_that_publishes_first_is_replaced(root, monkeypatch):
    write_partition(root / "rival", DAY, 43, 0.1, 0.0)
    write_partition(root / "alone", DAY, 42, 0.1, 0.0)
    rename, rivals = Path.rename, [root / "rival" / "20260105"]

    def lets_the_rival_go_first(self, target):
        if rivals:
            rename(rivals.pop(), target)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", lets_the_rival_go_first)
    write_partition(root, DAY, 42, 0.1, 0.0)
    assert rivals == []
    assert content(root / "20260105") == content(root / "alone" / "20260105")
    assert sorted(path.name for path in root.iterdir()) == ["20260105", "alone", "rival"]


def test_two_processes_may_write_the_same_partition(root):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        seeds = [1, 2] * 4
        jobs = [pool.submit(write_partition, root, DAY, seed, 0.1, 0.0) for seed in seeds]
        assert all(job.result()["sales.stores"] == 30 for job in jobs)
    written = content(root / "20260105")
    seed = json.loads(written["_partition.json"])["seed"]
    write_partition(root / "alone", DAY, seed, 0.1, 0.0)
    assert content(root / "alone" / "20260105") == written


@pytest.mark.parametrize("day", [DAY, date(2023, 1, 1), date(2024, 12, 24)])
def test_the_listed_faults_are_exactly_the_lines_that_violate(day, root, judge):
    rows = write_partition(root, day, 42, 1.0, FAULT_RATE)
    partition = root / f"{day:%Y%m%d}"
    truth = json.loads((partition / "_truth.json").read_text())
    kinds: dict[str, set[str]] = {"snapshot": set(), "events": set()}
    total = 0
    for name, contract in contracts().items():
        lines = lines_of(partition, name)
        assert len(lines) - 1 == rows[name]
        planted = {fault["line_number"]: fault["fault"] for fault in truth[name]}
        assert judge(contract, lines) == planted, name
        kinds[contract.delivery] |= set(planted.values())
        total += len(planted)
    assert kinds["snapshot"] == {"exact_duplicate", "conflicting_duplicate"}
    if day == DAY:
        assert kinds["events"] == kinds["snapshot"] | {"missing_value", "wrong_type", "out_of_range"}
        assert total == pytest.approx(FAULT_RATE * sum(rows.values()), rel=0.2)


def test_without_the_faulty_lines_snapshots_are_whole_and_events_a_part(root):
    write_partition(root, DAY, 42, 1.0, FAULT_RATE)
    partition = root / "20260105"
    faults = json.loads((partition / "_truth.json").read_text())
    for name, frame in generate(DAY, 42).items():
        clean = set(frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%SZ").splitlines()[1:])
        faulty = {fault["line_number"] for fault in faults[name]}
        lines = enumerate(lines_of(partition, name), start=1)
        kept = {line for number, line in lines if number > 1 and number not in faulty}
        if contracts()[name].delivery == "snapshot":
            assert kept == clean, name
        else:
            assert kept < clean, name


def test_a_low_rate_never_exceeds_the_share_that_a_small_table_is_allowed():
    contract = contracts()["sales.stores"]
    lines = generate(DAY, 42)["sales.stores"].write_csv(datetime_format="%Y-%m-%dT%H:%M:%SZ").splitlines()

    def shares(rate: float) -> list[float]:
        planted = (plant_faults(contract, lines, rate, Stream(seed, "faults")) for seed in range(200))
        return [len(faults) / (len(written) - 1) for written, faults in planted]

    low = shares(0.02)
    assert 0 < max(low) <= contract.max_rejected_share
    assert 0.25 * len(low) < sum(share > 0 for share in low)
    assert max(shares(0.2)) > contract.max_rejected_share


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_an_impossible_fault_rate_is_refused(root, rate):
    with pytest.raises(ValueError, match="fault_rate must be between 0 and 1"):
        write_partition(root, DAY, 42, 1.0, rate)
    assert not root.exists()
