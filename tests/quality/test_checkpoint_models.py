"""The checkpoints of the modelled layers: what they let pass, and what stops the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from sqlalchemy import text

from include.contracts import contracts
from include.quality import CheckpointFailed, rules, run_checkpoint
from include.quality.results import NEXT_STEPS, CheckpointName

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine

MODELS = Path(__file__).parents[2] / "analytics_platform" / "models"
SETUP = Path(__file__).with_name("modelled.sql").read_text()
INTERMEDIATE, MARTS = "checkpoint_intermediate", "checkpoint_marts"


@pytest.fixture
def modelled(owner: Engine, delivered: date) -> date:
    """The day of a good delivery that was modelled well."""
    with owner.begin() as connection:
        connection.execute(text(SETUP))
    return delivered


def broken_by(owner: Engine, statement: str) -> None:
    with owner.begin() as connection:
        assert connection.execute(text(statement)).rowcount > 0


@pytest.mark.warehouse
@pytest.mark.parametrize("checkpoint", [INTERMEDIATE, MARTS])
def test_good_models_pass(engine: Engine, modelled: date, checkpoint: CheckpointName) -> None:
    result = run_checkpoint(engine, checkpoint, "run-1", modelled)
    assert result.success
    assert result.expectations > 30
    with engine.connect() as connection:
        row = connection.execute(text("select * from ops.checkpoints")).one()
    assert (row.checkpoint, row.success, row.expectations) == (checkpoint, True, result.expectations)


BREAKS = [
    (INTERMEDIATE, "intermediate.stg_sales_transactions", "same_row_count", "delete from {t} where source_line = 5"),
    (INTERMEDIATE, "intermediate.stg_users", "same_row_count", "insert into {t} select * from {t} where source_line=5"),
    (INTERMEDIATE, "intermediate.int_transactions_clean", "same_row_count", "delete from {t} where source_line = 5"),
    (
        INTERMEDIATE,
        "intermediate.int_customer_versions",
        "no_overlap",
        "insert into {t} select 'k', customer_id, 2, valid_from + 5, null, false, false from {t} limit 1",
    ),
    (INTERMEDIATE, "intermediate.int_account_versions", "no_overlap", "update {t} set valid_to = valid_from"),
    (INTERMEDIATE, "intermediate.int_users_clean", "unique", "insert into {t} select * from {t} limit 1"),
    (
        INTERMEDIATE,
        "intermediate.int_store_versions",
        "listed_is_current",
        "update {t} set is_current = false where store_id = 'sales.stores-3'",
    ),
    (INTERMEDIATE, "intermediate.int_campaign_versions", "no_overlap", "update {t} set valid_to = valid_from"),
    (INTERMEDIATE, "intermediate.int_shipment_events", "tie_out", "delete from {t} where shipment_id like '%-7'"),
    (
        INTERMEDIATE,
        "intermediate.int_fraud_alert_events",
        "tie_out",
        "update {t} set loss_amount = coalesce(loss_amount, 0) + 0.01 where alert_id like '%-7'",
    ),
    (MARTS, "marts.dim_product", "unique", "insert into {t} select * from {t} limit 1"),
    (MARTS, "marts.dim_product", "not_null", "insert into {t} values (null)"),
    (MARTS, "marts.dim_date", "row_count", "delete from {t}"),
    (
        MARTS,
        "marts.dim_customer",
        "one_current_version",
        "insert into {t} select 'k', customer_id, 2, '2027-01-01', null, true, true from {t} limit 1",
    ),
    (MARTS, "marts.fact_sales", "tie_out", "update {t} set revenue = revenue + 0.01 where sale_id like '%-7'"),
    (MARTS, "marts.fact_sales", "tie_out", "delete from {t} where sale_id like '%-7'"),
    (MARTS, "marts.fact_sales", "dimension_key", "update {t} set customer_key = null where sale_id like '%-7'"),
    (MARTS, "marts.fact_sales", "dimension_key", "update {t} set product_id = 'P0' where sale_id like '%-7'"),
    (
        MARTS,
        "marts.fact_transactions",
        "dimension_key",
        "update {t} set merchant_key = 'M' where account_id like '%-7'",
    ),
    (MARTS, "marts.fact_transactions", "tie_out", "update {t} set transaction_amount = -1 where account_id like '%-7'"),
    (MARTS, "marts.fact_campaign_touches", "tie_out", "update {t} set cost_amount = -1 where touch_id like '%-7'"),
    (
        MARTS,
        "marts.fact_campaign_touches",
        "dimension_key",
        "update {t} set campaign_id = 'M' where touch_id like '%-7'",
    ),
    (MARTS, "marts.fact_interactions", "tie_out", "delete from {t} where interaction_id like '%-7'"),
    (MARTS, "marts.fact_inventory_daily", "same_row_count", "delete from {t} where product_id like '%-7'"),
    (MARTS, "marts.fact_inventory_daily", "balance", "update {t} set closing_units = 4 where product_id like '%-7'"),
    (
        MARTS,
        "marts.fact_shipments",
        "events",
        "update {t} set shipped_at = '2026-03-10' where shipment_id like '%-7'",
    ),
    (MARTS, "marts.fact_shipments", "dimension_key", "update {t} set store_id = 'S' where shipment_id like '%-7'"),
    (MARTS, "marts.fact_fraud_alerts", "events", "update {t} set alert_status = 'lost' where alert_id like '%-7'"),
    (MARTS, "marts.fact_ledger", "tie_out", "delete from {t} where ledger_entry_id like '%-7-1'"),
    (MARTS, "marts.fact_loan_payments", "tie_out", "update {t} set paid_amount = 0 where payment_id like '%-7'"),
    (MARTS, "analytics.daily_sales", "tie_out", "update {t} set revenue = revenue - 0.01"),
    (MARTS, "analytics.sales_breakdowns", "tie_out", "update {t} set revenue = revenue + 0.01"),
    (MARTS, "analytics.transaction_breakdowns", "tie_out", "update {t} set volume_amount = 0"),
    (MARTS, "analytics.descriptive_analytics", "tie_out", "update {t} set revenue = null"),
    (MARTS, "analytics.product_performance", "tie_out", "update {t} set revenue = revenue - 0.01"),
    (MARTS, "analytics.sales_geography", "tie_out", "delete from {t} where store_id = 'sales.stores-3'"),
    (MARTS, "analytics.revenue_time_series", "tie_out", "update {t} set revenue = 1 where period_type = 'month'"),
    (MARTS, "analytics.kyc_behaviour", "unique", "insert into {t} select * from {t}"),
    (MARTS, "analytics.monthly_profit_and_loss", "tie_out", "update {t} set operating_profit_amount = 39"),
    (MARTS, "analytics.customer_kpis_monthly", "tie_out", "update {t} set revenue = revenue + 0.01"),
    (MARTS, "analytics.predictive_analytics", "every_customer", "delete from {t} where customer_id like '%-7'"),
    (MARTS, "analytics.daily_transactions", "tie_out", "update {t} set attempt_count = attempt_count + 1"),
]


@pytest.mark.warehouse
@pytest.mark.parametrize(("checkpoint", "table", "rule", "statement"), BREAKS)
def test_a_broken_model_stops_the_run(  # noqa: PLR0917 - fixtures and the case
    engine: Engine,
    owner: Engine,
    modelled: date,
    checkpoint: CheckpointName,
    table: str,
    rule: str,
    statement: str,
) -> None:
    broken_by(owner, statement.format(t=table))
    with pytest.raises(CheckpointFailed) as error:
        run_checkpoint(engine, checkpoint, "run-1", modelled)
    with engine.connect() as connection:
        row = connection.execute(text("select success, failures from ops.checkpoints")).one()
    assert not row.success
    assert (table, rule) in {(failure["table"], failure["expectation"]) for failure in row.failures}
    assert all(failure["observed"] for failure in row.failures)
    assert not [failure for failure in row.failures if "could not be checked" in failure["observed"]]
    assert f"{table} {rule}" in str(error.value)
    assert NEXT_STEPS[checkpoint] in str(error.value)


@pytest.mark.warehouse
def test_a_redelivered_event_stays_with_its_first_day(engine: Engine, owner: Engine, modelled: date) -> None:
    broken_by(owner, "update marts.fact_sales set partition_date = partition_date - 1 where sale_id like '%-7'")
    assert run_checkpoint(engine, MARTS, "run-1", modelled).success


@pytest.mark.warehouse
def test_every_day_of_the_next_publish_is_judged(engine: Engine, owner: Engine, modelled: date) -> None:
    broken_by(owner, "insert into ops.partitions values ('2026-03-09', 1, 1, null)")
    broken_by(
        owner,
        "insert into marts.fact_sales select sale_id || 'x', sale_date - 1, date_id, customer_id, customer_key, "
        "product_id, store_id, region_id, revenue, partition_date - 1 from marts.fact_sales where sale_id like '%-7'",
    )
    with pytest.raises(CheckpointFailed, match=r"marts\.fact_sales tie_out"):
        run_checkpoint(engine, MARTS, "run-1", modelled)


def test_every_rule_is_about_a_model_that_exists() -> None:
    declared = {table.table for table in [*rules.intermediate_rules(contracts().values()), *rules.MARTS]}
    models = {f"{path.parts[-3]}.{path.stem}" for path in MODELS.glob("*/*/*.sql")}
    assert len(declared) > 20
    assert declared - models == set()


def test_rules_do_without_the_keyword_that_costs_the_alias() -> None:
    sql = [rule.sql for table in [*rules.INTERMEDIATE, *rules.MARTS] for rule in table.rules]
    assert sql
    assert not [query for query in sql if " join " in query.lower() or "{batch}" not in query]


def test_every_checkpoint_says_what_to_do_next() -> None:
    assert set(NEXT_STEPS) == set(get_args(CheckpointName))
