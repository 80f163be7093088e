"""What is planted in the data, with its true value: reports and models must find these again.

Sampling noise is on top of each value; tests/generator/test_*_effects.py find each again, most within the tolerance
named here (+-). Hours are hours of the UTC day.
"""

from __future__ import annotations

from calendar import THURSDAY, monthrange
from datetime import date, timedelta
from functools import cache

# Volume a day at scale 1, averaged over a year, once the company has grown up (from 2025). Lines sold: +- 15%, fewer
# while the products on sale are dearer, because it is the revenue that keeps to its plan; the others +- 2%.
SALES_PER_DAY = 2000
BANK_TRANSACTIONS_PER_DAY = 1500  # besides those that settle sales, returns and loans
INTERACTIONS_PER_DAY = 250

# Share of the year's sales in percent, January to December. Q1 = 21.5, Q4 = 30.1: Q4 is 40% over Q1 (+- 4%).
MONTH_SHARE_PCT = (7.0, 6.9, 7.6, 7.8, 8.1, 8.0, 8.0, 8.3, 8.2, 8.7, 9.9, 11.5)
Q4_OVER_Q1 = 1.40

# Sales of special days against an ordinary day of the same month and weekday. On closing days (Thanksgiving,
# Christmas Day) only the web shop sells. +- 10%, before Christmas 5%.
BLACK_FRIDAY, CYBER_MONDAY, BEFORE_CHRISTMAS, CLOSING_DAY = 2.6, 1.7, 1.4, 0.35
BEFORE_CHRISTMAS_DAYS = [(12, day) for day in range(17, 25)]

# Each month's sales deviate from the season by up to about twice DEMAND_DEVIATION, those of a quarter by nothing.
# Consumer confidence tells two months ahead: 100 + CONFIDENCE_POINTS (+- 15%) times the deviation, within half a point.
DEMAND_DEVIATION = 0.08
CONFIDENCE_LEAD_MONTHS = 2
CONFIDENCE_POINTS = 200

# Factor on the day's volume, Monday to Sunday (+- 0.04); the mean is 1.
SALES_WEEKDAY = (0.90, 0.88, 0.92, 0.97, 1.10, 1.25, 0.98)
BANK_WEEKDAY = (1.02, 1.00, 1.00, 1.03, 1.15, 1.05, 0.75)
SUPPORT_WEEKDAY = (1.30, 1.15, 1.10, 1.08, 1.05, 0.72, 0.60)

# Revenue by the customer's region of residence: West sells 35% (+- 3%) more than each other region.
REGION_REVENUE = {"West": 1.35, "South": 1.0, "Midwest": 1.0, "Northeast": 1.0}

# Customers who leave, in parts of those still there: month by month of their tenure, from the first (days 1 to
# 30 after signup), with a spike in the third; then at a steady rate. Who lives in the West at signup leaves
# more often, in the ratio of these factors (+- 0.08); the hazards hold for all regions together (+- 0.003, the spike
# 0.008).
TENURE_MONTH_DAYS = 30
CHURN_HAZARD = (0.015, 0.02, 0.25, 0.02, 0.015, 0.015)
CHURN_LATER = 0.01
CHURN_MONTHS = 150  # customers who are still there then stay for ever
REGION_CHURN = {"West": 1.4, "South": 1.0, "Midwest": 1.0, "Northeast": 1.0}

# Every fifth product is a bestseller; together these 20% of the products make 83% (+- 2%) of the revenue.
BESTSELLER_EVERY = 5
BESTSELLER_REVENUE_SHARE = 0.83

# Share of revenue by category, and gross margin on revenue after discounts: Electronics has the highest
# margin (28%), and, being dear, the fewest lines and units. Shares +- 1 point, margins +- 0.4 points.
CATEGORY_REVENUE = {
    "Electronics": 0.16, "Clothing": 0.20, "Home": 0.18, "Grocery": 0.12, "Beauty": 0.12, "Sports": 0.12, "Toys": 0.10,
}  # fmt: skip
CATEGORY_MARGIN = {
    "Electronics": 0.28, "Clothing": 0.24, "Home": 0.21, "Grocery": 0.12, "Beauty": 0.25, "Sports": 0.20, "Toys": 0.18,
}  # fmt: skip

