"""Rejected records, out for a person to correct and back as corrections for the next load."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

import polars as pl
from sqlalchemy import Connection, Engine, text

from database.etl.check import REASONS, check
from database.etl.corrections import Rejection, store
from database.etl.read import LINE
from database.etl.spreadsheet import Row, read_rows, write_rows
from include.contracts import Column, Contract
from include.record_fields import fields_of, record_text, values_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

NUMBER = re.compile(r"-?\d+(\.\d+)?")
# How a raw record shows a byte that is not text.
ESCAPE = re.compile(r"\\x[0-9a-f]{2}")
# What the last load that read the file rejected, and what was corrected before; each with its latest correction.
RECORDS = text("""
with rejected as (
    select line_number, raw_text, reasons, load_id
    from quarantine.rejected_rows
    where load_id = (
        select load_id from ops.loads
        where partition_date = :day and domain = :domain and table_name = :table and status in ('loaded', 'refused')
        order by load_id desc limit 1)),
corrected as (
    select distinct on (line_number, raw_text) *
    from quarantine.corrections
    where partition_date = :day and domain = :domain and table_name = :table
    order by line_number, raw_text, correction_id desc),
records as (
    select rejected.*, true as is_rejected from rejected
    union all
    select line_number, raw_text, reasons, rejected_load_id, false from corrected
    where not exists (
        select from rejected
        where rejected.line_number = corrected.line_number and rejected.raw_text = corrected.raw_text))
