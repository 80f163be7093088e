"""A metric has one definition: `mf query`, plain SQL and the relation that carries the figure answer alike."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from database.connection import engine
from include.metrics import SEMANTIC_MANIFEST, query_metrics
from include.runtime import platform
from include.settings import PROJECT_DIR

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[tuple[Any, ...]]

SALES, TRANSACTIONS, KYC = "fact_sales by sale_date", "fact_transactions by transaction_date", "fact_onboarding by"
# What each metric is, in SQL written by hand: of which table, by which date.
PLAIN_SQL = {
    SALES: {
        "order_lines": "count(*)",
        "units_sold": "sum(quantity)",
        "revenue": "sum(revenue)",
        "discount_amount": "sum(discount_amount)",
        "cost_of_goods": "sum(cost_amount)",
        "profit": "sum(revenue - cost_amount)",
        "profit_margin_pct": "round(100 * sum(profit_amount) / nullif(sum(revenue), 0), 2)",
        "buying_customers": "count(distinct customer_id)",
        "revenue_per_buying_customer": "round(sum(revenue) / count(distinct customer_id), 2)",
        "revenue_growth_pct": "round(100 * (sum(revenue) / lag(sum(revenue)) over (order by {month}) - 1), 2)",
        "revenue_growth_yoy_pct": "null",  # there is no year before
    },
    TRANSACTIONS: {
        "transaction_attempts": "count(*)",
        "transaction_count": "count(*) filter (where transaction_status = 'posted')",
        "declined_count": "count(*) filter (where transaction_status <> 'posted')",
        "decline_rate_pct": "round(100.0 * count(*) filter (where is_declined) / count(*), 2)",
        "transaction_volume": "sum(transaction_amount_abs) filter (where is_posted)",
        "transacting_customers": "count(distinct customer_id)",
        "average_transaction": "avg(transaction_amount_abs) filter (where is_posted)",
        "median_transaction": (
            "percentile_cont(0.5) within group (order by transaction_amount_abs) filter (where is_posted)"
        ),
        "fraud_count": "count(*) filter (where is_fraud)",
        "fraud_amount": "sum(case when is_fraud then transaction_amount_abs else 0 end)",
        "fraud_loss_amount": "sum(case when is_fraud and is_posted then transaction_amount_abs else 0 end)",
        "fraud_rate_pct": "round(100.0 * count(*) filter (where is_fraud) / count(*), 2)",
    },
    "fact_loan_payments by event_date": {
        "instalments_due": "count(*) filter (where payment_status <> 'late')",
        "instalments_missed": "count(*) filter (where payment_status = 'missed')",
        "loan_amount_paid": "sum(paid_amount)",
        "delinquency_rate_pct": (
            "round(100.0 * count(*) filter (where payment_status = 'missed')"
            " / nullif(count(*) filter (where payment_status <> 'late'), 0), 2)"
        ),
    },
    "fact_credit_applications by application_date": {
        "credit_applications": "count(*)",
        "credit_approvals": "count(*) filter (where application_status = 'approved')",
        "credit_decisions": "count(*) filter (where application_status in ('approved', 'declined'))",
        "credit_approval_rate_pct": (
            "round(100.0 * count(*) filter (where is_approved) / nullif(count(*) filter (where not is_pending), 0), 2)"
        ),
    },
    f"{KYC} submitted_date": {"kyc_submissions": "count(*)"},
    f"{KYC} decided_date": {
        "kyc_completions": "count(*) filter (where kyc_status = 'completed')",
        "kyc_rejections": "count(*) filter (where kyc_status = 'rejected')",
        "kyc_conversion_pct": "round(100.0 * count(*) filter (where is_completed) / count(*), 2)",
        "kyc_hours_to_decision": "avg(hours_to_decision)",
    },
}
METRICS = {metric: (place, sql) for place, metrics in PLAIN_SQL.items() for metric, sql in metrics.items()}

DAY, MONTH, REGION = "metric_time__day", "metric_time__month", "region__region_name"
# Metrics and dimensions, and the relation that carries them: its columns are the dimensions, then the metrics.
CARRIED = [
    (
        "order_lines buying_customers units_sold revenue discount_amount cost_of_goods profit",
        [DAY, REGION],
        """select sale_date, region_name, order_lines, customers, units, revenue, discount_amount, cost_amount,
            profit_amount from daily_sales""",
    ),
    ("profit_margin_pct", [DAY, REGION], "select sale_date, region_name, profit_margin_pct from daily_sales"),
    (
        "transaction_attempts transaction_count declined_count transacting_customers transaction_volume",
        [DAY],
        """select transaction_date, attempt_count, transaction_count, declined_count, customers, volume_amount
            from daily_transactions""",
    ),
    (
        "fraud_count fraud_amount fraud_rate_pct",
        [DAY],
        "select transaction_date, fraud_count, fraud_amount, fraud_rate_pct from daily_transactions",
    ),
    (
        "kyc_completions kyc_rejections kyc_conversion_pct",
        [DAY],
        """select kyc_date, completions, rejections, completion_rate_pct from daily_kyc
            where completions + rejections > 0""",
    ),
    (
        "instalments_due instalments_missed loan_amount_paid delinquency_rate_pct",
        [MONTH],
        """select month_date, sum(due_count), sum(missed_count), sum(paid_amount),
            round(100.0 * sum(missed_count) / nullif(sum(due_count), 0), 2) from loan_performance group by 1""",
    ),
    (
        "credit_applications credit_approvals credit_approval_rate_pct",
        [MONTH, "credit_application__product_type", "credit_application__score_band"],
        """select month_date, product_type, score_band, application_count, approved_count, approval_rate_pct
            from credit_decisions""",
    ),
    ("kyc_submissions", [DAY], "select kyc_date, submissions from daily_kyc where submissions > 0"),
]
BY_DIMENSION = [
    ("revenue", "product__category", "select category, {} from fact_sales join dim_product using (product_id)"),
    ("profit_margin_pct", "sale__channel", "select channel, {} from fact_sales"),
    ("units_sold", "store__city", "select city, {} from fact_sales join dim_store using (store_id)"),
    (
        "revenue_per_buying_customer",
        "customer__segment",
        """select segment, {} from fact_sales
            join (select customer_key, segment from dim_customer) as customers using (customer_key)""",
    ),
    (
        "fraud_amount",
        "merchant__merchant_category",
        "select merchant_category, {} from fact_transactions left join dim_merchant using (merchant_key)",
    ),
    (
        "kyc_conversion_pct",
        "application__document_type",
        "select document_type, {} from fact_onboarding where decided_date is not null",
    ),
]


def rows_of(statement: str) -> Rows:
    with engine("reader").connect() as connection:
        return comparable([tuple(row) for row in connection.execute(text(statement))])


def asked(metrics: list[str], group_by: list[str]) -> Rows:
    return comparable(list(query_metrics(metrics, group_by).rows))


def comparable(rows: Rows) -> Rows:
    """Sorted, with dates for midnights and numbers as what they are worth; rows of empty figures left out."""

    def value(cell: Any) -> Any:
        if isinstance(cell, datetime):
            return cell.date()
        return cell if cell is None or isinstance(cell, (str, bool, date)) else round(float(cell), 6)

    found = [tuple(value(cell) for cell in row) for row in rows]
    return sorted((row for row in found if row[-1] is not None), key=str)


def test_every_metric_is_compared(published: None) -> None:
    declared = json.loads(SEMANTIC_MANIFEST.read_text(encoding="utf-8"))["metrics"]
    assert {metric["name"] for metric in declared} == set(METRICS)
    assert [metric["name"] for metric in declared if not metric["label"] or not metric["description"]] == []


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_its_plain_sql_by_month(published: None, metric: str) -> None:
    place, sql = METRICS[metric]
    table, _, day = place.split()
    month = f"date_trunc('month', {day})"
    expected = rows_of(
        f"select {month}, {sql.format(month=month)} from {table} where {day} is not null group by 1 order by 1"
    )
    assert asked([metric], ["metric_time__month"]) == expected
    assert expected or metric == "revenue_growth_yoy_pct"


@pytest.mark.parametrize(("metric", "dimension", "sql"), BY_DIMENSION)
def test_a_metric_is_its_plain_sql_by_a_dimension(published: None, metric: str, dimension: str, sql: str) -> None:
    expected = rows_of(f"{sql.format(METRICS[metric][1])} group by 1")
    assert len(expected) > 1
    assert asked([metric], [dimension]) == expected


@pytest.mark.parametrize(("metrics", "group_by", "relation"), CARRIED)
def test_a_relation_carries_the_metric(published: None, metrics: str, group_by: list[str], relation: str) -> None:
    expected = rows_of(relation)
    assert expected
    assert asked(metrics.split(), group_by) == expected


def test_the_command_answers_like_the_library(published: None, tmp_path: Path) -> None:
    answer = tmp_path / "answer.csv"
    arguments = ["query", "--quiet", "--metrics", "revenue,fraud_rate_pct", "--group-by", "metric_time__month", "--csv"]
    fso = [sys.executable, "-m", "include.cli", "mf", *arguments, str(answer)]
    subprocess.run(fso, env=platform.environment(), cwd=PROJECT_DIR, check=True)
    with answer.open() as file:
        header, *rows = csv.reader(file)
    table = query_metrics(["revenue", "fraud_rate_pct"], ["metric_time__month"])
    assert header == list(table.column_names)
    assert sorted(rows) == sorted([str(cell) for cell in row] for row in table.rows)
