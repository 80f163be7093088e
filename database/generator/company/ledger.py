"""The general ledger of a day: the journals that the books of sales, stock, bank and expenses lead to."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from database.generator.books import chosen
from database.generator.company.alerts import alert_ids, alerts
from database.generator.company.bank import bank_book
from database.generator.company.campaigns import CHANNELS, touches
from database.generator.company.catalogue import stores
from database.generator.company.expenses import DEPARTMENTS, monthly_rent, monthly_wages
from database.generator.company.fulfilment import CARRIERS, returned, shipped
from database.generator.company.loans import MISSED, instalments, payment_ids, payouts
from database.generator.company.movements import EVERYDAY, FEE, KINDS, POSTED
from database.generator.company.orders import PAYMENTS, line_ids, orders, returns
from database.generator.company.stock import stock
from database.generator.day import DAY
from database.generator.frames import ids, pick
from database.generator.pools import REGIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from database.generator.day import Day
    from database.generator.randomness import Floats, Ints

CASH, RECEIVABLES, INVENTORY, LOANS = 1000, 1100, 1200, 1300
DEPOSITS, PAYABLES = 2000, 2100
SALES, SALES_RETURNS, FEES, INTEREST = 4000, 4050, 4100, 4200
COST_OF_SALES, PAYROLL, RENT, MARKETING, SHIPPING, FRAUD_LOSSES = 5000, 6000, 6100, 6200, 6300, 6400
HEAD_OFFICE, BANK = DEPARTMENTS
WEB_SHOP = "S0001"
EXTRA_HOURS = 0.03  # wages of a month are at most this share above or below what is expected


@dataclass(frozen=True)
class Journals:
    """Journals of one kind, an element or a row for each; a journal has as many lines as there are columns."""

    document_type: str
    document: pl.Series  # number of what is booked
    cost_center: pl.Series
    posted_at: Ints  # seconds since the epoch
    account: Ints
    debit_cents: Ints
    credit_cents: Ints


def _two_lines(
    kind: str,
    document: pl.Series,
    cost_center: pl.Series,
    posted_at: Ints,
    cents: Ints,
    *,
    debit: int | Ints,
    credit: int | Ints,
) -> Journals:
    """Journals with a debit of one account and a credit of another."""
    nothing = np.zeros_like(cents)
    return Journals(
        document_type=kind,
        document=document,
        cost_center=cost_center,
        posted_at=posted_at,
        account=np.stack([np.broadcast_to(account, cents.shape) for account in (debit, credit)], axis=1),
        debit_cents=np.stack([cents, nothing], axis=1),
        credit_cents=np.stack([nothing, cents], axis=1),
    )


def _summaries(
    day: Day,
    kind: str,
    what: Sequence[str],
    cost_center: Sequence[str],
    cents: Ints,
    *,
    debit: int | Ints,
    credit: int | Ints,
) -> Journals:
    """One journal at the end of the day for each amount but 0; its document is the day and `what` it sums up."""
    some = np.flatnonzero(cents)
    document, posted_at = f"{day.date:%Y%m%d}-" + pick(what, some), np.full(len(some), day.end - 1)
    debit, credit = (np.broadcast_to(account, cents.shape)[some] for account in (debit, credit))
    return _two_lines(kind, document, pick(cost_center, some), posted_at, cents[some], debit=debit, credit=credit)


def _sums(group: Ints, cents: Ints, count: int) -> Ints:
    """Sum by group, 0 to `count` - 1; exact, as what a day moves is far below 2^53 cents."""
    return np.bincount(group, weights=cents, minlength=count).astype(np.int64)


def _shop_ids(day: Day) -> list[str]:
    return ids("S", np.arange(1, len(stores(day).city) + 1), 4).to_list()


def _paid_into(card_account: Ints, payment: Ints) -> Ints:
    """Account that holds the price: deposits if our own card paid, receivables from card companies, or cash."""
    on_credit = np.isin(payment, (PAYMENTS.index("card"), PAYMENTS.index("wallet")))
    return np.where(card_account > 0, DEPOSITS, np.where(on_credit, RECEIVABLES, CASH))


def _sales(day: Day) -> Journals:
    """The sold lines whose revenue the till has reported."""
    sold = orders(day)
    sold = chosen(sold, ~sold.hides_revenue)
    line, shop = line_ids(sold.sold_at // DAY, sold.number), ids("S", sold.store + 1, 4)
    paid_into = _paid_into(sold.card_account, sold.payment)
    return _two_lines("sale", line, shop, sold.sold_at, sold.revenue_cents, debit=paid_into, credit=SALES)


def _sale_returns(day: Day) -> Journals:
    back = returns(day)
    line, shop = line_ids(back.sold_day, back.number), ids("S", back.store + 1, 4)
    paid_into = _paid_into(back.card_account, back.payment)
    return _two_lines(
        "sale_return", line, shop, back.returned_at, back.revenue_cents, debit=SALES_RETURNS, credit=paid_into
    )


def _cost_of_sales(day: Day) -> list[Journals]:
    """Cost of what each shop sold, reported or not, and of what it took back."""
    shops = _shop_ids(day)
    sold, back = (_sums(book.store, book.cost_cents, len(shops)) for book in (orders(day), returns(day)))
    came_back = [f"{shop}-returned" for shop in shops]
    return [
        _summaries(day, "cost_of_sales", shops, shops, sold, debit=COST_OF_SALES, credit=INVENTORY),
        _summaries(day, "cost_of_sales", came_back, shops, back, debit=INVENTORY, credit=COST_OF_SALES),
    ]


def _goods(day: Day) -> list[Journals]:
    """Goods that came in from suppliers or were written off, by region of the warehouse."""
    book, center = stock(day), [HEAD_OFFICE] * len(REGIONS)
    received = _sums(book.region, book.received * book.unit_cost_cents, len(REGIONS))
    lost = _sums(book.region, book.written_off * book.unit_cost_cents, len(REGIONS))
    return [
        _summaries(day, "goods_received", REGIONS, center, received, debit=INVENTORY, credit=PAYABLES),
        _summaries(day, "write_off", REGIONS, center, lost, debit=COST_OF_SALES, credit=INVENTORY),
    ]


def _bank_transactions(day: Day) -> list[Journals]:
    """What was posted on accounts and settles neither sales nor loans, by kind and direction."""
    book = bank_book(day)
    book = chosen(book, (book.source == EVERYDAY) & (book.reason == POSTED))
    count, center = len(KINDS), [BANK] * len(KINDS)
    into = _sums(book.kind, np.maximum(book.cents, 0), count)
    out = _sums(book.kind, np.maximum(-book.cents, 0), count)
    counterpart = np.where(np.arange(count) == FEE, FEES, CASH)
    return [
        _summaries(
            day, "bank_transactions", [f"{kind}-in" for kind in KINDS], center, into, debit=CASH, credit=DEPOSITS
        ),
        _summaries(
            day, "bank_transactions", [f"{kind}-out" for kind in KINDS], center, out, debit=DEPOSITS, credit=counterpart
        ),
    ]


def _loans(day: Day) -> list[Journals]:
    """Loans paid out, and instalments paid: what reduces the loan, and interest."""
    lent, due = payouts(day), instalments(day)
    paid = chosen(due, due.status != MISSED)
    nothing, of_bank = np.zeros_like(paid.paid_cents), np.zeros_like(paid.loan)
    payments = Journals(
        document_type="loan_payment",
        document=payment_ids(paid),
        cost_center=pick([BANK], of_bank),
        posted_at=paid.at,
        account=np.array([[DEPOSITS, LOANS, INTEREST]]) + of_bank[:, None],
        debit_cents=np.stack([paid.paid_cents, nothing, nothing], axis=1),
        credit_cents=np.stack([nothing, paid.principal_cents, paid.interest_cents], axis=1),
    )
    document, center = ids("L", lent.number, 8), pick([BANK], np.zeros_like(lent.number))
    return [
        _two_lines("loan_payout", document, center, lent.decided_at, lent.approved_cents, debit=LOANS, credit=DEPOSITS),
        payments,
    ]


def _fraud_losses(day: Day) -> Journals:
    """What customers get back for confirmed fraud."""
    book = alerts(day)
    lost = chosen(book, book.loss_cents > 0)
    center = pick([BANK], np.zeros_like(lost.loss_cents))
    return _two_lines(
        "fraud_loss", alert_ids(lost), center, lost.at, lost.loss_cents, debit=FRAUD_LOSSES, credit=DEPOSITS
    )


def _services(day: Day) -> list[Journals]:
    """Touches of campaigns by channel, and parcels sent and taken back by carrier."""
    touched, parcels = touches(day), (shipped(day), returned(day))
    by_channel = _sums(touched.channel, touched.cost_cents, len(CHANNELS))
    by_carrier = sum((_sums(book.carrier, book.cost_cents, len(CARRIERS)) for book in parcels), np.array(0))
    marketing, web_shop = [HEAD_OFFICE] * len(CHANNELS), [WEB_SHOP] * len(CARRIERS)
    return [
        _summaries(day, "marketing", CHANNELS, marketing, by_channel, debit=MARKETING, credit=CASH),
        _summaries(day, "shipping", CARRIERS, web_shop, by_carrier, debit=SHIPPING, credit=CASH),
    ]


def _monthly(day: Day) -> list[Journals]:
    """Rent on the first day of a month, wages on the last."""
    centers = [*_shop_ids(day), *DEPARTMENTS]

    def expenses(kind: str, account: int, cents: Floats) -> Journals:
        rounded = np.floor(cents + 0.5).astype(np.int64)
        return _summaries(day, kind, centers, centers, rounded, debit=account, credit=CASH)

    posted = []
    if day.date.day == 1:
        posted.append(expenses("rent", RENT, monthly_rent(day)))
    if day.date.day == monthrange(day.date.year, day.date.month)[1]:
        hours = 1 + EXTRA_HOURS * (2 * day.events("wages").uniform("hours", len(centers)) - 1)
        posted.append(expenses("payroll", PAYROLL, monthly_wages(day) * day.growth * hours))
    return posted


def journals(day: Day) -> list[Journals]:
    """The journals posted on `day`, kind by kind."""
    return [
        _sales(day),
        _sale_returns(day),
        *_cost_of_sales(day),
        *_goods(day),
        *_bank_transactions(day),
        *_loans(day),
        _fraud_losses(day),
        *_services(day),
        *_monthly(day),
    ]
