"""Sales, shipments, stock, bank and ledger tell one story, to the unit and to the cent."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.generator.delivered import days, table, tables

DATES = days(date(2026, 4, 14), 24)  # wages on 30 April, rent on 1 May
SCALE = 1
CELL = ["product_id", "warehouse_region"]
MOST_DAYS_TO_SHIP, MOST_DAYS_ON_THE_ROAD = 2, 4


@pytest.fixture(scope="module")
def books() -> dict[str, pl.DataFrame]:
    """Every table of events and the stock, of all the days; stores and customers with region as of each day."""
    names = ("sales.sales_transactions", "operations.shipments", "operations.inventory_levels", "finance.gl_entries")
    others = ("finance.transactions", "finance.loan_payments", "operations.fraud_alerts", "sales.campaign_touches")
    found = {name.split(".")[1]: tables(name, DATES, SCALE) for name in (*names, *others)}
    customers = tables("sales.customers", DATES, SCALE).select("day", "customer_id", customer_region="region")
    stores = tables("sales.stores", DATES, SCALE).select(
        "day", "store_id", "store_type", "is_open", store_region="region"
    )
    sold = found["sales_transactions"].join(customers, on=["day", "customer_id"]).join(stores, on=["day", "store_id"])
    applications = table("finance.credit_applications", DATES[-1], SCALE)
    return found | {"sold": sold, "stores": stores, "applications": applications}


def events(books: dict[str, pl.DataFrame], kind: str) -> pl.DataFrame:
    return books["shipments"].filter(pl.col("shipment_event") == kind)


def cents(column: str) -> pl.Expr:
    return (pl.col(column) * 100).round().cast(pl.Int64)


def of_kind(books: dict[str, pl.DataFrame], kind: str) -> pl.DataFrame:
    """The ledger's lines of a document type; `amount` in cents, debits above 0 and credits below."""
    amount = cents("debit_amount") - cents("credit_amount")
    return books["gl_entries"].filter(pl.col("document_type") == kind).with_columns(amount=amount)


def accounts_of(books: dict[str, pl.DataFrame], kind: str, debit: str) -> pl.DataFrame:
    """One row for each journal of two lines that debits the account: document, other account, cents."""
    lines = of_kind(books, kind)
    debits = lines.filter(pl.col("amount") > 0, pl.col("gl_account") == debit)
    opposite = lines.filter(pl.col("amount") < 0).select("journal_id", other="gl_account", credit=-pl.col("amount"))
    both = debits.join(opposite, on="journal_id", validate="1:1")
    assert both["amount"].equals(both["credit"])
    return both.select("day", "document_id", "cost_center", "posted_at", "other", "amount")


def test_every_sold_line_leaves_once_and_whole_at_the_counter_or_within_two_days(books):
    lines = books["sold"].filter(pl.col("day") <= DATES[-1 - MOST_DAYS_TO_SHIP])
    left = events(books, "shipped").filter(pl.col("sold_date").is_in(lines["day"].unique().to_list()))
    both = lines.join(left, on=["transaction_id", "product_id", "store_id", "quantity"], validate="1:1")
    assert both.height == lines.height == left.height > 30_000
    assert (both["sold_date"] == both["day"]).all()
    over_counter = both["channel"] == "store"
    assert ((both["carrier"] == "counter") == over_counter).all()
    assert (both["event_at"] == both["sold_at"]).filter(over_counter).all()
    waits = (both["day_right"] - both["day"]).dt.total_days()
    assert waits.unique().sort().to_list() == [0, 1, 2]
    assert (both["event_at"] >= both["sold_at"]).all()
    assert (books["shipments"]["event_at"].dt.date() == books["shipments"]["day"]).all()


