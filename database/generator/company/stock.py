"""Stock of each product in each region: every morning it is filled up to a level that follows expected demand.

So the stock of an evening follows from that day alone, and the stock of a morning from the day before.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.company.catalogue import products
from database.generator.company.demand import demand, mean_lines
from database.generator.company.fulfilment import Parcels, returned, shipped
from database.generator.pools import REGIONS

if TYPE_CHECKING:
    from datetime import date

    from database.generator.day import Day
    from database.generator.randomness import Ints

DAYS_OF_COVER = 6
LEAST_UNITS = 3  # of a product that is sold


@dataclass(frozen=True)
class Stock:
    """Units of a day, one element for each product (as in `products(day)`) and region, regions varying first."""

    product: Ints  # index into `products(day)`
    region: Ints  # index into REGIONS
    opening: Ints
    received: Ints
    returned: Ints
    shipped: Ints
    written_off: Ints
    closing: Ints
    target: Ints  # level up to which the stock is filled in the morning
    unit_cost_cents: Ints


def smooth_season(day: date) -> float:
    """Share of the year's demand that the day has, times 365, in a straight line from mid-month to mid-month."""
    position = (day.day - 0.5) / monthrange(day.year, day.month)[1] - 0.5
    month = day.month - 1
    neighbour = (month + (1 if position > 0 else -1)) % 12
    share = effects.MONTH_SHARE_PCT[month] * (1 - abs(position)) + effects.MONTH_SHARE_PCT[neighbour] * abs(position)
    return share * 12 / 100


def _cells(day: Day, parcels: Parcels) -> Ints:
    """Units of the parcels by product and region."""
    regions, count = len(REGIONS), len(products(day).category)
    cell = parcels.product * regions + parcels.region
    return np.bincount(cell, weights=parcels.quantity, minlength=count * regions).astype(np.int64)


def _targets(day: Day) -> Ints:
    """Level by product and region up to which the stock is filled."""
    by_region = np.array([effects.REGION_REVENUE[name] for name in REGIONS])
    wanted = demand(products(day))
    daily = wanted.line_share * wanted.units * mean_lines(day) * smooth_season(day.date)
    units = np.floor(DAYS_OF_COVER * daily[:, None] * by_region / by_region.sum()).astype(np.int64)
    return np.where(products(day).is_active[:, None], units + LEAST_UNITS, 0).ravel()


def _closing(day: Day) -> Ints:
    closing: Ints = np.maximum(_targets(day) - _cells(day, shipped(day)) + _cells(day, returned(day)), 0)
    return closing


@lru_cache(maxsize=2)
def stock(day: Day) -> Stock:
    """The stock of a day."""
    leaves, comes_back, closing = _cells(day, shipped(day)), _cells(day, returned(day)), _closing(day)
    count = len(closing)
    opening = np.zeros(count, dtype=np.int64)
    for yesterday in day.before([1]):
        before = _closing(yesterday)  # of fewer products, if some were launched today
        opening[: len(before)] = before
    draws = day.events("stock").uniform("spoiled", count)
    spoiled = np.minimum(np.floor(leaves * effects.SHRINKAGE_SHARE + draws).astype(np.int64), opening)
    needed = closing - opening + leaves - comes_back + spoiled
    cell = np.arange(count)
    return Stock(
        product=cell // len(REGIONS),
        region=cell % len(REGIONS),
        opening=opening,
        received=np.maximum(needed, 0),
        returned=comes_back,
        shipped=leaves,
        written_off=spoiled + np.maximum(-needed, 0),
        closing=closing,
        target=_targets(day),
        unit_cost_cents=np.repeat(products(day).cost_cents, len(REGIONS)),
    )
