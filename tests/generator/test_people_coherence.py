"""People, campaigns and sales tell one story: no step comes before the one that it needs."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from database.generator import effects
from tests.generator.delivered import days, table, tables

DATES = days(date(2026, 4, 20), 10)
SNAPSHOTS = ("sales.customers", "sales.marketing_campaigns", "operations.users", "operations.onboarding")
EVENTS = ("sales.sales_transactions", "sales.campaign_touches", "operations.customer_interactions")


@pytest.fixture(scope="module")
def story() -> dict[str, pl.DataFrame]:
    """Ten days at scale 2: lists as of the last day, and all events."""
    lists = {name: table(name, DATES[-1], 2) for name in (*SNAPSHOTS, "finance.accounts")}
    return lists | {name: tables(name, DATES, 2) for name in EVENTS}


def left_on(customers: pl.DataFrame) -> pl.DataFrame:
    """Customers who have left, and the day on which they did."""
    return customers.filter(~pl.col("is_active")).select("customer_id", left_on=pl.col("updated_at").dt.date())


@pytest.mark.parametrize("name", EVENTS)
def test_only_customers_who_have_signed_up_and_not_left_do_or_receive_anything(name, story):
    done = story[name].join(story["sales.customers"].select("customer_id", "signup_date"), on="customer_id")
    assert done.height == story[name].height > 1000
    assert (done["day"] >= done["signup_date"]).all()
    after = done.join(left_on(story["sales.customers"]), on="customer_id").filter(pl.col("day") >= pl.col("left_on"))
    assert after.is_empty()


def test_some_customers_left_in_these_days_and_had_bought_before(story):
    left = left_on(story["sales.customers"]).filter(pl.col("left_on") > DATES[0])
    assert left.join(story["sales.sales_transactions"], on="customer_id", how="semi").height > 3


def test_applicants_have_registered_and_are_decided_after_they_applied(story):
    checked = story["operations.onboarding"].join(story["operations.users"], on="user_id", suffix="_user")
    assert checked.height == story["operations.onboarding"].height > 1000
    assert (checked["submitted_at"] >= checked["registered_at"]).all()
    assert (checked["decided_at"].drop_nulls().len()) > 1000
    assert (checked.drop_nulls("decided_at").select(pl.col("decided_at") > pl.col("submitted_at")))["decided_at"].all()
    assert set(checked["kyc_status"]) == {"pending", "completed", "rejected"}


def test_people_without_login_buy_neither_on_the_web_nor_by_mobile(story):
    without = story["sales.customers"].filter(pl.col("user_id").is_null())
    bought = story["sales.sales_transactions"].join(without, on="customer_id", how="semi")
    assert set(bought["channel"]) == {"store", "phone"}


def test_logins_of_customers_are_deleted_only_after_they_left(story):
    deleted = story["operations.users"].filter("is_deleted").select("user_id", deleted_at="updated_at")
    gone = story["sales.customers"].join(deleted, on="user_id")
    assert gone.height > 20
    assert not gone["is_active"].any()
    assert (gone["deleted_at"] > gone["updated_at"]).all()


def test_touches_belong_to_a_running_campaign_and_its_audience_once_each(story):
    touched = story["sales.campaign_touches"].join(story["sales.marketing_campaigns"], on="campaign_id", suffix="_of")
    assert touched.height == story["sales.campaign_touches"].height
    assert touched["day"].is_between(touched["start_date"], touched["end_date"]).all()
    assert (touched["channel"] == touched["channel_of"]).all()
    assert touched.select(pl.struct("campaign_id", "customer_id").is_unique().all()).item()
    segments = touched.join(story["sales.customers"].select("customer_id", "segment"), on="customer_id")
    assert segments.filter((pl.col("audience") != "all") & (pl.col("audience") != pl.col("segment"))).is_empty()
    assert set(segments["audience"]) > {"all"}


def test_only_ab_tests_hold_customers_back_and_what_is_clicked_was_opened_and_delivered(story):
    touched = story["sales.campaign_touches"].join(story["sales.marketing_campaigns"], on="campaign_id", suffix="_of")
    control = pl.col("variant") == "control"
    assert touched.filter(control, ~pl.col("is_ab_test")).is_empty()
    assert touched.filter(control, pl.col("is_delivered") | (pl.col("cost_amount") > 0)).is_empty()
    assert touched.filter(~control, pl.col("cost_amount") == 0).is_empty()
    assert touched.filter("is_clicked", ~pl.col("is_opened")).is_empty()
    assert touched.filter("is_opened", ~pl.col("is_delivered")).is_empty()
    assert 0 < touched["is_clicked"].sum() < touched["is_opened"].sum() < touched["is_delivered"].sum()


def test_promised_discounts_are_redeemed_by_customers_who_were_promised_them(story):
    promotions = story["sales.marketing_campaigns"].filter(pl.col("discount_pct") > 0)
    promised = story["sales.campaign_touches"].filter("is_delivered").join(promotions, on="campaign_id")
    promised = promised.select("customer_id", "discount_pct", touched="day").unique("customer_id", keep="none")
    bought = story["sales.sales_transactions"].drop_nulls(["revenue_amount", "discount_amount"])
    since = (pl.col("day") - pl.col("touched")).dt.total_days()
    pairs = bought.join(promised, on="customer_id").filter(since.is_between(1, effects.LIFT_DAYS))
    share = pl.col("discount_amount") / (pl.col("unit_price_amount") * pl.col("quantity")) * 100
    discounted = pairs.filter(pl.col("discount_amount") > 0)
    assert discounted.height > 100
    assert discounted.select(((share - pl.col("discount_pct")).abs() < 0.5).mean()).item() > 0.8
    assert pairs["discount_amount"].sum() / (pairs["unit_price_amount"] * pairs["quantity"]).sum() == pytest.approx(
        effects.MEAN_DISCOUNT, abs=0.01
    )
