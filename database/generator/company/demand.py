"""What is expected to be sold: the means that lines are drawn around, and that stock and budgets are planned by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.company.catalogue import FIRST_PRODUCTS, Products, products

if TYPE_CHECKING:
    from database.generator.day import Day
    from database.generator.randomness import Floats

MORE_UNITS = (  # chance of buying more than 1, 2, 3 and 4 units, by category
    (0.05, 0.0, 0.0, 0.0),
    (0.25, 0.06, 0.0, 0.0),
    (0.25, 0.08, 0.03, 0.0),
    (0.60, 0.35, 0.20, 0.10),
    (0.35, 0.10, 0.0, 0.0),
    (0.15, 0.03, 0.0, 0.0),
    (0.25, 0.08, 0.02, 0.0),
)


@dataclass(frozen=True)
class Demand:
    """One element for each product."""

    line_share: Floats  # share of the sold lines
    units: Floats  # mean units of a line
    revenue_cents: Floats  # mean revenue of a line, after discounts
    cost_cents: Floats


def demand(goods: Products) -> Demand:
    """How a line that is sold is expected to look, such that revenue has its planted shares."""
    units = (1 + np.array(MORE_UNITS).sum(axis=1))[goods.category]
    weights = goods.revenue_weights() / (goods.price_cents * units)
    return Demand(
        line_share=weights / weights.sum(),
        units=units,
        revenue_cents=goods.price_cents * units * (1 - effects.MEAN_DISCOUNT),
        cost_cents=goods.cost_cents * units,
    )


def line_factor(goods: Products) -> float:
    """Lines sold, in parts of those that the first catalogue would sell at first prices for the same revenue.

    Revenue keeps to its season while products and prices change.
    """
    units = (1 + np.array(MORE_UNITS).sum(axis=1))[goods.category]
    is_founder = np.arange(len(units)) < FIRST_PRODUCTS
    at_first = goods.first_price_weights(is_founder) / (goods.first_price_cents * units)
    revenue = goods.revenue_weights()
    now = revenue / revenue.sum() / (goods.price_cents * units)
    return float(now.sum() / at_first.sum())


def mean_lines(day: Day) -> float:
    """Lines that a day of this size is expected to sell, if it is neither holiday nor high nor low season."""
    return effects.SALES_PER_DAY * day.scale * day.growth * line_factor(products(day))