# Units sold of a product change with its list price like (first price / price) to the power of
# PRICE_ELASTICITY, a whole number (+- 0.15). Prices change every 200 to 500 days, to these steps in turn, in percent
# of the first price: no trend that would look like growth. Costs follow, so that margins hold.
PRICE_ELASTICITY = 2
PRICE_STEPS_PCT = (100, 115, 90, 105)

# Purchases of a customer on each of the LIFT_DAYS days after the day of a delivered touch, against those of a customer
# who was not touched, by channel (+- 0.08). Touches of several campaigns multiply. A day's total is not moved.
LIFT_DAYS = 7
CAMPAIGN_LIFT = {"email": 1.25, "sms": 1.40, "social": 1.15, "search": 1.60, "direct_mail": 1.30}

# The promotion that is A/B-tested every 50 days, by email, half of those reached held back: its own lift (+- 0.08).
AB_TEST_LIFT = 1.35
AB_TEST_DISCOUNT_PCT = 10

# Discounts: share of the lines that have one (+- 0.5 points), and the rates, equally likely (+- 1 point). Whoever a
# promotion promised its own rate in the last LIFT_DAYS gets that one, as often as leaves the mean (+- 0.1 points).
DISCOUNTED_SHARE = 0.25
DISCOUNT_PCT = (5, 10, 15, 20)
MEAN_DISCOUNT = DISCOUNTED_SHARE * sum(DISCOUNT_PCT) / len(DISCOUNT_PCT) / 100

# Tills that report no revenue for lines not paid by a card of ours, and undiscounted lines whose discount is empty
# instead of 0 (both +- 0.03 points).
NULL_REVENUE_SHARE = 0.002
NULL_DISCOUNT_SHARE = 0.004

# Share of the sold lines that come back whole, by category (+- 1.5%).
RETURN_SHARE = {
    "Electronics": 0.07, "Clothing": 0.12, "Home": 0.05, "Grocery": 0.01, "Beauty": 0.03, "Sports": 0.05, "Toys": 0.04,
}  # fmt: skip

# Card fraud by single thieves: share of the purchases at others' stores (+- 10% of it), and how much likelier any
# purchase is fraud at night than by day, and online than elsewhere (+- 25% of it).
FRAUD_SHARE = 0.004
FRAUD_NIGHT_FACTOR = 6.0
FRAUD_ONLINE_FACTOR = 5.0
NIGHT_HOURS = range(6)

# Fraud rings: groups of customers, each with merchants of its own that it hits online at night, all within an hour.
FRAUD_RINGS = 4
MERCHANTS_PER_RING = 2
RING_MEMBER_SHARE = 0.02  # of the customers, over all rings; +- 35% of it
RING_STRIKE_SHARE = 1 / 20  # of the nights, for each ring; +- 50% of it
RING_PURCHASES = (3, 5)  # of each member in one strike, fewest and most

# Alerts by the rule that looks at a purchase: share of the fraud that is noticed, share of the alerts that are
# right (+- 8 points).
ALERT_RECALL = {"ring": 0.90, "night_online": 0.85, "unusual_amount": 0.70, "velocity": 0.50}
ALERT_PRECISION = {"ring": 0.80, "night_online": 0.60, "unusual_amount": 0.35, "velocity": 0.20}
RANDOM_REVIEW_SHARE = 0.001  # of all other purchases: as often right as purchases are fraud; +- 25% of it
ALERT_DAYS, ALERT_DAYS_SHARES = (1, 2), (0.7, 0.3)  # until an alert is decided; +- 4 points

# Credit is declined below this score, above this debt-to-income ratio, without a stable income (always), or, for a
# share of the others (+- 1 point), for other reasons.
LOWEST_SCORE = 580
HIGHEST_DEBT_PCT = 45
POLICY_DECLINED_SHARE = 0.04

