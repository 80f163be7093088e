"""Loads files: accepted rows replace the day's partition, rejected records go to quarantine, the books say so."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, Engine, text

from database import staging
from database.etl.corrections import corrections_of, settle
from database.etl.fill import fill
from database.etl.quarantine import quarantine, rejected_among
from database.etl.references import Parents
from database.partitions import mark_loaded, require_holder
from database.raw_zone import FileUnreadable, file_name, partition_folder, raw_file
from include.contracts import Contract, contracts_of
from include.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from upath import UPath

    from database.etl.corrections import Correction

log = get_logger(__name__)

INSERT_LOAD = text(
    "insert into ops.loads (run_id, partition_date, domain, table_name, source_file, status, rows_read, rows_accepted, "
    "rows_rejected, rows_corrected, reasons, checksum, file_bytes, seconds, file_columns, extra_columns) values "
    "(:run_id, :partition_date, :domain, :table_name, :source_file, :status, :rows_read, :rows_accepted, "
    ":rows_rejected, :rows_corrected, :reasons, :checksum, :file_bytes, :seconds, :file_columns, :extra_columns) "
    "returning load_id"
)
INSERT_FAILURE = text(
    "insert into ops.loads (run_id, partition_date, domain, table_name, source_file, status, error, rows_read, "
    "rows_accepted, rows_rejected, reasons, seconds) values (:run_id, :partition_date, :domain, :table_name, "
    ":source_file, 'failed', :error, 0, 0, 0, '{}', :seconds)"
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
    rows_corrected: int
    reasons: dict[str, int]  # most frequent first
    seconds: float


def parents_of_day(engine: Engine, raw_zone: UPath, partition_date: date) -> Parents:
    """The keys that the rows of a day may refer to; corrections included."""

    def corrections(contract: Contract) -> Mapping[int, Correction]:
        with engine.connect() as connection:
            return corrections_of(connection, contract, partition_date)

    return Parents(raw_zone, partition_date, corrections)


def load_table(
    engine: Engine,
    contract: Contract,
    raw_zone: UPath,
    partition_date: date,
    run_id: str,
    *,
    parents: Parents | None = None,
) -> LoadResult:
    """Load the file of one table and day, in one transaction.

    Args:
        engine: warehouse, as role loader.
        contract: the table.
        raw_zone: where the files of the days lie.
        partition_date: the day.
        run_id: who loads; it must hold the warehouse.
        parents: from `parents_of_day`, when several tables of the day are loaded.

    Returns:
        The counts; status "refused" when more rows than the contract allows were rejected: then
        staging is unchanged, and the rejected rows are in quarantine.

    Raises:
        FileUnreadable: the file, or that of a table that it refers to, is missing or is not the table of the
            contract; staging is unchanged, and ops.loads has the error.
        NotHolder: the run does not hold the warehouse; nothing is loaded.
    """
    started = time.monotonic()
    origin = {
        "run_id": run_id,
        "partition_date": partition_date,
        "domain": contract.domain,
        "table_name": contract.table,
        "source_file": str(partition_folder(raw_zone, partition_date) / file_name(contract)),
    }
    parents = parents or parents_of_day(engine, raw_zone, partition_date)
    try:
        path = raw_file(raw_zone, contract, partition_date)
        origin["source_file"] = str(path)
        with engine.begin() as connection:
            require_holder(connection, run_id)
            result = _load(connection, contract, path, parents, origin=origin, started=started)
    except FileUnreadable as error:
        failure = {"error": str(error), "seconds": time.monotonic() - started}
        with engine.begin() as connection:
            connection.execute(INSERT_FAILURE, origin | failure)
        raise
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


def _load(
    connection: Connection,
    contract: Contract,
    path: UPath,
    parents: Parents,
    *,
    origin: dict[str, object],
    started: float,
) -> LoadResult:
    partition_date = parents.partition_date
    corrections = corrections_of(connection, contract, partition_date)
    references = parents.references(contract)
    replacement = staging.create_replacement(connection, contract, partition_date)
    file, tally = fill(connection, contract, path, replacement, references=references, corrections=corrections)
    if file.extra_columns:
        log.warning("columns that the contract does not know", table=contract.id, columns=file.extra_columns)
    refused = contract.refuses(tally.rows_rejected, tally.rows_read)
    if refused:
        staging.drop_replacement(connection, contract, partition_date)
    else:
        staging.swap_in(connection, contract, partition_date)
        mark_loaded(connection, partition_date)
    result = LoadResult(
        table=contract.id,
        status="refused" if refused else "loaded",
        rows_read=tally.rows_read,
        rows_accepted=tally.rows_accepted,
        rows_rejected=tally.rows_rejected,
        rows_corrected=len(tally.corrected),
        reasons=dict(tally.reasons.most_common()),
        seconds=time.monotonic() - started,
    )
    book = {
        **origin,
        "status": result.status,
        "rows_read": result.rows_read,
        "rows_accepted": result.rows_accepted,
        "rows_rejected": result.rows_rejected,
        "rows_corrected": result.rows_corrected,
        "reasons": json.dumps(result.reasons),
        "checksum": file.checksum,
        "file_bytes": file.size,
        "seconds": result.seconds,
        "file_columns": file.columns,
        "extra_columns": file.extra_columns,
    }
    load_id = int(connection.execute(INSERT_LOAD, book).scalar_one())
    status = "refused" if refused else "rejected"
    quarantine(connection, {**origin, "load_id": load_id, "status": status}, is_empty=not result.rows_rejected)
    if corrections and not refused:
        rejected = rejected_among(connection, tally.corrected) if result.rows_rejected else set()
        settle(connection, load_id, corrections, tally.corrected, rejected)
    return result


def _refusal(result: LoadResult, contract: Contract, partition_date: date) -> str:
    reasons = "; ".join(f"{reason} ({count})" for reason, count in list(result.reasons.items())[:5])
    return (
        f"{result.table}: {result.rows_rejected} of {result.rows_read} rows are bad, more than the allowed "
        f"{contract.max_rejected_share:.0%}, so nothing of it was loaded. Reasons: {reasons}. "
        f"Correct the rows (fso quarantine export {partition_date} {result.table}) or the file, "
        f"then: fso run {partition_date} --source files"
    )


def load_domain(engine: Engine, domain: str, raw_zone: UPath, partition_date: date, run_id: str) -> list[LoadResult]:
    """Load every table of a domain; each table stands or falls alone, and all are tried.

    Raises:
        LoadRefused: at least one table was not loaded; the message has each one's reason.
        NotHolder: the run does not hold the warehouse; nothing is loaded.
    """
    parents = parents_of_day(engine, raw_zone, partition_date)
    results, problems = [], []
    for contract in contracts_of(domain):
        try:
            result = load_table(engine, contract, raw_zone, partition_date, run_id, parents=parents)
        except FileUnreadable as error:
            problems.append(str(error))
            continue
        results.append(result)
        if result.status == "refused":
            problems.append(_refusal(result, contract, partition_date))
    if problems:
        raise LoadRefused("\n".join(problems))
    return results
