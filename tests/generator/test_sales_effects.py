"""The planted effects of sales, customers and campaigns are found again in the delivered tables."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from database.generator import effects
from tests.generator.delivered import check_hours, days, table, tables

SPRING = days(date(2026, 1, 15), 75)
UNTIL_INFLUENCE_ENDS = timedelta(days=effects.LIFT_DAYS)


@pytest.fixture(scope="module")
def spring() -> dict[str, pl.DataFrame]:
    """Ten weeks at scale 4: sold lines with category and region, touches; the lists as of the last day."""
    customers, products = table("sales.customers", SPRING[-1], 4), table("sales.products", SPRING[-1], 4)
    return {
        "sales": tables("sales.sales_transactions", SPRING, 4)
        .join(products.select("product_id", "category"), on="product_id")
        .join(customers.select("customer_id", "region"), on="customer_id"),
        "touches": tables("sales.campaign_touches", SPRING, 4).rename({"day": "touch_date"}),
        "products": products,
        "campaigns": table("sales.marketing_campaigns", SPRING[-1], 4),
        # Customers who were there all the time, so that everybody could have bought on every day.
        "customers": customers.filter("is_active", pl.col("signup_date") < SPRING[0]),
    }


@pytest.fixture(scope="module")
def two_years() -> pl.DataFrame:
    """Each day of 2025 and 2026 at scale 1: lines, revenue, lines sold in shops."""
    rows = []
    for day in days(date(2025, 1, 1), 730):
        sold = table("sales.sales_transactions", day, 1)
        rows.append((day, sold.height, sold["revenue_amount"].sum(), (sold["channel"] == "store").sum()))
    return pl.DataFrame(rows, schema=["day", "lines", "revenue", "in_shops"], orient="row")


def totals(sales: pl.DataFrame, by: str) -> dict[str, float]:
    return dict(sales.group_by(by).agg(pl.col("revenue_amount").sum()).iter_rows())


def test_a_fifth_of_the_products_makes_most_of_the_revenue(spring):
    by_product = sorted(totals(spring["sales"], "product_id").values(), reverse=True)
    share = sum(by_product[: round(0.2 * spring["products"].height)]) / sum(by_product)
    assert share == pytest.approx(effects.BESTSELLER_REVENUE_SHARE, abs=0.02)


def test_categories_have_their_margins_and_electronics_the_fewest_units(spring):
    by_category = (
        spring["sales"]
        .drop_nulls("revenue_amount")
        .group_by("category")
        .agg(revenue=pl.col("revenue_amount").sum(), cost=pl.col("cost_amount").sum(), units=pl.col("quantity").sum())
    )
    rows = {row["category"]: row for row in by_category.iter_rows(named=True)}
    for category, margin in effects.CATEGORY_MARGIN.items():
        found = 1 - rows[category]["cost"] / rows[category]["revenue"]
        assert found == pytest.approx(margin, abs=0.004), category
    assert min(rows, key=lambda category: rows[category]["units"]) == "Electronics"
    assert max(effects.CATEGORY_MARGIN, key=effects.CATEGORY_MARGIN.__getitem__) == "Electronics"


def test_categories_have_their_share_of_the_revenue_and_electronics_the_fewest_lines(spring):
    by_category = totals(spring["sales"], "category")
    shares = {category: revenue / sum(by_category.values()) for category, revenue in by_category.items()}
    assert shares == pytest.approx(effects.CATEGORY_REVENUE, abs=0.01)
    lines = dict(spring["sales"]["category"].value_counts().iter_rows())
    assert min(lines, key=lines.__getitem__) == "Electronics"


def test_shops_sell_at_their_hours(spring):
    check_hours(spring["sales"]["sold_at"], effects.SHOP_HOURS)


def test_discounts_have_their_share_and_rates_where_no_promotion_has_promised_another(spring):
    gross = pl.col("unit_price_amount") * pl.col("quantity")
    sold = spring["sales"].with_columns(percent=(100 * pl.col("discount_amount").fill_null(0) / gross).round())
    given = sold["discount_amount"].sum() / sold.select(gross.sum()).item()
    assert given == pytest.approx(effects.MEAN_DISCOUNT, abs=0.001)
    promotions = spring["campaigns"].filter(pl.col("discount_pct") > 0)
    promised = spring["touches"].filter("is_delivered").join(promotions, on="campaign_id", how="semi")
    influenced = promised.select(
        "customer_id",
        day=pl.date_ranges(pl.col("touch_date").dt.offset_by("1d"), pl.col("touch_date") + UNTIL_INFLUENCE_ENDS),
    ).explode("day")
    others = sold.filter(pl.col("day") >= SPRING[effects.LIFT_DAYS]).join(
        influenced, on=["customer_id", "day"], how="anti"
    )
    discounted = others.filter(pl.col("percent") > 0)
    assert discounted.height / others.height == pytest.approx(effects.DISCOUNTED_SHARE, abs=0.005)
    rates = dict(discounted["percent"].value_counts(normalize=True).iter_rows())
    assert rates == pytest.approx(dict.fromkeys(effects.DISCOUNT_PCT, 1 / len(effects.DISCOUNT_PCT)), abs=0.01)


def test_tills_leave_fields_empty_as_often_as_planted(spring):
    no_card = spring["sales"].filter(pl.col("card_account_id").is_null())
    assert no_card["revenue_amount"].is_null().mean() == pytest.approx(effects.NULL_REVENUE_SHARE, abs=0.0003)
    undiscounted = spring["sales"].filter(pl.col("discount_amount").fill_null(0) == 0)
    assert undiscounted["discount_amount"].is_null().mean() == pytest.approx(effects.NULL_DISCOUNT_SHARE, abs=0.0003)


def test_sold_lines_come_back_as_often_as_planted_for_their_category(spring):
    weeks, longest_lag = SPRING[:49], 13
    events = pl.concat(
        table("operations.shipments", day, 4).filter(shipment_event="returned").select("transaction_id")
        for day in weeks
    )
    sold = spring["sales"].filter(pl.col("day") < weeks[-longest_lag])
    came_back = pl.col("transaction_id").is_in(events["transaction_id"].to_list())
    found = dict(sold.group_by("category").agg(came_back.mean()).iter_rows())
    assert found == pytest.approx(effects.RETURN_SHARE, abs=0.015)


def test_west_sells_more_than_each_other_region(spring):
    by_region = totals(spring["sales"], "region")
    others = [revenue for region, revenue in by_region.items() if region != "West"]
    assert len(others) == 3
    assert by_region["West"] / (sum(others) / 3) == pytest.approx(effects.REGION_REVENUE["West"], abs=0.03)


def test_fourth_quarter_sells_more_than_the_first(two_years):
    for year in (2025, 2026):
        quarters = two_years.filter(pl.col("day").dt.year() == year).group_by(pl.col("day").dt.quarter())
        revenue = dict(quarters.agg(pl.col("revenue").sum()).iter_rows())
        assert revenue[4] / revenue[1] == pytest.approx(effects.Q4_OVER_Q1, abs=0.04), year


def test_a_year_has_about_the_stated_volume(two_years):
    mean = two_years.group_by(pl.col("day").dt.year()).agg(pl.col("lines").mean())
    assert mean["lines"].to_list() == pytest.approx([effects.SALES_PER_DAY] * 2, rel=0.15)


def test_seasons_average_to_the_stated_volume():
    year = [effects.sales_season(day) for day in days(date(2025, 1, 1), 365)]
    assert sum(year) / 365 == pytest.approx(1, abs=0.005)
    for weekday in (effects.SALES_WEEKDAY, effects.BANK_WEEKDAY, effects.SUPPORT_WEEKDAY):
        assert sum(weekday) == pytest.approx(7)
    assert sum(effects.MONTH_SHARE_PCT) == pytest.approx(100)


def against_ordinary_days(two_years: pl.DataFrame) -> pl.DataFrame:
    """Lines of each day divided by the mean of the ordinary days of that month, its weekday's pattern removed."""
    black_fridays = [date(2025, 11, 28), date(2026, 11, 27)]
    special = pl.col("day").is_in([friday + timedelta(days=n) for friday in black_fridays for n in (-1, 0, 3)])
    special |= (pl.col("day").dt.month() == 12) & pl.col("day").dt.day().is_between(17, 25)
    patterns = pl.col("day").dt.weekday().replace_strict(dict(enumerate(effects.SALES_WEEKDAY, start=1)))
    plain = two_years.with_columns(special=special, lines=pl.col("lines") / patterns)
    month = pl.col("day").dt.truncate("1mo")
    ordinary = pl.col("lines").filter(~pl.col("special")).mean().over(month)
    return plain.with_columns(ratio=pl.col("lines") / ordinary)


