"""Writes the tables of one day as a partition folder that is visible complete or not at all."""

from __future__ import annotations

import filecmp
import json
import shutil
from dataclasses import asdict
from errno import EEXIST, ENOENT, ENOTEMPTY
from typing import TYPE_CHECKING
from uuid import uuid4

from database.generator.faults import HEADER_LINES, TIME_FORMAT, Fault, plant_faults
from include.contracts import contracts

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from database.generator.day import Day

MANIFEST = "_partition.json"
ATTEMPTS = 20


def write_files(root: Path, day: Day, fault_rate: float, frames: dict[str, pl.DataFrame]) -> dict[str, int]:
    """Write the frames, by contract id, as the partition of `day` below `root`.

    Returns:
        Rows written by contract id.

    Raises:
        ValueError: `fault_rate` is not between 0 and 1.
        FileExistsError: the day's folder holds files that were not generated; they stay as they are.
    """
    if not 0 <= fault_rate <= 1:
        raise ValueError(f"fault_rate must be between 0 and 1, not {fault_rate}")
    partition = root / f"{day.date:%Y%m%d}"
    root.mkdir(parents=True, exist_ok=True)
    draft = root / f".{partition.name}.{uuid4().hex}"
    try:
        rows = _write_draft(draft, day, fault_rate, frames)
        _publish(draft, partition)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return rows


def _write_draft(draft: Path, day: Day, fault_rate: float, frames: dict[str, pl.DataFrame]) -> dict[str, int]:
    rows: dict[str, int] = {}
    planted: dict[str, list[Fault]] = {}
    for name, frame in frames.items():
        contract = contracts()[name]
        lines = frame.write_csv(datetime_format=TIME_FORMAT).rstrip("\n").split("\n")
        lines, planted[name] = plant_faults(contract, lines, fault_rate, day.events(f"faults.{name}"))
        path = draft / contract.domain / f"{contract.table}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("".join(f"{line}\n" for line in lines).encode())
        rows[name] = len(lines) - HEADER_LINES
    manifest = {
        "partition_date": day.date.isoformat(),
        "seed": day.seed,
        "scale": float(day.scale),
        "fault_rate": float(fault_rate),
        "rows": rows,
        "faults": {name: [asdict(fault) for fault in faults] for name, faults in planted.items()},
    }
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return rows


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _are_equal(one: Path, other: Path) -> bool:
    names = _files(one)
    return names == _files(other) and all(filecmp.cmp(one / name, other / name, shallow=False) for name in names)


def _require_generated(partition: Path) -> None:
    # Listed, not looked up by path: a folder that a rival renames meanwhile is an ENOENT, not a foreign one.
    if MANIFEST not in {path.name for path in partition.iterdir()}:
        raise FileExistsError(
            f"real files lie in {partition} (it has no {MANIFEST}), and mock data would replace them: "
            "run the day with `--source files`, or move them away"
        )


def _publish(draft: Path, partition: Path) -> None:
    """Give the draft the partition's name, unless an equal partition has it already.

    A different one is moved aside first, and back if the draft cannot take its place; one that was not
    generated is never touched.
    """
    replaced = draft.with_name(f"{draft.name}.replaced")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if partition.exists():
                if _are_equal(draft, partition):
                    return
                _require_generated(partition)
                partition.rename(replaced)
            draft.rename(partition)
            return
        except OSError as error:
            if replaced.exists() and not partition.exists():
                replaced.rename(partition)
            # Another process may be publishing the same day: look again at what it left.
            if error.errno not in (ENOENT, ENOTEMPTY, EEXIST) or attempt == ATTEMPTS:
                raise
        finally:
            shutil.rmtree(replaced, ignore_errors=True)
