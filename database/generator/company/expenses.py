"""What the company pays every month whatever it sells: wages and rent, by shop and department."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from database.generator.company.catalogue import stores

if TYPE_CHECKING:
    from database.generator.day import Day
    from database.generator.randomness import Floats

DEPARTMENTS = ("head_office", "bank")
# Dollars a month at scale 1: staff of a shop by type, as in STORE_TYPES, and of each department.
SHOP_WAGES = (5200, 2600, 3000, 8000)
DEPARTMENT_WAGES = (22_000, 12_000)
RENT_PER_SQFT = 0.06  # dollars a month at scale 1
OFFICE_SQFT = (42_000, 18_000)


def monthly_wages(day: Day) -> Floats:
    """Expected wages in cents of each of `stores(day)` (closed ones 0) and department, in a grown-up company."""
    shops = stores(day)
    dollars = np.concatenate([np.array(SHOP_WAGES)[shops.store_type] * shops.is_open, DEPARTMENT_WAGES])
    cents: Floats = 100 * day.scale * dollars
    return cents


def monthly_rent(day: Day) -> Floats:
    """Rent in cents of each of `stores(day)` (closed ones and the web shop 0) and department."""
    shops = stores(day)
    area = np.concatenate([shops.area_sqft * shops.is_open, OFFICE_SQFT])
    cents: Floats = 100 * day.scale * RENT_PER_SQFT * area
    return cents
