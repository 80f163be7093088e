"""What the bank's tables say agrees with sales, returns, customers and with each other, over days."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from database.generator import effects
from tests.generator.delivered import days, table, tables

DATES = days(date(2025, 11, 1), 34)  # longer than a month, so that loans show two instalments
LAST = DATES[-1]
SCALE = 1.5
EVENTS = ("sales.sales_transactions", "operations.shipments", "operations.fraud_alerts", "finance.transactions")
LISTS = ("finance.credit_applications", "finance.merchants", "sales.customers")


@pytest.fixture(scope="module")
def books() -> dict[str, pl.DataFrame]:
    """Events of five weeks, accounts of each day, and the last day's other lists."""
    found = {name: tables(name, DATES, SCALE) for name in (*EVENTS, "finance.loan_payments", "finance.accounts")}
    return found | {name: table(name, LAST, SCALE) for name in LISTS}


def settling(books: dict[str, pl.DataFrame], letter: str, kind: str) -> pl.DataFrame:
    """Movements of a kind whose reference begins with the letter: sold lines T, loans L."""
    return (
        books["finance.transactions"]
        .filter(pl.col("reference").str.starts_with(letter), pl.col("transaction_type") == kind)
        .select("reference", "account_id", "merchant_id", "transacted_at", "channel", "transaction_amount", "status")
        .sort("reference")
    )


def test_each_sale_on_our_card_is_one_purchase_at_the_store(books):
    stores = books["finance.merchants"].drop_nulls("store_id").select("store_id", "merchant_id")
    channel = pl.col("channel").replace_strict({"store": "pos", "web": "online", "mobile": "mobile", "phone": "online"})
    expected = (
        books["sales.sales_transactions"]
        .drop_nulls("card_account_id")
        .join(stores, on="store_id", how="left")
        .select(
            pl.col("transaction_id").alias("reference"),
            pl.col("card_account_id").alias("account_id"),
            "merchant_id",
            pl.col("sold_at").alias("transacted_at"),
            channel,
            -pl.col("revenue_amount").alias("transaction_amount"),
            pl.lit("posted").alias("status"),
        )
        .sort("reference")
    )
    assert expected.height > 10_000
    assert_frame_equal(settling(books, "T", "purchase"), expected)


def test_our_stores_take_no_other_purchases_of_our_cards(books):
    own = books["finance.merchants"].drop_nulls("store_id")["merchant_id"]
    at_stores = books["finance.transactions"].filter(pl.col("merchant_id").is_in(own.to_list()))
    assert at_stores["reference"].null_count() == 0
    assert at_stores["reference"].str.starts_with("T").all()


def test_each_return_of_a_card_sale_is_one_refund(books):
    sold = books["sales.sales_transactions"].drop_nulls("card_account_id")
    returned = books["operations.shipments"].filter(pl.col("shipment_event") == "returned")
    expected = returned.join(sold, on="transaction_id").select(
        pl.col("transaction_id").alias("reference"),
        pl.col("card_account_id").alias("account_id"),
        pl.col("event_at").alias("transacted_at"),
        pl.col("revenue_amount").alias("transaction_amount"),
    )
    refunds = settling(books, "T", "refund")
    known = refunds.filter(pl.col("reference").is_in(sold["transaction_id"].to_list()))
    assert expected.height > 100
    assert_frame_equal(known.select(expected.columns), expected.sort("reference"))
    earlier = refunds.height - known.height  # lines that were sold before the first of these days
    assert 0 < earlier < 0.5 * refunds.height
    assert set(refunds["status"]) == {"posted"}


def test_each_approved_loan_is_paid_out_when_it_is_decided(books):
    loans = books["finance.credit_applications"].filter(
        pl.col("application_status") == "approved", pl.col("decided_at").dt.date() >= DATES[0]
    )
    expected = loans.select(
        pl.col("application_id").alias("reference"),
        "account_id",
        pl.col("decided_at").alias("transacted_at"),
        pl.col("approved_amount").alias("transaction_amount"),
        pl.lit("posted").alias("status"),
    )
    assert expected.height > 10
    assert_frame_equal(settling(books, "L", "deposit").select(expected.columns), expected.sort("reference"))


def test_each_instalment_that_is_paid_leaves_its_account(books):
    paid = books["finance.loan_payments"].filter(pl.col("payment_status") != "missed")
    expected = paid.select(
        pl.col("payment_id").alias("reference"),
        "account_id",
        pl.col("event_at").alias("transacted_at"),
        -pl.col("paid_amount").alias("transaction_amount"),
        pl.lit("posted").alias("status"),
    )
    assert set(paid["payment_status"]) == {"paid", "late"}
    assert_frame_equal(settling(books, "L", "transfer").select(expected.columns), expected.sort("reference"))


def test_only_accounts_in_use_move(books):
    moved = books["finance.transactions"].select("account_id", "day").unique()
    states = moved.join(books["finance.accounts"].select("account_id", "day", "status"), on=["account_id", "day"])
    assert states.height == moved.height
    assert set(states["status"]) == {"active"}


