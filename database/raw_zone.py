"""The raw zone: where the files of a day lie, and how they get there.

`YYYYMMDD/<domain>/<table>.csv`, and beside a generated day's folders `_partition.json`, which says how it was made.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import shutil
from errno import EEXIST, ENOENT, ENOTEMPTY
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from include.contracts import Contract

MANIFEST = "_partition.json"
ATTEMPTS = 20


def partition_folder(raw_zone: Path, partition_date: date) -> Path:
    """Where the files of one day lie."""
    return raw_zone / f"{partition_date:%Y%m%d}"


def file_name(contract: Contract) -> str:
    """The path of a table's file below the folder of its day."""
    return f"{contract.domain}/{contract.table}.csv"


def store_partition(raw_zone: Path, partition_date: date, files: dict[str, bytes], about: dict[str, Any]) -> None:
    """Store generated files as the partition of a day, which appears complete or not at all.

    Args:
        raw_zone: where partitions lie.
        partition_date: the day.
        files: content by path below the partition's folder.
        about: how the files were made; the manifest holds it, and a checksum of each file.

    Raises:
        FileExistsError: the day's folder holds files that were not generated; they stay as they are.
    """
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = {"partition_date": partition_date.isoformat(), **about, "checksums": checksums}
    raw_zone.mkdir(parents=True, exist_ok=True)
    partition = partition_folder(raw_zone, partition_date)
    draft = raw_zone / f".{partition.name}.{uuid4().hex}"
    try:
        for name, content in (files | {MANIFEST: (json.dumps(manifest, indent=1) + "\n").encode()}).items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(content)
        _publish(draft, partition)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


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
