"""The staging checkpoint: what it lets pass, and what stops the run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy
from sqlalchemy import create_engine, event, text

from include.contracts import contracts
from include.quality import CheckpointFailed, checkpoints, run_checkpoint
from include.quality.data_docs import page_path
from include.quality.suites import volume_bounds
from tests.quality.deliveries import ROWS, book_day, book_load

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine

pytestmark = pytest.mark.warehouse
CHECKPOINT = "checkpoint_staging"


def change(owner: Engine, statement: str) -> None:
    with owner.begin() as connection:
        connection.execute(text(statement))


def booked(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text("select * from ops.checkpoints order by checkpoint_id")))


def fails(engine: Engine, day: date) -> tuple[str, list[dict[str, Any]]]:
    """Message and booked failures of a checkpoint that must fail."""
    with pytest.raises(CheckpointFailed) as error:
        run_checkpoint(engine, CHECKPOINT, "run-1", day)
    (row,) = booked(engine)
    assert (row.run_id, row.partition_date, row.checkpoint, row.success) == ("run-1", day, CHECKPOINT, False)
    assert row.failed == len(row.failures) > 0
    assert len(str(error.value).splitlines()) <= 10
    assert page_path(day, CHECKPOINT).exists()
    return str(error.value), row.failures


def test_a_good_delivery_passes_and_is_booked(
    engine: Engine, delivered: date, capfd: pytest.CaptureFixture[str]
) -> None:
    result = run_checkpoint(engine, CHECKPOINT, "run-1", delivered)
    assert "Calculating Metrics" not in capfd.readouterr().err
    assert result.success
    assert result.expectations > 10 * len(contracts())
    (row,) = booked(engine)
    assert (row.success, row.expectations, row.failed, row.failures) == (True, result.expectations, 0, [])
    page = page_path(delivered, CHECKPOINT).read_text()
    assert all(f"staging.{contract.staging_table}" in page for contract in contracts().values())
    assert "http" not in page  # nothing from elsewhere


def test_an_orphan_stops_the_run(engine: Engine, owner: Engine, delivered: date) -> None:
    change(owner, "update staging.finance_transactions set account_id = 'A0' where source_line = 7")
    message, failures = fails(engine, delivered)
    (failure,) = failures
    assert failure["table"] == "staging.finance_transactions"
    assert failure["expectation"] == "referential_integrity"
    assert failure["column"] == "account_id"
    assert failure["observed"] == "offending rows: 1"
    assert failure["sample"] == ["transaction_id=finance.transactions-5, account_id=A0"]
    assert "finance.accounts" in message


def test_a_parent_of_another_day_is_not_a_parent(engine: Engine, owner: Engine, delivered: date) -> None:
    change(owner, "delete from staging.sales_stores where store_id = 'sales.stores-3'")
    _, failures = fails(engine, delivered)
    assert {(failure["table"], failure["column"]) for failure in failures} == {
        ("staging.sales_sales_transactions", "store_id"),
        ("staging.finance_merchants", "store_id"),
        ("staging.operations_shipments", "store_id"),
    }


def test_half_of_the_volume_missing_stops_the_run(engine: Engine, owner: Engine, delivered: date) -> None:
    change(owner, f"delete from staging.sales_sales_transactions where source_line > {ROWS // 2}")
    message, failures = fails(engine, delivered)
    (failure,) = failures
    assert (failure["table"], failure["expectation"]) == ("staging.sales_sales_transactions", "volume")
    assert "between 20 and 80 rows" in message
    assert failure["observed"] == f"rows: {ROWS // 2 - 1}"


def test_the_latest_load_of_a_day_is_its_history(engine: Engine, owner: Engine, delivered: date) -> None:
    with owner.begin() as connection:
        for days in (1, 2, 3):
            book_load(connection, contracts()["sales.customers"], delivered - timedelta(days=days), ROWS * 3)
    _, (failure,) = fails(engine, delivered)
    assert (failure["table"], failure["expectation"]) == ("staging.sales_customers", "volume")


def test_a_day_that_failed_its_audit_is_no_history(engine: Engine, owner: Engine, delivered: date) -> None:
    with owner.begin() as connection:
        for days in (4, 5, 6, 7):
            day = delivered - timedelta(days=days)
            book_day(connection, day, audited=False)
            book_load(connection, contracts()["sales.customers"], day, ROWS * 3)
    assert run_checkpoint(engine, CHECKPOINT, "run-1", delivered).success


def test_no_event_of_the_day_stops_the_run(engine: Engine, owner: Engine, delivered: date) -> None:
    change(owner, "update staging.finance_transactions set transacted_at = transacted_at - interval '12 h 1 s'")
    message, (failure,) = fails(engine, delivered)
    assert (failure["table"], failure["expectation"]) == ("staging.finance_transactions", "freshness")
    assert f"transacted_at is on {delivered}" in message


@pytest.mark.parametrize("left", ["false", "source_line < 4"])
def test_a_table_that_may_be_empty_has_no_usual_volume_and_no_event_that_is_due(
    engine: Engine, owner: Engine, delivered: date, left: str
) -> None:
    change(owner, f"delete from staging.finance_loan_payments where not ({left})")
    change(
        owner, "update staging.finance_loan_payments set due_date = due_date - 1, event_at = event_at - interval '1 d'"
    )
    assert contracts()["finance.loan_payments"].min_rows == 0
    assert run_checkpoint(engine, CHECKPOINT, "run-1", delivered).success


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("update staging.sales_stores set region = 'Moon' where source_line = 2", ("allowed_values", "region")),
        (
            "update staging.sales_products set unit_cost_amount = -1 where source_line = 2",
            ("range", "unit_cost_amount"),
        ),
        (
            "update staging.finance_accounts set opened_date = '1999-12-31' where source_line = 2",
            ("range", "opened_date"),
        ),
    ],
)
def test_a_value_outside_the_contract_stops_the_run(
    engine: Engine, owner: Engine, delivered: date, statement: str, broken: tuple[str, str]
) -> None:
    change(owner, statement)
    _, (failure,) = fails(engine, delivered)
    assert (failure["expectation"], failure["column"]) == broken
    assert failure["observed"] == f"1 of {ROWS} rows otherwise"


def test_personal_data_stays_out_of_results(engine: Engine, owner: Engine, delivered: date) -> None:
    change(owner, "update staging.sales_customers set birth_date = '1899-05-06' where source_line = 4")
    message, (failure,) = fails(engine, delivered)
    assert failure["sample"] == ["customer_id=sales.customers-2, birth_date=(hidden: personal data)"]
    everywhere = message + str(booked(engine)) + page_path(delivered, CHECKPOINT).read_text()
    assert "1899-05-06" not in everywhere


def test_an_empty_or_missing_table_stops_the_run(engine: Engine, owner: Engine, delivered: date) -> None:
    change(owner, "alter table staging.operations_customer_interactions rename to mislaid")
    try:
        message, failures = fails(engine, delivered)
    finally:
        change(owner, "alter table staging.mislaid rename to operations_customer_interactions")
    assert {failure["table"] for failure in failures} == {"staging.operations_customer_interactions"}
    assert 'relation "staging.operations_customer_interactions" does not exist' in message


def test_the_password_is_nowhere(
    engine: Engine, delivered: date, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    password = str(engine.url.password)
    wrong = create_engine(engine.url.set(port=1))
    with pytest.raises(Exception, match="connection") as error:
        run_checkpoint(wrong, CHECKPOINT, "run-1", delivered)
    run_checkpoint(engine, CHECKPOINT, "run-1", delivered)
    assert password not in str(checkpoints._datasource(engine).dict())
    seen = str(error.value) + caplog.text + "".join(capfd.readouterr()) + page_path(delivered, CHECKPOINT).read_text()
    assert len(password) > 10
    assert password not in seen


def test_a_check_that_breaks_is_booked_and_stops_the_run(
    engine: Engine, delivered: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(checkpoints, "_judge", breaks)
    _, failures = fails(engine, delivered)
    assert {failure["observed"] for failure in failures} == {"RuntimeError: no such luck"}


def test_no_whole_partition_is_sent(engine: Engine, delivered: date) -> None:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(sqlalchemy.Engine, "after_cursor_execute", note)
    try:
        run_checkpoint(engine, CHECKPOINT, "run-1", delivered)
    finally:
        event.remove(sqlalchemy.Engine, "after_cursor_execute", note)
    whole = [statement for statement in statements if statement.startswith("select * from staging.")]
    assert len(whole) == len(contracts())
    assert all(statement.endswith(" limit 0") for statement in whole)


def test_volume_bounds() -> None:
    assert volume_bounds([100]) is None
    assert volume_bounds([100, 300]) == (100, 400)
    assert volume_bounds([8, 8, 8]) == (0, 18)  # small tables: chance alone moves the count by half
