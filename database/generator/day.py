"""The day that is generated, and the company's growth up to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from database.generator.randomness import Floats, Ints, Stream

if TYPE_CHECKING:
    import datetime  # inside Day, `date` is its field
    from collections.abc import Iterable, Sequence

DEFAULT_START = date(2023, 1, 1)
DAY = 86_400  # seconds
NEVER = np.int64(2**40)  # later than every date
_EPOCH = date(1970, 1, 1).toordinal()


def epoch_day(day: date) -> int:
    """Days from 1970-01-01 to `day`."""
    return day.toordinal() - _EPOCH


def people_curve(days: Ints) -> Floats:
    """People (users or customers) won by the end of each day, counted from the company's start, at scale 1.

    With the planted churn some 900 customers are active after two years, and 1,000 after three.
    """
    won: Floats = 1500 * (days + 1) / (days + 131) + 0.9 * (days + 1)
    return won


@dataclass(frozen=True)
class Day:
    """One partition date of one synthetic company."""

    date: date
    seed: int
    scale: float
    company_start: datetime.date = DEFAULT_START

    def __post_init__(self) -> None:
        if self.date < self.company_start:
            raise ValueError(f"no data before {self.company_start}, when the company starts: asked for {self.date}")
        if not self.scale > 0:
            raise ValueError(f"scale must be above 0, not {self.scale}")

    @property
    def start(self) -> int:
        """First second of the day, since the epoch."""
        return epoch_day(self.date) * DAY

    @property
    def end(self) -> int:
        """First second after the day."""
        return self.start + DAY

    @property
    def year_end(self) -> Day:
        """The last day of the year: whoever lives then is drawn once for all days of the year."""
        return self.on(date(self.date.year, 12, 31))

    @property
    def age(self) -> int:
        """Days since the company's start."""
        return (self.date - self.company_start).days

    def on(self, other: datetime.date) -> Day:
        """Another day of the same company."""
        return replace(self, date=other)

    def before(self, lags: Iterable[int]) -> list[Day]:
        """The days so many days earlier, without those before the company's start."""
        return [self.on(self.date - timedelta(days=lag)) for lag in lags if lag <= self.age]

    @property
    def growth(self) -> float:
        """Volume of the day's business in parts of that of the grown-up company; 1 after two years."""
        return min(1.0, 1.2 * (self.age + 1) / (self.age + 147))

    def entities(self, name: str) -> Stream:
        """Draws that hold for the whole life of the entities `name`."""
        return Stream(self.seed, name)

    def events(self, name: str) -> Stream:
        """Draws of this day's events `name`."""
        return Stream(self.seed, name, self.date.isoformat())

    def volume(self, name: str, per_day: float, factor: float) -> int:
        """Number of events `name` of this day, given the mean of a grown-up day at scale 1."""
        noise = 0.96 + 0.08 * self.events(name).uniform("volume", 1)[0]
        return max(1, round(float(per_day * self.scale * factor * noise * self.growth)))

    def event_times(self, name: str, count: int, hour_weights: Sequence[float]) -> Ints:
        """`count` ascending moments of this day, in seconds since the epoch."""
        stream = self.events(name)
        hours = stream.choice("hour", count, hour_weights)
        times: Ints = np.sort(self.start + hours * 3600 + stream.between("second", count, 0, 3599))
        return times


def latest(end: int, created: Ints, *changes: Ints) -> Ints:
    """For each entity the last of its moments before `end`: creation, or a change that has happened."""
    last = created
    for change in changes:
        last = np.maximum(last, np.where(change < end, change, created))
    return last
