"""The bank's day: everything that moves on its accounts, and what it has to do with sales and loans."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator.books import chosen, columns, joined
from database.generator.company.loans import MISSED, instalments, payouts
from database.generator.company.merchants import own_merchants
from database.generator.company.movements import (
    DEPOSIT,
    INSTALMENT,
    LOAN_PAYOUT,
    MOBILE,
    ONLINE,
    POS,
    POSTED,
    PURCHASE,
    REFUND,
    SALE,
    SALE_RETURN,
    TRANSFER,
    Movements,
    fraud_chances,
    movements,
)
from database.generator.company.orders import orders, returns
from database.generator.frames import dates, ids

if TYPE_CHECKING:
    import polars as pl

    from database.generator.day import Day
    from database.generator.randomness import Ints

CARD_CHANNELS = np.array((POS, ONLINE, MOBILE, ONLINE))  # of a card that pays in the store, web, mobile, by phone


@dataclass(frozen=True)
class BankBook(Movements):
    """Everything that moves on accounts on a date, in order of time."""

    number: Ints  # from 1


def _settlements(source: int, kind: int, at: Ints, account: Ints, cents: Ints) -> Movements:
    """Posted movements, one for each element of the source's book: no merchant, online."""
    count = len(at)
    return Movements(
        account=account,
        merchant=np.zeros(count, dtype=np.int64),
        at=at,
        kind=np.full(count, kind),
        channel=np.full(count, ONLINE),
        cents=cents,
        reason=np.full(count, POSTED),
        is_fraud=np.zeros(count, dtype=np.bool_),
        source=np.full(count, source),
        link=np.arange(count),
    )


def _by_card(book: Movements, store: Ints, channel: Ints) -> Movements:
    """The movements of our own cards among those of all lines sold or returned."""
    at_store = replace(book, merchant=own_merchants(store), channel=CARD_CHANNELS[channel])
    return chosen(at_store, at_store.account > 0)


def _card_sales(day: Day) -> Movements:
    """The sold lines that our own cards pay."""
    sold = orders(day)
    book = _settlements(SALE, PURCHASE, sold.sold_at, sold.card_account, -sold.revenue_cents)
    book = _by_card(book, sold.store, sold.channel)
    chances = fraud_chances(day, book.at, book.channel)
    return replace(book, is_fraud=day.events("bank").happens("sale_fraud", len(book.at), chances))


def _card_refunds(day: Day) -> Movements:
    """The returned lines that our own cards had paid."""
    back = returns(day)
    book = _settlements(SALE_RETURN, REFUND, back.returned_at, back.card_account, back.revenue_cents)
    return _by_card(book, back.store, back.channel)


def _payouts(day: Day) -> Movements:
    """The loans that are paid out."""
    loans = payouts(day)
    return _settlements(LOAN_PAYOUT, DEPOSIT, loans.decided_at, loans.account, loans.approved_cents)


def _repayments(day: Day) -> Movements:
    """The instalments that are paid, in time or late."""
    due = instalments(day)
    return chosen(_settlements(INSTALMENT, TRANSFER, due.at, due.account, -due.paid_cents), due.status != MISSED)


@lru_cache(maxsize=4)
def spending(day: Day) -> Movements:
    """What moves on `day` but for settlements of earlier days: element i has number i + 1 in the bank's book."""
    return joined([movements(day), _card_sales(day)])


@lru_cache(maxsize=4)
def bank_book(day: Day) -> BankBook:
    """The bank's book of `day`."""
    book = joined([spending(day), _card_refunds(day), _payouts(day), _repayments(day)])
    order = np.argsort(book.at, kind="stable")
    return BankBook(**columns(chosen(book, order)), number=order + 1)


def movement_ids(booked_day: Ints, number: Ints) -> pl.Series:
    """Identifiers of the movements with these numbers, booked on these days (since the epoch)."""
    return "B" + dates(booked_day).dt.strftime("%Y%m%d") + ids("-", number, 7)
