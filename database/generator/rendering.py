"""Renders the tables of one day as the files of a partition, with the faults that a real delivery has."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from database.generator.faults import HEADER_LINES, TIME_FORMAT, Fault, plant_faults
from database.raw_zone import file_name
from include.contracts import contracts

if TYPE_CHECKING:
    import polars as pl

    from database.generator.day import Day

TRUTH = "_truth.json"


@dataclass(frozen=True)
class Delivery:
    """The files of one day."""

    files: dict[str, bytes]  # content by path below the partition: the tables, and the truth about them
    rows: dict[str, int]  # lines without the header, by contract id


def render(day: Day, frames: dict[str, pl.DataFrame], fault_rate: float) -> Delivery:
    """Render frames, by contract id, as CSV files, a share `fault_rate` of their lines corrupted on purpose.

    Raises:
        ValueError: `fault_rate` is not between 0 and 1.
    """
    if not 0 <= fault_rate <= 1:
        raise ValueError(f"fault_rate must be between 0 and 1, not {fault_rate}")
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    planted: dict[str, list[Fault]] = {}
    for name, frame in frames.items():
        contract = contracts()[name]
        lines = frame.write_csv(datetime_format=TIME_FORMAT).rstrip("\n").split("\n")
        lines, planted[name] = plant_faults(contract, lines, fault_rate, day.events(f"faults.{name}"))
        files[file_name(contract)] = "".join(f"{line}\n" for line in lines).encode()
        rows[name] = len(lines) - HEADER_LINES
    truth = {name: [asdict(fault) for fault in faults] for name, faults in planted.items()}
    files[TRUTH] = (json.dumps(truth, indent=1) + "\n").encode()
    return Delivery(files, rows)
