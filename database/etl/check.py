"""Checks the rows of one file against their contract, in vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from database.etl.read import LINE

if TYPE_CHECKING:
    from include.contracts import Column, Contract

REASONS = "reasons"


@dataclass(frozen=True)
class Checked:
    """The rows of a file, parted."""

    accepted: pl.DataFrame  # source_line and the contract's columns, as text that PostgreSQL reads as typed
    rejected: pl.DataFrame  # the same, and reasons: a list of "<column>: <rule>"

    def reason_counts(self) -> dict[str, int]:
        """How many rows were rejected for each reason, most frequent first."""
        counted = self.rejected.explode(REASONS).group_by(REASONS).len().sort("len", REASONS, descending=[True, False])
        return dict(counted.iter_rows())


def _parsed(column: Column) -> pl.Expr:
    """The column as its type; null where the text is not of that type."""
    value = pl.col(column.name)
    if column.type in ("integer", "bigint"):
        return value.cast(pl.Int32 if column.type == "integer" else pl.Int64, strict=False)
    if column.type.startswith("numeric"):
        precision, scale = (int(part) for part in column.type[len("numeric(") : -1].split(","))
        fits = value.str.contains(rf"^-?\d{{1,{precision - scale}}}(\.\d{{1,{scale}}})?$")
        return pl.when(fits).then(value.cast(pl.Float64, strict=False))
    if column.type == "date":
        return _of_our_era(value.str.to_date("%Y-%m-%d", strict=False))
    if column.type == "timestamptz":
        zoned = value.str.replace("Z$", "+00:00")
        moment = zoned.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", strict=False, time_unit="us")
        # PostgreSQL knows no offset of 16 hours or more.
        return _of_our_era(pl.when(zoned.str.contains(r"[+-](0\d|1[0-5]):?[0-5]\d$")).then(moment))
    if column.type == "boolean":
        return pl.when(value.is_in(["true", "false"])).then(value == "true")
    return value


def _of_our_era(parsed: pl.Expr) -> pl.Expr:
    """Null for years that PostgreSQL does not read: before 1, after 9999."""
    return pl.when(parsed.dt.year().is_between(1, 9999)).then(parsed)


def _bounds(column: Column) -> list[tuple[str, pl.Expr]]:
    """The limits of a column; those of timestamps are days (UTC), both included."""
    value = _parsed(column)
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


def _rules(column: Column) -> list[tuple[str, pl.Expr]]:
    """Each rule of a column: its name, and true where a row breaks it."""
    value, parsed = pl.col(column.name), _parsed(column)
    rules: list[tuple[str, pl.Expr]] = []
    if column.required or column.is_key:
        rules.append(("missing", value.is_null()))
    if column.type != "text":
        rules.append((f"not a valid {column.type}", value.is_not_null() & parsed.is_null()))
    rules += _bounds(column)
    if column.max_length is not None:
        rules.append((f"longer than {column.max_length}", value.str.len_chars() > column.max_length))
    if column.pattern is not None:
        rules.append((f"not like {column.pattern}", ~value.str.contains(column.pattern)))
    if column.allowed:
        rules.append(("not an allowed value", ~value.is_in(column.allowed)))
    if column.type == "text":
        rules.append(("holds a NUL byte", value.str.contains("\0", literal=True)))
    return rules


def _duplicate_lines(valid: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Rows that lose against another row of the same key (K7): source_line, and the line that won."""
    repeated = valid.filter(pl.struct(contract.key).is_duplicated())
    if contract.duplicates == "first":
        ranked = repeated.sort(LINE)
    else:
        updated = [_parsed(column) for column in contract.columns if column.name == "updated_at"]
        ranked = repeated.sort([*updated, pl.col(LINE)], descending=True)
    ranked = ranked.with_columns(winner=pl.col(LINE).first().over(contract.key))
    return ranked.filter(pl.col(LINE) != pl.col("winner")).select(LINE, "winner")


def check(frame: pl.DataFrame, contract: Contract) -> Checked:
    """Part the rows of a file into accepted and rejected.

    Args:
        frame: source_line and the contract's columns as text, as `read_file` returns them.
        contract: what the rows must satisfy.

    Returns:
        Every row of the frame, once: accepted, or rejected with every reason.
    """
    rules = [(f"{column.name}: {rule}", broken) for column in contract.columns for rule, broken in _rules(column)]
    broken = frame.select(expr.fill_null(value=False).alias(name) for name, expr in rules)
    is_bad = broken.select(pl.any_horizontal(pl.all())).to_series()
    reasons = (
        broken.filter(is_bad)
        .select(pl.concat_list(pl.when(pl.col(name)).then(pl.lit(name)) for name in broken.columns).list.drop_nulls())
        .to_series()
        .alias(REASONS)
    )
    bad = frame.filter(is_bad).with_columns(reasons)
    valid = frame.filter(~is_bad)
    losers = _duplicate_lines(valid, contract)
    duplicates = valid.join(losers, on=LINE).with_columns(
        pl.concat_list(pl.lit(f"{', '.join(contract.key)}: duplicate")).alias(REASONS)
    )
    return Checked(
        accepted=valid.join(losers, on=LINE, how="anti", maintain_order="left"),
        rejected=pl.concat([bad, duplicates.drop("winner")]).sort(LINE),
    )