select records.*, load.file_columns, corrected.corrected_text, corrected.status as correction_status
from records
join ops.loads as load using (load_id)
left join corrected using (line_number, raw_text)
order by line_number
""")


class ReplayRefused(Exception):
    """Corrections cannot be taken; the message names each record, and nothing was stored."""


@dataclass(frozen=True)
class Record:
    """A record that was rejected, now or before it was corrected."""

    line_number: int
    raw_text: str
    reasons: list[str]
    load_id: int
    is_rejected: bool  # by the last load
    file_columns: list[str] | None  # not known of loads before migration 0002
    corrected_text: str | None
    correction_status: str | None

    @property
    def digest(self) -> str:
        """Tells it from the record that another file has on the same line."""
        return hashlib.blake2b(self.raw_text.encode(), digest_size=4).hexdigest()

    def fields(self) -> dict[str, str]:
        """Its fields by column, as last corrected; where their number is wrong, by position as far as they go."""
        present = self.raw_text if self.corrected_text is None else self.corrected_text
        columns = self.file_columns or []
        return fields_of(present, columns) or dict(zip(columns, values_of(present), strict=False))


@dataclass(frozen=True)
class Replayed:
    """What came of a file of corrections."""

    stored: int
    unchanged: int
    days: list[date]  # with corrections that no load has met yet


def _records(connection: Connection, contract: Contract, partition_date: date) -> list[Record]:
    keys = {"day": partition_date, "domain": contract.domain, "table": contract.table}
    return [Record(**row) for row in connection.execute(RECORDS, keys).mappings()]


def export(engine: Engine, contract: Contract, partition_date: date, file: TextIO) -> int:
    """Write the records that the last load of a table and day rejected, as CSV for a spreadsheet.

    Columns: row_id, by which `replay` knows the record; line_number and reasons; the contract's columns with the
    raw values, or those of the last correction; raw_text. Values that a spreadsheet would take for a formula
    begin with an apostrophe, which `replay` takes off.

    Returns:
        The number of records.
    """
    with engine.connect() as connection:
        records = [record for record in _records(connection, contract, partition_date) if record.is_rejected]
    rows = []
    for record in records:
        fields = record.fields()
        values = {name: fields.get(name, "") for name in contract.column_names}
        rows.append((Row(partition_date, record.line_number, record.digest, values), record.reasons, record.raw_text))
    write_rows(file, contract, rows)
    return len(records)


def replay(engine: Engine, path: Path, by: str) -> Replayed:
    """Check the records of an exported file that were changed, and keep them for the next load of their day.

    Args:
        engine: warehouse, as role loader.
        path: the file, as `export` wrote it and a person edited it.
        by: who corrected it.

    Raises:
        EditsUnreadable: the file is not an edited export.
        ReplayRefused: a record is no longer rejected, or one that was changed is still bad. Nothing is stored.
    """
    contract, rows = read_rows(path)
    rows_by_day: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        rows_by_day[row.partition_date].append(row)
    changes, problems, days = {}, [], []
    with engine.begin() as connection:
        # Of two replays at once, the second shall see what the first has stored.
        connection.execute(text("lock table quarantine.corrections in share row exclusive mode"))
        for day in sorted(rows_by_day):
            records = {(record.line_number, record.digest): record for record in _records(connection, contract, day)}
            changes[day], bad = _changes(contract, rows_by_day[day], records)
            problems += [f"{day}, line {line}: {problem}" for line, problem in bad]
            met = [records.get((row.line_number, row.digest)) for row in rows_by_day[day]]
            if changes[day] or any(record and record.correction_status == "waiting" for record in met):
                days.append(day)
        if problems:
            raise ReplayRefused("\n".join(["nothing was stored:", *problems]))
        for day, rejections in changes.items():
            if rejections:
                store(connection, contract, day, rejections, by)
    stored = sum(map(len, changes.values()))
    return Replayed(stored, len(rows) - stored, days)


def _changes(
    contract: Contract, rows: list[Row], records: dict[tuple[int, str], Record]
) -> tuple[list[Rejection], list[tuple[int, str]]]:
    """The rows of one day that differ from what is known, as new text of their record; and what is wrong with rows."""
    changes, changed, problems = [], [], []
    for row in rows:
        record = records.get((row.line_number, row.digest))
        if record is None or record.file_columns is None:
            problems.append((row.line_number, "is not among the rejected records of the last load: export again"))
            continue
        fields, edited = record.fields(), _edited(contract, record, row)
        if all(fields.get(name, "") == value for name, value in edited.items()):
            continue
        if record.correction_status == "superseded" and not record.is_rejected:
            problems.append((row.line_number, "the file was delivered again without this record: export again"))
        corrected = record_text((fields | edited).get(name, "") for name in record.file_columns)
        changes.append(Rejection(record.line_number, record.raw_text, corrected, record.reasons, record.load_id))
        changed.append(replace(row, values=edited))
        problems += [(row.line_number, problem) for problem in _escapes(record, edited)]
    return changes, sorted(problems + _broken_rules(contract, changed))


def _edited(contract: Contract, record: Record, row: Row) -> dict[str, str]:
    """The values of a row without what a spreadsheet does unasked: 0.00 to 0, 02134 to 2134, true to TRUE."""
    fields = record.fields()
    blamed = {name for reason in record.reasons for name in reason.partition(":")[0].split(", ")}

    def value(column: Column) -> str:
        before, after = fields.get(column.name, ""), row.values[column.name]
        if column.type == "boolean":
            return after.lower()
        is_same = NUMBER.fullmatch(before) and NUMBER.fullmatch(after) and Decimal(before) == Decimal(after)
        return before if is_same and column.name not in blamed else after

    return {column.name: value(column) for column in contract.columns}


def _escapes(record: Record, values: dict[str, str]) -> list[str]:
    """Values in which a byte that is not text still stands as its escape."""
    stale = set(ESCAPE.findall(record.raw_text))
    return [
        f"{name}: still holds {escape}, which stands for a byte that is not text"
        for name, value in values.items()
        for escape in sorted(stale & set(ESCAPE.findall(value)))
    ]


def _broken_rules(contract: Contract, rows: list[Row]) -> list[tuple[int, str]]:
    """Line number and reason of each rule that rows break by themselves; the load knows keys and references."""
    values = {name: [row.values[name] or None for row in rows] for name in contract.column_names}
    schema = {LINE: pl.Int64, **dict.fromkeys(contract.column_names, pl.String)}
    frame = pl.DataFrame({LINE: [row.line_number for row in rows], **values}, schema=schema)
    _, broken = check(frame, contract, {})
    return list(broken.select(LINE, REASONS).explode(REASONS).iter_rows())
