"""Faults of single rows: which lines are hit, and what each kind makes of a line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from database.generator.faults.references import LONG_AGO, UNKNOWN
from database.generator.faults.values import TIMES, another, beyond, fits, moment, moved, nobody, own_key
from include.contracts import contracts
from include.fault_kinds import ROW_KINDS, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from database.generator.faults.references import References
    from database.generator.randomness import Stream
    from include.contracts import Contract

HEADER_LINES = 1
LATE_DAYS = 3
LOSING = (FaultKind.missing_value, FaultKind.wrong_type, FaultKind.out_of_range, FaultKind.orphan)
Row: TypeAlias = dict[str, str]


@dataclass(frozen=True)
class RowFault:
    """One line that a fault was planted in; the header is line 1.

    Of two lines with one key it is the one that loses by the contract: the second of two events; of two lines
    of an entity the one with the earlier updated_at, or else the first.
    """

    line_number: int
    kind: FaultKind
    reason: str | None  # "<column>: <rule>", why it must be rejected; None if it must be accepted


@dataclass(frozen=True)
class Table:
    """A table of one day, as far as its faults depend on it."""

    contract: Contract
    references: References
    age: int  # days since the company's start; no event is late by more


@dataclass(frozen=True)
class _Change:
    """What a fault makes of a row."""

    row: Row  # stands where the row stood
    extra: Row | None = None  # comes at the end of the file
    is_in_extra: bool = False  # which of the two the fault is in
    reason: str | None = None


def may_lose_rows(contract: Contract) -> bool:
    """Whether a row may be bad or withdrawn without making a row of another table an orphan."""
    referenced = {
        column.references.rpartition(".")[0]
        for other in contracts().values()
        for column in other.columns
        if column.references
    }
    return contract.delivery == "events" and contract.id not in referenced


def _spoiled(row: Row, column: str, value: str, rule: str) -> _Change:
    return _Change({**row, column: value}, reason=f"{column}: {rule}")


def _missing_value(table: Table, row: Row) -> list[_Change]:
    required = [column for column in table.contract.columns if column.required or column.is_key]
    return [_spoiled(row, column.name, "", "missing") for column in required]


def _wrong_type(table: Table, row: Row) -> list[_Change]:
    # Not where the value would break another rule, too.
    columns = [c for c in table.contract.columns if not (c.type == "text" or c.allowed or c.pattern or c.max_length)]
    return [_spoiled(row, column.name, "unknown", f"not a valid {column.type}") for column in columns]


def _out_of_range(table: Table, row: Row) -> list[_Change]:
    found = [(column.name, beyond(column)) for column in table.contract.columns]
    return [_spoiled(row, name, *value_and_rule) for name, value_and_rule in found if value_and_rule]


def _orphan(table: Table, row: Row) -> list[_Change]:
    changes = []
    for column in table.contract.columns:
        if column.references and row[column.name] and not column.is_key:
            stranger = nobody(column, row[column.name])
            parent = column.references.rpartition(".")[0]
            if stranger and stranger not in table.references.last_changes(column.references):
                changes.append(_spoiled(row, column.name, stranger, f"not in {parent}"))
    return changes


def _exact_duplicate(table: Table, row: Row) -> list[_Change]:
    return [_twice(table.contract, row, row)]


def _conflicting_duplicate(table: Table, row: Row) -> list[_Change]:
    """The row with another value that the contract allows, in one column each."""
    changes = []
    for column in table.contract.columns:
        value = row[column.name]
        if value and not (column.is_key or column.references or column.name == "updated_at"):
            other = another(column, value)
            loser = _outdated(table.contract, {**row, column.name: other}) if other else None
            if loser:
                changes.append(_twice(table.contract, row, loser))
    return changes


def _twice(contract: Contract, winner: Row, loser: Row) -> _Change:
    reason = f"{', '.join(contract.key)}: duplicate"
    if contract.duplicates == "first":
        return _Change(winner, extra=loser, is_in_extra=True, reason=reason)
    return _Change(loser, extra=winner, reason=reason)


def _outdated(contract: Contract, row: Row) -> Row | None:
    """The row as of an hour earlier, where that decides which of two wins; None if there was no such hour."""
    column = next((column for column in contract.columns if column.name == "updated_at"), None)
    if column is None or contract.duplicates == "first":
        return row
    before = moved(column, row[column.name], timedelta(hours=-1))
    return {**row, column.name: before} if fits(column, before) else None


def _late(table: Table, row: Row) -> list[_Change]:
    """One more event, some days before the row's, when all that it refers to was as it is now.

    A row that shares its number with others (a line of a document, a step of a process) makes no sense alone.
    """
    keys = [column for column in table.contract.columns if column.is_key]
    times = [column for column in table.contract.columns if column.type in TIMES and row[column.name]]
    event = next((column for column in times if column.required), None)
    own = own_key(keys[0], row[keys[0].name]) if len(keys) == 1 else None
    if event is None or own is None or table.contract.delivery != "events":
        return []
    changes = []
    for days in range(1, min(LATE_DAYS, table.age) + 1):
        before = {column.name: moved(column, row[column.name], timedelta(days=-days)) for column in times}
        may_be = all(fits(column, before[column.name]) for column in times)
        if may_be and _last_change(table, row) <= moment(event, before[event.name]):
            changes.append(_Change(row, extra={**row, **before, keys[0].name: own}, is_in_extra=True))
    return changes


def _last_change(table: Table, row: Row) -> datetime:
    """When something that the row refers to last changed."""
    referring = [(column.references, row[column.name]) for column in table.contract.columns if column.references]
    changes = [table.references.last_changes(target).get(value, UNKNOWN) for target, value in referring if value]
    return max(changes, default=LONG_AGO)


PLANTERS: dict[FaultKind, Callable[[Table, Row], list[_Change]]] = {
    FaultKind.missing_value: _missing_value,
    FaultKind.wrong_type: _wrong_type,
    FaultKind.out_of_range: _out_of_range,
    FaultKind.exact_duplicate: _exact_duplicate,
    FaultKind.conflicting_duplicate: _conflicting_duplicate,
    FaultKind.orphan: _orphan,
    FaultKind.late: _late,
}


def _change(table: Table, row: Row, kinds: list[FaultKind], draw: float) -> tuple[FaultKind, _Change] | None:
    """One of the ways in which the row can be hit by the first of the kinds that can."""
    for kind in kinds:
        changes = PLANTERS[kind](table, row)
        if changes:
            return kind, changes[int(draw * len(changes))]
    return None


def _line(row: Row) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row.values())
    return text.getvalue()


def plant_row_faults(
    table: Table, lines: list[str], rate: float, kinds: Collection[FaultKind], stream: Stream
) -> tuple[list[str], list[RowFault]]:
    """Plant faults in a share `rate` of the data lines.

    Spoiled lines stay where they are; the second line of a duplicate and late events come at the end. A rate
    below the share of rejects that the contract allows never leads to more than that share.

    Args:
        table: whose file it is.
        lines: the file without line feeds, the header first.
        rate: share of the lines.
        kinds: those to choose from; others than kinds of rows have no effect.
        stream: draws of this table and day.

    Returns:
        All lines, and the faults in the order of their lines.
    """
    contract = table.contract
    rows = np.flatnonzero(stream.happens("line", len(lines) - HEADER_LINES, rate))
    if rate < contract.max_rejected_share:  # no bad luck in a small table that would stop the whole load
        rows = rows[: int(contract.max_rejected_share * (len(lines) - HEADER_LINES))]
    possible = [kind for kind in ROW_KINDS if kind in kinds and (kind not in LOSING or may_lose_rows(contract))]
    firsts = stream.between("kind", len(rows), 0, len(possible) - 1)
    draws = stream.uniform("place", len(rows))
    lines, faults = list(lines), []
    for index, first, draw in zip((rows + HEADER_LINES).tolist(), firsts.tolist(), draws.tolist(), strict=True):
        row = dict(zip(contract.column_names, next(csv.reader([lines[index]])), strict=True))
        hit = _change(table, row, possible[first:] + possible[:first], draw)
        if hit is None:
            continue
        kind, change = hit
        lines[index] = _line(change.row)
        if change.extra is not None:
            lines.append(_line(change.extra))
        faults.append(RowFault(len(lines) if change.is_in_extra else index + 1, kind, change.reason))
    return lines, sorted(faults, key=lambda fault: fault.line_number)
