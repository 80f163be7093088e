"""The economy around the company: how the public spends, and the figures that tell of it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.randomness import Stream

if TYPE_CHECKING:
    from database.generator.day import Day

MONTHS, QUARTER = 12, 3
SMOOTHING = 6  # months whose draws make a month's figure


@cache
def _quarter_deviations(seed: int, year: int, quarter: int) -> tuple[float, ...]:
    """Deviation of the sales of each month of a quarter (from 0); the quarter's total is not moved."""
    draws = Stream(seed, "economy", f"{year}-{quarter}").uniform("demand", QUARTER - 1)
    first, second = (effects.DEMAND_DEVIATION * (2 * draws - 1)).tolist()
    shares = effects.MONTH_SHARE_PCT[QUARTER * quarter : QUARTER * (quarter + 1)]
    return first, second, -(first * shares[0] + second * shares[1]) / shares[2]


def demand_deviation(seed: int, month: date, months_ahead: int = 0) -> float:
    """By how much sales of the month of `month`, or of one that many months later, differ from the season's."""
    year, index = divmod(month.year * MONTHS + month.month - 1 + months_ahead, MONTHS)
    return _quarter_deviations(seed, year, index // QUARTER)[index % QUARTER]


def demand_factor(day: Day) -> float:
    """Factor on the day's sales from the economy."""
    return 1 + demand_deviation(day.seed, day.date)


def _smooth(day: Day, name: str, low: float, high: float) -> float:
    """A figure between `low` and `high` that changes slowly from month to month."""
    month = day.date.year * MONTHS + day.date.month
    streams = (Stream(day.seed, "economy", str(month - back)) for back in range(SMOOTHING))
    draws = [float(stream.uniform(name, 1)[0]) for stream in streams]
    return low + (high - low) * sum(draws) / SMOOTHING


def indicators(day: Day) -> list[tuple[str, int, str]]:
    """Name, value in hundredths and unit of each figure on the day."""
    noise = day.events("economy").uniform("noise", 2) - 0.5
    outlook = demand_deviation(day.seed, day.date, effects.CONFIDENCE_LEAD_MONTHS)
    confidence = 100 + effects.CONFIDENCE_POINTS * outlook + noise[0]
    policy_rate = np.floor(4 * _smooth(day, "policy_rate", 1.0, 7.0)) / 4
    figures = (
        ("consumer_confidence", confidence, "index"),
        ("unemployment_rate", _smooth(day, "unemployment_rate", 3.0, 6.0), "percent"),
        ("inflation_rate", _smooth(day, "inflation_rate", 0.5, 5.5), "percent"),
        ("policy_rate", policy_rate, "percent"),
        ("fuel_price", _smooth(day, "fuel_price", 2.6, 4.8) + 0.1 * noise[1], "usd_per_gallon"),
    )
    return [(name, int(np.floor(100 * value + 0.5)), unit) for name, value, unit in figures]