def test_loans_follow_their_plan_month_by_month(books):
    payments = books["finance.loan_payments"].with_columns(
        is_right=(pl.col("principal_amount") + pl.col("interest_amount") - pl.col("due_amount")).abs() < 0.005,
        expected=pl.when(pl.col("payment_status") == "missed").then(0.0).otherwise("due_amount"),
    )
    assert payments["is_right"].all()
    assert (payments["paid_amount"] == payments["expected"]).all()
    due = payments.filter(pl.col("payment_status") != "late")
    assert (due["due_date"] == due["day"]).all()
    assert (due["days_late"] == 0).all()
    pairs = due.join(
        due.with_columns(pl.col("instalment_number") - 1), on=["application_id", "instalment_number"], suffix="_next"
    )
    assert pairs.height > 30
    assert (pairs["due_date"].dt.offset_by("1mo") == pairs["due_date_next"]).all()
    left = pairs["outstanding_amount"] - pairs["principal_amount_next"] - pairs["outstanding_amount_next"]
    assert left.abs().max() < 0.005
    loans = books["finance.credit_applications"].select(
        "application_id", "term_months", "decided_at", "approved_amount"
    )
    with_loan = due.join(loans, on="application_id")
    assert with_loan.height == due.height
    last = with_loan["instalment_number"] == with_loan["term_months"]
    assert ((with_loan["outstanding_amount"] == 0) == last).all()
    first = with_loan.filter(pl.col("instalment_number") == 1)
    assert first.height > 0
    rest = first["approved_amount"] - first["principal_amount"] - first["outstanding_amount"]
    assert rest.abs().max() < 0.005


def test_each_running_loan_has_one_instalment_a_month(books):
    november = pl.col("day").dt.month() == DATES[0].month
    due = books["finance.loan_payments"].filter(november, pl.col("payment_status") != "late")
    approved = books["finance.credit_applications"].filter(pl.col("application_status") == "approved")
    paid_out = 12 * pl.col("decided_at").dt.year() + pl.col("decided_at").dt.month()
    running = approved.with_columns(months=12 * DATES[0].year + DATES[0].month - paid_out).filter(
        pl.col("months").is_between(1, pl.col("term_months"))
    )
    expected = running.select("application_id", pl.col("months").alias("instalment_number")).sort("application_id")
    assert expected.height > 100
    found = due.select("application_id", "instalment_number").sort("application_id")
    assert_frame_equal(found, expected, check_dtypes=False)


def test_late_payments_make_up_for_a_missed_instalment_once(books):
    payments = books["finance.loan_payments"]
    key = ["application_id", "instalment_number", "due_date"]
    missed = payments.filter(pl.col("payment_status") == "missed")
    late = payments.filter(pl.col("payment_status") == "late")
    assert late.select(key).is_unique().all()
    assert set(late["days_late"]) <= set(effects.LATE_DAYS)
    since = late.filter(pl.col("due_date") >= DATES[0])
    assert since.height > 0
    assert since.join(missed, on=key).height == since.height
    assert ((late["day"] - late["due_date"]).dt.total_days() == late["days_late"]).all()


def test_alerts_are_about_purchases_of_the_day_and_decided_once(books):
    alerts, moves = books["operations.fraud_alerts"], books["finance.transactions"]
    opened = alerts.filter(pl.col("alert_status") == "open")
    about = opened.join(moves, on="transaction_id", suffix="_move")
    assert about.height == opened.height > 0
    assert set(about["transaction_type"]) == {"purchase"}
    assert (about["account_id"] == about["account_id_move"]).all()
    assert (about["event_at"] >= about["transacted_at"]).all()
    assert (about["day"] == about["day_move"]).all()

    decided = alerts.filter(pl.col("alert_status") != "open", pl.col("day") > DATES[max(effects.ALERT_DAYS) - 1])
    outcome = decided.join(about, on=["alert_id", "account_id", "alert_rule", "risk_score"], suffix="_open")
    assert outcome.height == decided.height
    assert decided["alert_id"].is_unique().all()
    assert ((outcome["alert_status"] == "confirmed") == outcome["is_fraud"]).all()
    confirmed = outcome.filter("is_fraud")
    lost = pl.when(pl.col("status") == "posted").then(-pl.col("transaction_amount")).otherwise(0.0)
    assert confirmed["loss_amount"].eq_missing(confirmed.select(lost).to_series()).all()
    assert set(confirmed["status"]) == {"posted", "declined"}
    assert outcome.filter(~pl.col("is_fraud"))["loss_amount"].null_count() == outcome.height - confirmed.height


def test_credit_is_asked_for_by_customers_with_an_account(books):
    asked = books["finance.credit_applications"].join(
        books["finance.accounts"].filter(pl.col("day") == LAST), on=["account_id", "customer_id"]
    )
    assert asked.height == books["finance.credit_applications"].height
    assert set(asked["account_type"]) == {"checking"}
    assert (asked["applied_at"].dt.date() >= asked["opened_date"]).all()
    by_customer = asked.sort("applied_at").with_columns(before=pl.col("decided_at").shift().over("customer_id"))
    again = by_customer.drop_nulls("before")
    assert again.height > 0
    assert (again["applied_at"] > again["before"]).all()


def test_nobody_asks_for_credit_after_leaving():
    window = timedelta(days=60)
    before, after = date(2025, 10, 1), date(2025, 10, 1) + window
    gone = table("sales.customers", before, SCALE).filter(~pl.col("is_active"))["customer_id"]
    asked = table("finance.credit_applications", after, SCALE).filter(pl.col("applied_at").dt.date() > before)
    assert len(gone) > 100
    assert asked.height > 0
    assert not set(gone) & set(asked["customer_id"])
