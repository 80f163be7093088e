"""Cuts a stream of CSV bytes into blocks of whole records, and finds the records that have no fields to check.

A record ends at a line feed outside quotes (RFC 4180). A quoted field that does not end as it must is given up
at its first line feed: that line is one flawed record, and the next line begins a new one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

BLOCK_BYTES = 4 << 20
# Bounds the memory that a file without line ends, or a quote that never closes, can take.
MAX_RECORD_BYTES = 1 << 20
MAX_ASCII = 0x7F
LF, CR, QUOTE, COMMA, NUL = b'\n\r",\0'
_FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\n]*+)'
RECORD = re.compile(_FIELD + rb"(?:," + _FIELD + rb")*+\r?\n")

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


class RecordTooLong(ValueError):
    """A record is longer than MAX_RECORD_BYTES; the message has its line."""


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int, /) -> bytes:
        """The next bytes: `size` of them, less only at the end, none behind it."""
        ...


@dataclass(frozen=True)
class Block:
    """Whole records of a file, in their order, and the blank lines between them."""

    data: bytes  # each record with its line end
    starts: Ints  # offset of each record in data
    ends: Ints  # offset behind it, without its line end
    lines: Ints  # number of its first line in the file; the header is line 1
    flaws: dict[int, list[str]]  # by place of the record: why it has no fields to check
    blanks: frozenset[int]  # places of blank lines, which are no records
    is_plain: bool  # no quotes hold anything

    def raw_text(self, place: int) -> str:
        r"""A record as it stood in the file; NUL and bytes that are not UTF-8 as escapes such as `\xff`."""
        record = self.data[self.starts[place] : self.ends[place]]
        return record.decode(errors="backslashreplace").replace("\0", "\\x00")

    def without(self, places: Iterable[int]) -> tuple[bytes, Ints]:
        """Data and lines of the records that are not at these places."""
        dropped = sorted({*places, *self.blanks})
        if not dropped:
            return self.data, self.lines
        begins = [*self.starts[dropped].tolist(), len(self.data)]
        resumes = [0, *np.append(self.starts[1:], len(self.data))[dropped].tolist()]
        kept = b"".join(self.data[start:end] for start, end in zip(resumes, begins, strict=True))
        return kept, np.delete(self.lines, dropped)


def blocks(stream: Readable, width: int, *, head: bytes = b"", first_line: int = 1) -> Iterator[Block]:
    """Cut a stream into blocks.

    Args:
        stream: CSV bytes.
        width: number of fields that a record must have.
        head: bytes that come before the stream.
        first_line: line number of the first byte.

    Raises:
        RecordTooLong: what was yielded before is valid.
    """
    at_end = False
    while not at_end:
        read = stream.read(BLOCK_BYTES)
        at_end = not read
        data = head + read
        if at_end and data and not data.endswith(b"\n"):
            data += b"\n"
        bounds, malformed = _bounds(data, first_line, at_end=at_end)
        end = int(bounds[-1])
        if end:
            lines = first_line + _feeds_before(data, bounds)
            yield _block(data[:end], bounds, lines[:-1], malformed, width)
            first_line = int(lines[-1])
        head = data[end:]


def _bounds(data: bytes, first_line: int, *, at_end: bool) -> tuple[Ints, set[int]]:
    """Where records begin and the last one ends, and the places of those whose quotes do not pair."""
    codes = np.frombuffer(data, np.uint8)
    is_end = codes == LF
    if (inside := _inside_quotes(codes)) is not None:
        is_end &= ~inside
    bounds = np.concatenate([[0], np.flatnonzero(is_end) + 1])
    rest = len(data) - bounds[-1]
    is_plain = rest <= (0 if at_end else MAX_RECORD_BYTES) and np.diff(bounds).max(initial=0) <= MAX_RECORD_BYTES
    if is_plain and (QUOTE not in data or _quotes_pair(codes[: bounds[-1]])):
        return bounds, set()
    return _scan(data, first_line, at_end=at_end)


def _feeds_before(data: bytes, bounds: Ints) -> Ints:
    """How many line feeds stand before each bound."""
    if data.count(b"\n", 0, int(bounds[-1])) == len(bounds) - 1:  # most often, each ends a record
        return np.arange(len(bounds))
    return np.searchsorted(np.flatnonzero(np.frombuffer(data, np.uint8) == LF), bounds)


def _inside_quotes(codes: Bytes) -> Flags | None:
    """True from each opening quote to before its closing one; none if no quotes hold anything."""
    quotes = np.flatnonzero(codes == QUOTE)
    if len(quotes) % 2 == 0 and (quotes[1::2] == quotes[::2] + 1).all():
        return None
    stretches = np.diff(quotes, prepend=0, append=len(codes))
    inside: Flags = np.repeat(np.arange(len(stretches)) % 2 == 1, stretches)
    return inside


def _quotes_pair(codes: Bytes) -> bool:
    """Whether each quote opens a field, closes one, or is half of a doubled one inside; codes end with a record."""
    quotes = np.flatnonzero(codes == QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    before = codes[opening[opening > 0] - 1]
    after = codes[closing + 1]
    returns = closing[after == CR]
    return bool(
        np.isin(before, [COMMA, LF, QUOTE]).all()
        and np.isin(after, [COMMA, LF, CR, QUOTE]).all()
        and (codes[returns + 2] == LF).all()
    )


def _scan(data: bytes, first_line: int, *, at_end: bool) -> tuple[Ints, set[int]]:
    """As `_bounds`, record by record, for data whose quotes do not pair."""
    bounds, start = [0], 0
    malformed = set()
    while start < len(data):
        record = RECORD.match(data, start, start + MAX_RECORD_BYTES)
        if record:
            start = record.end()
        elif not at_end and len(data) - start < MAX_RECORD_BYTES:
            break  # its end may still come
        else:
            line_end = data.find(b"\n", start, start + MAX_RECORD_BYTES)
            if line_end < 0:
                line = first_line + data.count(b"\n", 0, start)
                raise RecordTooLong(f"the record at line {line} is longer than {MAX_RECORD_BYTES:,} bytes")
            malformed.add(len(bounds) - 1)
            start = line_end + 1
        bounds.append(start)
    return np.array(bounds), malformed


def _block(data: bytes, bounds: Ints, lines: Ints, malformed: set[int], width: int) -> Block:
    codes = np.frombuffer(data, np.uint8)
    starts, ends = bounds[:-1], bounds[1:] - 1
    ends = ends - ((codes[ends - 1] == CR) & (ends > starts))
    blanks = frozenset(np.flatnonzero(ends == starts).tolist())
    flaws = defaultdict(list)
    if malformed:  # their quotes must not count for the records behind them
        codes = codes.copy()
        for place in malformed:
            codes[starts[place] : ends[place]] = ord("x")
            flaws[place].append("record: quotes do not pair")
    inside = _inside_quotes(codes)
    found = _miscounted(codes, inside, starts, width) | _unreadable(data, codes, inside, starts, ends)
    for flaw, places in found.items():
        for place in places:
            if place not in blanks and place not in malformed:
                flaws[place].append(flaw)
    is_plain = inside is None and b'"""' not in data
    return Block(data, starts, ends, lines, dict(flaws), blanks, is_plain)


