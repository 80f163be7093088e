"""Bank accounts: opened, dormant, closed, at the customers' will."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator.books import chosen, joined
from database.generator.company.loans import debts_end
from database.generator.company.openings import ACCOUNT_TYPES, CHECKING, CREDIT, account_numbers, openings
from database.generator.company.people import later, people
from database.generator.day import DAY, NEVER, Day, latest

if TYPE_CHECKING:
    from database.generator.randomness import Flags, Ints

STATUSES = ("active", "dormant", "closed")
ACTIVE, DORMANT, CLOSED = range(3)
DORMANT_SHARE, CLOSING_SHARE = 0.12, 0.08
LAST_CARD_DAYS = 30  # before an account rests, its card is used no more: what is returned can still be paid back


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
    takes_card: Flags  # has a card that pays on the date


@dataclass(frozen=True)
class Lives:
    """What happens to each account, whenever; NEVER for what does not."""

    number: Ints
    customer_number: Ints
    account_type: Ints
    opened_at: Ints
    dormant_at: Ints
    woken_at: Ints
    closed_at: Ints
    opening_cents: Ints
    limit_cents: Ints


def _lives_of_type(day: Day, account_type: int) -> Lives:
    who, stream = people(day), day.entities(f"accounts.{ACCOUNT_TYPES[account_type]}")
    opened_at = openings(day, account_type)
    own_will = later(stream, "closed", opened_at, 120, 2000)
    own_will = np.where(stream.happens("closes", who.count, CLOSING_SHARE), own_will, NEVER)
    closed_at = np.minimum(own_will, later(stream, "closed_after_leaving", who.left_at, 1, 30))
    # Loans are repaid from the checking account, which is in use until they are.
    needed_until = debts_end(day) if account_type == CHECKING else np.zeros(who.count, dtype=np.int64)
    closed_at = np.maximum(closed_at, needed_until)
    dormant_at = later(stream, "dormant", opened_at, 90, 1200)
    falls_dormant = stream.happens("falls_dormant", who.count, DORMANT_SHARE) & (needed_until == 0)
    dormant_at = np.where(falls_dormant & (dormant_at < closed_at), dormant_at, NEVER)
    woken_at = later(stream, "woken", dormant_at, 30, 500)
    woken_at = np.where(woken_at < closed_at, woken_at, NEVER)
    balance = stream.spread("balance", who.count, (0, 2500, 10_000, 40_000, 150_000, 900_000))
    limit = 50_000 * stream.spread("limit", who.count, (1, 3, 6, 10, 20, 60))
    lives = Lives(
        number=account_numbers(who.customer_number, account_type),
        customer_number=who.customer_number,
        account_type=np.full(who.count, account_type),
        opened_at=opened_at,
        dormant_at=dormant_at,
        woken_at=woken_at,
        closed_at=closed_at,
        opening_cents=balance * (account_type != CREDIT),
        limit_cents=limit,
    )
    return chosen(lives, opened_at < day.end)


@lru_cache(maxsize=2)
def _lives(day: Day) -> Lives:
    """Lives of the accounts opened by the end of `day`, by customer and type."""
    lives = joined([_lives_of_type(day, account_type) for account_type in range(len(ACCOUNT_TYPES))])
    return chosen(lives, np.argsort(lives.number))


@lru_cache(maxsize=8)
def account_book(day: Day) -> Accounts:
    """The accounts of a day, by customer and type."""
    lives = _lives(day.year_end)
    lives = chosen(lives, lives.opened_at < day.end)
    is_asleep = (lives.dormant_at < day.end) & (lives.woken_at >= day.end)
    next_rest = np.minimum(np.where(lives.dormant_at < day.end, NEVER, lives.dormant_at), lives.closed_at)
    has_card = (lives.account_type == CHECKING) | (lives.account_type == CREDIT)
    return Accounts(
        number=lives.number,
        customer_number=lives.customer_number,
        account_type=lives.account_type,
        status=np.where(lives.closed_at < day.end, CLOSED, np.where(is_asleep, DORMANT, ACTIVE)),
        opened_at=lives.opened_at,
        updated_at=latest(day.end, lives.opened_at, lives.dormant_at, lives.woken_at, lives.closed_at),
        opening_cents=lives.opening_cents,
        limit_cents=lives.limit_cents,
        takes_card=has_card & ~is_asleep & (next_rest >= day.end + LAST_CARD_DAYS * DAY),
    )
