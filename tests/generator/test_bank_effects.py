"""The planted effects of fraud and credit are found again in the delivered tables."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from database.generator import effects
from tests.generator.delivered import EIGHT_WEEKS, check_hours, check_weekdays, days, table, tables

WEEK = days(date(2025, 5, 13), 5)  # in some of these nights fraud rings strike
LATEST_DECISION = max(effects.ALERT_DAYS)
SCALE = 30
NIGHT_ONLINE = (pl.col("transacted_at").dt.hour().is_in(list(effects.NIGHT_HOURS))) & (pl.col("channel") == "online")


def purchases_of(dates: list[date], scale: float) -> pl.DataFrame:
    return tables("finance.transactions", dates, scale).filter(pl.col("transaction_type") == "purchase")


def bursts(purchases: pl.DataFrame, most_accounts: int) -> pl.DataFrame:
    """Fraud at one merchant in one hour of a night by more accounts than that."""
    by_hour = purchases.filter(NIGHT_ONLINE & pl.col("is_fraud")).with_columns(
        hour=pl.col("transacted_at").dt.truncate("1h")
    )
    accounts = pl.col("account_id").n_unique().over("merchant_id", "hour")
    return by_hour.filter(accounts > most_accounts)


def components(links: list[tuple[str, str]]) -> list[set[str]]:
    """Names that hang together by links."""
    groups: list[set[str]] = []
    for link in links:
        touched = [group for group in groups if group & set(link)]
        groups = [group for group in groups if group not in touched]
        groups.append(set(link).union(*touched))
    return groups


@pytest.fixture(scope="module")
def purchases() -> pl.DataFrame:
    """The purchases of five days at scale 30, and whether the merchant is one that rings use."""
    bought = purchases_of(WEEK, SCALE)
    of_rings = bursts(bought, SCALE)["merchant_id"].unique()
    assert len(of_rings) >= effects.MERCHANTS_PER_RING
    return bought.with_columns(is_ring_merchant=pl.col("merchant_id").is_in(of_rings.to_list()))


@pytest.fixture(scope="module")
def alerts() -> pl.DataFrame:
    """What happened to alerts in these days and until the last one was decided."""
    return tables("operations.fraud_alerts", days(WEEK[0], len(WEEK) + LATEST_DECISION), SCALE)


def test_everyday_movements_have_their_volume_weekdays_and_hours():
    booked = tables("finance.transactions", EIGHT_WEEKS, 1).filter(pl.col("reference").is_null())
    assert booked.height / len(EIGHT_WEEKS) == pytest.approx(effects.BANK_TRANSACTIONS_PER_DAY, rel=0.02)
    check_weekdays(booked, effects.BANK_WEEKDAY)
    check_hours(booked["transacted_at"], effects.BANK_HOURS)


def test_fraud_is_rare_and_happens_at_night_and_online(purchases):
    singles = purchases.filter(~pl.col("is_ring_merchant"))
    elsewhere = singles.filter(pl.col("reference").is_null())
    assert elsewhere["is_fraud"].mean() == pytest.approx(effects.FRAUD_SHARE, rel=0.1)
    at_night = pl.col("transacted_at").dt.hour().is_in(list(effects.NIGHT_HOURS))
    online = pl.col("channel") == "online"
    rows = singles.group_by(at_night.alias("night"), online.alias("online")).agg(pl.col("is_fraud").mean()).rows()
    rates = {(night, on_line): share for night, on_line, share in rows}
    plain = rates[(False, False)]
    assert rates[(False, True)] / plain == pytest.approx(effects.FRAUD_ONLINE_FACTOR, rel=0.25)
    assert rates[(True, False)] / plain == pytest.approx(effects.FRAUD_NIGHT_FACTOR, rel=0.25)


def test_rings_share_accounts_and_merchants_and_strike_within_an_hour_of_the_night():
    bought = purchases_of(days(date(2025, 3, 1), 60), 2)
    struck = bursts(bought, 2)
    links = struck.select("account_id", "merchant_id").unique().rows()
    rings = components(links)
    assert len(rings) == effects.FRAUD_RINGS
    merchants = {name for _, name in links}
    for ring in rings:
        assert len(ring & merchants) == effects.MERCHANTS_PER_RING
        assert len(ring - merchants) > 5
    risks = dict(table("finance.merchants", date(2025, 5, 9), 2).select("merchant_id", "risk_level").iter_rows())
    assert {risks[merchant] for merchant in merchants} == {"high"}
    nights = struck.group_by("day", "merchant_id").agg(
        lasted=(pl.col("transacted_at").max() - pl.col("transacted_at").min())
    )
    assert nights["lasted"].max() < timedelta(hours=1)
    strikes = nights.height / effects.MERCHANTS_PER_RING
    assert strikes / (60 * effects.FRAUD_RINGS) == pytest.approx(effects.RING_STRIKE_SHARE, rel=0.5)
    per_member = struck.group_by("day", "account_id").len()["len"]
    fewest, most = effects.RING_PURCHASES
    assert per_member.max() == most
    assert per_member.mean() == pytest.approx((fewest + most) / 2, abs=0.3)
    members = struck["account_id"].n_unique() / bought["account_id"].n_unique()
    assert members == pytest.approx(effects.RING_MEMBER_SHARE, rel=0.35)


def test_alerts_are_as_sharp_as_planted(purchases, alerts):
    raised = alerts.filter(pl.col("alert_status") == "open", pl.col("day") <= WEEK[-1])
    decided = alerts.filter(pl.col("alert_status") != "open").select(
        "alert_id", confirmed=pl.col("alert_status") == "confirmed"
    )
    judged = raised.join(decided, on="alert_id")
    assert judged.height == raised.height
    seen = purchases.join(raised.select("transaction_id", "alert_rule"), on="transaction_id", how="left")
    for rule, recall in effects.ALERT_RECALL.items():
        of_rule = judged.filter(pl.col("alert_rule") == rule)
        assert of_rule["confirmed"].mean() == pytest.approx(effects.ALERT_PRECISION[rule], abs=0.08), rule
        looked_at = {
            "ring": pl.col("is_ring_merchant") & (pl.col("channel") == "online"),
            "night_online": NIGHT_ONLINE & ~pl.col("is_ring_merchant"),
            "unusual_amount": ~NIGHT_ONLINE & ~pl.col("is_ring_merchant") & (pl.col("transaction_amount") <= -400),
            "velocity": ~NIGHT_ONLINE & ~pl.col("is_ring_merchant") & (pl.col("transaction_amount") > -400),
        }[rule]
        fraud = seen.filter(looked_at & pl.col("is_fraud"))
        assert (fraud["alert_rule"] == rule).fill_null(value=False).mean() == pytest.approx(recall, abs=0.08), rule
    reviewed = raised.filter(pl.col("alert_rule") == "random_review").height
    assert reviewed / purchases.height == pytest.approx(effects.RANDOM_REVIEW_SHARE, rel=0.25)


def test_alerts_are_decided_after_a_day_or_two(alerts):
    first, last = (
        alerts.filter(condition).select("alert_id", "day")
        for condition in (pl.col("alert_status") == "open", pl.col("alert_status") != "open")
    )
    lags = first.filter(pl.col("day") <= WEEK[-1]).join(last, on="alert_id", suffix="_decided")
    found = dict((lags["day_decided"] - lags["day"]).dt.total_days().value_counts(normalize=True).iter_rows())
    for lag, share in zip(effects.ALERT_DAYS, effects.ALERT_DAYS_SHARES, strict=True):
        assert found.pop(lag) == pytest.approx(share, abs=0.04)
    assert found == {}


def test_credit_is_decided_by_score_debt_and_income():
    decided = table("finance.credit_applications", date(2026, 1, 5), 30).filter(
        pl.col("application_status") != "pending"
    )
    rule = (
        pl.when(pl.col("credit_score") < effects.LOWEST_SCORE)
        .then(pl.lit("low_score"))
        .when(pl.col("debt_to_income_pct") > effects.HIGHEST_DEBT_PCT)
        .then(pl.lit("high_debt"))
        .when(pl.col("employment_status").is_in(["student", "unemployed"]))
        .then(pl.lit("unstable_income"))
    )
    judged = decided.with_columns(rule=rule)
    by_rule = judged.filter(pl.col("rule").is_not_null())
    assert by_rule["decline_reason"].eq_missing(by_rule["rule"]).all()
    assert by_rule["rule"].n_unique() == 3
    others = judged.filter(pl.col("rule").is_null())
    assert (others["decline_reason"] == "policy").fill_null(value=False).mean() == pytest.approx(
        effects.POLICY_DECLINED_SHARE, abs=0.01
    )
    assert set(others["decline_reason"]) == {"policy", None}
    assert ((others["application_status"] == "approved") == others["decline_reason"].is_null()).all()


@pytest.fixture(scope="module")
def instalments() -> pl.DataFrame:
    """Six days of instalments due in each of two months: what came of both, how late, and the borrower's figures."""
    due = tables("finance.loan_payments", days(date(2026, 2, 10), 6), 120).filter(pl.col("payment_status") != "late")
    month_after = tables("finance.loan_payments", days(date(2026, 3, 10), 6), 120)
    after = month_after.filter(pl.col("payment_status") != "late").select("application_id", after="payment_status")
    loans = table("finance.credit_applications", date(2026, 3, 15), 120).with_columns(
        band=pl.col("credit_score").cut([limit - 1 for limit in effects.SCORE_BANDS]).to_physical(),
        has_high_debt=pl.col("debt_to_income_pct") > effects.HIGH_DEBT_PCT,
        has_low_income=pl.col("annual_income_amount") < effects.LOW_INCOME,
    )
    return due.join(after, on="application_id").join(
        loans.select("application_id", "band", "has_high_debt", "has_low_income"), on="application_id"
    )


