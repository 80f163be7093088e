"""A day's second delivery, which lacks some rows of the first."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from database.generator.faults.rows import HEADER_LINES, RowFault, may_lose_rows

if TYPE_CHECKING:
    from database.generator.randomness import Stream
    from include.contracts import Contract


@dataclass(frozen=True)
class Withdrawn:
    """One good line of the first delivery that the second lacks."""

    line_number: int  # in the first delivery
    key: dict[str, str]


def withdraw(
    contract: Contract, lines: list[str], faults: list[RowFault], *, rows: int, rate: float, stream: Stream
) -> tuple[list[str], list[RowFault], list[Withdrawn]]:
    """Leave a share `rate` of the rows out of a first delivery, none that a fault was planted in.

    Args:
        contract: the table; from one that others refer to, nothing is withdrawn.
        lines: the first delivery, as `plant_row_faults` returns it.
        faults: those of the first delivery.
        rows: how many rows there were before the faults.
        rate: share of the rows.
        stream: the draws that the faults were planted with.

    Returns:
        The second delivery, its faults, and what is withdrawn, in the order of lines.
    """
    if not may_lose_rows(contract):
        return lines, faults, []
    is_gone = stream.happens("withdrawn", rows, rate) & ~stream.happens("line", rows, rate)
    gone = np.flatnonzero(is_gone) + HEADER_LINES
    withdrawn = []
    for index in gone.tolist():
        row = dict(zip(contract.column_names, next(csv.reader([lines[index]])), strict=True))
        withdrawn.append(Withdrawn(index + 1, {name: row[name] for name in contract.key}))
    left = set(gone.tolist())
    kept = [line for index, line in enumerate(lines) if index not in left]
    before = np.searchsorted(gone, [fault.line_number - 1 for fault in faults])
    moved = [
        replace(fault, line_number=fault.line_number - shift)
        for fault, shift in zip(faults, before.tolist(), strict=True)
    ]
    return kept, moved, withdrawn
