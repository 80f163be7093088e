"""The planted effects are found again in the delivered tables."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from database.generator import effects, generate
from database.generator.day import Day
from database.generator.tables.sales import sales_transactions


@pytest.fixture(scope="module")
def sales() -> pl.DataFrame:
    """Sold lines of five days at scale 20, with product and customer."""
    days = []
    for offset in range(5):
        frames = generate(date(2025, 5, 5) + timedelta(days=offset), 42, scale=20)
        lines = frames["sales.sales_transactions"].drop_nulls("revenue_amount")
        lines = lines.join(frames["sales.products"].select("product_id", "category"), on="product_id")
        lines = lines.join(frames["sales.customers"].select("customer_id", "region"), on="customer_id")
        days.append(lines.with_columns(pl.col("revenue_amount", "cost_amount").cast(pl.Float64)))
    return pl.concat(days)


def totals(sales: pl.DataFrame, by: str) -> dict[str, float]:
    return dict(sales.group_by(by).agg(pl.col("revenue_amount").sum()).iter_rows())


def test_a_fifth_of_the_products_makes_most_of_the_revenue(sales):
    by_product = sorted(totals(sales, "product_id").values(), reverse=True)
    products = generate(date(2025, 5, 9), 42)["sales.products"].height
    share = sum(by_product[: round(0.2 * products)]) / sum(by_product)
    assert share == pytest.approx(effects.BESTSELLER_REVENUE_SHARE, abs=0.02)


def test_categories_have_their_margins_and_electronics_the_fewest_units(sales):
    by_category = sales.group_by("category").agg(
        revenue=pl.col("revenue_amount").sum(), cost=pl.col("cost_amount").sum(), units=pl.col("quantity").sum()
    )
    rows = {row["category"]: row for row in by_category.iter_rows(named=True)}
    for category, margin in effects.CATEGORY_MARGIN.items():
        found = 1 - rows[category]["cost"] / rows[category]["revenue"]
        assert found == pytest.approx(margin, abs=0.004), category
    assert min(rows, key=lambda category: rows[category]["units"]) == "Electronics"
    assert max(effects.CATEGORY_MARGIN, key=effects.CATEGORY_MARGIN.__getitem__) == "Electronics"


def test_west_sells_more_than_each_other_region(sales):
    by_region = totals(sales, "region")
    others = [revenue for region, revenue in by_region.items() if region != "West"]
    assert len(others) == 3
    assert by_region["West"] / (sum(others) / 3) == pytest.approx(effects.REGION_REVENUE["West"], abs=0.03)


def test_fourth_quarter_sells_more_than_the_first():
    def lines(start: date, days: int) -> int:
        dates = (start + timedelta(days=offset) for offset in range(days))
        return sum(sales_transactions(Day(day, 42, 0.2))["sold_at"].len() for day in dates)

    ratio = lines(date(2025, 10, 1), 92) / lines(date(2025, 1, 1), 90)
    assert ratio == pytest.approx(effects.Q4_OVER_Q1, abs=0.02)


def test_seasons_average_to_the_stated_volume():
    year = [effects.sales_season(date(2025, 1, 1) + timedelta(days=offset)) for offset in range(365)]
    assert sum(year) / 365 == pytest.approx(1, abs=0.005)
    for weekday in (effects.SALES_WEEKDAY, effects.BANK_WEEKDAY, effects.SUPPORT_WEEKDAY):
        assert sum(weekday) == pytest.approx(7)
    assert sum(effects.MONTH_SHARE_PCT) == pytest.approx(100)


def test_fraud_is_rare_and_happens_at_night_and_online():
    days = [generate(date(2025, 5, 5) + timedelta(days=offset), 42, scale=50) for offset in range(3)]
    purchases = pl.concat([frames["finance.transactions"] for frames in days]).filter(
        pl.col("transaction_type") == "purchase"
    )
    assert purchases["is_fraud"].mean() == pytest.approx(effects.FRAUD_SHARE, rel=0.1)
    at_night = pl.col("transacted_at").dt.hour().is_in(list(effects.NIGHT_HOURS))
    online = pl.col("channel") == "online"
    rows = purchases.group_by(at_night.alias("night"), online.alias("online")).agg(pl.col("is_fraud").mean()).rows()
    rates = {(night, on_line): share for night, on_line, share in rows}
    plain = rates[(False, False)]
    assert rates[(False, True)] / plain == pytest.approx(effects.FRAUD_ONLINE_FACTOR, rel=0.3)
    assert rates[(True, False)] / plain == pytest.approx(effects.FRAUD_NIGHT_FACTOR, rel=0.3)
