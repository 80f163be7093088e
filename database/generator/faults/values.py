"""Values as files write them: whether one keeps its column's contract, and others that do or do not."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from include.contracts import Column

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
TIMES = ("date", "timestamptz")
LARGEST = {"integer": 2**31 - 1, "bigint": 2**63 - 1}


def csv_text(frame: pl.DataFrame) -> str:
    """The rows as a CSV file with a header."""
    return frame.write_csv(datetime_format=TIME_FORMAT)


def fits(column: Column, text: str) -> bool:
    """Whether a filled field keeps the column's contract."""
    return (
        _is_typed(column, text)
        and _is_between(column, text)
        and (not column.allowed or text in column.allowed)
        and (column.pattern is None or re.search(column.pattern, text) is not None)
        and (column.max_length is None or len(text) <= column.max_length)
    )


def _is_typed(column: Column, text: str) -> bool:
    if column.type in LARGEST:
        return re.fullmatch(r"-?\d+", text) is not None and abs(int(text)) <= LARGEST[column.type]
    if column.is_numeric:
        precision, scale = (int(part) for part in column.type[len("numeric(") : -1].split(","))
        parts = re.fullmatch(r"-?(\d+)(?:\.(\d+))?", text)
        return parts is not None and len(parts[1]) <= precision - scale and len(parts[2] or "") <= scale
    return column.type != "boolean" or text in ("true", "false")


def _is_between(column: Column, text: str) -> bool:
    """Whether a value of the right type lies within its limits; those of times are days."""

    def comparable(value: object) -> Any:
        return Decimal(str(value)) if column.is_numeric else str(value)[:10]

    above = column.minimum is None or comparable(text) >= comparable(column.minimum)
    return above and (column.maximum is None or comparable(text) <= comparable(column.maximum))


def moment(column: Column, text: str) -> datetime:
    """A date or time as a moment; a date is its first one."""
    return datetime.fromisoformat(text) if column.type == "timestamptz" else _midnight(text)


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


def moved(column: Column, text: str, by: timedelta) -> str:
    """A date or time some time later; a date moves by whole days."""
    later = moment(column, text) + by
    return later.strftime(TIME_FORMAT) if column.type == "timestamptz" else later.date().isoformat()


def another(column: Column, text: str) -> str | None:
    """A value that the contract allows as well as the present one; None if that is not easily found."""
    if column.allowed:
        after = column.allowed.index(text) + 1
        found = [column.allowed[after % len(column.allowed)]]
    elif column.type == "boolean":
        found = ["false" if text == "true" else "true"]
    elif column.type in TIMES:
        found = [moved(column, text, timedelta(days=days)) for days in (1, -1)]
    elif column.is_numeric:
        found = [str(Decimal(text) + step) for step in (1, -1)]
    else:
        found = [f"{text} II"]
    return next((value for value in found if value != text and fits(column, value)), None)


def nobody(column: Column, text: str) -> str | None:
    """A reference of the same form that belongs to nobody by all odds; None if the contract leaves no room."""
    found = str(LARGEST[column.type]) if column.type in LARGEST else re.sub(r"\d", "9", text)
    if column.type == "text" and found == text:
        found = f"{text}-nobody"
    return found if column.type in (*LARGEST, "text") and fits(column, found) else None


def own_key(column: Column, text: str) -> str | None:
    """A key that no other row has, made of the row's own; None if the contract leaves no room."""
    if column.type in LARGEST:
        found = str(int(text) + LARGEST[column.type] // 2)
    elif column.type == "text":
        found = f"{text}-L"
    else:
        return None
    return found if fits(column, found) else None


def beyond(column: Column) -> tuple[str, str] | None:
    """A value of the right type that the contract does not allow, and the only rule that it breaks.

    None if there is no such value.
    """
    if column.allowed:
        value = "other than agreed"
        is_free = column.type == "text" and column.pattern is None and len(value) <= (column.max_length or len(value))
        return (value, "not an allowed value") if is_free else None
    if column.pattern or column.max_length or (column.type not in (*TIMES, *LARGEST) and not column.is_numeric):
        return None
    limits = ((column.minimum, -1, f"below {column.minimum}"), (column.maximum, 1, f"above {column.maximum}"))
    found = ((_past(column, limit, step), rule) for limit, step, rule in limits if limit is not None)
    return next((pair for pair in found if _is_typed(column, pair[0])), None)


def _past(column: Column, limit: float | str, step: int) -> str:
    """The first whole number, or day, on the far side of a limit."""
    if column.is_numeric:
        return str(int(float(limit)) + step)
    day = date.fromisoformat(str(limit)) + timedelta(days=step)
    return f"{day}T00:00:00Z" if column.type == "timestamptz" else str(day)
