"""Mock bank systems: merchants, accounts and what moved on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.company.accounts import ACTIVE, STATUSES, account_book
from database.generator.company.catalogue import ONLINE, stores
from database.generator.company.merchants import (
    MERCHANT_CATEGORIES,
    OTHER_MERCHANTS_FROM,
    RISKS,
    other_merchants,
)
from database.generator.company.openings import ACCOUNT_TYPES, CREDIT
from database.generator.day import DAY, Day
from database.generator.frames import Columns, blank, dates, flags, ids, moments, money, pick
from database.generator.pools import COMPANIES, pools
from database.generator.tables.sales import store_names

if TYPE_CHECKING:
    from database.generator.randomness import Flags, Floats, Ints

OWN_STORE_SHARE = 0.20  # of the purchases

TYPES = ("purchase", "refund", "deposit", "withdrawal", "transfer", "fee")
PURCHASE, REFUND, DEPOSIT, WITHDRAWAL, TRANSFER, FEE = range(6)
TYPE_SHARES = (  # by account type
    (0.66, 0.03, 0.10, 0.09, 0.09, 0.03),
    (0.00, 0.00, 0.40, 0.22, 0.36, 0.02),
    (0.83, 0.05, 0.09, 0.00, 0.00, 0.03),
)
CENTS = (  # quantiles of the amount, by transaction type
    (150, 900, 1800, 3200, 5600, 11_000, 90_000),
    (300, 1200, 2500, 4500, 8000, 14_000, 60_000),
    (2000, 20_000, 60_000, 120_000, 210_000, 300_000, 900_000),
    (2000, 4000, 6000, 10_000, 16_000, 24_000, 80_000),
    (1000, 8000, 20_000, 45_000, 90_000, 160_000, 700_000),
    (100, 250, 400, 700, 1200, 1500, 4500),
)
FRAUD_AMOUNT_FACTOR = 3
CHANNELS = ("pos", "online", "mobile", "atm", "branch")
POS, ONLINE_CHANNEL, MOBILE, ATM, BRANCH = range(5)
CHANNEL_SHARES = (  # by transaction type
    (0.60, 0.28, 0.12, 0.0, 0.0),
    (0.60, 0.28, 0.12, 0.0, 0.0),
    (0.0, 0.45, 0.25, 0.10, 0.20),
    (0.0, 0.0, 0.0, 0.85, 0.15),
    (0.0, 0.45, 0.45, 0.0, 0.10),
    (0.0, 1.0, 0.0, 0.0, 0.0),
)
REASONS = ("insufficient_funds", "limit_exceeded", "suspected_fraud", "expired_card")
REASON_SHARES = (0.52, 0.24, 0.08, 0.16)
DECLINED_SHARE, FRAUD_DECLINED_SHARE = 0.03, 0.35


def merchants(day: Day) -> Columns:
    """Columns of finance.merchants: our stores and everyone else onboarded by the end of the date."""
    shops, others, pool = stores(day), other_merchants(day), pools(day.seed)
    own, rest = np.arange(len(shops.city)), np.arange(len(others.city))
    city = np.concatenate([shops.city, others.city])
    category = np.concatenate([own * 0 + MERCHANT_CATEGORIES.index("retail"), others.category])
    own_id = ids("S", own + 1, 4)
    return {
        "merchant_id": ids("M", np.concatenate([own + 1, rest + OTHER_MERCHANTS_FROM]), 5),
        "merchant_name": store_names(day).append(pick(pool.companies, rest % COMPANIES)),
        "merchant_category": pick(MERCHANT_CATEGORIES, category),
        "store_id": own_id.extend_constant(None, len(rest)),
        "city": pick(pool.cities, city),
        "state": pick(pool.states, city),
        "region": pick(pool.regions, city),
        "risk_level": pick(RISKS, np.concatenate([own * 0, others.risk])),
        "onboarded_date": dates(np.concatenate([shops.opened_day, others.onboarded_day])),
        "updated_at": moments(
            np.concatenate([shops.opened_day * DAY + 7 * 3600, others.updated_at]),
        ),
    }


def accounts(day: Day) -> Columns:
    """Columns of finance.accounts: every account opened by the end of the date, closed ones included."""
    book = account_book(day)
    return {
        "account_id": ids("A", book.number, 8),
        "customer_id": ids("C", book.customer_number, 7),
        "account_type": pick(ACCOUNT_TYPES, book.account_type),
        "status": pick(STATUSES, book.status),
        "opened_date": dates(book.opened_at // DAY),
        "opening_balance_amount": money(book.opening_cents),
        "credit_limit_amount": blank(money(book.limit_cents), book.account_type != CREDIT),
        "updated_at": moments(book.updated_at),
    }


def fraud_chances(hours: Ints, is_online: Flags) -> Floats:
    """Chance of each purchase to be fraud, such that the mean over all purchases is FRAUD_SHARE."""
    night_share = sum(effects.BANK_HOURS[hour] for hour in effects.NIGHT_HOURS) / sum(effects.BANK_HOURS)
    online_share = CHANNEL_SHARES[PURCHASE][ONLINE_CHANNEL]
    mean = (1 + (effects.FRAUD_NIGHT_FACTOR - 1) * night_share) * (1 + (effects.FRAUD_ONLINE_FACTOR - 1) * online_share)
    night = np.isin(hours, list(effects.NIGHT_HOURS))
    factor: Floats = np.where(night, effects.FRAUD_NIGHT_FACTOR, 1.0) * np.where(
        is_online, effects.FRAUD_ONLINE_FACTOR, 1.0
    )
    return effects.FRAUD_SHARE / mean * factor


def _merchant_numbers(day: Day, count: int, is_online: Flags) -> Ints:
    """Merchant number of each purchase: one of our open stores, the web shop if online, or another one."""
    stream, shops = day.events("bank"), stores(day)
    shop_choice = np.flatnonzero(shops.is_open & (shops.store_type != ONLINE))
    shop = shop_choice[stream.between("shop", count, 0, len(shop_choice) - 1)]
    own = np.where(is_online, 0, shop) + 1
    other = OTHER_MERCHANTS_FROM + stream.between("merchant", count, 0, len(other_merchants(day).city) - 1)
    return np.where(stream.happens("own_store", count, OWN_STORE_SHARE), own, other)


def transactions(day: Day) -> Columns:
    """Columns of finance.transactions: what moved, or was declined, on the date."""
    book, stream = account_book(day), day.events("bank")
    active = np.flatnonzero(book.status == ACTIVE)
    volume = day.volume("bank", effects.BANK_TRANSACTIONS_PER_DAY, effects.BANK_WEEKDAY[day.date.weekday()])
    count = volume if len(active) else 0
    account = active[stream.between("account", count, 0, len(active) - 1)]
    by_account = [stream.choice(f"type_{i}", count, shares) for i, shares in enumerate(TYPE_SHARES)]
    kind = np.choose(book.account_type[account], by_account)
    channel = np.choose(kind, [stream.choice(f"channel_{i}", count, shares) for i, shares in enumerate(CHANNEL_SHARES)])
    cents = np.choose(kind, [stream.spread(f"cents_{i}", count, points) for i, points in enumerate(CENTS)])

    times = day.event_times("bank", count, effects.BANK_HOURS)
    chances = fraud_chances((times - day.start) // 3600, channel == ONLINE_CHANNEL)
    fraud = (kind == PURCHASE) & stream.happens("fraud", count, chances)
    cents = np.where(fraud, cents * FRAUD_AMOUNT_FACTOR, cents)
    incoming = (kind == REFUND) | (kind == DEPOSIT) | ((kind == TRANSFER) & stream.happens("incoming", count, 0.35))
    can_decline = ((kind == PURCHASE) | (kind == WITHDRAWAL) | (kind == TRANSFER)) & ~incoming
    declined = can_decline & stream.happens("declined", count, np.where(fraud, FRAUD_DECLINED_SHARE, DECLINED_SHARE))
    reason = stream.choice("reason", count, REASON_SHARES)
    reason = np.where(fraud, REASONS.index("suspected_fraud"), reason)
    with_merchant = (kind == PURCHASE) | (kind == REFUND)
    merchant = _merchant_numbers(day, count, channel != POS)
    return {
        "transaction_id": ids(f"B{day.date:%Y%m%d}-", np.arange(1, count + 1), 7),
        "account_id": ids("A", book.number[account], 8),
        "merchant_id": blank(ids("M", merchant, 5), ~with_merchant),
        "transacted_at": moments(times),
        "transaction_type": pick(TYPES, kind),
        "channel": pick(CHANNELS, channel),
        "transaction_amount": money(np.where(incoming, cents, -cents)),
        "status": pick(("posted", "declined"), declined.astype(np.int64)),
        "decline_reason": blank(pick(REASONS, reason), ~declined),
        "is_card_present": flags((channel == POS) | (channel == ATM)),
        "is_fraud": flags(fraud),
        "reference": blank(pick(TYPES, kind), kind >= 0),
    }
