"""Loads that are cut off: the partition stays as it was, and the next attempt comes to the same end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import pytest
from psycopg.errors import DiskFull
from sqlalchemy import Engine, text

from database.connection import engine
from database.etl import copy as copying
from include.runtime.postgres_server import data_dir
from include.settings import PROJECT_DIR
from tests.conftest import checksums
from tests.warehouse.stores import HEADER, STORE, deliver, load, rows, stores

pytestmark = pytest.mark.usefixtures("held")
EVERYTHING = ("staging", "quarantine", "ops")
BAD = STORE.replace("S0001", "S9999").replace("West", "Atlantis")
LINES = [*stores(2000), BAD, *stores(1)]
COPIED = "select pid from pg_stat_progress_copy where tuples_processed > 0"
# The blocks are small, so that some are sent before the file ends.
LOAD = """
import sys
from pathlib import Path
from database.etl import read, records
from tests.warehouse.stores import load
records.BLOCK_BYTES = records.MAX_RECORD_BYTES = read.MAX_RECORD_BYTES = 1000
load(Path(sys.argv[1]))
"""


@pytest.fixture
def before(warehouse: Engine, tmp_path: Path) -> dict[str, str]:
    """What a day that is loaded already looks like."""
    deliver(tmp_path, *stores(30), BAD)
    load(tmp_path)
    return checksums(EVERYTHING)


def assert_next_attempt_loads(warehouse: Engine, root: Path) -> None:
    deliver(root, *LINES)
    result = load(root)
    assert (result.rows_read, result.rows_accepted, result.rows_rejected) == (2002, 2000, 2)
    assert rows(warehouse, "select count(*) from staging.sales_stores") == [(2000,)]
    assert rows(warehouse, "select line_number from quarantine.rejected_rows order by 1") == [(2,), (2002,)]
    assert rows(warehouse, "select relname from pg_class where relname ~ '_new$|^suspects$|^rejected$'") == []


def wait_for(warehouse: Engine, is_reached: Callable[[list[tuple[int, ...]]], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_reached(rows(warehouse, COPIED)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def open_once_it_is_read(fifo: Path, reader: subprocess.Popen[str]) -> TextIO:
    """The FIFO to write to; a reader that ends before it opens it fails the test."""
    deadline = time.monotonic() + 30
    while reader.poll() is None and time.monotonic() < deadline:
        try:
            writable = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads yet
            time.sleep(0.02)
        else:
            os.set_blocking(writable, True)
            return os.fdopen(writable, "w")
    reader.kill()
    raise AssertionError(f"the load never opened its file: {reader.communicate()[1]}")


def end_connection(warehouse: Engine, _: subprocess.Popen[str]) -> None:
    rows(warehouse, f"select pg_terminate_backend(pid) from ({COPIED}) as loading")


def kill_process(_: Engine, process: subprocess.Popen[str]) -> None:
    process.kill()


@pytest.mark.parametrize("cut_off", [end_connection, kill_process])
def test_a_load_that_is_killed_while_it_copies_leaves_the_day_as_it_was(
    warehouse: Engine,
    tmp_path: Path,
    before: dict[str, str],
    cut_off: Callable[[Engine, subprocess.Popen[str]], None],
) -> None:
    path = deliver(tmp_path)
    path.unlink()
    os.mkfifo(path)
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD, str(tmp_path)], cwd=PROJECT_DIR, stderr=subprocess.PIPE, text=True
    )
    with open_once_it_is_read(path, process) as delivery:
        delivery.write("\n".join([HEADER, *LINES[:1000]]))
        delivery.flush()
        wait_for(warehouse, bool)
        cut_off(warehouse, process)
        wait_for(warehouse, lambda copying: not copying)
    _, error = process.communicate(timeout=30)
    assert process.returncode != 0
    assert cut_off is kill_process or "terminating connection" in error
    assert checksums(EVERYTHING) == before
    path.unlink()
    assert_next_attempt_loads(warehouse, tmp_path)


def test_a_full_disk_below_the_waiting_rows_leaves_the_day_as_it_was(
    warehouse: Engine, tmp_path: Path, before: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(tmp_path, *LINES)
    with Path("/dev/full").open("wb", buffering=0) as full, monkeypatch.context() as patch:
        patch.setattr(copying, "SpooledTemporaryFile", lambda **_: full)
        with pytest.raises(OSError, match="No space left on device"):
            load(tmp_path)
    assert checksums(EVERYTHING) == before
    assert_next_attempt_loads(warehouse, tmp_path)


@pytest.fixture
def tiny_tablespace(warehouse: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The loader's tables go to a file system of a few pages."""
    place = data_dir().parent / "tiny"
    place.mkdir()
    options = f"size=128k,uid={data_dir().stat().st_uid}"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(place)], check=False).returncode != 0:
        place.rmdir()
        pytest.skip("a file system is mounted by root only")
    try:
        with warehouse.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"create tablespace tiny location '{place}'"))
            connection.execute(text("grant create on tablespace tiny to fso_loader"))
            connection.execute(text("alter role fso_loader set default_tablespace = tiny"))
        engine("loader").dispose()
        yield
        with warehouse.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("alter role fso_loader reset default_tablespace"))
            connection.execute(text("drop tablespace tiny"))
        engine("loader").dispose()
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()


def test_a_full_disk_below_the_database_leaves_the_day_as_it_was(
    warehouse: Engine, tmp_path: Path, before: dict[str, str], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("tiny_tablespace")
    deliver(tmp_path, *LINES)
    with pytest.raises(DiskFull, match="No space left on device"):
        load(tmp_path)
    assert checksums(EVERYTHING) == before
    with warehouse.begin() as connection:
        connection.execute(text("alter role fso_loader reset default_tablespace"))
    engine("loader").dispose()
    assert_next_attempt_loads(warehouse, tmp_path)
