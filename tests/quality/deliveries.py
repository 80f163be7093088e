"""Good deliveries in a warehouse with nothing else, for the tests of checkpoints and of the quality page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from database import staging
from database.connection import engine as warehouse_engine
from include.contracts import Column, Contract, contracts
from include.record_fields import record_text
from tests.conftest import empty_warehouse


@pytest.fixture(scope="module")
def owner(server: None) -> Engine:
    """Engine of the owner of a warehouse with nothing loaded."""
    return empty_warehouse()


@pytest.fixture(scope="module")
def engine(owner: Engine) -> Engine:
    """Engine of the role that the checkpoints run as."""
    return warehouse_engine("transformer")


ROWS = 40
DAY = date(2026, 3, 10)


def _value(contract: Contract, column: Column, number: int, day: date) -> Any:
    """A value that keeps the contract; row n of a child refers to row n of its parent."""
    if column.references:
        return f"{column.references.rsplit('.', 1)[0]}-{number}"
    if column.allowed:
        return column.allowed[number % len(column.allowed)]
    if column.is_numeric:
        return max(1, int(column.minimum or 1))
    if column.is_key:
        return day + timedelta(days=number) if column.type == "date" else f"{contract.id}-{number}"
    values = {"date": day, "timestamptz": datetime(day.year, day.month, day.day, 12, tzinfo=UTC), "boolean": True}
    return values.get(column.type, "x")


def row_of(contract: Contract, number: int, day: date) -> dict[str, Any]:
    """Row `number` of a good delivery."""
    return {column.name: _value(contract, column, number, day) for column in contract.columns}


def book_load(connection: Connection, contract: Contract, day: date, rows: int) -> int:
    """A row in ops.loads; returns its id."""
    statement = text(
        "insert into ops.loads (run_id, partition_date, domain, table_name, source_file, status, rows_read, "
        "rows_accepted, rows_rejected, reasons, checksum, file_bytes, seconds, file_columns) values ('test', :day, "
        ":domain, :table, 'f.csv', 'loaded', :rows, :rows, 0, '{}', '', 0, 0.1, :columns) returning load_id"
    )
    keys = {
        "day": day,
        "domain": contract.domain,
        "table": contract.table,
        "rows": rows,
        "columns": list(contract.column_names),
    }
    return int(connection.execute(statement, keys).scalar_one())


def quarantine(connection: Connection, contract: Contract, day: date, row: dict[str, Any]) -> None:
    """Put one row of a delivery into quarantine."""
    load_id = book_load(connection, contract, day, ROWS)
    connection.execute(
        text(
            "insert into quarantine.rejected_rows (load_id, line_number, partition_date, domain, table_name, raw_text, "
            "reasons, source_file, run_id, status) "
            "values (:load_id, 2, :day, :domain, :table, :raw_text, '{x: missing}', 'f.csv', 'test', 'rejected')"
        ),
        {
            "load_id": load_id,
            "day": day,
            "domain": contract.domain,
            "table": contract.table,
            "raw_text": record_text(str(row[name]) for name in contract.column_names),
        },
    )


def book_day(connection: Connection, day: date, *, audited: bool) -> None:
    """A row in ops.partitions: a published day, or one whose present load failed its audit."""
    version = 1 if audited else None
    connection.execute(
        text("insert into ops.partitions values (:day, 1, :version, :version)"), {"day": day, "version": version}
    )


@pytest.fixture
def delivered(owner: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> date:
    """The day of a good delivery, after three published days of the same size."""
    monkeypatch.setenv("FSO_HOME", str(tmp_path))
    with owner.begin() as connection:
        connection.execute(
            text("truncate ops.loads, ops.partitions, quarantine.rejected_rows, ops.checkpoints cascade")
        )
        for days in (1, 2, 3):
            book_day(connection, DAY - timedelta(days=days), audited=True)
        for contract in contracts().values():
            staging.create_replacement(connection, contract, DAY)
            staging.swap_in(connection, contract, DAY)
            names = contract.column_names
            statement = text(
                f"insert into staging.{contract.staging_table} ({', '.join(names)}, partition_date, source_line) "
                f"values ({', '.join(f':{name}' for name in names)}, '{DAY}', :line)"
            )
            connection.execute(statement, [{**row_of(contract, n, DAY), "line": n + 2} for n in range(ROWS)])
            for days in (1, 2, 3):
                book_load(connection, contract, DAY - timedelta(days=days), ROWS)
    return DAY
