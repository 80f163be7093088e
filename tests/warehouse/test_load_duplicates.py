"""Rows with one key, however far apart they stand in their file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sqlalchemy import Engine

from database.connection import engine
from database.etl import load_table, records
from database.etl.duplicates import SeenKeys
from include.contracts import Contract
from tests.warehouse.stores import DAY, STORE, STORES, deliver, load, rows, stores

pytestmark = pytest.mark.usefixtures("held")
FIRST = replace(STORES, duplicates="first", max_rejected_share=1.0)
LATEST = replace(STORES, duplicates="latest", max_rejected_share=1.0)
STAGED = "select source_line, store_name from staging.sales_stores order by 1"
REJECTED = (
    "select line_number, raw_text from quarantine.rejected_rows where reasons = '{store_id: duplicate}' order by 1"
)
# From one record in each block to all of them in one.
BLOCKS = (60, 250, records.BLOCK_BYTES)


def version(number: int, name: str, updated: str) -> str:
    return STORE.replace("S0001", f"S{number:04}").replace("Main Street", name).replace("2026-01-01", updated)


LINES = [
    version(1, "first", "2026-01-01"),
    version(2, "alone", "2026-01-01"),
    version(1, "newest", "2026-01-04"),
    version(3, "old", "2026-01-02"),
    version(1, "in between", "2026-01-03"),
    version(3, "new, and again", "2026-01-02").replace("new, and again", '"new, and\nagain"'),
    version(1, "newest, too", "2026-01-04").replace("newest, too", '"newest, too"'),
    version(1, "late but old", "2025-12-31"),
]


def load_as(contract: Contract, root: Path, day: date = DAY) -> None:
    result = load_table(engine("loader"), contract, root, day, "test")
    assert result.reasons == {"store_id: duplicate": result.rows_rejected}
    assert result.rows_read == len(LINES)


@pytest.mark.parametrize("size", BLOCKS)
def test_the_first_event_of_a_key_wins(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(records, "BLOCK_BYTES", size)
    deliver(tmp_path, *LINES)
    load_as(FIRST, tmp_path)
    assert rows(warehouse, STAGED) == [(2, "first"), (3, "alone"), (5, "old")]
    lost = {4: LINES[2], 6: LINES[4], 7: LINES[5], 9: LINES[6], 10: LINES[7]}
    assert dict(rows(warehouse, REJECTED)) == lost


@pytest.mark.parametrize("size", BLOCKS)
def test_the_latest_record_of_an_entity_wins_and_of_equally_late_ones_the_last(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(records, "BLOCK_BYTES", size)
    deliver(tmp_path, *LINES)
    load_as(LATEST, tmp_path)
    assert rows(warehouse, STAGED) == [(3, "alone"), (7, "new, and\nagain"), (9, "newest, too")]
    lost = {2: LINES[0], 4: LINES[2], 5: LINES[3], 6: LINES[4], 10: LINES[7]}
    assert dict(rows(warehouse, REJECTED)) == lost


@pytest.mark.parametrize("size", BLOCKS)
@pytest.mark.parametrize("contract", [FIRST, LATEST])
def test_keys_with_one_hash_stay_apart(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, contract: Contract
) -> None:
    deliver(tmp_path, *LINES)
    load_as(contract, tmp_path)
    exact = rows(warehouse, STAGED), rows(warehouse, REJECTED)
    monkeypatch.setattr(records, "BLOCK_BYTES", size)
    monkeypatch.setattr(SeenKeys, "hashes", lambda _, frame: np.zeros(frame.height, dtype=np.uint64))
    load_as(contract, tmp_path)
    assert (rows(warehouse, STAGED), rows(warehouse, REJECTED)) == exact


def test_numbers_with_one_value_are_one_key(warehouse: Engine, tmp_path: Path) -> None:
    by_area = replace(
        FIRST, columns=tuple(replace(column, is_key=column.type == "integer") for column in STORES.columns)
    )
    seen = SeenKeys(by_area).seen(pl.DataFrame({"floor_area_sqft": ["7", "8", "007", "+8"]}))
    assert seen.to_list() == [False, False, True, True]


def test_seen_keys_are_those_of_all_frames_before() -> None:
    keys = SeenKeys(STORES)
    generator = np.random.default_rng(1)
    known: set[str] = set()
    for _ in range(40):
        names = [f"S{number:04}" for number in generator.integers(0, 3000, 100)]
        expected = [name in known or name in names[:place] for place, name in enumerate(names)]
        assert keys.seen(pl.DataFrame({"store_id": names})).to_list() == expected
        known.update(names)


def test_a_rejected_row_beats_no_other(warehouse: Engine, tmp_path: Path) -> None:
    newer_but_bad = version(1, "High Street", "2026-01-03").replace("mall", "kiosk")
    deliver(tmp_path, newer_but_bad, *stores(30))
    load(tmp_path)
    assert rows(warehouse, "select source_line from staging.sales_stores where store_id = 'S0001'") == [(3,)]
    assert rows(warehouse, REJECTED) == []