def test_weekdays_have_their_pattern(two_years):
    ordinary = two_years.filter(~pl.col("day").dt.month().is_in([11, 12]))
    means = ordinary.group_by(pl.col("day").dt.weekday()).agg(pl.col("lines").mean()).sort("day")["lines"]
    assert (means / means.mean()).to_list() == pytest.approx(effects.SALES_WEEKDAY, abs=0.04)


def test_holidays_have_their_peaks_and_closing_days_sell_online_only(two_years):
    ratio = dict(against_ordinary_days(two_years).select("day", "ratio").iter_rows())
    for friday in (date(2025, 11, 28), date(2026, 11, 27)):
        assert ratio[friday] == pytest.approx(effects.BLACK_FRIDAY, rel=0.1)
        assert ratio[friday + timedelta(days=3)] == pytest.approx(effects.CYBER_MONDAY, rel=0.1)
        before_christmas = [ratio[date(friday.year, 12, number)] for number in range(17, 25)]
        assert np.mean(before_christmas) == pytest.approx(effects.BEFORE_CHRISTMAS, rel=0.05)
        closed = [friday - timedelta(days=1), date(friday.year, 12, 25)]
        assert [ratio[day] for day in closed] == pytest.approx([effects.CLOSING_DAY] * 2, rel=0.1)
        assert two_years.filter(pl.col("day").is_in(closed))["in_shops"].to_list() == [0, 0]
    assert two_years.filter(pl.col("in_shops") == 0).height == 4


