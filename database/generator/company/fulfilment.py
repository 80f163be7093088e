"""How each sold line reaches its customer, by which carrier and when, and what leaves and comes in on a day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.books import chosen, joined
from database.generator.company.catalogue import CATEGORIES, products, stores
from database.generator.company.orders import RETURN_LAGS, orders, returns
from database.generator.company.people import traits
from database.generator.day import DAY, NEVER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from database.generator.day import Day
    from database.generator.randomness import Ints

CARRIERS = ("counter", "parcel", "express", "freight")
COUNTER, _, EXPRESS, _ = range(len(CARRIERS))
CARRIER_SHARES = (  # of the parcels of a light and of a bulky category
    (0.0, 0.78, 0.22, 0.0),
    (0.0, 0.62, 0.14, 0.24),
)
BULKY = ("Electronics", "Home", "Sports")
FASTEST_DAYS = (0, 2, 1, 3)  # from the sale to an arrival in time, by carrier
LONGEST_DELAY = 2  # days after the promised one
MOST_DAYS_TO_SHIP, MOST_DAYS_ON_THE_ROAD = 2, 4
LONGEST_DELIVERY = MOST_DAYS_TO_SHIP + MOST_DAYS_ON_THE_ROAD
LOADING_HOURS, DOORBELL_HOURS = (7, 20), (8, 20)
CENTS_PER_PARCEL, CENTS_PER_UNIT = (0, 180, 420, 750), (0, 15, 20, 60)  # what the carriers charge us


@dataclass(frozen=True)
class Deliveries:
    """What happens to each line of `orders(day)`, element for element."""

    region: Ints  # index into REGIONS: whose stock it leaves, and returns to
    carrier: Ints  # index into CARRIERS
    shipped_at: Ints  # seconds since the epoch
    delivered_at: Ints  # NEVER at the counter
    promised_day: Ints  # since the epoch; the day of the sale at the counter
    cost_cents: Ints


def _moments(day: Day, attribute: str, days_later: Ints, hours: tuple[int, int]) -> Ints:
    """A moment between the hours, so many days after `day`."""
    second = day.events("deliveries").between(attribute, len(days_later), hours[0] * 3600, hours[1] * 3600 - 1)
    return day.start + days_later * DAY + second


@lru_cache(maxsize=16)
def deliveries(day: Day) -> Deliveries:
    """The deliveries of the lines sold on `day`."""
    sold, stream = orders(day), day.events("deliveries")
    count, is_remote = len(sold.number), sold.store == 0
    bulky = np.array([name in BULKY for name in CATEGORIES])[products(day).category[sold.product]]
    of_category = [stream.choice(f"carrier_{i}", count, shares) for i, shares in enumerate(CARRIER_SHARES)]
    carrier = np.where(is_remote, np.where(bulky, of_category[1], of_category[0]), COUNTER)

    fastest, promise = np.array(FASTEST_DAYS)[carrier], np.array(effects.PROMISED_DAYS)[carrier]
    in_time = fastest + np.floor(stream.uniform("days", count) * (promise - fastest + 1)).astype(np.int64)
    is_late = stream.happens("late", count, np.array(effects.LATE_SHARE)[carrier])
    delay = np.minimum(stream.between("delay", count, 1, LONGEST_DELAY), LONGEST_DELIVERY - promise)
    # The first line of a day leaves on that day, so that no day is without a shipment.
    is_first = sold.number == 1
    arrives = np.where(is_late & ~is_first, promise + delay, np.where(is_first, fastest, in_time))
    soonest = np.maximum(arrives - MOST_DAYS_ON_THE_ROAD, 0)
    latest = np.minimum(arrives - 1, MOST_DAYS_TO_SHIP)
    ships = soonest + np.floor(stream.uniform("ships", count) * (latest - soonest + 1)).astype(np.int64)
    ships = np.where(is_first, 0, ships)

    same_day = sold.sold_at + np.floor(stream.uniform("second", count) * (day.end - sold.sold_at)).astype(np.int64)
    shipped_at = np.where(ships == 0, same_day, _moments(day, "loading", ships, LOADING_HOURS))
    per_parcel, per_unit = np.array(CENTS_PER_PARCEL)[carrier], np.array(CENTS_PER_UNIT)[carrier]
    return Deliveries(
        region=np.where(is_remote, traits(day).region[sold.buyer], stores(day).region[sold.store]),
        carrier=carrier,
        shipped_at=np.where(is_remote, shipped_at, sold.sold_at),
        delivered_at=np.where(is_remote, _moments(day, "doorbell", arrives, DOORBELL_HOURS), NEVER),
        promised_day=day.start // DAY + promise,
        cost_cents=per_parcel + per_unit * sold.quantity,
    )


@dataclass(frozen=True)
class Parcels:
    """Sold lines that leave, arrive or come back on a day, in order of time; indexes are as in Orders."""

    sold_day: Ints  # since the epoch
    number: Ints  # of the line on the day of its sale
    buyer: Ints
    product: Ints
    store: Ints
    region: Ints  # index into REGIONS
    carrier: Ints
    quantity: Ints
    moved_at: Ints  # seconds since the epoch
    promised_day: Ints
    cost_cents: Ints  # of the lines over the counter 0


def _parcels(sale: Day, lines: Ints, moved_at: Ints) -> Parcels:
    """The lines (indexes) of the day of their sale, moved at these moments."""
    sold, sent = orders(sale), deliveries(sale)
    return Parcels(
        sold_day=np.full(len(lines), sale.start // DAY),
        number=sold.number[lines],
        buyer=sold.buyer[lines],
        product=sold.product[lines],
        store=sold.store[lines],
        region=sent.region[lines],
        carrier=sent.carrier[lines],
        quantity=sold.quantity[lines],
        moved_at=moved_at,
        promised_day=sent.promised_day[lines],
        cost_cents=sent.cost_cents[lines],
    )


def _in_order(parts: Iterable[Parcels]) -> Parcels:
    all_parts = joined(list(parts))
    return chosen(all_parts, np.argsort(all_parts.moved_at, kind="stable"))


def _moved_on(day: Day, sale: Day, moments: Ints) -> Parcels:
    today = np.flatnonzero((moments >= day.start) & (moments < day.end))
    return _parcels(sale, today, moments[today])


@lru_cache(maxsize=4)
def shipped(day: Day) -> Parcels:
    """What leaves us on `day`, at the counter or by carrier."""
    sales = day.before(range(MOST_DAYS_TO_SHIP + 1))
    return _in_order(_moved_on(day, sale, deliveries(sale).shipped_at) for sale in sales)


@lru_cache(maxsize=2)
def delivered(day: Day) -> Parcels:
    """What carriers hand over on `day`."""
    sales = day.before(range(LONGEST_DELIVERY + 1))
    return _in_order(_moved_on(day, sale, deliveries(sale).delivered_at) for sale in sales)


@lru_cache(maxsize=4)
def returned(day: Day) -> Parcels:
    """The parcels of `returns(day)`, element for element."""
    back = returns(day)
    of_sale = [(sale, back.sold_day == sale.start // DAY) for sale in day.before((0, *RETURN_LAGS))]
    return _in_order(_parcels(sale, back.number[mine] - 1, back.returned_at[mine]) for sale, mine in of_sale)
