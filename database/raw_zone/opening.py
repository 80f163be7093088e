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
from zipfile import BadZipFile

from database.raw_zone.deliveries import FileUnreadable, reaching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed import WriteableBuffer
    from upath import UPath

    from include.contracts import Contract

BUFFER_BYTES = 1 << 20


def open_csv(path: UPath, contract: Contract) -> BinaryIO:
    """Open the file of a table as a stream of CSV bytes: a CSV file as it is, gzip unpacked, Excel converted.

    Of an Excel file the first sheet is taken, its first row as the header; dates and numbers are written as the
    contract's column types ask for, times count as UTC.

    Raises:
        FileNotFoundError: there is no such file.
        ConnectionError: S3 does not answer, or knows no such user.
        FileUnreadable: it is not an Excel file though it is called so; a damaged gzip file raises it while it is
            read. The message does not name the file.
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
    from openpyxl import load_workbook

    converted = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    text = io.TextIOWrapper(converted, encoding="utf-8", newline="")
    with path.open("rb") as source:
        try:
            book = load_workbook(source, read_only=True, data_only=True)
        except (BadZipFile, KeyError, ValueError) as error:
            raise FileUnreadable(f"not an Excel file (.xlsx), though it is called so: {error}") from None
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write wrong ones
        types = {column.name: column.type for column in contract.columns}
        csv.writer(text, lineterminator="\n").writerows(_records(sheet.iter_rows(values_only=True), types))
    text.detach()
    converted.seek(0)
    return converted


def _records(rows: Iterable[tuple[Any, ...]], types: dict[str, str]) -> Iterator[list[str]]:
    """The header, then the fields of each row; empty rows only before filled ones, so that numbers of rows stay."""
    header: list[str] = []
    empty = 0
    for cells in rows:
        if all(cell is None for cell in cells):
            empty += 1
        elif not header:
            header = [_text(cell, "text") for cell in cells]
            while not header[-1]:
                header.pop()
            yield header
            empty = 0
        else:
            yield from [[""] * len(header)] * empty
            pairs = zip_longest(cells, header, fillvalue=None)
            fields = [_text(cell, types.get(name or "", "text")) for cell, name in pairs]
            while len(fields) > len(header) and not fields[-1]:
                fields.pop()
            yield fields
            empty = 0


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
