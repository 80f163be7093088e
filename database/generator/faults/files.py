"""Faults of whole files."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from database.generator.faults.rows import HEADER_LINES
from database.generator.faults.values import csv_text
from include.fault_kinds import FILE_KINDS, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from database.generator.randomness import Stream
    from include.contracts import Contract

UNKNOWN_COLUMN = "exported_by"


@dataclass(frozen=True)
class FileFault:
    """What is wrong with a file as a whole; none of its rows has a fault of its own."""

    kind: FaultKind
    is_refused: bool  # whether nothing of the file may be loaded
    reason: str | None  # what must be said about it; None if it must be read as if nothing were wrong
    cut_line: int | None = None  # line that must be rejected because it is incomplete; later ones are lost


@dataclass(frozen=True)
class _File:
    contract: Contract
    frame: pl.DataFrame
    draw: float  # in [0, 1), to choose with


def _truncated(file: _File) -> tuple[bytes, FileFault] | None:
    """Cut in the second half, after the first field of a line."""
    others = [column for column in file.contract.columns[1:] if column.required]
    if not others or file.frame.is_empty():
        return None
    whole = int(file.frame.height * (1 + file.draw) / 2)
    first = csv_text(file.frame[whole : whole + 1, :1]).split("\n")[HEADER_LINES]
    line = HEADER_LINES + whole + 1
    fault = FileFault(FaultKind.truncated, is_refused=False, reason=f"ends within line {line}", cut_line=line)
    return f"{csv_text(file.frame[:whole])}{first}".encode(), fault


def _wrong_header(file: _File) -> tuple[bytes, FileFault]:
    name = file.contract.column_names[int(file.draw * len(file.contract.columns))]
    fault = FileFault(FaultKind.wrong_header, is_refused=True, reason=f"lacks column {name}")
    return csv_text(file.frame.rename({name: f"{name}_new"})).encode(), fault


def _extra_column(file: _File) -> tuple[bytes, FileFault]:
    frame = file.frame.with_columns(pl.lit("nightly").alias(UNKNOWN_COLUMN))
    fault = FileFault(FaultKind.extra_column, is_refused=False, reason=f"has unknown column {UNKNOWN_COLUMN}")
    return csv_text(frame).encode(), fault


def _reordered_columns(file: _File) -> tuple[bytes, FileFault]:
    frame = file.frame.select(reversed(file.frame.columns))
    return csv_text(frame).encode(), FileFault(FaultKind.reordered_columns, is_refused=False, reason=None)


def _wrong_encoding(file: _File) -> tuple[bytes, FileFault]:
    data = codecs.BOM_UTF16_LE + csv_text(file.frame).encode("utf-16-le")
    return data, FileFault(FaultKind.wrong_encoding, is_refused=True, reason="is UTF-16")


def _byte_order_mark(file: _File) -> tuple[bytes, FileFault]:
    data = codecs.BOM_UTF8 + csv_text(file.frame).encode()
    return data, FileFault(FaultKind.byte_order_mark, is_refused=False, reason=None)


def _empty_file(_: _File) -> tuple[bytes, FileFault]:
    return b"", FileFault(FaultKind.empty_file, is_refused=True, reason="is empty")


def _missing_file(_: _File) -> tuple[None, FileFault]:
    return None, FileFault(FaultKind.missing_file, is_refused=True, reason="does not exist")


PLANTERS: dict[FaultKind, Callable[[_File], tuple[bytes | None, FileFault] | None]] = {
    FaultKind.truncated: _truncated,
    FaultKind.wrong_header: _wrong_header,
    FaultKind.extra_column: _extra_column,
    FaultKind.reordered_columns: _reordered_columns,
    FaultKind.wrong_encoding: _wrong_encoding,
    FaultKind.byte_order_mark: _byte_order_mark,
    FaultKind.empty_file: _empty_file,
    FaultKind.missing_file: _missing_file,
}


def plant_file_fault(
    contract: Contract, frame: pl.DataFrame, rate: float, kinds: Collection[FaultKind], stream: Stream
) -> tuple[bytes | None, FileFault] | None:
    """Perhaps spoil the file of a table as a whole.

    Args:
        contract: the table.
        frame: its clean rows.
        rate: chance that the file is hit.
        kinds: those to choose from; others than kinds of files have no effect.
        stream: draws of this table and day.

    Returns:
        What is delivered (None for a missing file) and its fault; None if the file is not hit.
    """
    possible = [kind for kind in FILE_KINDS if kind in kinds]
    if not possible or not stream.happens("file", 1, rate)[0]:
        return None
    kind = possible[stream.between("file_kind", 1, 0, len(possible) - 1)[0]]
    return PLANTERS[kind](_File(contract, frame, stream.uniform("file_place", 1)[0]))
