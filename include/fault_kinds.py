"""Kinds of faults that mock files can be given on purpose; docs/faults.md describes each."""

from __future__ import annotations

from enum import StrEnum


class FaultKind(StrEnum):
    """One way in which a real delivery differs from a clean one."""

    missing_value = "missing_value"
    wrong_type = "wrong_type"
    out_of_range = "out_of_range"
    exact_duplicate = "exact_duplicate"
    conflicting_duplicate = "conflicting_duplicate"
    orphan = "orphan"
    late = "late"

    truncated = "truncated"
    wrong_header = "wrong_header"
    extra_column = "extra_column"
    reordered_columns = "reordered_columns"
    wrong_encoding = "wrong_encoding"
    byte_order_mark = "byte_order_mark"
    empty_file = "empty_file"
    missing_file = "missing_file"

    withdrawn = "withdrawn"


ROW_KINDS = tuple(FaultKind)[:7]
FILE_KINDS = tuple(FaultKind)[7:15]
DEFAULT_KINDS = ROW_KINDS


def parse_fault_kinds(text: str) -> tuple[FaultKind, ...]:
    """The kinds of a comma list, each once and in the order of FaultKind; none if it is empty.

    Raises:
        ValueError: a name is unknown; the message has the known ones.
    """
    names = {name.strip() for name in text.split(",")} - {""}
    unknown = names - set(FaultKind)
    if unknown:
        raise ValueError(f"unknown fault kind {', '.join(sorted(unknown))}: choose from {', '.join(FaultKind)}")
    return tuple(kind for kind in FaultKind if kind in names)
