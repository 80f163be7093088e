"""Tables of the mock company of seed 42 as an analyst gets them."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from database.generator import GENERATORS
from database.generator.day import Day
from database.generator.frames import frame_of
from include.contracts import contracts


def days(first: date, count: int) -> list[date]:
    """`count` consecutive dates."""
    return [first + timedelta(days=offset) for offset in range(count)]


def table(name: str, day: date, scale: float) -> pl.DataFrame:
    """The table as delivered on the day, money as floats."""
    frame = frame_of(contracts()[name], GENERATORS[name](Day(day, 42, scale)))
    return frame.with_columns(pl.col(pl.Decimal).cast(pl.Float64))


def tables(name: str, dates: list[date], scale: float) -> pl.DataFrame:
    """The tables of several days, one below the other, with the column `day`."""
    return pl.concat([table(name, day, scale).with_columns(day=pl.lit(day)) for day in dates])