def odds_ratio(loans: pl.DataFrame, happened: pl.Expr, exposed: pl.Expr, strata: list[str]) -> float:
    """How much the odds grow with exposure, all else equal (Mantel and Haenszel)."""
    table = loans.group_by(strata).agg(
        a=(happened & exposed).sum(), b=(~happened & exposed).sum(), c=(happened & ~exposed).sum(),
        d=(~happened & ~exposed).sum(), n=pl.len(),
    )  # fmt: skip
    return (table["a"] * table["d"] / table["n"]).sum() / (table["b"] * table["c"] / table["n"]).sum()


def check_drivers(loans: pl.DataFrame, happened: pl.Expr, tolerance: float) -> None:
    """The odds of what happened have the planted factors."""
    debt, income = pl.col("has_high_debt"), pl.col("has_low_income")
    found = {
        effects.HIGH_DEBT_ODDS: odds_ratio(loans, happened, debt, ["band", "has_low_income"]),
        effects.LOW_INCOME_ODDS: odds_ratio(loans, happened, income, ["band", "has_high_debt"]),
    }
    good = len(effects.SCORE_BANDS) - 1
    for band in range(good):
        two_bands = loans.filter(pl.col("band").is_in([band, good]))
        planted = effects.SCORE_BAND_ODDS[band] / effects.SCORE_BAND_ODDS[good]
        found[planted] = odds_ratio(two_bands, happened, pl.col("band") == band, ["has_high_debt", "has_low_income"])
    for planted, ratio in found.items():
        assert ratio == pytest.approx(planted, rel=tolerance)


