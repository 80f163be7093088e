"""Corrections by hand: out as CSV, back through the checks, and into every later load of the same file."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from database import partitions
from database.connection import engine
from database.etl import load_table
from database.etl.replay import Replayed, ReplayRefused, export, replay
from database.etl.spreadsheet import EditsUnreadable, guarded, unguarded
from database.generator import write_partition
from database.raw_zone import raw_file
from include.contracts import contracts
from tests.conftest import checksums

DAY = date(2026, 1, 5)
STORES = contracts()["sales.stores"]
MERCHANTS = contracts()["finance.merchants"]
HEADER = ",".join(STORES.column_names)
STORE = "S0001,Main Street,mall,Reno,NV,West,1000,2001-05-06,true,2026-01-01T00:00:00Z"
GOOD = [STORE.replace("S0001", f"S{number:04}") for number in range(1, 31)]
BAD = STORE.replace("S0001", "S0099").replace("West", "Atlantis")


@pytest.fixture(autouse=True)
def _warehouse_is_held(warehouse: Engine) -> None:
    assert partitions.acquire(engine("loader"), "test", DAY) is None


def deliver(root: Path, *lines: str | bytes, header: str = HEADER) -> None:
    """Write the day's file of stores: 30 good ones and these lines."""
    path = raw_file(root, STORES, DAY)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = [line if isinstance(line, bytes) else line.encode() for line in (header, *GOOD, *lines)]
    path.write_bytes(b"\n".join(content) + b"\n")


def load(root: Path) -> tuple[str, int, int]:
    """Load it: status, accepted, rejected."""
    result = load_table(engine("loader"), STORES, root, DAY, "test")
    return result.status, result.rows_accepted, result.rows_rejected


