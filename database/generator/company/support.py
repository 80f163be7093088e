"""Who contacts support on a day: customers at random, those about to leave more often, and those kept waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.company.fulfilment import deliveries
from database.generator.company.orders import orders
from database.generator.company.people import people
from database.generator.day import DAY

if TYPE_CHECKING:
    from database.generator.day import Day
    from database.generator.randomness import Ints

TOPICS = ("delivery", "billing", "product", "account", "complaint", "fraud")
DELIVERY = TOPICS.index("delivery")
TOPIC_SHARES = (0.30, 0.20, 0.18, 0.18, 0.11, 0.03)


@dataclass(frozen=True)
class Contacts:
    """The contacts of a day, in order of time."""

    customer: Ints  # index into `people(day)`
    topic: Ints


def _kept_waiting(day: Day) -> Ints:
    """Who asks on `day` where the parcel is that was promised for yesterday: an index for each parcel asked for."""
    asking = []
    for sale in day.before(1 + days for days in sorted(set(effects.PROMISED_DAYS)) if days):
        sent = deliveries(sale)
        is_overdue = (sent.promised_day == day.start // DAY - 1) & (sent.delivered_at >= day.start)
        asks = sale.events("support").happens("asks", len(is_overdue), effects.LATE_CONTACT_SHARE)
        asking.append(orders(sale).buyer[is_overdue & asks])
    return np.concatenate([np.array([], dtype=np.int64), *asking])


def contacts(day: Day) -> Contacts:
    """The contacts of `day`."""
    who, stream = people(day), day.events("interactions")
    count = day.volume("interactions", effects.INTERACTIONS_PER_DAY, effects.SUPPORT_WEEKDAY[day.date.weekday()])
    is_customer = who.is_customer & (who.left_at >= day.end)
    leaves_soon = who.left_at < day.end + effects.BEFORE_LEAVING_DAYS * DAY
    weights = np.where(leaves_soon, effects.BEFORE_LEAVING_FACTOR, 1.0) * is_customer.astype(np.float64)
    customer, topic = stream.choice("customer", count, weights), stream.choice("topic", count, TOPIC_SHARES)
    # Those kept waiting take places anywhere in the day.
    waiting = _kept_waiting(day)
    waiting = waiting[is_customer[waiting]][:count]
    places = np.argsort(stream.uniform("place", count), kind="stable")[: len(waiting)]
    customer[places], topic[places] = waiting, DELIVERY
    return Contacts(customer=customer, topic=topic)
