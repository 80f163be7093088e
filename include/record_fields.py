"""One record of a file as text, and its fields by name."""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LINE_END = "\r\n"
# A record may be one long field.
csv.field_size_limit(sys.maxsize)


def values_of(raw_text: str) -> list[str]:
    """The fields of a CSV record; one that is no CSV is one field."""
    try:
        [values] = csv.reader([raw_text])
    except (csv.Error, ValueError):
        return [raw_text]
    return values


def fields_of(raw_text: str, columns: Sequence[str]) -> dict[str, str] | None:
    """The fields of a CSV record by column.

    Args:
        raw_text: the record, as quarantine.rejected_rows has it.
        columns: the header of its file.

    Returns:
        None when the record has more or fewer fields than the header: then no field can be told for sure.
    """
    values = values_of(raw_text)
    return dict(zip(columns, values, strict=True)) if len(values) == len(columns) else None


def record_text(values: Iterable[str]) -> str:
    """Values as one CSV record, without line break at its end."""
    buffer = io.StringIO(newline="")
    # A line break within a value is quoted because it is part of the line end.
    csv.writer(buffer, lineterminator=LINE_END).writerow(values)
    return buffer.getvalue().removesuffix(LINE_END)