def exported(root: Path) -> Path:
    path = root / "rejected.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        export(engine("loader"), STORES, DAY, file)
    return path


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def edit(path: Path, *changes: dict[str, str], delimiter: str = ",") -> Path:
    """Change the values of the first lines, as a person in a spreadsheet."""
    lines = lines_of(path)
    for line, change in zip(lines, changes, strict=False):
        line.update(change)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, lines[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(lines)
    return path


def corrected(path: Path) -> Replayed:
    return replay(engine("loader"), path, "Ada")


def rows(warehouse: Engine, statement: str) -> list[tuple[object, ...]]:
    with warehouse.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_an_export_has_line_reasons_and_raw_values(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, BAD)
    load(tmp_path)
    [line] = lines_of(exported(tmp_path))
    assert (line["line_number"], line["reasons"]) == ("32", "region: not an allowed value")
    assert [line[name] for name in STORES.column_names] == BAD.split(",")
    assert line["raw_text"] == BAD


def test_a_corrected_row_lands_in_its_partition_and_every_load_of_the_file_keeps_it(
    warehouse: Engine, tmp_path: Path
) -> None:
    deliver(tmp_path, BAD)
    assert load(tmp_path) == ("loaded", 30, 1)
    done = corrected(edit(exported(tmp_path), {"region": "South"}))
    assert (done.stored, done.days) == (1, [DAY])
    assert rows(warehouse, "select status from quarantine.rejected_rows") == [("corrected",)]
    seen = []
    for _ in range(2):
        assert load(tmp_path) == ("loaded", 31, 0)
        staged = "select source_line, region from staging.sales_stores where store_id = 'S0099'"
        assert rows(warehouse, staged) == [(32, "South")]
        seen.append(checksums(("staging",)))
    assert seen[0] == seen[1]
    assert rows(warehouse, "select status, corrected_by, load_id from quarantine.corrections") == [
        ("accepted", "Ada", 3)
    ]
    assert rows(warehouse, "select rows_corrected from ops.loads order by load_id") == [(0,), (1,), (1,)]


def test_the_same_file_twice_changes_nothing(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, BAD)
    load(tmp_path)
    path = edit(exported(tmp_path), {"region": "South"})
    corrected(path)
    before = checksums(("quarantine",))
    # The day is named again as long as no load has met the correction.
    assert corrected(path) == Replayed(stored=0, unchanged=1, days=[DAY])
    assert checksums(("quarantine",)) == before
    load(tmp_path)
    before = checksums(("quarantine",))
    assert corrected(path) == Replayed(stored=0, unchanged=1, days=[])
    assert checksums(("quarantine",)) == before


def test_rows_that_are_still_bad_are_named_and_nothing_is_stored(warehouse: Engine, tmp_path: Path) -> None:
    another = BAD.replace("S0099", "S0098")
    deliver(tmp_path, BAD, another)
    load(tmp_path)
    path = edit(exported(tmp_path), {"region": "South"}, {"region": "Atlantic", "state": "Nevada"})
    with pytest.raises(ReplayRefused) as error:
        corrected(path)
    assert str(error.value).splitlines() == [
        "nothing was stored:",
        "2026-01-05, line 33: region: not an allowed value",
        "2026-01-05, line 33: state: not like ^[A-Z]{2}$",
    ]
    assert rows(warehouse, "select count(*) from quarantine.corrections") == [(0,)]


def test_rows_that_nobody_changed_stay_in_quarantine(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, BAD, BAD.replace("S0099", "S0098"))
    load(tmp_path)
    assert corrected(edit(exported(tmp_path), {"region": "South"})) == Replayed(stored=1, unchanged=1, days=[DAY])
    load(tmp_path)
    assert rows(warehouse, "select line_number, status from quarantine.rejected_rows") == [(33, "rejected")]


def test_a_refused_file_is_loaded_when_enough_of_it_is_corrected(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *(BAD.replace("S0099", f"S009{digit}") for digit in range(3)))
    assert load(tmp_path)[0] == "refused"
    corrected(edit(exported(tmp_path), {"region": "South"}, {"region": "West"}))
    assert load(tmp_path) == ("loaded", 32, 1)


def test_corrections_wait_while_their_file_is_refused(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *(BAD.replace("S0099", f"S009{digit}") for digit in range(3)))
    load(tmp_path)
    path = edit(exported(tmp_path), {"region": "South"})
    corrected(path)
    assert load(tmp_path) == ("refused", 31, 2)
    assert rows(warehouse, "select status, load_id from quarantine.corrections") == [("waiting", None)]
    assert len(lines_of(exported(tmp_path))) == 2
    corrected(edit(exported(tmp_path), {"region": "South"}))
    assert load(tmp_path) == ("loaded", 32, 1)
    assert rows(warehouse, "select distinct status, load_id from quarantine.corrections") == [("accepted", 3)]


def test_the_last_correction_of_a_row_holds(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, BAD)
    load(tmp_path)
    path = exported(tmp_path)
    for region in ("South", "Northeast"):
        corrected(edit(path, {"region": region}))
        load(tmp_path)
    assert rows(warehouse, "select region from staging.sales_stores where store_id = 'S0099'") == [("Northeast",)]
    told = rows(warehouse, "select status, reasons from quarantine.corrections order by correction_id")
    assert told == [
        ("accepted", ["region: not an allowed value"]),
        ("accepted", ["region: not an allowed value"]),
    ]


def test_a_correction_that_a_load_rejects_keeps_the_raw_record_and_can_be_corrected_again(
    warehouse: Engine, tmp_path: Path
) -> None:
    deliver(tmp_path, BAD)
    load(tmp_path)
    # Good by itself, but a later record of a store that the file has already.
    corrected(edit(exported(tmp_path), {"region": "South", "store_id": "S0001", "updated_at": "2025-01-01T00:00:00Z"}))
    load(tmp_path)
    assert rows(warehouse, "select raw_text, reasons, status from quarantine.rejected_rows") == [
        (BAD, ["store_id: duplicate"], "rejected")
    ]
    assert rows(warehouse, "select status from quarantine.corrections") == [("rejected",)]
    path = exported(tmp_path)
    assert lines_of(path)[0]["region"] == "South"
    corrected(edit(path, {"store_id": "S0099"}))
    assert load(tmp_path) == ("loaded", 31, 0)


def test_a_new_delivery_without_the_record_supersedes_its_correction(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, BAD)
    load(tmp_path)
    path = edit(exported(tmp_path), {"region": "South"})
    corrected(path)
    other = STORE.replace("S0001", "S0077")
    deliver(tmp_path, other)
    load(tmp_path)
    assert rows(warehouse, "select region from staging.sales_stores where source_line = 32") == [("West",)]
    assert rows(warehouse, "select status from quarantine.corrections") == [("superseded",)]
    with pytest.raises(ReplayRefused, match="line 32: the file was delivered again without this record"):
        corrected(edit(path, {"region": "Northeast"}))


def test_an_export_of_an_earlier_file_is_refused(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, BAD)
    load(tmp_path)
    path = edit(exported(tmp_path), {"region": "South"})
    deliver(tmp_path, BAD.replace("Main Street", "High Street"))
    load(tmp_path)
    with pytest.raises(ReplayRefused, match="line 32: is not among the rejected records of the last load"):
        corrected(path)


@pytest.mark.parametrize(
    "name", ["Smith, Jones", 'The "Mall"', "two\nlines", "=1+1", "+1", "-x", "@home", "'=quoted", "Größe 店"]
)
def test_any_text_survives_export_and_replay(warehouse: Engine, tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    deliver(tmp_path, BAD.replace("Main Street", quoted))
    load(tmp_path)
    path = exported(tmp_path)
    assert lines_of(path)[0]["store_name"][0] not in "=+-@"
    corrected(edit(path, {"region": "South"}, delimiter=";"))
    load(tmp_path)
    assert rows(warehouse, "select store_name from staging.sales_stores where store_id = 'S0099'") == [(name,)]


def test_what_a_spreadsheet_rewrites_unasked_is_no_change(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, BAD.replace("Main Street", "00123"), BAD.replace("S0099", "S0098"))
    load(tmp_path)
    rewritten = {"store_name": "123", "floor_area_sqft": "1000.0", "is_open": "TRUE"}
    done = corrected(edit(exported(tmp_path), rewritten | {"region": "South"}, {"floor_area_sqft": "1000.00"}))
    assert done == Replayed(stored=1, unchanged=1, days=[DAY])
    assert rows(warehouse, "select corrected_text from quarantine.corrections") == [
        (BAD.replace("Main Street", "00123").replace("Atlantis", "South"),)
    ]


def test_a_number_that_was_rejected_is_taken_as_it_was_corrected(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, STORE.replace("S0001", "S0099").replace("1000", "1000.0"))
    load(tmp_path)
    corrected(edit(exported(tmp_path), {"floor_area_sqft": "1000"}))
    assert load(tmp_path) == ("loaded", 31, 0)


@given(st.text())
def test_a_guard_against_formulas_comes_off_again(value: str) -> None:
    assert unguarded(guarded(value)) == value
    assert guarded(value)[:1] not in {"=", "+", "@", "\t", "\r"}


def test_a_record_with_too_many_fields_can_be_corrected(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, STORE.replace("S0001", "S0099").replace("Main Street", "Main Street, corner"))
    load(tmp_path)
    path = exported(tmp_path)
    assert lines_of(path)[0]["raw_text"].startswith("S0099,Main Street, corner,mall")
    corrected(edit(path, dict(zip(STORES.column_names, STORE.replace("S0001", "S0099").split(","), strict=True))))
    assert load(tmp_path) == ("loaded", 31, 0)


def test_extra_columns_of_a_corrected_record_stay(warehouse: Engine, tmp_path: Path) -> None:
    path = raw_file(tmp_path, STORES, DAY)
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"{line}\n" for line in [f"note,{HEADER}", *(f"x,{line}" for line in (*GOOD, BAD))]))
    load(tmp_path)
    corrected(edit(exported(tmp_path), {"region": "South"}))
    assert load(tmp_path) == ("loaded", 31, 0)
    extra = rows(warehouse, "select extra_columns from staging.sales_stores where store_id = 'S0099'")
    assert extra == [({"note": "x"},)]


