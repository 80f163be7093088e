"""The planted effects of deliveries, stock, support and budgets are found again in the delivered tables."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from database.generator import effects
from tests.generator.delivered import EIGHT_WEEKS, check_hours, check_weekdays, days, table, tables

SCALE = 20
DATES = days(date(2025, 4, 8), 3)
CARRIERS = ("counter", "parcel", "express", "freight")


def after(dates: list[date], count: int) -> list[date]:
    """The dates, each so many days later."""
    return [day + timedelta(days=count) for day in dates]


@pytest.fixture(scope="module")
def arrivals() -> pl.DataFrame:
    """Parcels that arrived on the dates or the day after; whether each was late."""
    moved = tables("operations.shipments", [*DATES, *after(DATES[-1:], 1)], SCALE)
    is_late = pl.col("event_at").dt.date() > pl.col("promised_date")
    return moved.filter(pl.col("shipment_event") == "delivered").with_columns(is_late=is_late)


@pytest.fixture(scope="module")
def contacts() -> pl.DataFrame:
    return tables("operations.customer_interactions", DATES, SCALE)


def test_each_carrier_is_as_often_late_as_planted(arrivals):
    late = dict(arrivals.group_by("carrier").agg(pl.col("is_late").mean()).iter_rows())
    assert set(late) == set(CARRIERS[1:])
    for carrier, share in late.items():
        assert share == pytest.approx(effects.LATE_SHARE[CARRIERS.index(carrier)], abs=0.012), carrier
    promise = arrivals.select("carrier", promised_days=(pl.col("promised_date") - pl.col("sold_date")).dt.total_days())
    assert set(promise.unique().rows()) == set(zip(CARRIERS[1:], effects.PROMISED_DAYS[1:], strict=True))


def test_goods_are_lost_in_the_planted_share_of_what_leaves():
    stock = tables("operations.inventory_levels", DATES, SCALE)
    lost = stock["written_off_units"].sum() / stock["shipped_units"].sum()
    assert lost == pytest.approx(effects.SHRINKAGE_SHARE, abs=0.001)


def test_contacts_have_their_volume_weekdays_and_hours():
    made = tables("operations.customer_interactions", EIGHT_WEEKS, 1)
    assert made.height / len(EIGHT_WEEKS) == pytest.approx(effects.INTERACTIONS_PER_DAY, rel=0.02)
    check_weekdays(made, effects.SUPPORT_WEEKDAY)
    check_hours(made["interaction_at"], effects.SUPPORT_HOURS)


def test_customers_contact_support_more_often_before_they_leave(contacts):
    contacts_per_customer = {}
    for leaving in (True, False):
        made = customers = 0
        for day, later in zip(DATES, after(DATES, effects.BEFORE_LEAVING_DAYS), strict=True):
            now, then = (table("sales.customers", when, SCALE).filter("is_active") for when in (day, later))
            group = now.join(then, on="customer_id", how="anti" if leaving else "semi")
            of_day = contacts.filter(pl.col("day") == day)
            made += of_day.join(group, on="customer_id", how="semi").height
            customers += group.height
        contacts_per_customer[leaving] = made / customers
    factor = contacts_per_customer[True] / contacts_per_customer[False]
    assert factor == pytest.approx(effects.BEFORE_LEAVING_FACTOR, rel=0.08)


def test_a_late_parcel_leads_to_a_contact_about_delivery_on_the_next_day(arrivals, contacts):
    sales_days = days(DATES[0] - timedelta(days=6), 8)
    buyers = tables("sales.sales_transactions", sales_days, SCALE).select("transaction_id", "customer_id")
    overdue = (
        arrivals.filter("is_late")
        .join(buyers, on="transaction_id")
        .with_columns(day=pl.col("promised_date") + timedelta(days=1))
    )
    active = tables("sales.customers", DATES, SCALE).filter("is_active").select("day", "customer_id")
    overdue = overdue.join(active, on=["day", "customer_id"])
    about_delivery = contacts.filter(pl.col("topic") == "delivery")
    waiting = overdue.select("day", "customer_id").unique()
    by_waiting = about_delivery.join(waiting, on=["day", "customer_id"], how="semi").height
    others = about_delivery.height - by_waiting
    usual = others / (active.height - waiting.height)
    share = (by_waiting - usual * waiting.height) / overdue.height
    assert overdue.height > 2000
    assert share == pytest.approx(effects.LATE_CONTACT_SHARE, abs=0.03)


def test_cost_centers_deviate_from_their_budget_as_planted():
    dates = [*days(date(2026, 4, 1), 5), date(2026, 4, 30)]  # rent is paid on the first of a month, wages on the last
    stores = table("sales.stores", dates[-1], SCALE)
    center = pl.when(pl.col("store_type") == "online").then(pl.lit("online")).otherwise(pl.col("region"))
    booked = tables("finance.gl_entries", dates, SCALE)
    booked = booked.join(stores.select(cost_center="store_id", of_shop=center), on="cost_center", how="left")
    actual = booked.group_by("gl_account", cost_center=pl.coalesce("of_shop", "cost_center")).agg(
        actual=(pl.col("debit_amount") - pl.col("credit_amount")).sum().abs()
    )
    plan = table("finance.budgets", dates[-1], SCALE).filter(pl.col("budget_month") == dates[0])
    both = plan.join(actual, on=["gl_account", "cost_center"], how="left")
    assert both["actual"].null_count() == 0
    planted = pl.col("cost_center").replace_strict(effects.ACTUAL_OVER_BUDGET)
    # Shops that opened or closed after the approval change wages and rent of their region.
    compared = both.filter(
        pl.col("gl_account").is_in(["4000", "5000"])
        | (
            pl.col("gl_account").is_in(["6000", "6100"])
            & pl.col("cost_center").is_in(["online", "head_office", "bank"])
        )
    ).with_columns(deviation=pl.col("actual") / pl.col("budget_amount"), planted=planted)
    # Of the month's sales these are some days, which the season and the economy move for all centers alike.
    for sales, group in compared.group_by(pl.col("gl_account") < "6000"):
        share = group["actual"].sum() / group.select(pl.col("budget_amount") * pl.col("planted")).sum().item()
        for row in group.iter_rows(named=True):
            found = row["deviation"] / (share if sales[0] else 1)
            assert found == pytest.approx(row["planted"], abs=0.04), row
    assert compared.height == 15
