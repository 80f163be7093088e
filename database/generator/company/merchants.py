"""Merchants who take our cards, besides our own stores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.books import chosen
from database.generator.company.people import arrival_days, later
from database.generator.day import DAY, NEVER, Day, epoch_day, latest
from database.generator.pools import CITIES_PER_REGION, REGIONS

if TYPE_CHECKING:
    from database.generator.randomness import Ints

MERCHANT_CATEGORIES = (
    "retail", "grocery", "restaurant", "travel", "fuel", "entertainment", "health", "services", "gambling",
)  # fmt: skip
CATEGORY_SHARES = (0.20, 0.15, 0.20, 0.08, 0.09, 0.09, 0.08, 0.09, 0.02)
RISKS, RISK_SHARES = ("low", "medium", "high"), (0.75, 0.21, 0.04)
HIGH_RISK = RISKS.index("high")
FIRST_MERCHANTS, NEW_MERCHANTS_PER_YEAR = 115, 4
OTHER_MERCHANTS_FROM = 100  # our own stores have the numbers below
RING_CATEGORIES = ("entertainment", "services", "gambling", "travel")  # of the merchants that fraud rings use


@dataclass(frozen=True)
class Merchants:
    """Merchants other than our own stores, onboarded by the end of the date."""

    category: Ints
    city: Ints
    onboarded_day: Ints
    risk: Ints
    ring: Ints  # which fraud ring uses it, -1 for none
    updated_at: Ints


@lru_cache(maxsize=4)
def other_merchants(day: Day) -> Merchants:
    """The merchants of a day besides our own stores; merchant i has number OTHER_MERCHANTS_FROM + i."""
    curve = NEW_MERCHANTS_PER_YEAR * np.arange(1, day.age + 2) / 365
    arrival = arrival_days(day, "merchants", FIRST_MERCHANTS, curve, scale=1.0)
    stream, count, start = day.entities("merchants"), len(arrival), epoch_day(day.company_start)
    before = start - stream.between("before", count, 30, 4000)
    onboarded_day = np.where(np.arange(count) < FIRST_MERCHANTS, before, start + arrival)
    ring = _rings(count)
    of_ring = np.array([MERCHANT_CATEGORIES.index(name) for name in RING_CATEGORIES])[ring % len(RING_CATEGORIES)]
    risk = np.where(ring >= 0, HIGH_RISK, stream.choice("risk", count, RISK_SHARES))
    next_risk = (risk + stream.between("next_risk", count, 1, len(RISKS) - 1)) % len(RISKS)
    reviewed_at = later(stream, "review", np.maximum(onboarded_day, start) * DAY, 100, 1500)
    reviewed_at = np.where(stream.happens("reviewed", count, 0.2) & (ring < 0), reviewed_at, NEVER)
    book = Merchants(
        category=np.where(ring >= 0, of_ring, stream.choice("category", count, CATEGORY_SHARES)),
        city=stream.between("city", count, 0, CITIES_PER_REGION * len(REGIONS) - 1),
        onboarded_day=onboarded_day,
        risk=np.where(reviewed_at < day.end, next_risk, risk),
        ring=ring,
        updated_at=latest(day.end, onboarded_day * DAY + 9 * 3600, reviewed_at),
    )
    return chosen(book, onboarded_day * DAY < day.end)


def _rings(count: int) -> Ints:
    """Which fraud ring uses each merchant: a few of the first ones, spread evenly among them."""
    used = effects.FRAUD_RINGS * effects.MERCHANTS_PER_RING
    ring = np.full(count, -1)
    ring[np.arange(used) * FIRST_MERCHANTS // used] = np.arange(used) % effects.FRAUD_RINGS
    return ring


def ring_of_merchant(day: Day, merchant: Ints) -> Ints:
    """Fraud ring of each merchant number; -1 for none, for our own stores and for 0 (no merchant)."""
    ring = np.full(OTHER_MERCHANTS_FROM + len(other_merchants(day).ring), -1)
    ring[OTHER_MERCHANTS_FROM:] = other_merchants(day).ring
    return ring[merchant]


def own_merchants(store: Ints) -> Ints:
    """Merchant number of each of our stores (index into `stores(day)`)."""
    return store + 1
