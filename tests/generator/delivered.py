"""Tables of the mock company of seed 42 as an analyst gets them, and when things in them happen."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from database.generator import GENERATORS
from database.generator.day import Day
from database.generator.frames import frame_of
from include.contracts import contracts


def days(first: date, count: int) -> list[date]:
    """`count` consecutive dates."""
    return [first + timedelta(days=offset) for offset in range(count)]


EIGHT_WEEKS = days(date(2025, 5, 5), 56)


def table(name: str, day: date, scale: float) -> pl.DataFrame:
    """The table as delivered on the day, money as floats."""
    frame = frame_of(contracts()[name], GENERATORS[name](Day(day, 42, scale)))
    return frame.with_columns(pl.col(pl.Decimal).cast(pl.Float64))


def tables(name: str, dates: list[date], scale: float) -> pl.DataFrame:
    """The tables of several days, one below the other, with the column `day`."""
    return pl.concat([table(name, day, scale).with_columns(day=pl.lit(day)) for day in dates])


def check_weekdays(events: pl.DataFrame, pattern: tuple[float, ...]) -> None:
    """The events of whole weeks (column `day`) follow the pattern, Monday to Sunday."""
    counts = events.group_by(pl.col("day").dt.weekday()).len().sort("day")["len"]
    assert (counts / counts.mean()).to_list() == pytest.approx(pattern, abs=0.04)


def check_hours(moments: pl.Series, weights: tuple[int, ...]) -> None:
    """Each hour of the day has its share of the moments."""
    found = dict(moments.dt.hour().value_counts(normalize=True, name="share").iter_rows())
    planted = [weight / sum(weights) for weight in weights]
    assert [found.get(hour, 0) for hour in range(24)] == pytest.approx(planted, abs=0.005)