def test_a_corrected_parent_lets_its_children_in(warehouse: Engine, tmp_path: Path) -> None:
    write_partition(tmp_path, DAY, 42, 1.0, 0.0)
    deliver(tmp_path, BAD)
    path = raw_file(tmp_path, MERCHANTS, DAY)
    header, *lines = path.read_text().splitlines()
    merchant = dict(zip(header.split(","), lines[0].split(","), strict=True))
    child = ",".join((merchant | {"merchant_id": "M99999", "store_id": "S0099"}).values())
    path.write_text("\n".join([header, *lines, child]) + "\n")
    load(tmp_path)
    load_table(engine("loader"), MERCHANTS, tmp_path, DAY, "test")
    refused = "select reasons from quarantine.rejected_rows where raw_text like 'M99999%'"
    assert rows(warehouse, refused) == [(["store_id: not in sales.stores"],)]
    corrected(edit(exported(tmp_path), {"region": "South"}))
    load_table(engine("loader"), MERCHANTS, tmp_path, DAY, "test")
    assert rows(warehouse, refused) == []


def test_a_byte_that_is_not_text_must_be_replaced(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, BAD.encode().replace(b"Main", b"Caf\xe9"))
    load(tmp_path)
    path = exported(tmp_path)
    assert lines_of(path)[0]["store_name"] == r"Caf\xe9 Street"
    with pytest.raises(ReplayRefused, match=r"store_name: still holds \\xe9, which stands for a byte"):
        corrected(edit(path, {"region": "South"}))
    corrected(edit(path, {"region": "South", "store_name": "Café Street"}))
    assert load(tmp_path) == ("loaded", 31, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.replace("row_id", "id"), "column row_id must be as"),
        (lambda content: content.replace("2026-01-05/32/", "05.01.26/32/"), "column row_id must be as"),
        (lambda content: content + content.splitlines()[1] + "\n", "column row_id must be as"),
        (lambda content: content.replace("region,", "area,"), "lacks column region"),
    ],
)
def test_a_file_that_is_no_edited_export_is_named(
    warehouse: Engine, tmp_path: Path, change: object, message: str
) -> None:
    deliver(tmp_path, BAD)
    load(tmp_path)
    path = exported(tmp_path)
    path.write_text(change(path.read_text(encoding="utf-8-sig")))  # type: ignore[operator]
    with pytest.raises(EditsUnreadable, match=message):
        corrected(path)


