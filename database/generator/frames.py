"""From numpy arrays to typed columns and a frame that matches its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from database.generator.randomness import Flags, Ints
    from include.contracts import Contract

Columns: TypeAlias = dict[str, pl.Series]


class GeneratorError(ValueError):
    """Generator and contracts disagree; the message names the table and the columns."""


def pick(values: Sequence[str], index: Ints) -> pl.Series:
    """Text: `values[i]` for each index."""
    return pl.Series(values, dtype=pl.String).gather(index)


def ids(prefix: str, numbers: Ints, width: int) -> pl.Series:
    """Identifiers such as C0000017: prefix and zero-padded number."""
    return prefix + pl.Series(numbers).cast(pl.String).str.zfill(width)


def moments(seconds: Ints) -> pl.Series:
    """UTC timestamps from seconds since the epoch."""
    return (pl.Series(seconds) * 1_000_000).cast(pl.Datetime("us", "UTC"))


def dates(days: Ints) -> pl.Series:
    """Dates from days since the epoch."""
    return pl.Series(days).cast(pl.Int32).cast(pl.Date)


def money(cents: Ints) -> pl.Series:
    """Exact decimals with two places from integer cents."""
    return (pl.Series(cents).cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(14, 2))


def blank(values: pl.Series, where: Flags) -> pl.Series:
    """`values`, empty wherever `where` is true."""
    return values.zip_with(pl.Series(~where), pl.Series([None], dtype=values.dtype))


def _dtype(sql_type: str) -> pl.DataType:
    if sql_type.startswith("numeric("):
        precision, places = sql_type.removeprefix("numeric(").removesuffix(")").split(",")
        return pl.Decimal(int(precision), int(places))
    return {
        "text": pl.String(),
        "integer": pl.Int32(),
        "bigint": pl.Int64(),
        "date": pl.Date(),
        "timestamptz": pl.Datetime("us", "UTC"),
        "boolean": pl.Boolean(),
    }[sql_type]


def frame_of(contract: Contract, columns: Columns) -> pl.DataFrame:
    """The columns as a frame with the contract's names, order and types.

    Raises:
        GeneratorError: a column is missing or unknown.
    """
    if columns.keys() != set(contract.column_names):
        difference = ", ".join(sorted(columns.keys() ^ set(contract.column_names)))
        raise GeneratorError(f"{contract.id}: generator and contract differ in {difference}")
    return pl.DataFrame([columns[c.name].cast(_dtype(c.type)).alias(c.name) for c in contract.columns])


def flags(values: Flags) -> pl.Series:
    """Booleans."""
    return pl.Series(np.asarray(values, dtype=np.bool_))
