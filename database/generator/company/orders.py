"""What is sold on a day, and what comes back: who buys what, where, how it is paid."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.books import chosen, joined
from database.generator.company.accounts import account_book
from database.generator.company.campaigns import lift, promised_discounts
from database.generator.company.catalogue import CATEGORIES, ONLINE, products, stores
from database.generator.company.demand import MORE_UNITS, demand, line_factor
from database.generator.company.economy import demand_factor
from database.generator.company.people import people, segments, traits
from database.generator.day import DAY, Day
from database.generator.frames import dates, ids
from database.generator.pools import REGIONS

if TYPE_CHECKING:
    import polars as pl

    from database.generator.randomness import Flags, Ints

CHANNELS = ("store", "web", "mobile", "phone")
SEGMENT_ACTIVITY = (1.0, 1.8, 2.6)  # lines bought, relative to a consumer
PAYMENTS = ("card", "cash", "transfer", "wallet")
STORE_PAYMENTS, REMOTE_PAYMENTS = (0.62, 0.22, 0.0, 0.16), (0.66, 0.0, 0.09, 0.25)
OWN_CHANNEL_SHARE = 0.65  # lines bought through the channel that the customer prefers, the others through any
ANY_CHANNEL_SHARES = (0.40, 0.30, 0.24, 0.06)
TRAVEL_SHARE = 0.05  # shop purchases outside the customer's region
OUR_CARD_SHARE = 0.75  # of the card payments of customers who have a checking or credit account with us
RETURN_LAGS = (3, 7, 13)  # days from the sale to the return; parcels need the longer ones, they travel six days
RETURN_LAG_SHARES = (0.4, 0.4, 0.2)
RETURN_HOURS = (9, 20)
RETURN_REASONS = ("damaged", "wrong_item", "not_as_described", "changed_mind")
RETURN_REASON_SHARES = (0.15, 0.10, 0.25, 0.50)


@dataclass(frozen=True)
class Orders:
    """The lines sold on a day, in order of time; money in cents."""

    number: Ints  # from 1
    sold_at: Ints  # seconds since the epoch
    buyer: Ints  # index into `people(day)`
    product: Ints  # index into `products(day)`
    store: Ints  # index into `stores(day)`; 0 is the web shop
    channel: Ints
    payment: Ints
    card_account: Ints  # number of the account at our bank whose card paid, else 0
    quantity: Ints
    discount_cents: Ints
    revenue_cents: Ints  # what the customer paid
    cost_cents: Ints
    hides_discount: Flags  # the till leaves the field empty instead of 0
    hides_revenue: Flags  # the till reports no revenue


@dataclass(frozen=True)
class Returns:
    """Whole lines of earlier days that come back, the customer gets `revenue_cents` back; money in cents.

    Indexes are as in Orders: people, products and stores keep theirs on later days.
    """

    sold_day: Ints  # since the epoch
    number: Ints  # of the line on the day of its sale
    sold_at: Ints
    returned_at: Ints  # seconds since the epoch
    buyer: Ints
    product: Ints
    store: Ints
    channel: Ints
    payment: Ints
    card_account: Ints
    quantity: Ints
    revenue_cents: Ints
    cost_cents: Ints
    reason: Ints  # index into RETURN_REASONS


def line_ids(sold_day: Ints, number: Ints) -> pl.Series:
    """Identifiers of the lines with these numbers, sold on these days (since the epoch)."""
    return "T" + dates(sold_day).dt.strftime("%Y%m%d") + ids("-", number, 7)


def _buyers(day: Day, count: int) -> Ints:
    """Who buys each line: an index into `people(day)`, active customers only."""
    who, region = people(day), traits(day).region
    activity = np.array(SEGMENT_ACTIVITY)[segments(day)] * (0.4 + day.entities("buyers").uniform("zeal", who.count))
    activity = activity * lift(day) * (who.is_customer & (who.left_at >= day.end))
    # Each region gets its share of the lines whatever number of customers it happens to have.
    total = np.bincount(region, weights=activity, minlength=len(REGIONS))
    share = np.array([effects.REGION_REVENUE[name] for name in REGIONS])
    factor = np.divide(share, total, out=np.zeros(len(REGIONS)), where=total > 0)
    return day.events("sales").choice("customer", count, activity * factor[region])


def _channels(day: Day, buyer: Ints) -> Ints:
    """Channel of each line; people without login buy in the store or by phone, on closing days nobody in a store."""
    stream, count = day.events("sales"), len(buyer)
    preferred = traits(day).channel[buyer]
    any_channel = stream.choice("any_channel", count, ANY_CHANNEL_SHARES)
    channel = np.where(stream.happens("own_channel", count, OWN_CHANNEL_SHARE), preferred, any_channel)
    store, web, mobile, phone = range(len(CHANNELS))
    has_login = people(day).is_user[buyer]
    if effects.is_closing_day(day.date):
        channel = np.where(channel == store, web, channel)
        store = phone
    return np.where(((channel == web) | (channel == mobile)) & ~has_login, store, channel)


def _shops(day: Day, channel: Ints, region: Ints) -> Ints:
    """Store of each line: the web shop, or an open shop, mostly in the customer's region."""
    stream, count, shops = day.events("sales"), len(channel), stores(day)
    travels = stream.happens("travels", count, TRAVEL_SHARE)
    place = np.where(travels, stream.between("elsewhere", count, 0, len(REGIONS) - 1), region)
    is_choice = shops.is_open & (shops.store_type != ONLINE)
    order = np.argsort(np.where(is_choice, shops.region, len(REGIONS)), kind="stable")
    shops_in = np.bincount(shops.region[is_choice], minlength=len(REGIONS))
    first_in = np.cumsum(shops_in) - shops_in
    which = np.floor(stream.uniform("shop", count) * shops_in[place]).astype(np.int64)
    return np.where(channel == CHANNELS.index("store"), order[first_in[place] + which], 0)


