"""Mock sales systems: customers, products, stores, campaigns, and what was sold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from database.generator.company import campaigns
from database.generator.company.catalogue import CATEGORIES, STORE_TYPES, products, stores
from database.generator.company.orders import CHANNELS, PAYMENTS, line_ids, orders
from database.generator.company.people import SEGMENTS, later, mail_addresses, people, segments, traits
from database.generator.day import DAY, NEVER, Day, latest
from database.generator.frames import Columns, blank, dates, flags, ids, moments, money, pick
from database.generator.pools import BRANDS, pools

if TYPE_CHECKING:
    from database.generator.randomness import Ints

GENDERS = ("female", "male", "other")
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
CAMPAIGN_THEMES = (
    "Fresh Start",
    "Weekend Deals",
    "New Arrivals",
    "Best of Home",
    "Thank You",
    "Last Chance",
    "Your Picks",
)
AB_TEST_THEME = "Members Week"
LINES = ("Classic", "Prime", "Urban", "Nova", "Pure", "Studio", "Trail", "Home")


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
        "segment": pick(SEGMENTS, segments(day)),
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


def sales_transactions(day: Day) -> Columns:
    """Columns of sales.sales_transactions: the lines sold on the date."""
    sold, goods = orders(day), products(day)
    return {
        "transaction_id": line_ids(sold.sold_at // DAY, sold.number),
        "sold_at": moments(sold.sold_at),
        "customer_id": ids("C", people(day).customer_number[sold.buyer], 7),
        "product_id": ids("P", sold.product + 1, 5),
        "store_id": ids("S", sold.store + 1, 4),
        "channel": pick(CHANNELS, sold.channel),
        "payment_method": pick(PAYMENTS, sold.payment),
        "card_account_id": blank(ids("A", sold.card_account, 8), sold.card_account == 0),
        "quantity": pl.Series(sold.quantity),
        "unit_price_amount": money(goods.price_cents[sold.product]),
        "discount_amount": blank(money(sold.discount_cents), sold.hides_discount),
        "revenue_amount": blank(money(sold.revenue_cents), sold.hides_revenue),
        "cost_amount": money(sold.cost_cents),
    }


def marketing_campaigns(day: Day) -> Columns:
    """Columns of sales.marketing_campaigns: every campaign planned by the end of the date."""
    plan = campaigns.campaigns(day)
    number = np.arange(1, len(plan.channel) + 1)
    theme = day.entities("campaigns").between("theme", len(number), 0, len(CAMPAIGN_THEMES) - 1)
    theme = np.where(plan.is_ab_test, len(CAMPAIGN_THEMES), theme)
    names = pick((*CAMPAIGN_THEMES, AB_TEST_THEME), theme) + " " + pl.Series(number).cast(pl.String)
    return {
        "campaign_id": ids("MC", number, 5),
        "campaign_name": names,
        "channel": pick(campaigns.CHANNELS, plan.channel),
        "objective": pick(campaigns.OBJECTIVES, plan.objective),
        "audience": pick(campaigns.AUDIENCES, plan.audience),
        "is_ab_test": flags(plan.is_ab_test),
        "discount_pct": pl.Series(plan.discount_pct),
        "start_date": dates(plan.start_day),
        "end_date": dates(plan.end_day),
        "budget_amount": money(plan.budget_cents),
        "status": pick(campaigns.STATUSES, plan.status),
        "updated_at": moments(plan.updated_at),
    }


def campaign_touches(day: Day) -> Columns:
    """Columns of sales.campaign_touches: whom campaigns reached, or held back, on the date."""
    touched = campaigns.touches(day)
    return {
        "touch_id": ids(f"MT{day.date:%Y%m%d}-", np.arange(1, len(touched.customer) + 1), 7),
        "campaign_id": ids("MC", touched.campaign + 1, 5),
        "customer_id": ids("C", people(day).customer_number[touched.customer], 7),
        "touched_at": moments(touched.touched_at),
        "channel": pick(campaigns.CHANNELS, touched.channel),
        "variant": pick(("treatment", "control"), touched.is_control.astype(np.int64)),
        "is_delivered": flags(touched.is_delivered),
        "is_opened": flags(touched.is_opened),
        "is_clicked": flags(touched.is_clicked),
        "cost_amount": money(touched.cost_cents),
    }