def planted_share(loans: pl.DataFrame, odds_of_the_best: float) -> float:
    """Mean chance by the planted odds."""
    of_band = pl.col("band").replace_strict(dict(enumerate(effects.SCORE_BAND_ODDS)), return_dtype=pl.Float64)
    of_debt = pl.when("has_high_debt").then(effects.HIGH_DEBT_ODDS).otherwise(1.0)
    of_income = pl.when("has_low_income").then(effects.LOW_INCOME_ODDS).otherwise(1.0)
    odds = odds_of_the_best * of_band * of_debt * of_income
    share: float = loans.select((odds / (1 + odds)).mean()).item()
    return share


def test_loans_default_by_score_debt_and_income(instalments):
    settled = instalments.filter(pl.col("instalment_number") >= effects.DEFAULT_FROM[1])
    in_default = (pl.col("payment_status") == "missed") & (pl.col("after") == "missed")
    check_drivers(settled, in_default, 0.25)
    planted = planted_share(settled, effects.DEFAULT_ODDS)
    assert settled.select(in_default.mean()).item() == pytest.approx(planted, rel=0.1)


def test_instalments_are_missed_by_score_debt_and_income(instalments):
    # Loans that are not in default: they paid in the other month, and later than any default begins.
    first = instalments.filter(pl.col("after") == "paid").with_columns(status="payment_status")
    second = instalments.filter(
        pl.col("payment_status") == "paid", pl.col("instalment_number") >= effects.DEFAULT_FROM[1]
    ).with_columns(status="after")
    served, missed = pl.concat([first, second]), pl.col("status") == "missed"
    check_drivers(served, missed, 0.25)
    planted = planted_share(served, effects.MISSED_ODDS)
    assert served.select(missed.mean()).item() == pytest.approx(planted, rel=0.1)


def test_missed_instalments_are_made_up_for_after_fixed_days(instalments):
    due_day = date(2026, 2, 10)
    missed = instalments.filter(
        pl.col("due_date") == due_day, pl.col("payment_status") == "missed", pl.col("after") == "paid"
    )
    made_up = pl.concat(
        [
            table("finance.loan_payments", due_day + timedelta(days=lag), 120).filter(
                pl.col("payment_status") == "late", pl.col("due_date") == due_day
            )
            for lag in effects.LATE_DAYS
        ]
    )
    assert set(missed["application_id"]) <= set(made_up["application_id"])
    found = dict(made_up["days_late"].value_counts(normalize=True).iter_rows())
    for lag, share in zip(effects.LATE_DAYS, effects.LATE_DAYS_SHARES, strict=True):
        assert found[lag] == pytest.approx(share, abs=0.08)
