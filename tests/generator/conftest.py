"""A second opinion on delivered lines: a slow, plain reading of the contract, one line at a time."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import datetime

import pytest

from include.contracts import Column, Contract

SHAPES = {
    "integer": r"-?\d+",
    "bigint": r"-?\d+",
    "boolean": r"true|false",
    "date": r"\d{4}-\d\d-\d\d",
    "timestamptz": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "text": r".*",
}
LARGEST = {"integer": 2**31 - 1, "bigint": 2**63 - 1}
Judge = Callable[[Contract, list[str]], dict[int, str]]


def is_of_type(column: Column, value: str) -> bool:
    shape = SHAPES.get(column.type)
    if shape is None:
        precision, places = map(int, re.findall(r"\d+", column.type))
        shape = rf"-?\d{{1,{precision - places}}}(\.\d{{0,{places}}})?"
    if not re.fullmatch(shape, value):
        return False
    if column.type in LARGEST and abs(int(value)) > LARGEST[column.type]:
        return False
    if column.type in ("date", "timestamptz"):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
    return True


def is_in_range(column: Column, value: str) -> bool:
    if column.is_numeric:
        too_small = column.minimum is not None and float(value) < float(column.minimum)
        too_large = column.maximum is not None and float(value) > float(column.maximum)
    else:  # ISO dates sort as text; limits of timestamps are days
        too_small = column.minimum is not None and value[:10] < str(column.minimum)
        too_large = column.maximum is not None and value[:10] > str(column.maximum)
    return not (
        too_small
        or too_large
        or (column.allowed and value not in column.allowed)
        or (column.pattern and not re.search(column.pattern, value))
        or (column.max_length and len(value) > column.max_length)
    )


def value_fault(column: Column, value: str) -> str | None:
    if value == "":
        return "missing_value" if column.required else None
    if not is_of_type(column, value):
        return "wrong_type"
    return None if is_in_range(column, value) else "out_of_range"


def judge_lines(contract: Contract, lines: list[str]) -> dict[int, str]:
    """The fault of each line that must not be accepted, by line number; the header is line 1."""
    assert tuple(next(csv.reader(lines[:1]))) == contract.column_names
    faults: dict[int, str] = {}
    seen: dict[tuple[str, ...], tuple[int, dict[str, str]]] = {}
    for number, fields in enumerate(csv.reader(lines[1:]), start=2):
        assert len(fields) == len(contract.columns), f"line {number}"
        found = [value_fault(*pair) for pair in zip(contract.columns, fields, strict=True)]
        if any(found):
            faults[number] = next(fault for fault in found if fault)
            continue
        row = dict(zip(contract.column_names, fields, strict=True))
        key = tuple(row[name] for name in contract.key)
        if key not in seen:
            seen[key] = (number, row)
            continue
        loser, first = seen[key]
        if contract.duplicates == "first":
            loser = number
        elif first != row and "updated_at" in row:
            assert first["updated_at"] < row["updated_at"]
        faults[loser] = "exact_duplicate" if first == row else "conflicting_duplicate"
    return faults


@pytest.fixture
def judge() -> Judge:
    return judge_lines
