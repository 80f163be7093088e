"""Credit of the bank: who applies, what is decided, and how the instalments are paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.books import chosen, joined
from database.generator.company.openings import CHECKING, account_numbers, openings
from database.generator.company.people import people
from database.generator.day import DAY, NEVER, Day, epoch_day
from database.generator.frames import ids, pick

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from database.generator.randomness import Flags, Floats, Ints

APPLYING_SHARES = (0.65, 0.60)  # of the holders of a checking account, and of those who applied before
APPLYING_DAYS = (10, 40, 100, 220, 420, 800)  # quantiles, after the opening, or the decision before
DECISION_MINUTES = (30, 240, 1200, 2400, 4200, 7200)  # quantiles

LOAN_TYPES = ("personal_loan", "auto_loan", "home_improvement", "debt_consolidation")
LOAN_TYPE_SHARES = (0.42, 0.26, 0.16, 0.16)
TERMS = ((12, 24, 36), (36, 48, 60), (48, 60, 84), (24, 36, 48))  # months, by type, equally likely
REQUESTS = (  # quantiles of what is asked for in hundreds of dollars, by type
    (20, 40, 70, 120, 250),
    (80, 140, 200, 280, 450),
    (60, 120, 200, 320, 600),
    (40, 80, 130, 200, 350),
)
EMPLOYMENTS = ("employed", "self_employed", "retired", "student", "unemployed")
EMPLOYMENT_SHARES = (0.68, 0.13, 0.11, 0.05, 0.03)
UNSTABLE = (False, False, False, True, True)
INCOMES = (180, 310, 420, 550, 720, 1000, 1900)  # quantiles in hundreds of dollars a year
INCOME_PCT = (100, 110, 70, 35, 30)  # of that, by employment
MOST_OF_INCOME_PCT = 45  # of a year's income is lent at most
SCORES = (420, 570, 630, 670, 705, 740, 780, 851)  # quantiles
DEBT_PCT = (200, 1200, 2000, 2700, 3400, 4200, 6200)  # quantiles
RATES = (1690, 1290, 990, 690)  # interest by band of the score, and what is added by type
RATE_SURCHARGES = (200, 0, 50, 100)
DECLINE_REASONS = ("low_score", "high_debt", "unstable_income", "policy")
APPROVED = -1  # in place of a reason

PAYMENT_STATUSES = ("paid", "missed", "late")
PAID, MISSED, LATE = range(len(PAYMENT_STATUSES))
PAYING_HOURS, MISSING_HOURS = (6, 12), (21, 24)
LAST_DUE_DAY = 28  # of the month, so that every month has it


@dataclass(frozen=True)
class Applications:
    """Applications for credit; money in cents, percentages in hundredths of a percent."""

    number: Ints
    customer_number: Ints
    account: Ints  # number of the account that the loan is paid to, and repaid from
    loan_type: Ints
    applied_at: Ints
    decided_at: Ints  # has not happened yet if at or after the end of the date
    requested_cents: Ints
    term: Ints  # months
    income_cents: Ints  # a year
    score: Ints
    debt_pct: Ints
    employment: Ints
    reason: Ints  # index into DECLINE_REASONS, or APPROVED
    approved_cents: Ints  # what is lent if it is approved
    rate_pct: Ints  # a year
    missed_chance: Floats  # of each instalment
    default_from: Ints  # first instalment from which on nothing is paid; 0 if the loan is served


@dataclass(frozen=True)
class Instalments:
    """Instalments that fell due, or were made up for, on the date, in order of time; money in cents."""

    loan: Ints  # number of the application
    customer_number: Ints
    account: Ints
    instalment: Ints  # from 1
    due_day: Ints  # since the epoch
    status: Ints  # PAID, MISSED or LATE
    at: Ints
    due_cents: Ints
    paid_cents: Ints
    principal_cents: Ints
    interest_cents: Ints
    outstanding_cents: Ints  # by plan, after the instalment


def _chance(odds: Floats) -> Floats:
    return odds / (1 + odds)


def _risk_odds(score: Ints, debt_pct: Ints, income_cents: Ints) -> Floats:
    """Factor on the odds that a borrower does not pay, 1 for the best."""
    of_score = np.array(effects.SCORE_BAND_ODDS)[np.searchsorted(effects.SCORE_BANDS, score, side="right")]
    of_debt = np.where(debt_pct > 100 * effects.HIGH_DEBT_PCT, effects.HIGH_DEBT_ODDS, 1.0)
    of_income = np.where(income_cents < 100 * effects.LOW_INCOME, effects.LOW_INCOME_ODDS, 1.0)
    factor: Floats = of_score * of_debt * of_income
    return factor


def _applications_of_turn(day: Day, turn: int, since: Ints) -> tuple[Ints, Applications]:
    """Who of `people(day)` applies for the first, second ... time, and those applications, future ones among them."""
    who, entities = people(day), day.entities(f"loans.{turn}")
    who_applies = np.flatnonzero((since < NEVER) & entities.happens("applies", who.count, APPLYING_SHARES[turn]))
    stream, count, since = entities.only(who_applies), len(who_applies), since[who_applies]
    applied_at = since + DAY * stream.spread("applied", count, APPLYING_DAYS) + stream.between("second", count, 0, DAY)
    loan_type = stream.choice("type", count, LOAN_TYPE_SHARES)
    employment = stream.choice("employment", count, EMPLOYMENT_SHARES)
    income = 100 * stream.spread("income", count, INCOMES) * np.array(INCOME_PCT)[employment]
    requests = [stream.spread(f"request_{i}", count, points) for i, points in enumerate(REQUESTS)]
    requested = 10_000 * np.choose(loan_type, requests)
    score, debt_pct = stream.spread("score", count, SCORES), stream.spread("debt", count, DEBT_PCT)
    rules = (
        score < effects.LOWEST_SCORE,
        debt_pct > 100 * effects.HIGHEST_DEBT_PCT,
        np.array(UNSTABLE)[employment],
        stream.happens("policy", count, effects.POLICY_DECLINED_SHARE),
    )
    odds = _risk_odds(score, debt_pct, income)
    defaults = stream.happens("defaults", count, _chance(effects.DEFAULT_ODDS * odds))
    number = who.customer_number[who_applies]
    book = Applications(
        number=number * 10 + turn + 1,
        customer_number=number,
        account=account_numbers(number, CHECKING),
        loan_type=loan_type,
        applied_at=applied_at,
        decided_at=applied_at + 60 * stream.spread("decided", count, DECISION_MINUTES),
        requested_cents=requested,
        term=np.array(TERMS)[loan_type, stream.between("term", count, 0, 2)],
        income_cents=income,
        score=score,
        debt_pct=debt_pct,
        employment=employment,
        reason=np.select(rules, list(range(len(rules))), APPROVED),
        approved_cents=np.minimum(requested, income * MOST_OF_INCOME_PCT // 100 // 10_000 * 10_000),
        rate_pct=np.array(RATES)[np.searchsorted(effects.SCORE_BANDS, score, side="right")]
        + np.array(RATE_SURCHARGES)[loan_type],
        missed_chance=_chance(effects.MISSED_ODDS * odds),
        default_from=np.where(defaults, stream.between("default_from", count, *effects.DEFAULT_FROM), 0),
    )
    stays = np.flatnonzero(applied_at < who.left_at[who_applies])
    return who_applies[stays], chosen(book, stays)


@lru_cache(maxsize=2)
def _turns(day: Day) -> list[tuple[Ints, Applications]]:
    turns, since = [], openings(day, CHECKING)
    for turn in range(len(APPLYING_SHARES)):
        who_applies, book = _applications_of_turn(day, turn, since)
        turns.append((who_applies, book))
        since = np.full(len(since), NEVER)
        since[who_applies] = book.decided_at
    return turns


def debts_end(day: Day) -> Ints:
    """Moment by which each of `people(day)` needs no account for loans any more; 0 for those who never apply."""
    end = np.zeros(people(day).count, dtype=np.int64)
    for who_applies, book in _turns(day):
        repaid_at = book.decided_at + np.where(book.reason == APPROVED, book.term * 31 + 60, 1) * DAY
        end[who_applies] = np.maximum(end[who_applies], repaid_at)
    return end


@lru_cache(maxsize=2)
def _applications_of_year(day: Day) -> Applications:
    """All applications, future ones among them, of those who have come by the end of `day`, in order of number."""
    book = joined([of_turn for _, of_turn in _turns(day)])
    return chosen(book, np.argsort(book.number))


@lru_cache(maxsize=4)
def applications(day: Day) -> Applications:
    """The applications handed in by the end of `day`, in order of number."""
    book = _applications_of_year(day.year_end)
    return chosen(book, book.applied_at < day.end)


def payouts(day: Day) -> Applications:
    """The applications approved, and so paid out, on `day`, in order of time."""
    book = applications(day)
    today = np.flatnonzero((book.reason == APPROVED) & (book.decided_at >= day.start) & (book.decided_at < day.end))
    return chosen(book, today[np.argsort(book.decided_at[today], kind="stable")])


def _months(days: Ints) -> tuple[Ints, Ints]:
    """Month (from 1970-01) and day of the month (from 1) of days since the epoch."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    return months.astype(np.int64), days - months.astype("datetime64[D]").astype(np.int64) + 1