def test_consumer_confidence_leads_revenue_by_two_months(two_years):
    def confidence(month: int) -> float:
        """In the month that many months after January 2025."""
        year, index = divmod(2025 * 12 + month, 12)
        figures = table("finance.economic_indicators", date(year, index + 1, 15), 1)
        return float(figures.filter(indicator="consumer_confidence")["indicator_value"].item())

    months = two_years.group_by(pl.col("day").dt.truncate("1mo"), maintain_order=True).agg(pl.col("revenue").sum())
    revenue = months["revenue"].to_numpy()
    # Against the same month of the year before, which removes the season.
    growth = revenue[12:] / revenue[:12] - 1
    rises = {
        lead: [confidence(month - lead) - confidence(month - lead - 12) for month in range(12, 24)]
        for lead in range(-2, 6)
    }
    found = {lead: float(np.corrcoef(rise, growth)[0, 1]) for lead, rise in rises.items()}
    lead = effects.CONFIDENCE_LEAD_MONTHS
    assert max(found, key=found.__getitem__) == lead
    assert found[lead] > 0.9
    growth_of_a_point = np.polyfit(rises[lead], growth, 1)[0]
    assert growth_of_a_point == pytest.approx(1 / effects.CONFIDENCE_POINTS, rel=0.15)


def test_customers_leave_by_the_month_of_their_tenure_and_more_in_the_west():
    last = date(2026, 6, 30)
    left_on = pl.when("is_active").then(pl.lit(last)).otherwise(pl.col("updated_at").dt.date())
    customers = table("sales.customers", last, 20).with_columns(
        month=(left_on - pl.col("signup_date")).dt.total_days().sub(1) // effects.TENURE_MONTH_DAYS + 1
    )

    def hazard(month: int, among: pl.DataFrame = customers) -> float:
        at_risk = among.filter(pl.col("month") >= month)
        return at_risk.filter(~pl.col("is_active"), pl.col("month") == month).height / at_risk.height

    for month, share in enumerate(effects.CHURN_HAZARD, start=1):
        assert hazard(month) == pytest.approx(share, abs=0.008 if share > 0.1 else 0.003), month
    for month in (7, 12, 20):
        assert hazard(month) == pytest.approx(effects.CHURN_LATER, abs=0.003), month
    west = pl.col("region") == "West"
    ratio = hazard(3, customers.filter(west)) / hazard(3, customers.filter(~west))
    assert ratio == pytest.approx(effects.REGION_CHURN["West"], abs=0.08)


def test_dearer_products_sell_fewer_units():
    def demand(day: date) -> pl.DataFrame:
        sold = table("sales.sales_transactions", day, 50)
        by_product = sold.group_by("product_id").agg(
            units=pl.col("quantity").sum(), price=pl.col("unit_price_amount").first()
        )
        return by_product.join(table("sales.products", day, 50).select("product_id", "category"), on="product_id")

    both = demand(date(2025, 4, 9)).join(demand(date(2026, 4, 8)), on=["product_id", "category"], suffix="_later")
    # New products take custom from all best sellers, or all others, of their category alike: compare within.
    is_best = pl.col("units").rank(descending=True).over("category") <= pl.len().over("category") / 5
    both = both.with_columns(
        group=pl.concat_str("category", is_best),
        units=(pl.col("units_later") / pl.col("units")).log(),
        price=(pl.col("price_later") / pl.col("price")).log(),
        weight=1 / (1 / pl.col("units") + 1 / pl.col("units_later")),
    )
    weighted_mean = (pl.col("units", "price") * pl.col("weight")).sum() / pl.col("weight").sum()
    both = both.with_columns(pl.col("units", "price") - weighted_mean.over("group"))
    slope = (both["weight"] * both["price"] * both["units"]).sum() / (both["weight"] * both["price"] ** 2).sum()
    assert slope == pytest.approx(-effects.PRICE_ELASTICITY, abs=0.15)


