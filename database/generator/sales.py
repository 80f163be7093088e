"""Mock sales systems: customers, products, stores and what was sold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from database.generator import effects
from database.generator.catalogue import CATEGORIES, ONLINE, STORE_TYPES, products, stores
from database.generator.day import DAY, NEVER, Day, latest
from database.generator.frames import Columns, blank, dates, flags, ids, moments, money, pick
from database.generator.people import later, mail_addresses, people, traits
from database.generator.pools import BRANDS, REGIONS, pools

if TYPE_CHECKING:
    from database.generator.randomness import Ints

GENDERS = ("female", "male", "other")
CHANNELS = ("store", "web", "mobile", "phone")
SEGMENTS, SEGMENT_SHARES = ("consumer", "premium", "business"), (0.72, 0.20, 0.08)
SEGMENT_ACTIVITY = (1.0, 1.8, 2.6)  # lines bought, relative to a consumer
TIERS, HIGHEST_TIER_SHARES = ("none", "bronze", "silver", "gold", "platinum"), (0.30, 0.28, 0.22, 0.13, 0.07)
DEMOTED_SHARE = 0.25  # of those with a tier, some day after they reached their highest
SUBCATEGORIES = (
    ("Phones", "Laptops", "Headphones", "Cameras"),
    ("Shirts", "Jeans", "Jackets", "Shoes"),
    ("Lamps", "Cookware", "Bedding", "Storage"),
    ("Coffee", "Snacks", "Pasta", "Juice"),
    ("Skincare", "Perfume", "Haircare", "Makeup"),
    ("Fitness", "Cycling", "Camping", "Running"),
    ("Puzzles", "Dolls", "Board Games", "Building Sets"),
)
LINES = ("Classic", "Prime", "Urban", "Nova", "Pure", "Studio", "Trail", "Home")
PAYMENTS = ("card", "cash", "transfer", "wallet")
STORE_PAYMENTS, REMOTE_PAYMENTS = (0.62, 0.22, 0.0, 0.16), (0.66, 0.0, 0.09, 0.25)
OWN_CHANNEL_SHARE = 0.65  # lines bought through the channel that the customer prefers
TRAVEL_SHARE = 0.05  # shop purchases outside the customer's region
MORE_UNITS = (  # chance of buying more than 1, 2, 3 and 4 units, by category
    (0.05, 0.0, 0.0, 0.0),
    (0.25, 0.06, 0.0, 0.0),
    (0.25, 0.08, 0.03, 0.0),
    (0.60, 0.35, 0.20, 0.10),
    (0.35, 0.10, 0.0, 0.0),
    (0.15, 0.03, 0.0, 0.0),
    (0.25, 0.08, 0.02, 0.0),
)


def _tiers(day: Day) -> tuple[Ints, list[Ints]]:
    """Loyalty tier of each person on the date, and the moments at which tiers change."""
    who, stream = people(day), day.entities("loyalty")
    highest = stream.choice("highest", who.count, HIGHEST_TIER_SHARES)
    moment, tier, changes = who.signup_at, np.zeros(who.count, dtype=np.int64), []
    for step in range(1, len(TIERS)):
        next_moment = later(stream, f"promotion_{step}", moment, 20, 320)
        moment = np.where(highest >= step, next_moment, moment)
        changes.append(np.where((highest >= step) & (moment < who.left_at), moment, NEVER))
        tier += changes[-1] < day.end
    demoted_at = later(stream, "demotion", moment, 90, 500)
    demoted = (highest > 0) & (demoted_at < who.left_at) & stream.happens("demoted", who.count, DEMOTED_SHARE)
    changes.append(np.where(demoted, demoted_at, NEVER))
    return tier - (changes[-1] < day.end), changes


def _segments(day: Day) -> Ints:
    return day.entities("segments").choice("segment", people(day).count, SEGMENT_SHARES)


def customers(day: Day) -> Columns:
    """Columns of sales.customers: everyone who has signed up by the end of the date."""
    who, trait, pool = people(day), traits(day), pools(day.seed)
    stream = day.entities("customers")
    tier, tier_changes = _tiers(day)
    birth_year = 2004 - stream.spread("age", who.count, (0, 8, 15, 25, 35, 48, 65))
    birth_day = (birth_year - 1970) * 365 + stream.between("birthday", who.count, 0, 364)
    number = stream.between("phone", who.count, 2_000_000_000, 9_899_999_999).astype(np.str_)
    phone = pl.Series(number).str.replace(r"(\d{3})(\d{3})(\d{4})", "($1) $2-$3")
    columns = {
        "customer_id": ids("C", who.customer_number, 7),
        "user_id": blank(ids("U", who.user_number, 7), ~who.is_user),
        "first_name": pick(pool.first_names, trait.first_name),
        "last_name": pick(pool.last_names, trait.last_name),
        "email": blank(mail_addresses(day)[0], ~who.is_user & stream.happens("no_email", who.count, 0.5)),
        "phone": blank(phone, stream.happens("no_phone", who.count, 0.06)),
        "birth_date": blank(dates(birth_day), stream.happens("no_birth_date", who.count, 0.05)),
        "gender": blank(pick(GENDERS, trait.gender), stream.happens("no_gender", who.count, 0.04)),
        "city": pick(pool.cities, trait.home),
        "state": pick(pool.states, trait.home),
        "region": pick(pool.regions, trait.home),
        "postal_code": pick(pool.postal_codes, trait.home),
        "segment": pick(SEGMENTS, _segments(day)),
        "loyalty_tier": pick(TIERS, tier),
        "preferred_channel": pick(CHANNELS, trait.channel),
        "signup_date": dates(np.where(who.is_customer, who.signup_at // DAY, 0)),
        "is_active": flags(who.left_at >= day.end),
        "updated_at": moments(latest(day.end, who.signup_at, trait.moved_at, who.left_at, *tier_changes)),
    }
    return {name: column.filter(pl.Series(who.is_customer)) for name, column in columns.items()}


def product_list(day: Day) -> Columns:
    """Columns of sales.products: every product launched by the end of the date."""
    goods, stream = products(day), day.entities("product_names")
    count = len(goods.category)
    number = np.arange(count)
    subcategories = [name for names in SUBCATEGORIES for name in names]
    subcategory = goods.category * len(SUBCATEGORIES[0]) + number // len(CATEGORIES) % len(SUBCATEGORIES[0])
    brands_each = BRANDS // len(CATEGORIES)
    brand = pick(
        pools(day.seed).brands, goods.category * brands_each + stream.between("brand", count, 0, brands_each - 1)
    )
    line = pick(LINES, stream.between("line", count, 0, len(LINES) - 1))
    model = pl.Series(100 + number).cast(pl.String)
    return {
        "product_id": ids("P", number + 1, 5),
        "product_name": brand + " " + line + " " + pick(subcategories, subcategory) + " " + model,
        "category": pick(CATEGORIES, goods.category),
        "subcategory": pick(subcategories, subcategory),
        "brand": brand,
        "unit_cost_amount": money(goods.cost_cents),
        "list_price_amount": money(goods.price_cents),
        "launched_date": dates(goods.launched_day),
        "is_active": flags(goods.is_active),
        "updated_at": moments(goods.updated_at),
    }


def store_names(day: Day) -> pl.Series:
    """Name of each of `stores(day)`."""
    shops = stores(day)
    number = pl.Series(np.arange(len(shops.city))).cast(pl.String)
    shop = pick(pools(day.seed).cities, shops.city) + " " + pick(STORE_TYPES, shops.store_type).str.to_titlecase()
    names = (shop + " " + number).to_list()
    return pl.Series(["Web Shop", *names[1:]])


def store_list(day: Day) -> Columns:
    """Columns of sales.stores: every store opened by the end of the date."""
    shops, pool = stores(day), pools(day.seed)
    return {
        "store_id": ids("S", np.arange(1, len(shops.city) + 1), 4),
        "store_name": store_names(day),
        "store_type": pick(STORE_TYPES, shops.store_type),
        "city": pick(pool.cities, shops.city),
        "state": pick(pool.states, shops.city),
        "region": pick(pool.regions, shops.city),
        "floor_area_sqft": pl.Series(shops.area_sqft),
        "opened_date": dates(shops.opened_day),
        "is_open": flags(shops.is_open),
        "updated_at": moments(shops.updated_at),
    }


def _buyers(day: Day, count: int) -> Ints:
    """Who buys each line: an index into `people(day)`, active customers only."""
    who, region = people(day), traits(day).region
    activity = np.array(SEGMENT_ACTIVITY)[_segments(day)] * (0.4 + day.entities("buyers").uniform("zeal", who.count))
    activity = activity * (who.is_customer & (who.left_at >= day.end))
    # Each region gets its share of the lines whatever number of customers it happens to have.
    total = np.bincount(region, weights=activity, minlength=len(REGIONS))
    share = np.array([effects.REGION_REVENUE[name] for name in REGIONS])
    factor = np.divide(share, total, out=np.zeros(len(REGIONS)), where=total > 0)
    return day.events("sales").choice("customer", count, activity * factor[region])


def _channels(day: Day, buyer: Ints) -> Ints:
    """Channel of each line; people without login buy in the store or by phone."""
    stream, count = day.events("sales"), len(buyer)
    preferred = traits(day).channel[buyer]
    any_channel = stream.choice("any_channel", count, (0.40, 0.30, 0.24, 0.06))
    channel = np.where(stream.happens("own_channel", count, OWN_CHANNEL_SHARE), preferred, any_channel)
    needs_login = (channel == CHANNELS.index("web")) | (channel == CHANNELS.index("mobile"))
    return np.where(needs_login & ~people(day).is_user[buyer], CHANNELS.index("store"), channel)


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
    chances = np.array(MORE_UNITS)
    mean_value = goods.price_cents * (1 + chances.sum(axis=1))[goods.category]
    product = stream.choice("product", count, goods.revenue_weights() / mean_value)
    more = stream.uniform("units", count)[:, None] < chances[goods.category[product]]
    return product, 1 + more.sum(axis=1)


def _discounts(day: Day, gross: Ints) -> Ints:
    """Discount in cents on each line."""
    stream = day.events("sales")
    percent = np.array(effects.DISCOUNT_PCT)[stream.between("percent", len(gross), 0, len(effects.DISCOUNT_PCT) - 1)]
    discounted = stream.happens("discounted", len(gross), effects.DISCOUNTED_SHARE)
    return np.where(discounted, (gross * percent + 50) // 100, 0)


def sales_transactions(day: Day) -> Columns:
    """Columns of sales.sales_transactions: the lines sold on the date."""
    stream = day.events("sales")
    count = day.volume("sales", effects.SALES_PER_DAY, effects.sales_season(day.date))
    buyer = _buyers(day, count)
    channel = _channels(day, buyer)
    product, quantity = _goods(day, count)
    price = products(day).price_cents[product]
    discount = _discounts(day, quantity * price)
    in_store = stream.choice("store_payment", count, STORE_PAYMENTS)
    remote = stream.choice("remote_payment", count, REMOTE_PAYMENTS)
    no_revenue = stream.happens("no_revenue", count, effects.NULL_REVENUE_SHARE)
    no_discount = (discount == 0) & stream.happens("no_discount", count, effects.NULL_DISCOUNT_SHARE)
    store = _shops(day, channel, traits(day).region[buyer])
    return {
        "transaction_id": ids(f"T{day.date:%Y%m%d}-", np.arange(1, count + 1), 7),
        "sold_at": moments(day.event_times("sales", count, effects.SHOP_HOURS)),
        "customer_id": ids("C", people(day).customer_number[buyer], 7),
        "product_id": ids("P", product + 1, 5),
        "store_id": ids("S", store + 1, 4),
        "channel": pick(CHANNELS, channel),
        "payment_method": pick(PAYMENTS, np.where(store > 0, in_store, remote)),
        "quantity": pl.Series(quantity),
        "unit_price_amount": money(price),
        "discount_amount": blank(money(discount), no_discount),
        "revenue_amount": blank(money(quantity * price - discount), no_revenue),
        "cost_amount": money(quantity * products(day).cost_cents[product]),
    }
