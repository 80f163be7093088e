"""What `generate` delivers on one date: the contracts, the references, the money, the amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from database import generator
from database.generator import GENERATORS, GeneratorError, generate
from include.contracts import contracts

DATES = [date(2023, 1, 1), date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 5), date(2030, 12, 31)]
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@pytest.mark.parametrize("day", DATES)
def test_every_value_meets_its_contract(day, judge):
    frames = generate(day, 42)
    assert list(frames) == list(contracts())
    for name, frame in frames.items():
        contract = contracts()[name]
        assert judge(contract, frame.write_csv(datetime_format=TIME_FORMAT).splitlines()) == {}, name
        assert frame.height >= contract.min_rows, name


def test_columns_have_the_types_of_the_contract():
    for name, frame in generate(date(2026, 1, 5), 42).items():
        for column in contracts()[name].columns:
            expected = {
                "text": pl.String(),
                "integer": pl.Int32(),
                "date": pl.Date(),
                "timestamptz": pl.Datetime("us", "UTC"),
                "boolean": pl.Boolean(),
                "numeric(14,2)": pl.Decimal(14, 2),
                "numeric(12,4)": pl.Decimal(12, 4),
                "numeric(6,2)": pl.Decimal(6, 2),
            }
            assert frame[column.name].dtype == expected[column.type], f"{name}.{column.name}"


@pytest.mark.parametrize("day", DATES)
def test_references_point_to_rows_of_the_same_date(day):
    frames = generate(day, 42)
    checked = 0
    for name, contract in contracts().items():
        for column in contract.columns:
            if column.references:
                target, key = column.references.rsplit(".", 1)
                orphans = set(frames[name][column.name].drop_nulls()) - set(frames[target][key])
                assert not orphans, f"{name}.{column.name}: {sorted(orphans)[:3]}"
                checked += 1
    assert checked >= 10


@pytest.mark.parametrize("day", DATES)
def test_events_happen_on_the_date_to_those_who_are_there(day):
    frames = generate(day, 42)
    moments = {
        "sales.sales_transactions": "sold_at",
        "sales.campaign_touches": "touched_at",
        "operations.customer_interactions": "interaction_at",
        "finance.transactions": "transacted_at",
    }
    for name, moment in moments.items():
        assert (frames[name][moment].dt.date() == day).all()
        assert frames[name][moment].is_sorted()
    customers = set(frames["sales.customers"].filter("is_active")["customer_id"])
    accounts = set(frames["finance.accounts"].filter(pl.col("status") == "active")["account_id"])
    shops = set(frames["sales.stores"].filter("is_open")["store_id"])
    goods = set(frames["sales.products"].filter("is_active")["product_id"])
    sales = frames["sales.sales_transactions"]
    assert set(sales["customer_id"]) | set(frames["operations.customer_interactions"]["customer_id"]) <= customers
    assert set(sales["store_id"]) <= shops
    assert set(sales["product_id"]) <= goods
    assert set(frames["finance.transactions"]["account_id"]) <= accounts


@pytest.mark.parametrize("day", DATES)
def test_nothing_is_known_before_it_happens(day):
    frames = generate(day, 42)
    plans = {
        "finance.budgets.budget_month",
        "operations.shipments.promised_date",
        "sales.marketing_campaigns.start_date",
        "sales.marketing_campaigns.end_date",
    }
    for name, contract in contracts().items():
        for column in contract.columns:
            if column.type == "timestamptz":
                assert (frames[name][column.name].drop_nulls().dt.date() <= day).all(), f"{name}.{column.name}"
            if column.type == "date" and f"{name}.{column.name}" not in plans:
                assert (frames[name][column.name].drop_nulls() <= day).all(), f"{name}.{column.name}"


def test_revenue_is_price_times_quantity_less_discount_to_the_cent():
    frames = generate(date(2026, 1, 5), 42, scale=10)
    sales = frames["sales.sales_transactions"].join(frames["sales.products"], on="product_id")
    nulls = 0
    for row in sales.iter_rows(named=True):
        assert row["unit_price_amount"] == row["list_price_amount"]
        assert row["cost_amount"] == row["quantity"] * row["unit_cost_amount"]
        nulls += row["revenue_amount"] is None
        if row["revenue_amount"] is not None:
            paid = row["quantity"] * row["unit_price_amount"] - (row["discount_amount"] or Decimal(0))
            assert row["revenue_amount"] == paid
    assert 0 < nulls < 0.01 * sales.height
    assert 0 < sales["discount_amount"].null_count() < 0.01 * sales.height
    assert (sales["discount_amount"] > 0).sum() > 0.2 * sales.height


def test_amounts_and_reasons_agree_with_type_and_status():
    moves = generate(date(2026, 1, 5), 42, scale=10)["finance.transactions"]
    signs = moves.group_by("transaction_type").agg(
        out=(pl.col("transaction_amount") < 0).all(), into=(pl.col("transaction_amount") > 0).all()
    )
    by_type = {name: (out, into) for name, out, into in signs.iter_rows()}
    assert by_type["purchase"] == by_type["withdrawal"] == by_type["fee"] == (True, False)
    assert by_type["refund"] == by_type["deposit"] == (False, True)
    assert (moves["decline_reason"].is_null() == (moves["status"] == "posted")).all()
    assert set(moves.filter(pl.col("merchant_id").is_null())["transaction_type"]) == {
        "deposit",
        "withdrawal",
        "transfer",
        "fee",
    }
    assert set(moves.filter("is_fraud")["transaction_type"]) == {"purchase"}


def test_volumes_at_scale_1_and_their_growth():
    expected = {
        "sales.customers": 1750,
        "operations.users": 2000,
        "sales.products": 200,
        "sales.stores": 30,
        "finance.merchants": 150,
        "finance.accounts": 2200,
    }
    frames = generate(date(2026, 1, 5), 42)
    for name, rows in expected.items():
        assert frames[name].height == pytest.approx(rows, rel=0.08), name
    assert frames["sales.customers"]["is_active"].sum() == pytest.approx(1000, rel=0.06)
    assert generate(date(2025, 1, 1), 42)["sales.customers"]["is_active"].sum() == pytest.approx(900, rel=0.06)
    small, large = generate(date(2026, 6, 3), 42, 1), generate(date(2026, 6, 3), 42, 10)
    for name in ("sales.customers", "operations.users", "finance.accounts", "sales.sales_transactions"):
        assert large[name].height == pytest.approx(10 * small[name].height, rel=0.12), name
    assert large["sales.products"].equals(small["sales.products"])
    assert small["sales.sales_transactions"].height == pytest.approx(2000, rel=0.25)
    bank = small["finance.transactions"]
    assert bank["reference"].null_count() == pytest.approx(1500, rel=0.1)
    assert 0.2 * small["sales.sales_transactions"].height < bank["reference"].count()
    assert small["operations.customer_interactions"].height == pytest.approx(270, rel=0.1)


@pytest.mark.parametrize("seed", range(10))
def test_the_first_day_of_a_tiny_company_has_every_table(seed):
    for name, frame in generate(date(2023, 1, 1), seed, scale=0.01).items():
        assert frame.height >= contracts()[name].min_rows, name


def test_another_seed_is_another_company():
    one, other = generate(date(2026, 1, 5), 1), generate(date(2026, 1, 5), 2)
    assert [name for name in one if one[name].equals(other[name])] == []


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="no data before 2023-01-01"):
        generate(date(2022, 12, 31), 42)
    with pytest.raises(ValueError, match="scale must be above 0"):
        generate(date(2026, 1, 5), 42, scale=0)


def test_a_contract_without_generator_is_named(monkeypatch):
    monkeypatch.delitem(GENERATORS, "sales.stores")
    with pytest.raises(GeneratorError, match=r"no generator for sales\.stores"):
        generate(date(2026, 1, 5), 42)


def test_a_generator_that_differs_from_its_contract_is_named(monkeypatch):
    stores = GENERATORS["sales.stores"]

    def without_city(day):
        return {name: column for name, column in stores(day).items() if name != "city"}

    monkeypatch.setitem(generator.GENERATORS, "sales.stores", without_city)
    with pytest.raises(GeneratorError, match=r"sales\.stores.*city"):
        generate(date(2026, 1, 5), 42)