def test_list_prices_change_by_the_planted_steps():
    # Less than the 200 days between two changes, so that at most one lies in between.
    before, after = (table("sales.products", day, 1) for day in (date(2025, 4, 1), date(2025, 10, 15)))
    both = before.join(after, on="product_id", suffix="_after")
    changes = both["list_price_amount_after"] / both["list_price_amount"]
    steps = (*effects.PRICE_STEPS_PCT, effects.PRICE_STEPS_PCT[0])
    planted = [1.0, *(to / of for of, to in pairwise(steps))]
    nearest = [min(planted, key=lambda step: abs(step - change)) for change in changes]
    assert changes.to_list() == pytest.approx(nearest, abs=0.01)
    assert set(nearest) == set(planted)


def lines_after_touch(spring: dict[str, pl.DataFrame], touches: pl.DataFrame) -> float:
    """Mean number of lines that those touched bought in the days of influence."""
    pairs = touches.join(spring["sales"].select("customer_id", "day"), on="customer_id")
    since = pl.col("day") - pl.col("touch_date")
    return pairs.filter(since > timedelta(0), since <= UNTIL_INFLUENCE_ENDS).height / touches.height


def lift_of(spring: dict[str, pl.DataFrame], campaign: dict[str, object]) -> tuple[float, float]:
    """Lines bought after delivered touches, and lines that as many untouched customers of the audience bought."""
    audience = spring["customers"].filter(
        pl.lit(campaign["audience"] == "all") | (pl.col("segment") == campaign["audience"])
    )
    mine = spring["touches"].filter(campaign_id=campaign["campaign_id"]).join(audience, on="customer_id", how="semi")
    others = audience.join(mine, on="customer_id", how="anti")
    bought = others.join(spring["sales"], on="customer_id").group_by("day").len()
    per_day = {day: count / others.height for day, count in bought.iter_rows()}
    treated = mine.filter("is_delivered", pl.col("touch_date") + UNTIL_INFLUENCE_ENDS <= max(per_day))
    expected = sum(
        count * sum(per_day[day + timedelta(days=after)] for after in range(1, effects.LIFT_DAYS + 1))
        for day, count in treated.group_by("touch_date").len().iter_rows()
    )
    return (lines_after_touch(spring, treated) * treated.height, expected) if treated.height else (0.0, 0.0)


def test_touches_raise_purchases_by_the_lift_of_their_channel(spring):
    campaigns = spring["campaigns"].filter(~pl.col("is_ab_test"), pl.col("start_date") >= SPRING[0])
    for channel, lift in effects.CAMPAIGN_LIFT.items():
        found = [lift_of(spring, campaign) for campaign in campaigns.filter(channel=channel).iter_rows(named=True)]
        assert sum(bought for bought, _ in found) / sum(expected for _, expected in found) == pytest.approx(
            lift, abs=0.08
        ), channel


def test_the_ab_tested_promotion_has_its_effect(spring):
    tests = spring["campaigns"].filter("is_ab_test", pl.col("start_date") >= SPRING[0])
    last = spring["sales"]["day"].max()
    touched = spring["touches"].join(tests, on="campaign_id").join(spring["customers"], on="customer_id", how="semi")
    touched = touched.filter(pl.col("touch_date") + UNTIL_INFLUENCE_ENDS <= last)
    control, treatment = touched.filter(variant="control"), touched.filter(variant="treatment")
    assert set(tests["discount_pct"]) == {effects.AB_TEST_DISCOUNT_PCT}
    assert control.height == pytest.approx(treatment.height, rel=0.15)
    assert not control["is_delivered"].any()
    assert control["cost_amount"].sum() == 0
    ratio = lines_after_touch(spring, treatment.filter("is_delivered")) / lines_after_touch(spring, control)
    assert ratio == pytest.approx(effects.AB_TEST_LIFT, abs=0.08)


def test_three_to_five_campaigns_run_at_any_time_and_are_known_two_weeks_ahead():
    running = []
    for day, next_day in pairwise(days(date(2025, 1, 1), 60)):
        now, then = (table("sales.marketing_campaigns", when, 0.2) for when in (day, next_day))
        running.append(now.filter(status="running").height)
        started = then.filter(pl.col("start_date") == next_day)
        before = table("sales.marketing_campaigns", next_day - timedelta(days=14), 0.2)
        assert set(started["campaign_id"]) <= set(before.filter(status="planned")["campaign_id"])
    assert min(running) >= 3
    assert max(running) <= 5
