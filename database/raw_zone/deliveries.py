"""Where the files of a day lie, and which are not there yet."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from include.contracts import contracts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from upath import UPath

    from include.contracts import Contract

UNFINISHED = "_unfinished.json"
UNFINISHED_BECAUSE = f"generating it was interrupted, or is going on: see {UNFINISHED} there"
ENDINGS = (".csv", ".csv.gz", ".xlsx")
# A file that is being copied grows; one that has not for so long is taken as complete.
SETTLE_SECONDS = 10


class FileUnreadable(Exception):
    """A file is missing, or is not the table that the contract describes; nothing was loaded."""


@contextmanager
def reaching(path: UPath) -> Iterator[None]:
    """Make one clear ConnectionError of what S3's client says when it cannot work at all."""
    if is_local(path):
        yield
        return
    from botocore.exceptions import BotoCoreError

    try:
        yield
    except BotoCoreError as error:
        raise ConnectionError(
            f"{path} cannot be reached: {error}. Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, "
            "for a server other than Amazon's, AWS_ENDPOINT_URL"
        ) from None


def is_local(path: UPath) -> bool:
    """Whether a path is one of this machine's file system: files grow while they are copied, folders can be renamed."""
    return isinstance(path, Path)


def partition_folder(raw_zone: UPath, partition_date: date) -> UPath:
    """Where the files of one day lie."""
    return raw_zone / f"{partition_date:%Y%m%d}"


def file_name(contract: Contract) -> str:
    """The path of a table's generated file below the folder of its day."""
    return f"{contract.domain}/{contract.table}.csv"


def raw_file(raw_zone: UPath, contract: Contract, partition_date: date) -> UPath:
    """The file of one table and day: CSV, gzipped CSV or Excel. If there is none, where the CSV file should be.

    Raises:
        FileUnreadable: there are several, or the day was not written to its end.
        ConnectionError: S3 does not answer, or knows no such user.
    """
    day = partition_folder(raw_zone, partition_date)
    with reaching(raw_zone):
        if (day / UNFINISHED).exists():
            raise FileUnreadable(f"{contract.id}: {day} is not complete: {UNFINISHED_BECAUSE}")
    return _file_of(day, contract)


def _file_of(day: UPath, contract: Contract) -> UPath:
    folder = day / contract.domain
    try:
        with reaching(day):
            names = {path.name for path in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        names = set()
    found = [folder / name for ending in ENDINGS if (name := contract.table + ending) in names]
    if len(found) > 1:
        raise FileUnreadable(f"{contract.id}: {' and '.join(map(str, found))} are both there: leave only one of them")
    return found[0] if found else folder / f"{contract.table}.csv"


def missing_files(raw_zone: UPath, partition_date: date) -> list[str]:
    """What a day still lacks: files that are not there or were written to a moment ago; each with why, if it is there.

    Raises:
        FileUnreadable, ConnectionError: as for `raw_file`.
    """
    folder = partition_folder(raw_zone, partition_date)
    with reaching(raw_zone):
        if (folder / UNFINISHED).exists():
            return [f"all of {folder} ({UNFINISHED_BECAUSE})"]
    missing = []
    for contract in contracts().values():
        path = _file_of(folder, contract)
        if not path.exists():
            missing.append(str(path))
        # An object appears in S3 when all of it is there.
        elif is_local(path) and path.stat().st_mtime > time.time() - SETTLE_SECONDS:
            missing.append(f"{path} (written to a moment ago)")
    return missing
