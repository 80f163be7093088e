"""Reads one delivered file as text, exactly as it came, in batches of rows."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from database.etl.records import MAX_RECORD_BYTES, RECORD, Block, RecordTooLong, blocks
from database.raw_zone import FileUnreadable, open_csv

if TYPE_CHECKING:
    from upath import UPath

    from database.etl.corrections import Correction
    from database.etl.records import Ints
    from include.contracts import Contract

LINE = "source_line"
RAW_TEXT = "raw_text"
EXTRA = "extra_columns"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
HEADER = re.compile(rb"(?:\r?\n)*+" + RECORD.pattern)  # after blank lines
# A header that is no header may be a megabyte long; its error is not.
MAX_NAMES_SHOWN, MAX_NAME_SHOWN = 12, 60


class _Counted:
    """A stream that knows how much was read of it, and its checksum."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    @property
    def checksum(self) -> str:
        return self._hash.hexdigest()


@dataclass(frozen=True)
class Batch:
    """Consecutive records of a file."""

    block: Block
    frame: pl.DataFrame  # source_line and the contract's columns as text; extra_columns, if any, as JSON
    flaws: dict[int, list[str]]  # by line: why a record is not in the frame
    corrected: frozenset[int]  # lines whose record was replaced by its correction

    @property
    def is_plain(self) -> bool:
        """Whether no value of the frame needs quotes in CSV."""
        return self.block.is_plain and not self.corrected and EXTRA not in self.frame.columns

    def with_raw_text(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add raw_text, the record as it stood in the file, to rows with the source_line of this batch's records."""
        places = self.block.lines.searchsorted(rows[LINE].to_numpy()).tolist()
        return rows.with_columns(pl.Series(RAW_TEXT, [self.block.raw_text(place) for place in places], dtype=pl.String))


class CsvFile:
    """A file whose header fits the contract. Its figures are complete when all batches were read."""

    def __init__(self, stream: BinaryIO, contract: Contract) -> None:
        self._stream = _Counted(stream)
        self._contract = contract
        self._head, header = _cut_header(self._stream.read(MAX_RECORD_BYTES))
        self._first_line = 1 + header.count(b"\n")
        self.columns = _column_names(header, contract)
        self.extra_columns = [name for name in self.columns if name not in contract.column_names]

    @property
    def size(self) -> int:
        """Bytes read."""
        return self._stream.size

    @property
    def checksum(self) -> str:
        """Of the bytes read."""
        return self._stream.checksum

    def batches(self, corrections: Mapping[int, Correction] | None = None) -> Iterator[Batch]:
        """All records of the file, once.

        Args:
            corrections: by line, what stands for a record whose raw text is still the same.

        Raises:
            FileUnreadable: a record is too long to be one.
        """
        try:
            for block in blocks(self._stream, len(self.columns), head=self._head, first_line=self._first_line):
                yield self._batch(block, corrections or {})
        except RecordTooLong as error:
            raise FileUnreadable(f"{error}: is a quote or a line end missing there?") from None

    def _batch(self, block: Block, corrections: Mapping[int, Correction]) -> Batch:
        flaws = dict(block.flaws)
        replaced = {}
        for line in sorted(corrections.keys() & set(block.lines.tolist())) if corrections else ():
            place = int(block.lines.searchsorted(line))
            if block.raw_text(place) == corrections[line].raw_text:
                replaced[place] = corrections[line].corrected_text
        frames = [self._frame(*block.without(flaws.keys() | replaced.keys()))]
        for place, text in replaced.items():
            flaws.pop(place, None)
            line = int(block.lines[place])
            record, found = self._single(text, line)
            if record is None:
                flaws[place] = found
            else:
                frames.append(record)
        frame = pl.concat(frames).sort(LINE) if replaced else frames[0]
        by_line = {int(block.lines[place]): found for place, found in sorted(flaws.items())}
        return Batch(block, frame, by_line, frozenset(int(block.lines[place]) for place in replaced))

    def _single(self, text: str, line: int) -> tuple[pl.DataFrame | None, list[str]]:
        """The row of one record, or none and why."""
        cut = list(blocks(io.BytesIO(text.encode()), len(self.columns), first_line=line))
        found = [flaw for block in cut for flaws in block.flaws.values() for flaw in flaws]
        if sum(len(block.lines) - len(block.blanks) for block in cut) != 1:
            found = ["record: the correction is not one record"]
        if found:
            return None, found
        return self._frame(*cut[0].without(())), []

    def _frame(self, data: bytes, lines: Ints) -> pl.DataFrame:
        frame = pl.read_csv(data, has_header=False, schema=dict.fromkeys(self.columns, pl.String))
        if frame.height != len(lines):
            raise FileUnreadable(f"between lines {lines[0]} and {lines[-1]} it is no CSV that can be trusted")
        names = list(self._contract.column_names)
        # An exporter that quotes everything writes an empty field as "".
        values = pl.col(names).replace("", None) if b'""' in data else pl.col(names)
        extra = [pl.struct(self.extra_columns).struct.json_encode().alias(EXTRA)] if self.extra_columns else []
        return frame.select(pl.Series(LINE, lines, dtype=pl.Int64), values, *extra)


def _cut_header(data: bytes) -> tuple[bytes, bytes]:
    """What follows the header; the header, with the blank lines before it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileUnreadable("it is UTF-16: have it written as UTF-8")
    data = data.removeprefix(BYTE_ORDER_MARK)
    if not data.strip():
        raise FileUnreadable("it is empty: it has no header line")
    if len(data) < MAX_RECORD_BYTES and b"\n" not in data:
        data += b"\n"
    record = HEADER.match(data)
    if record is None:
        raise FileUnreadable(f"its header is longer than {MAX_RECORD_BYTES:,} bytes, or its quotes do not pair")
    return data[record.end() :], record.group()


def _column_names(header: bytes, contract: Contract) -> list[str]:
    try:
        text = header.decode().strip("\r\n").replace("\0", "\\x00")
        names = next(csv.reader([text]))
    except UnicodeDecodeError:
        raise FileUnreadable("its header is not UTF-8") from None
    except csv.Error:
        raise FileUnreadable(
            "its header cannot be read: have it hold names of columns, separated by commas, and end with a line feed"
        ) from None
    missing = [name for name in contract.column_names if name not in names]
    extra = [name for name in names if name not in contract.column_names]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    problems = []
    if missing:
        problems.append(f"lacks {_listed(missing)}" + (f" and has unknown {_listed(extra)}" if extra else ""))
    if repeated:
        problems.append(f"has {_listed(repeated)} more than once")
    if problems:
        raise FileUnreadable(f"it {', '.join(problems)}: have the source restore the header, or change the contract")
    return names


def _listed(names: list[str]) -> str:
    shown = [name[:MAX_NAME_SHOWN] for name in names[:MAX_NAMES_SHOWN]]
    more = [f"and {len(names) - len(shown)} more"] if len(names) > len(shown) else []
    return f"column{'s' if len(names) > 1 else ''} {', '.join([*shown, *more])}"


@contextmanager
def open_table(path: UPath, contract: Contract) -> Iterator[CsvFile]:
    """Open the file of a table.

    Raises:
        FileUnreadable: the file is missing, a folder, empty, not UTF-8, or its header does not fit the contract; also
            when reading its batches finds what cannot be records. The message names table and file.
    """
    try:
        with open_csv(path, contract) as stream:
            yield CsvFile(stream, contract)
    except FileNotFoundError:
        raise FileUnreadable(f"{contract.id}: {path} does not exist: deliver it, or generate the day again") from None
    except IsADirectoryError:
        raise FileUnreadable(f"{contract.id}: {path} is a folder: name, or deliver, the file itself") from None
    except FileUnreadable as error:
        raise FileUnreadable(f"{contract.id}: {path}: {error}") from None
