"""Renders the tables of one day as the files of a partition, with the faults that a real delivery has."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from database.generator.faults import (
    HEADER_LINES,
    FileFault,
    References,
    RowFault,
    Table,
    Withdrawn,
    csv_text,
    plant_file_fault,
    plant_row_faults,
    withdraw,
)
from database.generator.frames import GeneratorError
from database.raw_zone import file_name
from include.contracts import contracts
from include.fault_kinds import FaultKind

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl

    from database.generator.day import Day

TRUTH = "_truth.json"


@dataclass(frozen=True)
class Delivery:
    """The files of one day."""

    files: dict[str, bytes]  # content by path below the partition: the tables, and the truth about them
    rows: dict[str, int]  # lines without the header, by contract id; none of a missing file


@dataclass(frozen=True)
class _Rendered:
    """The file of one table, and the truth about it."""

    content: bytes | None
    row_count: int
    file: FileFault | None = None
    rows: list[RowFault] = field(default_factory=list)
    withdrawn: list[Withdrawn] = field(default_factory=list)

    def truth(self) -> dict[str, object]:
        return {
            "file": asdict(self.file) if self.file else None,
            "rows": [asdict(fault) for fault in self.rows],
            "withdrawn": [asdict(row) for row in self.withdrawn],
        }


def render(day: Day, frames: dict[str, pl.DataFrame], fault_rate: float, kinds: Collection[FaultKind]) -> Delivery:
    """Render frames, by contract id, as CSV files, a share `fault_rate` of their lines and of them made faulty.

    Raises:
        ValueError: `fault_rate` is not between 0 and 1.
        GeneratorError: a text holds a line break.
    """
    if not 0 <= fault_rate <= 1:
        raise ValueError(f"fault_rate must be between 0 and 1, not {fault_rate}")
    references = References(frames)
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    truth: dict[str, object] = {}
    for name, frame in frames.items():
        table = Table(contracts()[name], references, day.age)
        rendered = _rendered(day, table, frame, fault_rate, kinds)
        truth[name] = rendered.truth()
        if rendered.content is not None:
            files[file_name(table.contract)] = rendered.content
            rows[name] = rendered.row_count
    files[TRUTH] = (json.dumps(truth, indent=1) + "\n").encode()
    return Delivery(files, rows)


def _rendered(day: Day, table: Table, frame: pl.DataFrame, rate: float, kinds: Collection[FaultKind]) -> _Rendered:
    contract, stream = table.contract, day.events(f"faults.{table.contract.id}")
    spoiled = plant_file_fault(contract, frame, rate, kinds, stream)
    if spoiled is not None:
        content, fault = spoiled
        last_line = fault.cut_line or frame.height + HEADER_LINES
        return _Rendered(content, last_line - HEADER_LINES if content else 0, fault)
    lines = csv_text(frame).removesuffix("\n").split("\n")
    if len(lines) - HEADER_LINES != frame.height:
        raise GeneratorError(f"{contract.id}: a text holds a line break, and faults are planted line by line")
    lines, faults = plant_row_faults(table, lines, rate, kinds, stream)
    withdrawn: list[Withdrawn] = []
    if FaultKind.withdrawn in kinds:
        lines, faults, withdrawn = withdraw(contract, lines, faults, rows=frame.height, rate=rate, stream=stream)
    content = "\n".join([*lines, ""]).encode()
    return _Rendered(content, len(lines) - HEADER_LINES, None, faults, withdrawn)
