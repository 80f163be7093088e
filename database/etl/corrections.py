"""Corrections of rejected records: kept beside the quarantine, put in place by every load of the same file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from include.contracts import Contract

# Of several corrections of one line, the last one holds.
CORRECTIONS = text(
    "select distinct on (line_number) correction_id, line_number, raw_text, corrected_text "
    "from quarantine.corrections "
    "where partition_date = :partition_date and domain = :domain and table_name = :table_name "
    "order by line_number, correction_id desc"
)
SETTLE = text(
    "update quarantine.corrections as correction set status = outcome.status, load_id = :load_id "
    "from unnest(cast(:ids as bigint[]), cast(:statuses as text[])) as outcome (correction_id, status) "
    "where correction.correction_id = outcome.correction_id"
)
REPLACE = text(
    "update quarantine.corrections set status = 'superseded' "
    "where partition_date = :partition_date and domain = :domain and table_name = :table_name "
    "and line_number = :line_number and status = 'waiting'"
)
STORE = text(
    "insert into quarantine.corrections (partition_date, domain, table_name, line_number, raw_text, corrected_text, "
    "corrected_by, reasons, rejected_load_id) values (:partition_date, :domain, :table_name, :line_number, :raw_text, "
    ":corrected_text, :by, :reasons, :load_id)"
)
MARK = text(
    "update quarantine.rejected_rows set status = 'corrected' where load_id = :load_id and line_number = :line_number"
)


@dataclass(frozen=True)
class Correction:
    """A record of a file, and what stands for it."""

    correction_id: int
    line_number: int
    raw_text: str  # as quarantine.rejected_rows has it
    corrected_text: str  # a CSV record with the columns of the file, in its order


@dataclass(frozen=True)
class Rejection:
    """A record that a load rejected, and what shall stand for it."""

    line_number: int
    raw_text: str
    corrected_text: str
    reasons: list[str]
    load_id: int


def corrections_of(connection: Connection, contract: Contract, partition_date: date) -> dict[int, Correction]:
    """The corrections of one table and day, by line number.

    A load replaces a record by its correction when both line number and raw text are the same.
    """
    keys = {"partition_date": partition_date, "domain": contract.domain, "table_name": contract.table}
    found = connection.execute(CORRECTIONS, keys).mappings()
    return {row["line_number"]: Correction(**row) for row in found}


def settle(
    connection: Connection,
    load_id: int,
    corrections: Mapping[int, Correction],
    replaced: Collection[int],
    rejected: Collection[int],
) -> None:
    """Note what a load did with each correction, in the load's transaction.

    Args:
        connection: as role loader.
        load_id: the load, already in ops.loads.
        corrections: from `corrections_of`.
        replaced: line numbers whose record the load replaced by its correction.
        rejected: line numbers that the load rejected; others than replaced ones are of no matter.
    """
    if not corrections:
        return
    taken, bad = set(replaced), set(rejected)
    outcomes = {
        correction.correction_id: "superseded" if line not in taken else "rejected" if line in bad else "accepted"
        for line, correction in corrections.items()
    }
    connection.execute(SETTLE, {"load_id": load_id, "ids": [*outcomes], "statuses": [*outcomes.values()]})


def store(
    connection: Connection, contract: Contract, partition_date: date, rejections: Sequence[Rejection], by: str
) -> None:
    """Keep corrections for the next load of the day; of a line that was corrected before, the new one holds.

    Args:
        connection: as role loader.
        contract: the table.
        partition_date: the day.
        rejections: the rejected records, each with its new text.
        by: who corrected them.
    """
    keys = {"partition_date": partition_date, "domain": contract.domain, "table_name": contract.table}
    rows = [asdict(rejection) | keys | {"by": by} for rejection in rejections]
    for statement in (REPLACE, STORE, MARK):
        connection.execute(statement, rows)
