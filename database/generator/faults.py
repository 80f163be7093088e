"""Lines that a real delivery gets wrong, planted in the written file with a record of each.

Snapshot tables get duplicates only: each entity still arrives once, so no reference is orphaned, and the
line that wins says what `generate` says.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from database.generator.randomness import Stream
    from include.contracts import Column, Contract

DUPLICATES = ("exact_duplicate", "conflicting_duplicate")
CORRUPTIONS = ("missing_value", "wrong_type", "out_of_range")
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
HEADER_LINES = 1


@dataclass(frozen=True)
class Fault:
    """One line that must not be accepted; the header is line 1.

    Of two lines with one key it is the one that loses: the later of two identical lines and of two events,
    the line with the earlier updated_at in a snapshot.
    """

    line_number: int
    fault: str


def plant_faults(contract: Contract, lines: list[str], rate: float, stream: Stream) -> tuple[list[str], list[Fault]]:
    """Corrupt a share `rate` of the data lines; lines have no line feed, the first is the header.

    Corrupted lines stay where they are; the second line of a duplicate comes at the end of the file. A rate
    below the share of rejects that the contract allows never leads to more than that share.

    Returns:
        All lines, and the faults in the order of their lines.
    """
    rows = np.flatnonzero(stream.happens("line", len(lines) - HEADER_LINES, rate))
    if rate < contract.max_rejected_share:  # no bad luck in a small table that would stop the whole load
        rows = rows[: int(contract.max_rejected_share * (len(lines) - HEADER_LINES))]
    kinds = DUPLICATES if contract.delivery == "snapshot" else DUPLICATES + CORRUPTIONS
    chosen = stream.between("kind", len(rows), 0, len(kinds) - 1)
    draws = stream.uniform("column", len(rows))
    lines, faults = list(lines), []
    for index, kind, draw in zip((rows + HEADER_LINES).tolist(), chosen.tolist(), draws.tolist(), strict=True):
        name = kinds[kind]
        line = lines[index]
        if name in CORRUPTIONS:
            lines[index] = _corrupted(contract, line, name, draw)
            faulty = index
        elif name == "conflicting_duplicate" and contract.delivery == "snapshot":
            lines.append(line)
            lines[index] = _outdated(contract, line, draw)
            faulty = index
        else:
            lines.append(line if name == "exact_duplicate" else _changed(contract, line))
            faulty = len(lines) - 1
        faults.append(Fault(faulty + 1, name))
    return lines, sorted(faults, key=lambda fault: fault.line_number)


def _fields(line: str) -> list[str]:
    return next(csv.reader([line]))


def _line(fields: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def _can_break(column: Column, fault: str) -> bool:
    if fault == "missing_value":
        return column.required
    if fault == "wrong_type":
        return column.is_numeric or column.type in ("date", "timestamptz")
    return bool(column.allowed) or column.minimum is not None or column.maximum is not None


def _beyond(column: Column) -> str:
    """A value of the right type that the contract does not allow."""
    if column.allowed:
        return "other than agreed"
    if column.minimum is None:
        return str(int(float(column.maximum or 0)) + 1)
    if column.is_numeric:
        return str(int(float(column.minimum)) - 1)
    before = date.fromisoformat(str(column.minimum)) - timedelta(days=1)
    return f"{before}T00:00:00Z" if column.type == "timestamptz" else str(before)


def _corrupted(contract: Contract, line: str, fault: str, draw: float) -> str:
    """The line with one value that breaks the contract in the given way."""
    places = [place for place, column in enumerate(contract.columns) if _can_break(column, fault)]
    place = places[int(draw * len(places))]
    fields = _fields(line)
    if fault == "out_of_range":
        fields[place] = _beyond(contract.columns[place])
    else:
        fields[place] = "" if fault == "missing_value" else "unknown"
    return _line(fields)


def _changed(contract: Contract, line: str) -> str:
    """The line with the same key and, in one column, another value that the contract allows."""
    fields = _fields(line)
    place, column = next(
        (place, column)
        for place, column in enumerate(contract.columns)
        if fields[place] and not column.is_key and not column.references and _is_free(column)
    )
    if column.allowed:
        after = column.allowed.index(fields[place]) + 1
        fields[place] = column.allowed[after % len(column.allowed)]
    else:
        fields[place] += " II"
    return _line(fields)


def _is_free(column: Column) -> bool:
    return bool(column.allowed) or (column.type == "text" and column.pattern is None)


def _outdated(contract: Contract, line: str, draw: float) -> str:
    """The line as it was up to an hour earlier: other content, earlier updated_at."""
    fields = _fields(_changed(contract, line))
    place = contract.column_names.index("updated_at")
    earlier = datetime.fromisoformat(fields[place]) - timedelta(seconds=1 + int(draw * 3600))
    fields[place] = earlier.strftime(TIME_FORMAT)
    return _line(fields)