def _due(book: Applications, due: date) -> tuple[Ints, Ints]:
    """Which loans have an instalment on the date, and its number: one a month after the payout."""
    paid_out, day_of_month = _months(book.decided_at // DAY)
    instalment = due.year * 12 + due.month - 1 - 1970 * 12 - paid_out
    falls_due = np.minimum(day_of_month, LAST_DUE_DAY) == due.day
    falls_due &= (book.reason == APPROVED) & (instalment >= 1) & (instalment <= book.term)
    which = np.flatnonzero(falls_due)
    return which, instalment[which]


def _plan(book: Applications, instalment: Ints) -> tuple[Ints, Ints, Ints]:
    """Principal, interest and credit still owed after one instalment of each loan; all but the last are equal."""
    rate, longest = book.rate_pct / 120_000, int(book.term.max(initial=0))
    growth = np.ones(len(rate))
    for month in range(longest):
        growth = np.where(month < book.term, growth * (1 + rate), growth)
    payment = np.floor(book.approved_cents * rate * growth / (growth - 1) + 0.5).astype(np.int64)
    owed, principal, interest = book.approved_cents, 0 * payment, 0 * payment
    for month in range(1, int(instalment.max(initial=0)) + 1):
        interest = np.where(month <= instalment, np.floor(owed * rate + 0.5).astype(np.int64), interest)
        of_month = np.where(month < book.term, np.minimum(payment - interest, owed), owed)
        principal = np.where(month <= instalment, of_month, principal)
        owed = np.where(month <= instalment, owed - of_month, owed)
    return principal, interest, owed


def _events(day: Day, book: Applications, lag: int) -> Instalments:
    """What happens on `day` to the instalments that fell due `lag` days earlier."""
    due = day.date - timedelta(days=lag)
    which, instalment = _due(book, due)
    loans = chosen(book, which)
    draws = loans.customer_number * len(APPLYING_SHARES) + loans.number % 10 - 1
    stream, count = day.on(due).events("instalments").only(draws), len(which)
    in_default = (loans.default_from > 0) & (instalment >= loans.default_from)
    missed = in_default | stream.happens("missed", count, loans.missed_chance)
    days_late = np.array(effects.LATE_DAYS)[stream.choice("days_late", count, effects.LATE_DAYS_SHARES)]
    happens: Flags = (missed & ~in_default & (days_late == lag)) if lag else np.ones(count, dtype=np.bool_)
    status = np.where(missed, LATE if lag else MISSED, PAID)
    paying = stream.between("paying", count, PAYING_HOURS[0] * 3600, PAYING_HOURS[1] * 3600 - 1)
    missing = stream.between("missing", count, MISSING_HOURS[0] * 3600, MISSING_HOURS[1] * 3600 - 1)
    principal, interest, outstanding = _plan(loans, instalment)
    events = Instalments(
        loan=loans.number,
        customer_number=loans.customer_number,
        account=loans.account,
        instalment=instalment,
        due_day=np.full(count, epoch_day(due)),
        status=status,
        at=day.start + np.where(status == MISSED, missing, paying),
        due_cents=principal + interest,
        paid_cents=np.where(status == MISSED, 0, principal + interest),
        principal_cents=principal,
        interest_cents=interest,
        outstanding_cents=outstanding,
    )
    return chosen(events, happens)


@lru_cache(maxsize=4)
def instalments(day: Day) -> Instalments:
    """The instalments of `day`: those that fell due, and those of earlier days that are made up for."""
    lags = [lag for lag in (0, *effects.LATE_DAYS) if lag <= day.age]
    book = joined([_events(day, applications(day), lag) for lag in lags])
    return chosen(book, np.argsort(book.at, kind="stable"))


def payment_ids(due: Instalments) -> pl.Series:
    """Identifiers of instalments: loan, number of the instalment, and whether it fell due or was made up for."""
    loan, suffix = ids("L", due.loan, 8), pick(("-due", "-late"), (due.status == LATE).astype(np.int64))
    return loan + ids("-", due.instalment, 3) + suffix
