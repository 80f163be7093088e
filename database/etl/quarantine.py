"""Puts the records that a load rejected into quarantine, with their reasons and their text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Connection, text

from database.etl.check import REASONS
from database.etl.read import LINE, RAW_TEXT

if TYPE_CHECKING:
    from database.etl.copy import Spool

REJECTED = "pg_temp.rejected"
CREATE = text("create temporary table rejected (line_number bigint, reasons text[], raw_text text) on commit drop")
# A day's quarantine shows its present load, and the last refused one; of earlier ones ops.loads has the counts.
CLEAR = text(
    "delete from quarantine.rejected_rows as row using ops.loads as load "
    "where load.load_id = row.load_id and row.partition_date = :partition_date and row.domain = :domain "
    "and row.table_name = :table_name and (:status = 'rejected' or load.status = 'refused')"
)
FILL = text(
    "insert into quarantine.rejected_rows (load_id, line_number, partition_date, domain, table_name, raw_text, "
    "reasons, source_file, run_id, status) select :load_id, line_number, :partition_date, :domain, :table_name, "
    f"raw_text, reasons, :source_file, :run_id, :status from {REJECTED}"
)


def as_rejected(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows with source_line, reasons and raw_text, as table `rejected` has them."""
    # An element of a PostgreSQL array literal.
    quoted = '"' + pl.element().str.replace_all('["\\\\]', r"\$0") + '"'
    return frame.select(LINE, ("{" + pl.col(REASONS).list.eval(quoted).list.join(",") + "}").alias(REASONS), RAW_TEXT)


def create_rejected(connection: Connection) -> None:
    """Make table `rejected`, which gathers the rejected records of a load until its transaction ends."""
    connection.execute(CREATE)


def gather(connection: Connection, rejected: Spool) -> int:
    """Send rows of `as_rejected` to table `rejected`; returns how many it holds then."""
    rejected.copy(connection, REJECTED, ("line_number", REASONS, RAW_TEXT))
    return int(connection.execute(text(f"select count(*) from {REJECTED}")).scalar_one())


def rejected_among(connection: Connection, lines: Collection[int]) -> set[int]:
    """Those of the lines that table `rejected` holds."""
    found = connection.execute(
        text(f"select line_number from {REJECTED} where line_number = any(:lines)"), {"lines": list(lines)}
    )
    return set(found.scalars())


def quarantine(connection: Connection, origin: Mapping[str, object], *, is_empty: bool) -> None:
    """Let the rejected records of a load take the place of earlier ones.

    Args:
        connection: in the load's transaction.
        origin: load_id, partition_date, domain, table_name, source_file, run_id, and status: "rejected", or
            "refused" when nothing of the file was loaded.
        is_empty: nothing was rejected; otherwise table `rejected` holds the records.
    """
    connection.execute(CLEAR, origin)
    if not is_empty:
        connection.execute(FILL, origin)
