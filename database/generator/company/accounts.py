"""Bank accounts: opened, dormant, closed, at the customers' will."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator.company.people import FOUNDERS, checks, later, people
from database.generator.day import DAY, NEVER, Day, latest

if TYPE_CHECKING:
    from database.generator.randomness import Ints, Stream

ACCOUNT_TYPES = ("checking", "savings", "credit")
CHECKING, _, CREDIT = range(3)
HOLDING_SHARES = (0.92, 0.34, 0.32)  # of the customers who may open accounts
OPENING_DAYS = (0, 0, 3, 20, 90, 400)  # quantiles, after signup and a completed KYC check
STATUSES = ("active", "dormant", "closed")
ACTIVE, DORMANT, CLOSED = range(3)
DORMANT_SHARE, CLOSING_SHARE = 0.12, 0.08


@dataclass(frozen=True)
class Accounts:
    """The accounts opened by the end of the date."""

    number: Ints
    customer_number: Ints
    account_type: Ints
    status: Ints
    opened_at: Ints
    updated_at: Ints
    opening_cents: Ints
    limit_cents: Ints


def _openings(day: Day, account_type: int, stream: Stream) -> Ints:
    """Moment at which each person opens an account of the type, or NEVER."""
    who, check = people(day), checks(day)
    is_founder = np.arange(who.count) < FOUNDERS  # on the spot, so that the first day has accounts
    wants = stream.happens("holds", who.count, HOLDING_SHARES[account_type])
    wants |= is_founder & (account_type == CHECKING)
    lag = stream.spread("opened", who.count, OPENING_DAYS) * DAY + stream.between("second", who.count, 60, 7200)
    cleared_at = np.where(who.is_user, np.maximum(who.signup_at, check.decided_at), who.signup_at)
    opened_at = cleared_at + np.where(is_founder, 0, lag)
    may = who.is_customer & ~(who.is_user & check.is_rejected) & (opened_at < who.left_at)
    return np.where(may & wants & (opened_at < NEVER), opened_at, NEVER)


def _accounts_of_type(day: Day, account_type: int) -> Accounts:
    who, stream = people(day), day.entities(f"accounts.{ACCOUNT_TYPES[account_type]}")
    opened_at = _openings(day, account_type, stream)
    own_will = later(stream, "closed", opened_at, 120, 2000)
    own_will = np.where(stream.happens("closes", who.count, CLOSING_SHARE), own_will, NEVER)
    closed_at = np.minimum(own_will, later(stream, "closed_after_leaving", who.left_at, 1, 30))
    dormant_at = later(stream, "dormant", opened_at, 90, 1200)
    falls_dormant = stream.happens("falls_dormant", who.count, DORMANT_SHARE) & (dormant_at < closed_at)
    dormant_at = np.where(falls_dormant, dormant_at, NEVER)
    woken_at = later(stream, "woken", dormant_at, 30, 500)
    woken_at = np.where(woken_at < closed_at, woken_at, NEVER)
    is_asleep = (dormant_at < day.end) & (woken_at >= day.end)
    balance = stream.spread("balance", who.count, (0, 2500, 10_000, 40_000, 150_000, 900_000))
    limit = 50_000 * stream.spread("limit", who.count, (1, 3, 6, 10, 20, 60))
    opened = opened_at < day.end
    return Accounts(
        number=(who.customer_number * 10 + account_type + 1)[opened],
        customer_number=who.customer_number[opened],
        account_type=np.full(int(opened.sum()), account_type),
        status=np.where(closed_at < day.end, CLOSED, np.where(is_asleep, DORMANT, ACTIVE))[opened],
        opened_at=opened_at[opened],
        updated_at=latest(day.end, opened_at, dormant_at, woken_at, closed_at)[opened],
        opening_cents=(balance * (account_type != CREDIT))[opened],
        limit_cents=limit[opened],
    )


@lru_cache(maxsize=2)
def account_book(day: Day) -> Accounts:
    """The accounts of a day, by customer and type."""
    parts = [_accounts_of_type(day, account_type) for account_type in range(len(ACCOUNT_TYPES))]
    order = np.argsort(np.concatenate([part.number for part in parts]))
    fields = Accounts.__dataclass_fields__
    return Accounts(**{name: np.concatenate([getattr(part, name) for part in parts])[order] for name in fields})