def _goods(day: Day, count: int) -> tuple[Ints, Ints]:
    """Product (index) and units of each line, such that revenue has its planted shares."""
    goods, stream = products(day), day.events("sales")
    product = stream.choice("product", count, demand(goods).line_share)
    more = stream.uniform("units", count)[:, None] < np.array(MORE_UNITS)[goods.category[product]]
    return product, 1 + more.sum(axis=1)


def _discounts(day: Day, buyer: Ints, gross: Ints) -> Ints:
    """Discount in cents on each line: the one that a promotion promised the buyer, or any; the mean is the same."""
    stream, promised = day.events("sales"), promised_discounts(day)[buyer]
    percent = np.array(effects.DISCOUNT_PCT)[stream.between("percent", len(gross), 0, len(effects.DISCOUNT_PCT) - 1)]
    percent = np.where(promised > 0, promised, percent)
    share = np.where(promised > 0, 100 * effects.MEAN_DISCOUNT / percent, effects.DISCOUNTED_SHARE)
    discounted = stream.happens("discounted", len(gross), share)
    return np.where(discounted, (gross * percent + 50) // 100, 0)


def _card_accounts(day: Day, buyer: Ints, payment: Ints) -> Ints:
    """Account whose card paid each line, 0 where another way of paying was chosen."""
    book, stream = account_book(day), day.events("sales")
    numbers = people(day).customer_number
    # A customer pays with the credit card if there is one: accounts are in order of customer and type.
    of_customer = np.zeros(int(numbers.max()) + 1, dtype=np.int64)
    of_customer[book.customer_number[book.takes_card]] = book.number[book.takes_card]
    is_ours = (payment == PAYMENTS.index("card")) & stream.happens("our_card", len(buyer), OUR_CARD_SHARE)
    return np.where(is_ours, of_customer[numbers[buyer]], 0)


@lru_cache(maxsize=16)
def orders(day: Day) -> Orders:
    """The lines of a day."""
    stream = day.events("sales")
    season = effects.sales_season(day.date) * demand_factor(day) * line_factor(products(day))
    count = day.volume("sales", effects.SALES_PER_DAY, season)
    buyer = _buyers(day, count)
    channel = _channels(day, buyer)
    product, quantity = _goods(day, count)
    gross = quantity * products(day).price_cents[product]
    discount = _discounts(day, buyer, gross)
    store = _shops(day, channel, traits(day).region[buyer])
    in_store = stream.choice("store_payment", count, STORE_PAYMENTS)
    payment = np.where(store > 0, in_store, stream.choice("remote_payment", count, REMOTE_PAYMENTS))
    card_account = _card_accounts(day, buyer, payment)
    hides_revenue = stream.happens("no_revenue", count, effects.NULL_REVENUE_SHARE) & (card_account == 0)
    return Orders(
        number=np.arange(1, count + 1),
        sold_at=day.event_times("sales", count, effects.SHOP_HOURS),
        buyer=buyer,
        product=product,
        store=store,
        channel=channel,
        payment=payment,
        card_account=card_account,
        quantity=quantity,
        discount_cents=discount,
        revenue_cents=gross - discount,
        cost_cents=quantity * products(day).cost_cents[product],
        hides_discount=(discount == 0) & stream.happens("no_discount", count, effects.NULL_DISCOUNT_SHARE),
        hides_revenue=hides_revenue,
    )


@lru_cache(maxsize=16)
def _coming_back(day: Day) -> Returns:
    """The lines sold on `day` that will come back, in order of their number.

    A line whose revenue the till did not report never does: nobody knows what to pay back.
    """
    sold, stream = orders(day), day.events("returns")
    count = len(sold.number)
    share = np.array([effects.RETURN_SHARE[name] for name in CATEGORIES])[products(day).category[sold.product]]
    back = np.flatnonzero(stream.happens("returns", count, share) & ~sold.hides_revenue)
    of_parcels = 1 + stream.choice("parcel_lag", count, RETURN_LAG_SHARES[1:])
    lag = np.where(sold.store > 0, stream.choice("lag", count, RETURN_LAG_SHARES), of_parcels)
    opening, closing = RETURN_HOURS
    moment = day.start + stream.between("second", count, opening * 3600, closing * 3600 - 1)
    as_sold = {field.name: getattr(sold, field.name)[back] for field in fields(Returns) if hasattr(sold, field.name)}
    return Returns(
        sold_day=np.full(len(back), day.start // DAY),
        returned_at=(moment + np.array(RETURN_LAGS)[lag] * DAY)[back],
        reason=stream.choice("reason", count, RETURN_REASON_SHARES)[back],
        **as_sold,
    )


@lru_cache(maxsize=4)
def returns(day: Day) -> Returns:
    """What comes back on `day`, in order of time."""
    lags = [lag for lag in RETURN_LAGS if lag <= day.age] or [0]  # nothing comes back on the day of its sale
    parts = [_coming_back(day.on(day.date - timedelta(days=lag))) for lag in lags]
    book = joined(parts)
    today = np.flatnonzero((book.returned_at >= day.start) & (book.returned_at < day.end))
    return chosen(book, today[np.argsort(book.returned_at[today], kind="stable")])
