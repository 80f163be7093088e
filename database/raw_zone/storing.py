"""Stores generated files as the partition of a day, which is complete or not there at all.

In a folder, a draft of the partition gets its name when it is whole. In S3, where nothing can be renamed, the
manifest is taken away first and put there last; meanwhile a file says that the partition is unfinished.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from errno import EEXIST, ENOENT, ENOTEMPTY
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from database.raw_zone.deliveries import UNFINISHED, is_local, partition_folder, reaching
from include.log import get_logger

if TYPE_CHECKING:
    from datetime import date

    from upath import UPath

log = get_logger(__name__)
MANIFEST = "_partition.json"
ATTEMPTS = 20
SHOWN = 3


def store_partition(raw_zone: UPath, partition_date: date, files: dict[str, bytes], about: dict[str, Any]) -> None:
    """Store generated files as the partition of a day; the same files again change nothing.

    Args:
        raw_zone: where partitions lie.
        partition_date: the day.
        files: content by path below the partition's folder.
        about: how the files were made; the manifest holds it, and a checksum of each file.

    Raises:
        FileExistsError: the day has files that were not generated, or were changed since; all stays as it is.
        ConnectionError: S3 does not answer, or knows no such user.
    """
    manifest = {"partition_date": partition_date.isoformat(), **about, "checksums": _digests(files)}
    content = files | {MANIFEST: _json(manifest)}
    partition = partition_folder(raw_zone, partition_date)
    with reaching(raw_zone):
        if is_local(raw_zone):
            _store_in_folder(partition, content)
        else:
            _store_in_bucket(partition, content)


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digests(files: dict[str, bytes]) -> dict[str, str]:
    return {name: _digest(content) for name, content in files.items()}


def _stored(partition: UPath) -> dict[str, str]:
    """Checksums of the files that lie in the partition, by path below it."""
    if is_local(partition):
        names = [path.relative_to(partition).as_posix() for path in partition.rglob("*") if path.is_file()]
    else:
        # S3's own console makes empty objects to show folders: their names end with a slash.
        found = (name.removeprefix(f"{partition.path}/") for name in partition.fs.find(partition.path))
        names = [name for name in found if name and not name.endswith("/")]
    return {name: _digest((partition / name).read_bytes()) for name in names}


def _generated(partition: UPath, stored: dict[str, str]) -> dict[str, list[str]]:
    """The checksums that the generator's own files may have, by name, as its records in the partition say."""
    known: dict[str, list[str]] = {}
    for record in stored.keys() & {MANIFEST, UNFINISHED}:
        known[record] = [stored[record]]
        try:
            checksums = json.loads((partition / record).read_bytes())["checksums"]
        except (ValueError, KeyError, TypeError):
            continue  # not ours: then neither are the files
        for name, checksum in checksums.items():
            known.setdefault(name, []).extend([checksum] if isinstance(checksum, str) else checksum)
    return known


def _require_generated(partition: UPath, stored: dict[str, str], generated: dict[str, list[str]]) -> None:
    foreign = sorted(name for name, checksum in stored.items() if checksum not in generated.get(name, ()))
    if foreign:
        names = ", ".join(foreign[:SHOWN]) + (f" and {len(foreign) - SHOWN} more" if len(foreign) > SHOWN else "")
        raise FileExistsError(
            f"real files lie in {partition} (not generated, or changed since: {names}), and mock data would replace "
            "them: run the day with `--source files`, or move them away"
        )


def remove_generated(raw_zone: UPath) -> None:
    """Remove the generated files of all days from a folder; files that were not generated, or changed since, stay."""
    for manifest in list(raw_zone.glob(f"*/{MANIFEST}")):
        partition = manifest.parent
        stored = _stored(partition)
        generated = _generated(partition, stored)
        for name in [name for name, checksum in stored.items() if checksum in generated.get(name, ())]:
            (partition / name).unlink()
        for folder in [*(path for path in partition.rglob("*") if path.is_dir()), partition]:
            if not any(folder.iterdir()):
                folder.rmdir()


def _store_in_folder(partition: UPath, content: dict[str, bytes]) -> None:
    partition.parent.mkdir(parents=True, exist_ok=True)
    draft = partition.with_name(f".{partition.name}.{uuid4().hex}")
    try:
        for name, data in content.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(data)
        _rename(draft, partition, _digests(content))
    finally:
        shutil.rmtree(str(draft), ignore_errors=True)


def _rename(draft: UPath, partition: UPath, wanted: dict[str, str]) -> None:
    """Give the draft the partition's name, unless an equal partition has it already.

    A different one is moved aside first, and back if the draft cannot take its place; one that was not
    generated is never touched.
    """
    replaced = draft.with_name(f"{draft.name}.replaced")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if partition.exists():
                stored = _stored(partition)
                if stored == wanted:
                    return
                _require_generated(partition, stored, _generated(partition, stored))
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
            shutil.rmtree(str(replaced), ignore_errors=True)


def _store_in_bucket(partition: UPath, content: dict[str, bytes]) -> None:
    stored = _stored(partition)
    wanted = _digests(content)
    if stored == wanted:
        return
    generated = _generated(partition, stored)
    _require_generated(partition, stored, generated)
    if UNFINISHED in stored:
        log.warning("a partition that was left unfinished is written again", partition=str(partition))
    # Until the end, the old and the new files are both ours.
    either = {name: sorted({*generated.get(name, ()), *wanted.get(name, "").split()}) for name in generated | wanted}
    (partition / UNFINISHED).write_bytes(_json({"checksums": either}))
    (partition / MANIFEST).unlink(missing_ok=True)
    for name in stored.keys() - content.keys() - {UNFINISHED}:
        (partition / name).unlink(missing_ok=True)
    tables = {(partition / name).path: data for name, data in content.items() if name != MANIFEST}
    partition.fs.pipe(tables)
    (partition / MANIFEST).write_bytes(content[MANIFEST])
    (partition / UNFINISHED).unlink()