# Credit risk: odds of the best borrower, of an instalment that is missed but made up for, and of a loan whose
# instalments are not paid from some instalment (fewest and most) on; then factors on both odds, by band of the score
# (limits between bands), for debt above a share of income, and for a low yearly income in dollars (each +- 25% of
# it; the mean chances that follow +- 10% of them).
MISSED_ODDS = 0.02
DEFAULT_ODDS = 0.02
DEFAULT_FROM = (3, 10)
SCORE_BANDS, SCORE_BAND_ODDS = (640, 700, 760), (6.0, 3.3, 1.8, 1.0)
HIGH_DEBT_PCT, HIGH_DEBT_ODDS = 36, 2.0
LOW_INCOME, LOW_INCOME_ODDS = 40_000, 1.6

# Days after which a missed instalment is made up for, and their shares (+- 8 points), unless the loan is in default.
LATE_DAYS, LATE_DAYS_SHARES = (5, 12, 26), (0.60, 0.25, 0.15)

# Deliveries by carrier (counter, parcel, express, freight): promised days after the sale, and share that comes later
# (+- 0.012).
PROMISED_DAYS = (0, 4, 2, 5)
LATE_SHARE = (0.0, 0.08, 0.04, 0.15)

# Customers who are about to leave contact support this many times (+- 8%) as often in their last days; a parcel that
# has not come on the promised day leads, with this chance (+- 0.03), to a contact about delivery on the next day.
BEFORE_LEAVING_FACTOR, BEFORE_LEAVING_DAYS = 3.0, 30
LATE_CONTACT_SHARE = 0.3

# Units that spoil or disappear, in parts of those that leave (+- 0.001 in high volumes); they are written off.
SHRINKAGE_SHARE = 0.01

# What is really booked in parts of what was budgeted, by who answers for it (+- 0.04); for income and for expense.
ACTUAL_OVER_BUDGET = {
    "West": 1.08, "South": 1.00, "Midwest": 0.92, "Northeast": 1.00, "online": 1.12, "head_office": 1.10, "bank": 0.95,
}  # fmt: skip

# When things happen: weight of each hour of the day (each hour's share of the day +- 0.5 points).
SHOP_HOURS = (1, 0, 0, 0, 0, 0, 1, 2, 5, 9, 12, 13, 14, 13, 12, 12, 13, 15, 16, 14, 10, 7, 4, 2)
BANK_HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 11, 12, 13, 14, 16, 14, 12, 12, 13, 15, 15, 13, 10, 7, 5, 3)
SUPPORT_HOURS = (0, 0, 0, 0, 0, 0, 0, 4, 12, 15, 16, 14, 11, 13, 14, 13, 11, 8, 4, 2, 1, 0, 0, 0)


def thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(THURSDAY - first.weekday()) % 7 + 21)


def is_closing_day(day: date) -> bool:
    """Whether every shop is shut and only the web shop sells."""
    return day in (thanksgiving(day.year), date(day.year, 12, 25))


def _day_weight(day: date) -> float:
    """Sales of the day against those of an ordinary day of its month."""
    if is_closing_day(day):
        holiday = CLOSING_DAY
    elif day == thanksgiving(day.year) + timedelta(days=1):
        holiday = BLACK_FRIDAY
    elif day == thanksgiving(day.year) + timedelta(days=4):
        holiday = CYBER_MONDAY
    elif (day.month, day.day) in BEFORE_CHRISTMAS_DAYS:
        holiday = BEFORE_CHRISTMAS
    else:
        holiday = 1.0
    return holiday * SALES_WEEKDAY[day.weekday()]


@cache
def _month_weight(year: int, month: int) -> float:
    return sum(_day_weight(date(year, month, number)) for number in range(1, monthrange(year, month)[1] + 1))


def sales_season(day: date) -> float:
    """Factor on the day's sales from weekday and holidays, such that each month has its share of the year."""
    return MONTH_SHARE_PCT[day.month - 1] / 100 * 365 * _day_weight(day) / _month_weight(day.year, day.month)