def test_every_parcel_arrives_once_within_four_days_and_nothing_else_does(books):
    settled = pl.col("day") <= DATES[-1 - MOST_DAYS_ON_THE_ROAD]
    left = events(books, "shipped").filter(settled, pl.col("carrier") != "counter")
    arrived = events(books, "delivered").join(left, on="shipment_id", suffix="_left", validate="1:1")
    assert arrived.height == left.height > 5000
    travel = (arrived["day"] - arrived["day_left"]).dt.total_days()
    assert travel.min() >= 1
    assert travel.max() <= MOST_DAYS_ON_THE_ROAD
    assert "counter" not in events(books, "delivered")["carrier"]
    promised = books["shipments"]["promised_date"]
    assert (promised.is_null() == (books["shipments"]["carrier"] == "counter")).all()
    assert (promised.drop_nulls() > books["shipments"].filter(promised.is_not_null())["sold_date"]).all()


def test_what_comes_back_is_a_whole_line_that_the_customer_had(books):
    back = events(books, "returned")
    assert back["transaction_id"].is_unique().all()
    both = back.join(books["sold"], on=["transaction_id", "product_id", "store_id", "quantity"], suffix="_sold")
    assert both.height == back.filter(pl.col("sold_date") >= DATES[0]).height > 500
    had = books["shipments"].filter(pl.col("shipment_event") != "returned").group_by("transaction_id")
    had_at = had.agg(pl.col("event_at").max().alias("had_at"))
    assert (both.join(had_at, on="transaction_id").select(pl.col("event_at") > pl.col("had_at")).to_series()).all()
    assert back["return_reason"].null_count() == 0
    assert books["shipments"].drop_nulls("return_reason").height == back.height


def test_goods_leave_and_enter_the_stock_of_the_shop_or_of_the_customers_region(books):
    moved = books["shipments"].join(books["sold"], on="transaction_id", validate="m:1")
    at_counter = pl.col("carrier") == "counter"
    expected = pl.when(at_counter).then(pl.col("store_region")).otherwise(pl.col("customer_region"))
    assert moved.filter(pl.col("warehouse_region") != expected).height == 0
    assert moved.filter(at_counter)["shipping_cost_amount"].sum() == 0
    assert moved.filter(~at_counter, pl.col("shipment_event") != "delivered")["shipping_cost_amount"].min() > 0


def test_stock_of_the_morning_is_that_of_the_evening_before_and_movements_are_those_of_the_shipments(books):
    stock = books["inventory_levels"].sort(*CELL, "day")
    assert (stock["inventory_date"] == stock["day"]).all()
    before = stock.select(pl.col("closing_units").shift(1).over(CELL)).to_series()
    later = stock.filter(before.is_not_null())
    assert later["opening_units"].equals(before.drop_nulls())
    assert later.height > 0.9 * stock.height
    balance = stock["opening_units"] + stock["received_units"] + stock["returned_units"]
    assert (balance - stock["shipped_units"] - stock["written_off_units"]).equals(stock["closing_units"])
    assert stock.select(pl.col(pl.Int32).min() >= 0).row(0).count(False) == 0

    for event, column in (("shipped", "shipped_units"), ("returned", "returned_units")):
        units = events(books, event).group_by("day", *CELL).agg(pl.col("quantity").sum().cast(pl.Int32).alias("units"))
        both = stock.join(units, on=["day", *CELL], how="left").with_columns(pl.col("units").fill_null(0))
        assert both["units"].sum() == units["units"].sum() > 1000
        assert both[column].equals(both["units"], check_names=False)


def test_the_stock_of_a_product_begins_at_nothing_and_is_filled_up_to_its_level():
    stock = table("operations.inventory_levels", date(2023, 1, 1), SCALE)
    assert stock["opening_units"].sum() == 0
    assert (stock["received_units"] == stock["reorder_point_units"]).all()
    later = table("operations.inventory_levels", date(2026, 4, 14), SCALE).filter(pl.col("closing_units") > 0)
    morning = later["closing_units"] + later["shipped_units"] - later["returned_units"]
    assert morning.equals(later["reorder_point_units"], check_names=False)


