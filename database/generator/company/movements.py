"""Movements on bank accounts: what customers do besides buying from us, and what thieves do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.books import joined
from database.generator.company.accounts import ACTIVE, account_book
from database.generator.company.merchants import OTHER_MERCHANTS_FROM, other_merchants

if TYPE_CHECKING:
    from database.generator.day import Day
    from database.generator.randomness import Flags, Floats, Ints

KINDS = ("purchase", "refund", "deposit", "withdrawal", "transfer", "fee")
PURCHASE, REFUND, DEPOSIT, WITHDRAWAL, TRANSFER, FEE = range(len(KINDS))
KIND_SHARES = (  # by account type
    (0.66, 0.03, 0.10, 0.09, 0.09, 0.03),
    (0.00, 0.00, 0.40, 0.22, 0.36, 0.02),
    (0.83, 0.05, 0.09, 0.00, 0.00, 0.03),
)
INCOMING_SHARE = 0.35  # of the transfers
CENTS = (  # quantiles of the amount, by kind
    (150, 900, 1800, 3200, 5600, 11_000, 90_000),
    (300, 1200, 2500, 4500, 8000, 14_000, 60_000),
    (2000, 20_000, 60_000, 120_000, 210_000, 300_000, 900_000),
    (2000, 4000, 6000, 10_000, 16_000, 24_000, 80_000),
    (1000, 8000, 20_000, 45_000, 90_000, 160_000, 700_000),
    (100, 250, 400, 700, 1200, 1500, 4500),
)
CHANNELS = ("pos", "online", "mobile", "atm", "branch")
POS, ONLINE, MOBILE, ATM, BRANCH = range(len(CHANNELS))
CHANNEL_SHARES = (  # by kind
    (0.60, 0.28, 0.12, 0.0, 0.0),
    (0.60, 0.28, 0.12, 0.0, 0.0),
    (0.0, 0.45, 0.25, 0.10, 0.20),
    (0.0, 0.0, 0.0, 0.85, 0.15),
    (0.0, 0.45, 0.45, 0.0, 0.10),
    (0.0, 1.0, 0.0, 0.0, 0.0),
)
DECLINE_REASONS = ("insufficient_funds", "limit_exceeded", "suspected_fraud", "expired_card")
REASON_SHARES = (0.52, 0.24, 0.08, 0.16)
SUSPECTED_FRAUD, POSTED = DECLINE_REASONS.index("suspected_fraud"), -1
DECLINED_SHARE, FRAUD_DECLINED_SHARE = 0.03, 0.35
FRAUD_AMOUNT_FACTOR = 3

SOURCES = ("everyday", "sale", "sale_return", "loan_payout", "instalment")
EVERYDAY, SALE, SALE_RETURN, LOAN_PAYOUT, INSTALMENT = range(len(SOURCES))
STRIKE_HOURS = (0, 4)  # first and last in which a ring begins


@dataclass(frozen=True)
class Movements:
    """Movements on accounts, declined ones included; money in cents, negative if out of the account."""

    account: Ints  # number
    merchant: Ints  # number, 0 if none took part
    at: Ints
    kind: Ints
    channel: Ints
    cents: Ints
    reason: Ints  # index into DECLINE_REASONS, or POSTED
    is_fraud: Flags
    source: Ints  # what it settles: an index into SOURCES
    link: Ints  # index into the source's book of the day: orders, returns, payouts or instalments; else 0


def fraud_chances(day: Day, at: Ints, channel: Ints) -> Floats:
    """Chance of each purchase to be fraud, such that the mean over everyday purchases is FRAUD_SHARE."""
    night_share = sum(effects.BANK_HOURS[hour] for hour in effects.NIGHT_HOURS) / sum(effects.BANK_HOURS)
    online_share = CHANNEL_SHARES[PURCHASE][ONLINE]
    mean = (1 + (effects.FRAUD_NIGHT_FACTOR - 1) * night_share) * (1 + (effects.FRAUD_ONLINE_FACTOR - 1) * online_share)
    of_hour = np.where(is_night(day, at), effects.FRAUD_NIGHT_FACTOR, 1.0)
    of_channel = np.where(channel == ONLINE, effects.FRAUD_ONLINE_FACTOR, 1.0)
    chances: Floats = effects.FRAUD_SHARE / mean * of_hour * of_channel
    return chances


def is_night(day: Day, at: Ints) -> Flags:
    """Whether each moment of the day is in a night hour."""
    return np.isin((at - day.start) // 3600, list(effects.NIGHT_HOURS))


def _everyday(day: Day) -> Movements:
    """What customers do on their accounts, fraud by single thieves among it; our own stores take no part."""
    book, stream = account_book(day), day.events("bank")
    active = np.flatnonzero(book.status == ACTIVE)
    volume = day.volume("bank", effects.BANK_TRANSACTIONS_PER_DAY, effects.BANK_WEEKDAY[day.date.weekday()])
    count = volume if len(active) else 0
    account = active[stream.between("account", count, 0, len(active) - 1)]
    by_account = [stream.choice(f"type_{i}", count, shares) for i, shares in enumerate(KIND_SHARES)]
    kind = np.choose(book.account_type[account], by_account)
    channel = np.choose(kind, [stream.choice(f"channel_{i}", count, shares) for i, shares in enumerate(CHANNEL_SHARES)])
    cents = np.choose(kind, [stream.spread(f"cents_{i}", count, points) for i, points in enumerate(CENTS)])

    at = day.event_times("bank", count, effects.BANK_HOURS)
    fraud = (kind == PURCHASE) & stream.happens("fraud", count, fraud_chances(day, at, channel))
    cents = np.where(fraud, cents * FRAUD_AMOUNT_FACTOR, cents)
    comes_in = (kind == TRANSFER) & stream.happens("incoming", count, INCOMING_SHARE)
    incoming = comes_in | np.isin(kind, (REFUND, DEPOSIT))
    can_decline = np.isin(kind, (PURCHASE, WITHDRAWAL, TRANSFER)) & ~incoming
    declined = can_decline & stream.happens("declined", count, np.where(fraud, FRAUD_DECLINED_SHARE, DECLINED_SHARE))
    reason = np.where(fraud, SUSPECTED_FRAUD, stream.choice("reason", count, REASON_SHARES))
    merchant = OTHER_MERCHANTS_FROM + stream.between("merchant", count, 0, len(other_merchants(day).city) - 1)
    return Movements(
        account=book.number[account],
        merchant=np.where((kind == PURCHASE) | (kind == REFUND), merchant, 0),
        at=at,
        kind=kind,
        channel=channel,
        cents=np.where(incoming, cents, -cents),
        reason=np.where(declined, reason, POSTED),
        is_fraud=fraud,
        source=np.full(count, EVERYDAY),
        link=np.zeros(count, dtype=np.int64),
    )


def _strikes(day: Day) -> Movements:
    """What fraud rings do in the night of `day`: all members of a ring buy at its merchants within an hour."""
    book, stream, entities = account_book(day), day.events("rings"), day.entities("rings")
    customers = int(book.customer_number.max(initial=0)) + 1
    member = entities.happens("member", customers, effects.RING_MEMBER_SHARE)[book.customer_number] & book.takes_card
    ring = entities.between("ring", customers, 0, effects.FRAUD_RINGS - 1)[book.customer_number]
    strikes = stream.happens("strikes", effects.FRAUD_RINGS, effects.RING_STRIKE_SHARE)
    accounts = np.flatnonzero(member & strikes[ring])

    fewest, most = effects.RING_PURCHASES
    times = stream.between("times", len(book.number), fewest, most)[accounts]
    account = np.repeat(accounts, times)
    count = len(account)
    begins = 3600 * stream.between("hour", effects.FRAUD_RINGS, *STRIKE_HOURS) + stream.between(
        "begins", effects.FRAUD_RINGS, 0, 1800
    )
    merchants = other_merchants(day).ring
    of_ring = np.array([np.flatnonzero(merchants == number) for number in range(effects.FRAUD_RINGS)])
    merchant = of_ring[ring[account], stream.between("merchant", count, 0, effects.MERCHANTS_PER_RING - 1)]
    declined = stream.happens("declined", count, FRAUD_DECLINED_SHARE)
    return Movements(
        account=book.number[account],
        merchant=OTHER_MERCHANTS_FROM + merchant,
        at=day.start + begins[ring[account]] + stream.between("second", count, 0, 3599),
        kind=np.full(count, PURCHASE),
        channel=np.full(count, ONLINE),
        cents=-FRAUD_AMOUNT_FACTOR * stream.spread("cents", count, CENTS[PURCHASE]),
        reason=np.where(declined, SUSPECTED_FRAUD, POSTED),
        is_fraud=np.ones(count, dtype=np.bool_),
        source=np.full(count, EVERYDAY),
        link=np.zeros(count, dtype=np.int64),
    )


@lru_cache(maxsize=4)
def movements(day: Day) -> Movements:
    """What moves on `day` besides what settles sales and loans."""
    return joined([_everyday(day), _strikes(day)])