def test_a_file_in_another_encoding_is_named(warehouse: Engine, tmp_path: Path) -> None:
    (tmp_path / "edited.csv").write_bytes("Größe".encode("cp1252"))
    with pytest.raises(EditsUnreadable, match="save it as CSV UTF-8"):
        corrected(tmp_path / "edited.csv")


def test_rows_rejected_before_raw_records_were_kept_survive_the_migration(warehouse: Engine) -> None:
    from alembic import command

    from database.migrate import alembic_config

    command.downgrade(alembic_config(), "0001")
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into ops.loads (run_id, partition_date, domain, table_name, source_file, status, rows_read, "
                "rows_accepted, rows_rejected, reasons, checksum, file_bytes, seconds) values ('run', '2026-01-05', "
                "'sales', 'stores', 'stores.csv', 'refused', 1, 0, 1, '{}', '', 0, 0)"
            )
        )
        connection.execute(
            text(
                "insert into quarantine.rejected_rows values (1, 2, '2026-01-05', 'sales', 'stores', "
                """'{"region": "Atlantis"}', '{region: not an allowed value}')"""
            )
        )
    command.upgrade(alembic_config(), "head")
    kept = rows(warehouse, "select raw_text, source_file, run_id, status from quarantine.rejected_rows")
    assert kept == [('{"region": "Atlantis"}', "stores.csv", "run", "refused")]