def test_every_journal_balances_and_its_lines_are_numbered(books):
    lines = books["gl_entries"]
    assert (lines["posted_at"].dt.date() == lines["day"]).all()
    assert ((lines["debit_amount"] > 0) != (lines["credit_amount"] > 0)).all()
    journals = lines.group_by("day", "journal_id").agg(
        debit=cents("debit_amount").sum(),
        credit=cents("credit_amount").sum(),
        numbers=pl.col("journal_line").sort(),
        documents=pl.struct("document_type", "document_id", "cost_center", "posted_at").n_unique(),
    )
    assert journals["debit"].equals(journals["credit"], check_names=False)
    assert journals["documents"].max() == 1
    assert set(journals["numbers"].map_elements(tuple, return_dtype=pl.Object)) == {(1, 2), (1, 2, 3)}
    assert lines.select("document_type", "document_id").is_duplicated().sum() == lines.height  # no line alone
    documents = lines.select("journal_id", "document_type", "document_id").unique()
    assert documents.select("document_type", "document_id").is_unique().all()


PAID_INTO = (
    pl.when(pl.col("card_account_id").is_not_null())
    .then(pl.lit("2000"))
    .when(pl.col("payment_method").is_in(["card", "wallet"]))
    .then(pl.lit("1100"))
    .otherwise(pl.lit("1000"))
)


def test_each_reported_sale_is_one_journal_and_each_return_gives_the_price_back(books):
    lines = books["sales_transactions"]
    reported = lines.drop_nulls("revenue_amount").select(
        document_id="transaction_id",
        cost_center="store_id",
        posted_at="sold_at",
        account=PAID_INTO,
        paid=cents("revenue_amount"),
    )
    assert 0 < lines.height - reported.height < 0.01 * lines.height
    booked = of_kind(books, "sale")
    income = booked.filter(pl.col("amount") < 0)
    assert set(income["gl_account"]) == {"4000"}
    paid = booked.filter(pl.col("amount") > 0).select(
        "document_id", "cost_center", "posted_at", account="gl_account", paid="amount"
    )
    assert_frame_equal(paid.sort("document_id"), reported.sort("document_id"))

    back = events(books, "returned").select("transaction_id", "event_at").join(lines, on="transaction_id")
    repaid = back.select(
        document_id="transaction_id", posted_at="event_at", other=PAID_INTO, amount=cents("revenue_amount")
    )
    booked_back = accounts_of(books, "sale_return", "4050")
    assert booked_back.height == events(books, "returned").height
    same_lines = booked_back.filter(pl.col("document_id").is_in(repaid["document_id"].to_list()))
    assert_frame_equal(same_lines.select(repaid.columns).sort("document_id"), repaid.sort("document_id"))


def test_cost_of_sales_and_goods_are_booked_at_what_they_cost(books):
    by_shop = books["sales_transactions"].group_by("day", cost_center="store_id").agg(amount=cents("cost_amount").sum())
    keys = ["day", "cost_center"]
    booked = accounts_of(books, "cost_of_sales", "5000").select(*keys, "amount")
    assert_frame_equal(booked.sort(keys), by_shop.sort(keys))
    stock = books["inventory_levels"]
    for kind, debit, column in (
        ("goods_received", "1200", "received_units"),
        ("write_off", "5000", "written_off_units"),
    ):
        value = (pl.col(column).cast(pl.Int64) * cents("unit_cost_amount")).sum()
        expected = stock.group_by("day").agg(amount=value).sort("day")
        booked = accounts_of(books, kind, debit).group_by("day").agg(pl.col("amount").sum()).sort("day")
        assert_frame_equal(booked, expected.filter(pl.col("amount") > 0))


def test_returned_goods_enter_the_stock_at_what_they_had_cost(books):
    costs = books["sales_transactions"].select("transaction_id", "cost_amount")
    last_week = events(books, "returned").filter(pl.col("day") >= DATES[14])  # all of them sold on these days
    expected = last_week.join(costs, on="transaction_id").group_by("day").agg(amount=cents("cost_amount").sum())
    booked = accounts_of(books, "cost_of_sales", "1200").filter(pl.col("day") >= DATES[14])
    assert_frame_equal(booked.group_by("day").agg(pl.col("amount").sum()).sort("day"), expected.sort("day"))


