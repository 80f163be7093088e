"""Reads one delivered file as text, exactly as it came."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import polars as pl

from include.contracts import contracts
from include.log import get_logger

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from include.contracts import Contract

log = get_logger(__name__)
LINE = "source_line"
# A file that is being copied grows; one that has not for so long is taken as complete.
SETTLE_SECONDS = 10


class FileUnreadable(Exception):
    """A file is missing, or is not the table that the contract describes; nothing was loaded."""


def raw_file(raw_zone: Path, contract: Contract, partition_date: date) -> Path:
    """Where the file of one table and day lies: `<raw zone>/YYYYMMDD/<domain>/<table>.csv`."""
    return raw_zone / f"{partition_date:%Y%m%d}" / contract.domain / f"{contract.table}.csv"


def missing_files(raw_zone: Path, partition_date: date) -> list[Path]:
    """Files that the contracts ask for and that are not there yet, or were still written to a moment ago."""
    settled = time.time() - SETTLE_SECONDS
    paths = [raw_file(raw_zone, contract, partition_date) for contract in contracts().values()]
    return [path for path in paths if not path.exists() or path.stat().st_mtime > settled]


def read_file(path: Path, contract: Contract) -> pl.DataFrame:
    """Read a CSV file with a header.

    Returns:
        The contract's columns as text (null where the field is empty), and source_line, the number of
        the record in the file when the header is line 1.

    Raises:
        FileUnreadable: the file is missing, empty, not UTF-8 CSV, or lacks columns of the contract.
    """
    if not path.exists():
        raise FileUnreadable(f"{contract.id}: {path} does not exist: deliver it, or generate the day again")
    try:
        frame = pl.read_csv(path, infer_schema=False, row_index_name=LINE, row_index_offset=2)
    except pl.exceptions.NoDataError:
        raise FileUnreadable(f"{contract.id}: {path} is empty: it has no header line") from None
    except pl.exceptions.PolarsError as error:
        raise FileUnreadable(f"{contract.id}: {path} is not readable as UTF-8 CSV: {error}") from error
    missing = [name for name in contract.column_names if name not in frame.columns]
    extra = [name for name in frame.columns if name not in (*contract.column_names, LINE)]
    if missing:
        raise FileUnreadable(
            f"{contract.id}: {path} lacks column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
            + (f" and has unknown {', '.join(extra)}" if extra else "")
            + ": have the source restore the header, or change the contract"
        )
    if extra:
        log.warning("columns that the contract does not know are not loaded", table=contract.id, columns=extra)
    # An exporter that quotes everything writes an empty field as "".
    return frame.select(LINE, pl.col(contract.column_names).replace("", None))
