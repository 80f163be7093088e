"""What is planted in the data, with its true value: reports and models must find these again.

Sampling noise is on top of each value. Hours are hours of the UTC day.
"""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

# Volume a day at scale 1, averaged over a year, once the company has grown up (from 2025).
SALES_PER_DAY = 2000
BANK_TRANSACTIONS_PER_DAY = 1500
INTERACTIONS_PER_DAY = 250

# Share of the year's sales in percent, January to December. Q1 = 21.5, Q4 = 30.1: Q4 is 40% over Q1.
MONTH_SHARE_PCT = (7.0, 6.9, 7.6, 7.8, 8.1, 8.0, 8.0, 8.3, 8.2, 8.7, 9.9, 11.5)
Q4_OVER_Q1 = 1.40

# Factor on the day's volume, Monday to Sunday; the mean is 1.
SALES_WEEKDAY = (0.90, 0.88, 0.92, 0.97, 1.10, 1.25, 0.98)
BANK_WEEKDAY = (1.02, 1.00, 1.00, 1.03, 1.15, 1.05, 0.75)
SUPPORT_WEEKDAY = (1.30, 1.15, 1.10, 1.08, 1.05, 0.72, 0.60)

# Revenue by the customer's region of residence: West sells 35% more than each other region.
REGION_REVENUE = {"West": 1.35, "South": 1.0, "Midwest": 1.0, "Northeast": 1.0}

# Every fifth product is a bestseller; together these 20% of the products make 83% of the revenue.
BESTSELLER_EVERY = 5
BESTSELLER_REVENUE_SHARE = 0.83

# Share of revenue by category, and gross margin on revenue after discounts: Electronics has the highest
# margin (28%), and, being dear, the fewest lines and units.
CATEGORY_REVENUE = {
    "Electronics": 0.16, "Clothing": 0.20, "Home": 0.18, "Grocery": 0.12, "Beauty": 0.12, "Sports": 0.12, "Toys": 0.10,
}  # fmt: skip
CATEGORY_MARGIN = {
    "Electronics": 0.28, "Clothing": 0.24, "Home": 0.21, "Grocery": 0.12, "Beauty": 0.25, "Sports": 0.20, "Toys": 0.18,
}  # fmt: skip

# Discounts: share of the lines that have one, and the rates, equally likely.
DISCOUNTED_SHARE = 0.25
DISCOUNT_PCT = (5, 10, 15, 20)
MEAN_DISCOUNT = DISCOUNTED_SHARE * sum(DISCOUNT_PCT) / len(DISCOUNT_PCT) / 100

# Tills that report no revenue, and undiscounted lines whose discount is empty instead of 0.
NULL_REVENUE_SHARE = 0.002
NULL_DISCOUNT_SHARE = 0.004

# Share of the sold lines that come back whole, by category.
RETURN_SHARE = {
    "Electronics": 0.07, "Clothing": 0.12, "Home": 0.05, "Grocery": 0.01, "Beauty": 0.03, "Sports": 0.05, "Toys": 0.04,
}  # fmt: skip

# Card fraud: share of all purchases; how much likelier at night than by day, and online than elsewhere.
FRAUD_SHARE = 0.004
FRAUD_NIGHT_FACTOR = 6.0
FRAUD_ONLINE_FACTOR = 5.0
NIGHT_HOURS = range(6)

# Deliveries by carrier (counter, parcel, express, freight): promised days after the sale, and share that comes later.
PROMISED_DAYS = (0, 4, 2, 5)
LATE_SHARE = (0.0, 0.08, 0.04, 0.15)

# When things happen: weight of each hour of the day.
SHOP_HOURS = (1, 0, 0, 0, 0, 0, 1, 2, 5, 9, 12, 13, 14, 13, 12, 12, 13, 15, 16, 14, 10, 7, 4, 2)
BANK_HOURS = (2, 1, 1, 1, 1, 2, 4, 8, 11, 12, 13, 14, 16, 14, 12, 12, 13, 15, 15, 13, 10, 7, 5, 3)
SUPPORT_HOURS = (0, 0, 0, 0, 0, 0, 0, 4, 12, 15, 16, 14, 11, 13, 14, 13, 11, 8, 4, 2, 1, 0, 0, 0)


def sales_season(day: date) -> float:
    """Factor on the day's sales from month and weekday; about 1 on average over a year."""
    days_in_month = monthrange(day.year, day.month)[1]
    return MONTH_SHARE_PCT[day.month - 1] / 100 * 365 / days_in_month * SALES_WEEKDAY[day.weekday()]