def test_customer_deposits_move_in_the_ledger_as_on_the_accounts(books):
    moved = books["transactions"].filter(pl.col("status") == "posted").group_by("day")
    on_accounts = moved.agg(cents=cents("transaction_amount").sum()).sort("day")
    deposits = books["gl_entries"].filter(pl.col("gl_account") == "2000", pl.col("document_type") != "fraud_loss")
    in_ledger = deposits.group_by("day").agg(cents=(cents("credit_amount") - cents("debit_amount")).sum()).sort("day")
    assert_frame_equal(in_ledger, on_accounts)
    fees = books["transactions"].filter(pl.col("transaction_type") == "fee")
    booked = books["gl_entries"].filter(pl.col("gl_account") == "4100")
    assert booked["credit_amount"].sum() == pytest.approx(-fees["transaction_amount"].sum(), abs=0.005)


def test_loans_and_confirmed_fraud_are_booked_one_by_one(books):
    paid = books["loan_payments"].filter(pl.col("payment_status") != "missed")
    lines = of_kind(books, "loan_payment")
    for account, column, sign in (("2000", "paid", 1), ("1300", "principal", -1), ("4200", "interest", -1)):
        booked = lines.filter(pl.col("gl_account") == account).select("document_id", "posted_at", "amount")
        expected = paid.select(document_id="payment_id", posted_at="event_at", amount=sign * cents(f"{column}_amount"))
        assert_frame_equal(booked.sort("document_id"), expected.sort("document_id"))
    lent = books["applications"].filter(
        pl.col("application_status") == "approved", pl.col("decided_at").dt.date() >= DATES[0]
    )
    payouts = accounts_of(books, "loan_payout", "1300").select("document_id", "posted_at", "amount")
    expected = lent.select(document_id="application_id", posted_at="decided_at", amount=cents("approved_amount"))
    assert_frame_equal(payouts.sort("document_id"), expected.sort("document_id"))
    lost = books["fraud_alerts"].filter(pl.col("loss_amount") > 0)
    losses = accounts_of(books, "fraud_loss", "6400").select("document_id", "posted_at", "amount")
    expected = lost.select(document_id="alert_id", posted_at="event_at", amount=cents("loss_amount"))
    assert_frame_equal(losses.sort("document_id"), expected.sort("document_id"))
    assert min(paid.height, lent.height, lost.height) > 0


def test_carriers_and_campaigns_are_paid_for_day_by_day(books):
    for kind, table_name, group, column in (
        ("shipping", "shipments", "carrier", "shipping_cost_amount"),
        ("marketing", "campaign_touches", "channel", "cost_amount"),
    ):
        document = pl.col("day").dt.strftime("%Y%m%d-") + pl.col(group)
        spent = books[table_name].group_by(document_id=document).agg(amount=cents(column).sum())
        expected = spent.filter(pl.col("amount") > 0).sort("document_id")
        account = "6300" if kind == "shipping" else "6200"
        booked = accounts_of(books, kind, account).select("document_id", "amount").sort("document_id")
        assert_frame_equal(booked, expected)


def test_wages_and_rent_are_paid_once_a_month_for_each_open_shop_and_department(books):
    departments = {"head_office", "bank"}
    for kind, account, day in (("payroll", "6000", date(2026, 4, 30)), ("rent", "6100", date(2026, 5, 1))):
        known = books["stores"].filter(pl.col("day") == day)
        shops = known.filter("is_open")
        assert shops.height < known.height
        if kind == "rent":
            shops = shops.filter(pl.col("store_type") != "online")
        booked = accounts_of(books, kind, account)
        assert set(booked["day"]) == {day}
        assert sorted(booked["cost_center"]) == sorted({*shops["store_id"], *departments})
