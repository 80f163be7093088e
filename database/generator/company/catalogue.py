"""Products and stores: their state on a date, from draws made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.company.people import arrival_days, later
from database.generator.day import DAY, NEVER, Day, epoch_day, latest
from database.generator.pools import CITIES_PER_REGION, REGIONS

if TYPE_CHECKING:
    from database.generator.randomness import Flags, Floats, Ints

CATEGORIES = tuple(effects.CATEGORY_REVENUE)
FIRST_PRODUCTS, NEW_PRODUCTS_PER_YEAR = 180, 10
PRICE_QUANTILES = (  # list price in dollars, by category
    (149, 249, 399, 599, 1199),
    (15, 29, 49, 79, 149),
    (12, 29, 59, 119, 299),
    (2, 4, 6, 10, 25),
    (6, 12, 19, 35, 79),
    (12, 25, 45, 89, 249),
    (8, 15, 25, 39, 99),
)
DISCONTINUED_SHARE = 0.25  # of the products that are not bestsellers, some day

FIRST_STORES, LATER_STORES, NEW_STORES_PER_YEAR = 26, 4, 2
LASTING_STORES = 5  # the web shop and one shop per region never close
CLOSING_SHARE = 0.10
STORE_TYPES = ("flagship", "mall", "outlet", "online")
ONLINE = STORE_TYPES.index("online")
STORE_AREAS = ((28_000, 60_000), (9_000, 22_000), (14_000, 35_000), (0, 0))  # square feet, by type


@dataclass(frozen=True)
class Products:
    """The products launched by the end of the date; product i has number i + 1."""

    category: Ints
    is_bestseller: Flags
    appeal: Floats  # how well it sells within its category
    launched_day: Ints  # since the epoch
    first_price_cents: Ints
    price_cents: Ints
    cost_cents: Ints
    is_active: Flags
    updated_at: Ints

    def first_price_weights(self, on_sale: Flags) -> Floats:
        """Expected share of each product in the revenue if only those on sale are sold, all at first prices."""
        share = effects.BESTSELLER_REVENUE_SHARE
        of_category = np.array(list(effects.CATEGORY_REVENUE.values()))[self.category]
        of_group = of_category * np.where(self.is_bestseller, share, 1 - share)
        appeal = self.appeal * on_sale
        group = 2 * self.category + self.is_bestseller
        weights: Floats = of_group * appeal / np.bincount(group, weights=appeal)[group]
        return weights

    def revenue_weights(self) -> Floats:
        """Expected revenue of each product in parts of the day's at first prices; 0 if it is not sold.

        Who gets dearer loses custom, and no other product of its group alone gains it.
        """
        revenue = self.first_price_weights(self.is_active) * self.price_cents / self.first_price_cents
        for _ in range(effects.PRICE_ELASTICITY):  # the last bit of a power differs between processors
            revenue = revenue * self.first_price_cents / self.price_cents
        return revenue


@dataclass(frozen=True)
class Stores:
    """The stores opened by the end of the date; store 0 is the web shop, store i has number i + 1."""

    store_type: Ints
    city: Ints
    area_sqft: Ints
    opened_day: Ints  # since the epoch
    is_open: Flags
    updated_at: Ints

    @property
    def region(self) -> Ints:
        """Index of each store's region."""
        return self.city // CITIES_PER_REGION


def _first_days(day: Day, name: str, founders: int, arrival: Ints, oldest: int) -> Ints:
    """Epoch day of each arrival; the founders came up to `oldest` days before the company's start."""
    start = epoch_day(day.company_start)
    before = start - day.entities(name).between("before", len(arrival), 1, oldest)
    return np.where(np.arange(len(arrival)) < founders, before, start + arrival)


@lru_cache(maxsize=16)
def products(day: Day) -> Products:
    """The catalogue of a day."""
    curve = NEW_PRODUCTS_PER_YEAR * np.arange(1, day.age + 2) / 365
    arrival = arrival_days(day, "products", FIRST_PRODUCTS, curve, scale=1.0)
    stream, count = day.entities("products"), len(arrival)
    launched_day = _first_days(day, "products", FIRST_PRODUCTS, arrival, oldest=1400)
    # Categories and bestsellers follow from the number (7 and 5 share no factor), so that each category has
    # its fifth of bestsellers whatever the seed.
    category = np.arange(count) % len(CATEGORIES)
    is_bestseller = np.arange(count) % effects.BESTSELLER_EVERY == 0
    ends = ~is_bestseller & stream.happens("ends", count, DISCONTINUED_SHARE)
    ended_at = np.where(ends, later(stream, "ended", launched_day * DAY, 500, 2500), NEVER)

    interval = stream.between("repricing", count, 200, 500)
    last_day = np.minimum((day.end - 1) // DAY, ended_at // DAY - 1)
    repricings = np.maximum(last_day - launched_day, 0) // interval
    priced_at = (launched_day + repricings * interval) * DAY + 5 * 3600
    step = np.array(effects.PRICE_STEPS_PCT)[repricings % len(effects.PRICE_STEPS_PCT)]
    first_price = _first_prices(day, category)
    price = first_price * step // 100
    margin = np.array(list(effects.CATEGORY_MARGIN.values()))[category]
    cost = np.floor(price * (1 - effects.MEAN_DISCOUNT) * (1 - margin) + 0.5).astype(np.int64)
    known = launched_day * DAY < day.end
    return Products(
        category=category[known],
        is_bestseller=is_bestseller[known],
        appeal=(0.6 + 0.8 * stream.uniform("appeal", count))[known],
        launched_day=launched_day[known],
        first_price_cents=first_price[known],
        price_cents=price[known],
        cost_cents=cost[known],
        is_active=(ended_at >= day.end)[known],
        updated_at=latest(day.end, priced_at, ended_at)[known],
    )


def _first_prices(day: Day, category: Ints) -> Ints:
    """Price at launch in cents, ending in 99."""
    stream = day.entities("products")
    dollars = [stream.spread("price", len(category), quantiles) for quantiles in PRICE_QUANTILES]
    return np.choose(category, dollars) * 100 + 99


@lru_cache(maxsize=16)
def stores(day: Day) -> Stores:
    """The stores of a day."""
    curve = np.minimum(NEW_STORES_PER_YEAR * np.arange(1, day.age + 2) / 365, LATER_STORES)
    arrival = arrival_days(day, "stores", FIRST_STORES, curve, scale=1.0)
    stream, count = day.entities("stores"), len(arrival)
    number = np.arange(count)
    opened_day = _first_days(day, "stores", FIRST_STORES, arrival, oldest=6000)
    store_type = np.where(number == 0, ONLINE, stream.choice("type", count, (0.2, 0.5, 0.3)))
    smallest, largest = np.array(STORE_AREAS)[store_type].T
    area = smallest + (largest - smallest) // 20 * stream.between("area", count, 0, 20)
    closes = (number >= LASTING_STORES) & stream.happens("closes", count, CLOSING_SHARE)
    closed_at = later(stream, "closed", np.full(count, epoch_day(day.company_start) * DAY), 900, 3000)
    closed_at = np.where(closes, closed_at, NEVER)
    opened_at = opened_day * DAY + 7 * 3600
    known = opened_at < day.end
    city = number % len(REGIONS) * CITIES_PER_REGION + stream.between("city", count, 0, CITIES_PER_REGION - 1)
    return Stores(
        store_type=store_type[known],
        city=city[known],
        area_sqft=area[known],
        opened_day=opened_day[known],
        is_open=(closed_at >= day.end)[known],
        updated_at=latest(day.end, opened_at, closed_at)[known],
    )
