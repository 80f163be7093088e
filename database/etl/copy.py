"""Sends rows to the database by COPY, as CSV."""

from __future__ import annotations

import io
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from sqlalchemy import Connection

SPOOL_BYTES = 8 << 20


def csv_of(frame: pl.DataFrame, *, is_plain: bool = False) -> bytes:
    """The rows as CSV without a header; null is an empty field. That no field needs quotes, a caller may know."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, quote_style="never" if is_plain else "necessary")
    return buffer.getvalue()


def copy_rows(connection: Connection, table: str, columns: Iterable[str], chunks: Iterable[bytes]) -> int:
    """Send rows in the connection's transaction; returns how many the database took.

    Args:
        connection: of psycopg 3.
        table: qualified name.
        columns: what the fields are, in their order.
        chunks: CSV without a header.
    """
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a pooled connection always has one
    statement = f"copy {table} ({', '.join(columns)}) from stdin (format csv)"
    with driver.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for chunk in chunks:
                copy.write(chunk)
        return int(cursor.rowcount)


class Spool:
    """Rows that wait for their COPY: in memory while they are few, else in a temporary file."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - closed by `close`
        self.rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Append rows; all frames must have the same columns."""
        self._file.write(csv_of(frame))
        self.rows += frame.height

    def copy(self, connection: Connection, table: str, columns: Iterable[str]) -> None:
        """Send all rows, in the connection's transaction."""
        self._file.seek(0)
        copy_rows(connection, table, columns, iter(lambda: self._file.read(SPOOL_BYTES), b""))

    def close(self) -> None:
        """Forget the rows."""
        self._file.close()
