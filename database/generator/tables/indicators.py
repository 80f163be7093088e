"""Mock figures of the economy, as a provider of market data would deliver them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from database.generator.company.economy import indicators
from database.generator.day import DAY, Day
from database.generator.frames import dates, money

if TYPE_CHECKING:
    from database.generator.frames import Columns


def economic_indicators(day: Day) -> Columns:
    """Columns of finance.economic_indicators: each figure on the date."""
    names, hundredths, units = zip(*indicators(day), strict=True)
    return {
        "indicator": pl.Series(names),
        "indicator_date": dates(np.full(len(names), day.start // DAY)),
        "indicator_value": money(np.array(hundredths)),
        "unit": pl.Series(units),
    }
