"""Checks the rows of one file against their contract, in vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from database.etl.read import LINE

if TYPE_CHECKING:
    from polars.expr.whenthen import When

    from database.etl.corrections import Correction
    from database.etl.read import Batch, CsvFile
    from include.contracts import Column, Contract

REASONS = "reasons"
NONE_BAD = pl.DataFrame(schema={LINE: pl.Int64, REASONS: pl.List(pl.String)})
DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# PostgreSQL knows no offset of 16 hours or more, and makes a leap second the next minute.
TIMESTAMP = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-](0[0-9]|1[0-5]):?[0-5][0-9])$"
)


@dataclass(frozen=True)
class Checked:
    """A batch, parted: every record is in one of the frames, once."""

    batch: Batch
    accepted: pl.DataFrame  # as in the batch: text that PostgreSQL reads as typed
    rejected: pl.DataFrame  # source_line, and reasons: a list of "<column>: <rule>"


def parsed(column: Column) -> pl.Expr:
    """The column as its type; null where PostgreSQL would not read the text as the same value of that type."""
    value = pl.col(column.name)
    if column.type in ("integer", "bigint"):
        return value.cast(pl.Int32 if column.type == "integer" else pl.Int64, strict=False)
    if column.type.startswith("numeric"):
        precision, scale = (int(part) for part in column.type[len("numeric(") : -1].split(","))
        places = rf"([.][0-9]{{1,{scale}}})?" if scale else ""
        fits = value.str.contains(rf"^-?[0-9]{{1,{precision - scale}}}{places}$")
        return pl.when(fits).then(value.cast(pl.Float64, strict=False))
    if column.type == "date":
        return _dated(value, DATE).then(value.str.to_date("%Y-%m-%d", strict=False))
    if column.type == "timestamptz":
        return _dated(value, TIMESTAMP).then(_moment(value))
    if column.type == "boolean":
        return pl.when(value.is_in(["true", "false"])).then(value == "true")
    return value


def _dated(value: pl.Expr, pattern: str) -> When:
    """Where a text has the form of a date or moment of our era: PostgreSQL knows no year 0."""
    return pl.when(value.str.contains(pattern) & ~value.str.starts_with("0000"))


def _moment(value: pl.Expr) -> pl.Expr:
    # Whole seconds in UTC, the common form, are read eight times faster on their own.
    is_common = value.str.len_bytes() == len("2026-03-01T00:00:00Z")
    common, other = (
        pl.when(chosen).then(value).str.to_datetime(form, strict=False, cache=False, time_unit="us", time_zone="UTC")
        for chosen, form in ((is_common, "%Y-%m-%dT%H:%M:%SZ"), (~is_common, "%Y-%m-%dT%H:%M:%S%.f%#z"))
    )
    return pl.coalesce(common, other)


def _typed(column: Column) -> str:
    """Name of the parsed column beside the text."""
    return f"{column.name} as {column.type}"


def _bounds(column: Column) -> list[tuple[str, pl.Expr]]:
    """The limits of a column; those of timestamps are days (UTC), both included."""
    value = pl.col(_typed(column))
    if column.type == "timestamptz":
        value = value.dt.date()

    def limit(bound: float | str) -> pl.Expr:
        return pl.lit(bound).str.to_date("%Y-%m-%d") if isinstance(bound, str) else pl.lit(bound)

    rules = []
    if column.minimum is not None:
        rules.append((f"below {column.minimum}", value < limit(column.minimum)))
    if column.maximum is not None:
        rules.append((f"above {column.maximum}", value > limit(column.maximum)))
    return rules


def _rules(column: Column, existing: pl.Series | None) -> list[tuple[str, pl.Expr]]:
    """Each rule of a column: its name, and true where a row breaks it."""
    value = pl.col(column.name)
    rules: list[tuple[str, pl.Expr]] = []
    if column.required or column.is_key:
        rules.append(("missing", value.is_null()))
    if column.type != "text":
        rules.append((f"not a valid {column.type}", value.is_not_null() & pl.col(_typed(column)).is_null()))
    rules += _bounds(column)
    if column.max_length is not None:
        rules.append((f"longer than {column.max_length}", value.str.len_chars() > column.max_length))
    if column.pattern is not None:
        rules.append((f"not like {column.pattern}", ~value.str.contains(column.pattern)))
    if column.allowed:
        rules.append(("not an allowed value", ~value.is_in(column.allowed)))
    if existing is not None and column.references:
        parent = column.references.rpartition(".")[0]
        rules.append((f"not in {parent}", ~value.is_in(existing.implode())))
    return rules


def check(
    frame: pl.DataFrame, contract: Contract, references: Mapping[str, pl.Series]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows into those that keep the contract and those that do not.

    Args:
        frame: source_line and the contract's columns as text, as a batch has them.
        contract: what the rows must satisfy.
        references: by column that refers to another table, the keys that exist there.

    Returns:
        The valid rows as they came; source_line and all reasons of the others.
    """
    rules = [
        (f"{column.name}: {rule}", broken)
        for column in contract.columns
        for rule, broken in _rules(column, references.get(column.name))
    ]
    typed = frame.with_columns(parsed(column).alias(_typed(column)) for column in contract.columns)
    broken = typed.select(expr.fill_null(value=False).alias(name) for name, expr in rules)
    # Most rules are kept by all rows.
    broken = broken.select(flag for flag in broken if flag.any())
    if not broken.width:
        return frame, NONE_BAD
    is_bad = broken.select(pl.any_horizontal(pl.all())).to_series()
    reasons = broken.filter(is_bad).select(
        pl.concat_list(pl.when(pl.col(name)).then(pl.lit(name)) for name in broken.columns)
        .list.drop_nulls()
        .alias(REASONS)
    )
    bad = frame.filter(is_bad).select(LINE).hstack(reasons)
    return frame.filter(~is_bad), bad


def check_file(
    file: CsvFile,
    contract: Contract,
    references: Mapping[str, pl.Series],
    corrections: Mapping[int, Correction] | None = None,
) -> Iterator[Checked]:
    """Check a file batch by batch; rows with one key may all be accepted.

    Args:
        file: what to read.
        contract: what its rows must satisfy.
        references: by column that refers to another table, the keys that exist there.
        corrections: by line, what to check instead of a record.

    Raises:
        FileUnreadable: the rest of the file cannot be cut into records.
    """
    for batch in file.batches(corrections):
        accepted, bad = check(batch.frame, contract, references)
        flawed = pl.DataFrame({LINE: list(batch.flaws), REASONS: list(batch.flaws.values())}, schema=bad.schema)
        yield Checked(batch, accepted, pl.concat([bad, flawed]).sort(LINE))