def _miscounted(codes: Bytes, inside: Flags | None, starts: Ints, width: int) -> dict[str, list[int]]:
    """Places of records that do not have `width` fields, by flaw."""
    is_comma = codes == COMMA
    if inside is not None:
        is_comma &= ~inside
    fields = np.add.reduceat(is_comma.view(np.uint8), starts, dtype=np.uint32) + 1
    return {
        "record: too few fields": np.flatnonzero(fields < width).tolist(),
        "record: too many fields": np.flatnonzero(fields > width).tolist(),
    }


def _unreadable(data: bytes, codes: Bytes, inside: Flags | None, starts: Ints, ends: Ints) -> dict[str, list[int]]:
    """Places of records with characters that the database would not take, by flaw."""

    def holding(is_found: Flags) -> list[int]:
        places = np.searchsorted(starts, np.flatnonzero(is_found), side="right") - 1
        return list(np.unique(places).tolist())

    found = {}
    if CR in data:
        is_return = (codes == CR) & (np.append(codes[1:], LF) != LF)
        found["record: a carriage return outside quotes"] = holding(
            is_return if inside is None else is_return & ~inside
        )
    if NUL in data:
        found["record: holds a NUL byte"] = holding(codes == NUL)
    if not _is_utf8(data):
        beyond_ascii = holding(codes > MAX_ASCII)
        found["record: not UTF-8"] = [
            place for place in beyond_ascii if not _is_utf8(data[starts[place] : ends[place]])
        ]
    return found


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
