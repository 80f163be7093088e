"""The CSV file of rejected records that a person edits in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TextIO

from include.contracts import Contract, contract_named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ROW_ID = "row_id"
# <domain>.<table>/<day>/<line>/<digest of the record>: nothing in it that a spreadsheet would rewrite.
ROW_ID_PATTERN = re.compile(r"(\w+\.\w+)/(\d{4}-\d\d-\d\d)/(\d+)/([0-9a-f]{8})")
# What a spreadsheet takes for a formula; a plain negative number is none.
FORMULA = re.compile(r"[=+@\t\r']|-(?!\d+(\.\d+)?$)")


class EditsUnreadable(Exception):
    """A file is not an edited export; the message says where and what to do."""


@dataclass(frozen=True)
class Row:
    """A line of the file: which record, and the values of the contract's columns."""

    partition_date: date
    line_number: int
    digest: str
    values: dict[str, str]


def guarded(value: str) -> str:
    """A value that no spreadsheet takes for a formula: with an apostrophe before it, where needed."""
    return f"'{value}" if FORMULA.match(value) else value


def unguarded(value: str) -> str:
    """The value that `guarded` was given."""
    return value[1:] if value.startswith("'") and FORMULA.match(value[1:]) else value


def write_rows(file: TextIO, contract: Contract, rows: Iterable[tuple[Row, list[str], str]]) -> None:
    """Write rows of one table, each with its reasons and its raw text."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([ROW_ID, "line_number", "reasons", *contract.column_names, "raw_text"])
    for row, reasons, raw_text in rows:
        row_id = f"{contract.id}/{row.partition_date}/{row.line_number}/{row.digest}"
        values = [row.values[name] for name in contract.column_names]
        writer.writerow([row_id, row.line_number, *map(guarded, ("; ".join(reasons), *values, raw_text))])


def read_rows(path: Path) -> tuple[Contract, list[Row]]:
    """Read what `write_rows` wrote and a person edited; comma or semicolon, with or without byte order mark.

    Raises:
        EditsUnreadable: the file is missing, not UTF-8, lacks a column, or row ids were changed or doubled.
    """
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EditsUnreadable(f"{path} is not readable as UTF-8, save it as CSV UTF-8: {error}") from None
    header = content.split("\n", maxsplit=1)[0]
    reader = csv.DictReader(
        io.StringIO(content, newline=""), delimiter=";" if header.count(";") > header.count(",") else ","
    )
    lines = [line for line in reader if any(line.values())]
    ids = [ROW_ID_PATTERN.fullmatch(line.get(ROW_ID) or "") for line in lines]
    tables = {found[1] for found in ids if found}
    if None in ids or len(tables) != 1 or len({found[0] for found in ids if found}) < len(ids):
        raise EditsUnreadable(
            f"{path}: column {ROW_ID} must be as `fso quarantine export` wrote it, each row once, of one table"
        )
    contract = contract_named(tables.pop())
    missing = [name for name in contract.column_names if name not in (reader.fieldnames or ())]
    if missing:
        raise EditsUnreadable(f"{path} lacks column {', '.join(missing)}: keep the header of the export")
    return contract, [_row(found, line, contract) for found, line in zip(ids, lines, strict=True) if found]


def _row(row_id: re.Match[str], line: dict[str, str | None], contract: Contract) -> Row:
    values = {name: unguarded(line[name] or "") for name in contract.column_names}
    return Row(date.fromisoformat(row_id[2]), int(row_id[3]), row_id[4], values)
