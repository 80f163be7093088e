"""Loads checked files: accepted rows replace the day's partition, rejected rows go to quarantine."""

from __future__ import annotations

import hashlib
import io
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl
from sqlalchemy import Connection, Engine, text

from database import staging
from database.etl.check import REASONS, Checked, check
from database.etl.read import LINE, read_file
from database.partitions import mark_loaded, require_holder
from database.raw_zone import FileUnreadable, raw_file
from include.contracts import Contract, contracts_of
from include.log import get_logger

if TYPE_CHECKING:
    from datetime import date

    from upath import UPath

log = get_logger(__name__)

INSERT_LOAD = text(
    "insert into ops.loads (run_id, partition_date, domain, table_name, source_file, status, rows_read, "
    "rows_accepted, rows_rejected, reasons, checksum, file_bytes, seconds) values (:run_id, :partition_date, "
    ":domain, :table_name, :source_file, :status, :rows_read, :rows_accepted, :rows_rejected, :reasons, "
    ":checksum, :file_bytes, :seconds) returning load_id"
)
# A day's quarantine shows its present load, and the last refused one; of earlier ones ops.loads has the counts.
CLEAR_QUARANTINE = text(
    "delete from quarantine.rejected_rows as row using ops.loads as load "
    "where load.load_id = row.load_id and row.partition_date = :partition_date and row.domain = :domain "
    "and row.table_name = :table_name and (:is_loaded or load.status = 'refused')"
)


class LoadRefused(Exception):
    """Too many rows of a delivery are bad, or a file is unreadable; the partition is as it was before."""


@dataclass(frozen=True)
class LoadResult:
    """What one load did; rows_accepted + rows_rejected = rows_read."""

    table: str
    status: Literal["loaded", "refused"]
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    reasons: dict[str, int]
    seconds: float


def _copy_csv(connection: Connection, table: str, columns: list[str], csv: bytes) -> None:
    """Send rows by COPY on the connection's transaction."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a pooled connection always has one
    with driver.cursor() as cursor, cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin (format csv)") as copy:
        copy.write(csv)


def _csv(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False)
    return buffer.getvalue()


def _replace_partition(connection: Connection, contract: Contract, partition_date: date, csv: bytes) -> None:
    replacement = staging.create_replacement(connection, contract, partition_date)
    connection.execute(text(f"alter table {replacement} alter partition_date set default '{partition_date}'"))
    _copy_csv(connection, replacement, [LINE, *contract.column_names], csv)
    connection.execute(text(f"alter table {replacement} alter partition_date drop default"))
    # dbt reads the day within seconds, before autovacuum would have counted it.
    connection.execute(text(f"analyze {replacement}"))
    staging.swap_in(connection, contract, partition_date)


def _quarantine(
    connection: Connection,
    contract: Contract,
    partition_date: date,
    load_id: int,
    rejected: pl.DataFrame,
    *,
    is_loaded: bool,
) -> None:
    keys = {"partition_date": partition_date, "domain": contract.domain, "table_name": contract.table}
    connection.execute(CLEAR_QUARANTINE, keys | {"is_loaded": is_loaded})
    if rejected.is_empty():
        return
    # As an element of a PostgreSQL array literal.
    quoted = '"' + pl.element().str.replace_all('["\\\\]', r"\$0") + '"'
    rows = rejected.select(
        pl.lit(load_id).alias("load_id"),
        pl.col(LINE).alias("line_number"),
        *(pl.lit(value).alias(name) for name, value in keys.items()),
        # JSON cannot hold NUL; the visible symbol stands in.
        pl.struct(pl.col(name).str.replace_all("\0", "␀", literal=True) for name in contract.column_names)
        .struct.json_encode()
        .alias("raw_row"),
        ("{" + pl.col(REASONS).list.eval(quoted).list.join(",") + "}").alias(REASONS),
    )
    _copy_csv(connection, "quarantine.rejected_rows", rows.columns, _csv(rows))


def load_table(engine: Engine, contract: Contract, raw_zone: UPath, partition_date: date, run_id: str) -> LoadResult:
    """Load the file of one table and day, in one transaction.

    Args:
        engine: warehouse, as role loader.
        contract: the table.
        raw_zone: where the files of the days lie.
        partition_date: the day.
        run_id: who loads; it must hold the warehouse.

    Returns:
        The counts; status "refused" when more rows than the contract allows were rejected: then
        staging is unchanged, and the rejected rows are in quarantine.

    Raises:
        FileUnreadable: the file is missing or is not the table of the contract.
        NotHolder: the run does not hold the warehouse; nothing is loaded.
    """
    started = time.monotonic()
    path = raw_file(raw_zone, contract, partition_date)
    frame = read_file(path, contract)
    checked: Checked = check(frame, contract)
    refused = checked.rejected.height > contract.max_rejected_share * max(frame.height, 1)
    csv = _csv(checked.accepted)
    with engine.begin() as connection:
        require_holder(connection, run_id)
        if not refused:
            _replace_partition(connection, contract, partition_date, csv)
            mark_loaded(connection, partition_date)
        result = LoadResult(
            table=contract.id,
            status="refused" if refused else "loaded",
            rows_read=frame.height,
            rows_accepted=checked.accepted.height,
            rows_rejected=checked.rejected.height,
            reasons=checked.reason_counts(),
            seconds=time.monotonic() - started,
        )
        book = {
            "run_id": run_id,
            "partition_date": partition_date,
            "domain": contract.domain,
            "table_name": contract.table,
            "source_file": str(path),
            "status": result.status,
            "rows_read": result.rows_read,
            "rows_accepted": result.rows_accepted,
            "rows_rejected": result.rows_rejected,
            "reasons": json.dumps(result.reasons),
            "checksum": hashlib.blake2b(csv, digest_size=16).hexdigest(),
            "file_bytes": path.stat().st_size,
            "seconds": result.seconds,
        }
        load_id: int = connection.execute(INSERT_LOAD, book).scalar_one()
        _quarantine(connection, contract, partition_date, load_id, checked.rejected, is_loaded=not refused)
    log.info(
        "load",
        table=contract.id,
        partition_date=str(partition_date),
        status=result.status,
        read=result.rows_read,
        accepted=result.rows_accepted,
        rejected=result.rows_rejected,
        seconds=round(result.seconds, 3),
    )
    return result


def _refusal(result: LoadResult, contract: Contract, partition_date: date) -> str:
    reasons = "; ".join(f"{reason} ({count})" for reason, count in list(result.reasons.items())[:5])
    return (
        f"{result.table}: {result.rows_rejected} of {result.rows_read} rows are bad, more than the allowed "
        f"{contract.max_rejected_share:.0%}, so nothing of it was loaded. Reasons: {reasons}. "
        f"The rows are in quarantine.rejected_rows; correct the file, then: fso run {partition_date} --source files"
    )


def load_domain(engine: Engine, domain: str, raw_zone: UPath, partition_date: date, run_id: str) -> list[LoadResult]:
    """Load every table of a domain; each table stands or falls alone, and all are tried.

    Raises:
        LoadRefused: at least one table was not loaded; the message has each one's reason.
        NotHolder: the run does not hold the warehouse; nothing is loaded.
    """
    results, problems = [], []
    for contract in contracts_of(domain):
        try:
            result = load_table(engine, contract, raw_zone, partition_date, run_id)
        except FileUnreadable as error:
            problems.append(str(error))
            continue
        results.append(result)
        if result.status == "refused":
            problems.append(_refusal(result, contract, partition_date))
    if problems:
        raise LoadRefused("\n".join(problems))
    return results
