"""Mock bank systems: merchants, accounts and what moved on them, credit and its repayment."""

from __future__ import annotations

import numpy as np
import polars as pl

from database.generator.company.accounts import STATUSES, account_book
from database.generator.company.bank import BankBook, bank_book, movement_ids
from database.generator.company.catalogue import stores
from database.generator.company.loans import (
    APPROVED,
    EMPLOYMENTS,
    LOAN_TYPES,
    PAYMENT_STATUSES,
    applications,
    instalments,
    payment_ids,
    payouts,
)
from database.generator.company.loans import DECLINE_REASONS as LOAN_REASONS
from database.generator.company.merchants import (
    MERCHANT_CATEGORIES,
    OTHER_MERCHANTS_FROM,
    RISKS,
    other_merchants,
    own_merchants,
)
from database.generator.company.movements import ATM, CHANNELS, KINDS, POS, POSTED
from database.generator.company.movements import DECLINE_REASONS as MOVEMENT_REASONS
from database.generator.company.openings import ACCOUNT_TYPES, CREDIT
from database.generator.company.orders import line_ids, orders, returns
from database.generator.day import DAY, Day, latest
from database.generator.frames import Columns, blank, dates, flags, ids, moments, money, pick
from database.generator.pools import COMPANIES, pools
from database.generator.tables.sales import store_names


def merchants(day: Day) -> Columns:
    """Columns of finance.merchants: our stores and everyone else onboarded by the end of the date."""
    shops, others, pool = stores(day), other_merchants(day), pools(day.seed)
    own, rest = np.arange(len(shops.city)), np.arange(len(others.city))
    city = np.concatenate([shops.city, others.city])
    category = np.concatenate([own * 0 + MERCHANT_CATEGORIES.index("retail"), others.category])
    own_id = ids("S", own + 1, 4)
    return {
        "merchant_id": ids("M", np.concatenate([own_merchants(own), rest + OTHER_MERCHANTS_FROM]), 5),
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


def _references(day: Day, book: BankBook) -> pl.Series:
    """What each movement settles: the sold line, the loan or the loan payment; empty for the others."""
    sold, back, due = orders(day), returns(day), instalments(day)
    of_source = (  # in the order of SOURCES
        pl.Series([None], dtype=pl.String),
        line_ids(np.full(len(sold.number), day.start // DAY), sold.number),
        line_ids(back.sold_day, back.number),
        ids("L", payouts(day).number, 8),
        payment_ids(due),
    )
    first = np.cumsum([0, *(len(series) for series in of_source[:-1])])
    return pl.concat(of_source).gather(first[book.source] + book.link)


def transactions(day: Day) -> Columns:
    """Columns of finance.transactions: what moved, or was declined, on the date."""
    book = bank_book(day)
    declined = book.reason != POSTED
    return {
        "transaction_id": movement_ids(np.full(len(book.number), day.start // DAY), book.number),
        "account_id": ids("A", book.account, 8),
        "merchant_id": blank(ids("M", book.merchant, 5), book.merchant == 0),
        "transacted_at": moments(book.at),
        "transaction_type": pick(KINDS, book.kind),
        "channel": pick(CHANNELS, book.channel),
        "transaction_amount": money(book.cents),
        "status": pick(("posted", "declined"), declined.astype(np.int64)),
        "decline_reason": blank(pick(MOVEMENT_REASONS, np.maximum(book.reason, 0)), ~declined),
        "is_card_present": flags(np.isin(book.channel, (POS, ATM))),
        "is_fraud": flags(book.is_fraud),
        "reference": _references(day, book),
    }


def credit_applications(day: Day) -> Columns:
    """Columns of finance.credit_applications: every application handed in by the end of the date."""
    book = applications(day)
    decided = book.decided_at < day.end
    approved = decided & (book.reason == APPROVED)
    declined = decided & ~approved
    return {
        "application_id": ids("L", book.number, 8),
        "customer_id": ids("C", book.customer_number, 7),
        "account_id": ids("A", book.account, 8),
        "product_type": pick(LOAN_TYPES, book.loan_type),
        "applied_at": moments(book.applied_at),
        "requested_amount": money(book.requested_cents),
        "term_months": pl.Series(book.term),
        "annual_income_amount": money(book.income_cents),
        "credit_score": pl.Series(book.score),
        "debt_to_income_pct": money(book.debt_pct),
        "employment_status": pick(EMPLOYMENTS, book.employment),
        "application_status": pick(("pending", "approved", "declined"), approved + 2 * declined.astype(np.int64)),
        "decided_at": blank(moments(book.decided_at), ~decided),
        "decline_reason": blank(pick(LOAN_REASONS, np.maximum(book.reason, 0)), ~declined),
        "approved_amount": blank(money(book.approved_cents), ~approved),
        "interest_rate_pct": blank(money(book.rate_pct), ~approved),
        "updated_at": moments(latest(day.end, book.applied_at, book.decided_at)),
    }


def loan_payments(day: Day) -> Columns:
    """Columns of finance.loan_payments: instalments that fell due, or were made up for, on the date."""
    due = instalments(day)
    return {
        "payment_id": payment_ids(due),
        "application_id": ids("L", due.loan, 8),
        "customer_id": ids("C", due.customer_number, 7),
        "account_id": ids("A", due.account, 8),
        "instalment_number": pl.Series(due.instalment),
        "due_date": dates(due.due_day),
        "payment_status": pick(PAYMENT_STATUSES, due.status),
        "event_at": moments(due.at),
        "days_late": pl.Series(day.start // DAY - due.due_day),
        "due_amount": money(due.due_cents),
        "paid_amount": money(due.paid_cents),
        "principal_amount": money(due.principal_cents),
        "interest_amount": money(due.interest_cents),
        "outstanding_amount": money(due.outstanding_cents),
    }
