"""Reads one delivered file as text, exactly as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from database.raw_zone import FileUnreadable, open_csv
from include.log import get_logger

if TYPE_CHECKING:
    from upath import UPath

    from include.contracts import Contract

log = get_logger(__name__)
LINE = "source_line"


def read_file(path: UPath, contract: Contract) -> pl.DataFrame:
    """Read a delivered file with a header: CSV, gzipped CSV or Excel.

    Returns:
        The contract's columns as text (null where the field is empty), and source_line, the number of
        the record in the file when the header is line 1.

    Raises:
        FileUnreadable: the file is missing, empty, not UTF-8 CSV, or lacks columns of the contract.
    """
    try:
        with open_csv(path, contract) as stream:
            frame = pl.read_csv(stream.read(), infer_schema=False, row_index_name=LINE, row_index_offset=2)
    except FileNotFoundError:
        raise FileUnreadable(f"{contract.id}: {path} does not exist: deliver it, or generate the day again") from None
    except FileUnreadable as error:
        raise FileUnreadable(f"{contract.id}: {path}: {error}") from None
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
