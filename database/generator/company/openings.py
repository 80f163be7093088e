"""When customers open bank accounts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator.company.people import FOUNDERS, checks, people
from database.generator.day import DAY, NEVER, Day

if TYPE_CHECKING:
    from database.generator.randomness import Ints

ACCOUNT_TYPES = ("checking", "savings", "credit")
CHECKING, SAVINGS, CREDIT = range(len(ACCOUNT_TYPES))
HOLDING_SHARES = (0.92, 0.34, 0.32)  # of the customers who may open accounts
OPENING_DAYS = (0, 0, 3, 20, 90, 400)  # quantiles, after signup and a completed KYC check


def account_numbers(customer_number: Ints, account_type: int) -> Ints:
    """Number of each customer's account of the type."""
    return customer_number * 10 + account_type + 1


@lru_cache(maxsize=8)
def openings(day: Day, account_type: int) -> Ints:
    """Moment at which each of `people(day)` opens an account of the type, or NEVER."""
    who, check, stream = people(day), checks(day), day.entities(f"accounts.{ACCOUNT_TYPES[account_type]}")
    is_founder = np.arange(who.count) < FOUNDERS  # on the spot, so that the first day has accounts
    wants = stream.happens("holds", who.count, HOLDING_SHARES[account_type])
    wants |= is_founder & (account_type == CHECKING)
    lag = stream.spread("opened", who.count, OPENING_DAYS) * DAY + stream.between("second", who.count, 60, 7200)
    cleared_at = np.where(who.is_user, np.maximum(who.signup_at, check.decided_at), who.signup_at)
    opened_at = cleared_at + np.where(is_founder, 0, lag)
    may = who.is_customer & ~(who.is_user & check.is_rejected) & (opened_at < who.left_at)
    return np.where(may & wants & (opened_at < NEVER), opened_at, NEVER)
