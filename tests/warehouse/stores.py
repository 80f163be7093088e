"""Deliveries of stores, the smallest table, for the tests of loads."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from database.connection import engine
from database.etl import LoadResult, load_table
from database.raw_zone import raw_file
from include.contracts import contracts

DAY = date(2026, 1, 5)
STORES = contracts()["sales.stores"]
HEADER = ",".join(STORES.column_names)
STORE = "S0001,Main Street,mall,Reno,NV,West,1000,2001-05-06,true,2026-01-01T00:00:00Z"


def deliver(root: Path, *lines: str, header: str = HEADER, day: date = DAY) -> Path:
    """Write the file of a day; returns where."""
    return deliver_bytes(root, ("\n".join([header, *lines]) + "\n").encode(), day)


def deliver_bytes(root: Path, content: bytes, day: date = DAY) -> Path:
    """As `deliver`, to the byte."""
    path = raw_file(root, STORES, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def stores(count: int, start: int = 1) -> list[str]:
    """Good lines with numbers from `start` on."""
    return [STORE.replace("S0001", f"S{number:04}") for number in range(start, start + count)]


def load(root: Path, day: date = DAY, run_id: str = "test") -> LoadResult:
    """Load the file of a day."""
    return load_table(engine("loader"), STORES, root, day, run_id)


def rows(warehouse: Engine, statement: str) -> list[tuple[Any, ...]]:
    """What a query finds."""
    with warehouse.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]
