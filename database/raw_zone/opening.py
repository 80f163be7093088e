"""Opens a delivered file as the bytes of a CSV file, whatever its format."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
import zlib
from datetime import datetime, time
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from database.raw_zone.deliveries import FileUnreadable, reaching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed import WriteableBuffer
    from upath import UPath

    from include.contracts import Contract

BUFFER_BYTES = 1 << 20


def open_csv(path: UPath, contract: Contract) -> BinaryIO:
    """Open the file of a table as a stream of CSV bytes: a CSV file as it is, gzip unpacked, Excel converted.

    Of an Excel file the first sheet is taken, its first filled row as the header; dates and numbers are written as
    the contract's column types ask for, times count as UTC. Its empty rows are blank lines.

    Raises:
        FileNotFoundError: there is no such file.
        ConnectionError: S3 does not answer, or knows no such user.
        FileUnreadable: it is called an Excel file, but is none, or damaged, or has no worksheet; a damaged gzip file
            raises it while it is read. The message does not name the file.
    """
    with reaching(path):
        if path.name.endswith(".xlsx"):
            return _excel_as_csv(path, contract)
        if path.name.endswith(".gz"):
            return io.BufferedReader(_Unzipped(path), BUFFER_BYTES)
        return path.open("rb")


class _Unzipped(io.RawIOBase):
    """The content of a gzip file."""

    def __init__(self, path: UPath) -> None:
        self._packed = path.open("rb")
        self._content = gzip.GzipFile(fileobj=self._packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        try:
            return self._content.readinto(buffer)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileUnreadable(f"a damaged gzip file ({error}): have it sent again") from None

    def close(self) -> None:
        self._content.close()
        self._packed.close()
        super().close()


def _excel_as_csv(path: UPath, contract: Contract) -> BinaryIO:
    types = {column.name: column.type for column in contract.columns}
    rows = _rows(path.read_bytes())
    text = io.TextIOWrapper(cast("BinaryIO", tempfile.TemporaryFile()), encoding="utf-8", newline="")  # noqa: SIM115
    try:
        csv.writer(text, lineterminator="\n").writerows(_records(rows, types))
    except BaseException:
        text.close()
        raise
    converted = text.detach()
    converted.seek(0)
    return converted


def _rows(content: bytes) -> Iterator[tuple[Any, ...]]:
    """The cells of the first sheet, row by row from the sheet's first one."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = next(iter(book.worksheets), None)
        if sheet is not None:
            sheet.reset_dimensions()  # some programs write wrong ones
            yield from sheet.iter_rows(values_only=True)
    except Exception as error:  # what a damaged byte leads to, openpyxl does not catch
        raise FileUnreadable(
            f"not an Excel file (.xlsx), or a damaged one ({type(error).__name__}: {error}): have it sent again"
        ) from None
    if sheet is None:
        raise FileUnreadable("an Excel file without a worksheet: have the rows put into its first sheet")


def _records(rows: Iterable[tuple[Any, ...]], types: dict[str, str]) -> Iterator[list[str]]:
    """The header, then the fields of each row; none of an empty row: a blank line, so that numbers of rows stay."""
    header: list[str] = []
    for cells in rows:
        if all(cell in (None, "") for cell in cells):
            yield []
        elif not header:
            header = [_text(cell, "text") for cell in cells]
            while not header[-1]:
                header.pop()
            yield header
        else:
            pairs = zip_longest(cells, header, fillvalue=None)
            fields = [_text(cell, types.get(name or "", "text")) for cell, name in pairs]
            while len(fields) > len(header) and not fields[-1]:
                fields.pop()
            yield fields


def _text(value: Any, column_type: str) -> str:
    """A cell as the contracts write a value of the column's type."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # 15 digits are what Excel itself keeps: 0.30000000000000004 is its 0.3.
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime):
        is_day = column_type != "timestamptz" and value.time() == time()
        return value.date().isoformat() if is_day else f"{value.isoformat()}Z"
    return str(value)
