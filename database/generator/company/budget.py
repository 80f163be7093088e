"""The budget: what each month is expected to bring and to cost, off by the planted share of each cost center."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.books import joined
from database.generator.company import campaigns
from database.generator.company.catalogue import CATEGORIES, ONLINE, products, stores
from database.generator.company.demand import demand, mean_lines
from database.generator.company.expenses import DEPARTMENTS, monthly_rent, monthly_wages
from database.generator.company.fulfilment import BULKY, CARRIER_SHARES, CENTS_PER_PARCEL, CENTS_PER_UNIT
from database.generator.company.ledger import (
    COST_OF_SALES,
    FEES,
    MARKETING,
    PAYROLL,
    RENT,
    SALES,
    SALES_RETURNS,
    SHIPPING,
)
from database.generator.company.movements import CENTS, FEE, KIND_SHARES
from database.generator.company.openings import HOLDING_SHARES
from database.generator.company.orders import ANY_CHANNEL_SHARES, OWN_CHANNEL_SHARE, TRAVEL_SHARE
from database.generator.company.people import CHANNEL_SHARES, SEGMENT_SHARES, STORE_ONLY, USER_ONLY
from database.generator.day import DAY, Day, epoch_day
from database.generator.pools import REGIONS

if TYPE_CHECKING:
    from database.generator.randomness import Floats, Ints

CENTERS = (*REGIONS, "online", *DEPARTMENTS)
WEB_SHOP, HEAD_OFFICE, BANK = range(len(REGIONS), len(CENTERS))
MONTHS, DAYS_A_YEAR = 12, 365
LAST_YEAR = 2030  # the last one that contracts allow
APPROVAL, REVIEW = (11, 1), (6, 15)  # month and day: of the year before, and of the year itself
REVIEWED_MONTHS = range(6, 12)  # counted from 0
REVIEW_SHARE = 0.03  # by which the review moves a figure at most
MEETING = 16 * 3600  # second of the day


@dataclass(frozen=True)
class Budget:
    """One element for each month, account and cost center."""

    month: Ints  # first day, since the epoch
    account: Ints
    center: Ints  # index into CENTERS
    cents: Ints
    approved_at: Ints


def _places() -> Floats:
    """Expected share of the sold lines by cost center: the shops of each region, and the web shop."""
    channel = OWN_CHANNEL_SHARE * np.array(CHANNEL_SHARES) + (1 - OWN_CHANNEL_SHARE) * np.array(ANY_CHANNEL_SHARES)
    store, web, mobile, _ = channel
    in_store = store + STORE_ONLY / (1 - USER_ONLY) * (web + mobile)  # who has no login goes to the store
    revenue = np.array([effects.REGION_REVENUE[name] for name in REGIONS])
    of_region = (1 - TRAVEL_SHARE) * revenue / revenue.sum() + TRAVEL_SHARE / len(REGIONS)
    return np.array([*(in_store * of_region), 1 - in_store, 0.0, 0.0])


def _of_shops_and_departments(day: Day, cents: Floats) -> Floats:
    """Sum by cost center of what each of `stores(day)` and each department costs."""
    shops = stores(day)
    of_shops = np.where(shops.store_type == ONLINE, WEB_SHOP, shops.region)
    where = np.concatenate([of_shops, [HEAD_OFFICE, BANK]])
    return np.bincount(where, weights=cents, minlength=len(CENTERS)).astype(np.float64)


def _only(center: int, value: float) -> Floats:
    return np.where(np.arange(len(CENTERS)) == center, value, 0.0)


def _per_line(day: Day) -> dict[int, Floats]:
    """Expected cents by account and cost center for each line that is sold anywhere."""
    goods, places = products(day), _places()
    wanted = demand(goods)
    back = np.array([effects.RETURN_SHARE[name] for name in CATEGORIES])[goods.category]
    bulky = np.array([name in BULKY for name in CATEGORIES])[goods.category].astype(np.int64)
    carriers = np.array(CARRIER_SHARES)[bulky]
    charge = (carriers * CENTS_PER_PARCEL).sum(axis=1) + (carriers * CENTS_PER_UNIT).sum(axis=1) * wanted.units

    def mean(of_product: Floats) -> float:
        return float((wanted.line_share * of_product).sum())

    return {
        SALES: places * mean(wanted.revenue_cents),
        SALES_RETURNS: places * mean(wanted.revenue_cents * back),
        COST_OF_SALES: places * mean(wanted.cost_cents * (1 - back)),
        SHIPPING: _only(WEB_SHOP, places[WEB_SHOP] * mean(charge * (1 + back))),
    }


def _marketing(day: Day) -> float:
    """Expected cost of campaigns in a month, in cents, once the company has grown up."""
    number = np.arange(campaigns.AB_TEST_EVERY)
    audience = (np.array(campaigns.AUDIENCE_SHARES) * (1.0, *SEGMENT_SHARES)).sum()
    share = np.where(number == 0, 1 - campaigns.HELD_BACK_SHARE, audience)
    cents = np.array(campaigns.TOUCH_CENTS).mean(axis=1)[number % len(campaigns.CHANNELS)] * share
    customers = 1000 * day.scale * campaigns.REACHED_SHARE
    return float(cents.mean()) * customers * DAYS_A_YEAR / MONTHS / campaigns.START_EVERY


def _fees(day: Day) -> float:
    """Expected fees of the bank in a month, in cents, once the company has grown up."""
    shares = (np.array(KIND_SHARES)[:, FEE] * HOLDING_SHARES).sum() / sum(HOLDING_SHARES)
    points = np.array(CENTS[FEE])
    mean = float(((points[1:] + points[:-1]) / 2).mean())
    return float(shares) * mean * effects.BANK_TRANSACTIONS_PER_DAY * day.scale * DAYS_A_YEAR / MONTHS


def _expected(approval: Day, year: int) -> dict[int, Floats]:
    """Expected cents by account; a row for each cost center, a column for each month."""
    middles = [approval.on(max(date(year, month, 15), approval.date)) for month in range(1, 13)]
    growth = np.array([day.growth for day in middles])
    lines = mean_lines(approval) / approval.growth * growth * np.array(effects.MONTH_SHARE_PCT) / 100 * DAYS_A_YEAR
    wages, rent = (_of_shops_and_departments(approval, of(approval)) for of in (monthly_wages, monthly_rent))
    return {
        **{account: np.outer(cents, lines) for account, cents in _per_line(approval).items()},
        PAYROLL: np.outer(wages, growth),
        RENT: np.outer(rent, np.ones(MONTHS)),
        MARKETING: np.outer(_only(HEAD_OFFICE, _marketing(approval)), np.ones(MONTHS)),
        FEES: np.outer(_only(BANK, _fees(approval)), growth),
    }


def _approval(day: Day, year: int) -> Day:
    """The day on which the budget of a year is approved."""
    return day.on(max(date(year - 1, *APPROVAL), day.company_start))


@lru_cache(maxsize=16)
def _year(approval: Day, year: int, is_reviewed: bool) -> Budget:
    """The budget of a year, before or after its review."""
    off = np.array([effects.ACTUAL_OVER_BUDGET[center] for center in CENTERS])
    expected = _expected(approval, year)
    cents = np.stack(list(expected.values())) / off[:, None]
    review = approval.entities(f"budget.{year}").uniform("review", cents.size).reshape(cents.shape)
    in_review = np.isin(np.arange(MONTHS), REVIEWED_MONTHS)
    if not is_reviewed:
        cents = cents * np.where(in_review, 1 + REVIEW_SHARE * (2 * review - 1), 1.0)
    account, center, month = np.nonzero(cents)
    review_at = epoch_day(date(year, *REVIEW)) * DAY + MEETING
    months = np.array([epoch_day(date(year, number, 1)) for number in range(1, MONTHS + 1)])
    return Budget(
        month=months[month],
        account=np.array(list(expected))[account],
        center=center,
        cents=np.floor(cents[account, center, month] / 100 + 0.5).astype(np.int64) * 100,
        approved_at=np.where(is_reviewed & in_review[month], review_at, approval.start + MEETING),
    )


def budget(day: Day) -> Budget:
    """The budgets approved by the end of `day`, year by year."""
    years = [year for year in range(day.company_start.year, LAST_YEAR + 1) if _approval(day, year).date <= day.date]
    return joined([_year(_approval(day, year), year, day.date >= date(year, *REVIEW)) for year in years])
