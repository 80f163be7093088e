"""What several systems tell of the same thing must agree, or nothing is published."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import text

from database.connection import engine
from database.generator import write_partition
from database.raw_zone import raw_file
from include.contracts import contracts
from include.pipeline import run_day
from include.quality.checkpoints import CheckpointFailed
from include.quality.tie_outs import TIE_OUTS, Side, judge
from include.settings import settings
from tests.conftest import checksums, empty_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dbt.cli.main import dbtRunner
    from sqlalchemy import Connection, Row

    from include.quality.results import Outcome

DAYS = [date(2026, 1, day) for day in (5, 6, 7, 8)]
FAULTY_DAYS = [date(2026, 2, day) for day in (2, 3, 4)]
GL_ENTRIES = contracts()["finance.gl_entries"]


def run_days(dbt: dbtRunner, days: list[date], fault_rate: float) -> None:
    for day in days:
        write_partition(settings().raw_zone, day, settings().seed, settings().scale, fault_rate)
        run_day(day, dbt, generate=False, data_tests=False)


def differences() -> list[Row]:
    with engine("transformer").connect() as connection:
        return list(connection.execute(text("select * from ops.tie_out order by tie_out, event_date, item_id")))


@pytest.fixture(scope="module")
def clean(dbt: dbtRunner) -> None:
    """Days without a planted fault, published; the second after the third, as a backfill brings it."""
    empty_warehouse()
    run_days(dbt, [DAYS[0], DAYS[2], DAYS[1], DAYS[3]], 0.0)


def test_clean_days_tie_out_without_a_difference(clean: None) -> None:
    assert differences() == []


class Break(NamedTuple):
    """A row that was changed or lost, and the tie-out that must see it."""

    tie_out: str
    relation: str
    item: str  # column that holds the item
    rows: str  # of the first of these
    change: str | None = None  # None: it is deleted
    touched: str | None = None  # relation whose dates change with it, if not its own

    def make(self, connection: Connection) -> str:
        """Change or delete the row; returns its item."""
        row = f"select {self.item}, ctid, tableoid from {self.relation} where {self.rows} order by {self.item} limit 1"
        statement = f"update {self.relation} set {self.change}" if self.change else f"delete from {self.relation}"
        return str(
            connection.scalar(
                text(
                    f"with chosen as ({row}) {statement} where (ctid, tableoid) in (select ctid, tableoid from chosen) "
                    f"returning {self.item}"
                )
            )
        )


def judged(connection: Connection, tie_out: str, relation: str) -> Outcome:
    """What the tie-out says when all dates of the relation have changed."""
    touch = "insert into ops.touched_dates values (:relation, 'infinity') on conflict do nothing"
    connection.execute(text(touch), {"relation": relation.removeprefix("marts.")})
    return {outcome.expectation: outcome for outcome in judge(connection, "by hand", DAYS[-1])}[tie_out]


SHIPMENTS, SALES, LEDGER, BANK = (
    "marts.fact_shipments",
    "marts.fact_sales",
    "marts.fact_ledger",
    "marts.fact_transactions",
)
PAYMENTS, BALANCES = "marts.fact_loan_payments", "marts.fact_account_daily_snapshot"
RETURNED = "gl_account = '4050' and document_id in (select sale_id from marts.fact_sales)"
CAME_BACK = "is_returned and sale_id in (select sale_id from marts.fact_sales)"
SETTLES = "reference is not null and transaction_type ="
BREAKS = [
    Break("sales_shipped", SHIPMENTS, "sale_id", f"sold_date = '{DAYS[1]}'", "quantity = quantity + 1"),
    Break("sales_shipped", SHIPMENTS, "sale_id", f"sold_date = '{DAYS[1]}'"),
    Break("sales_shipped", SALES, "sale_id", f"sale_date = '{DAYS[1]}'"),
    Break("sales_booked", SALES, "sale_id", "not is_revenue_imputed", "revenue = revenue + 0.01"),
    Break("sales_booked", LEDGER, "document_id", "gl_account = '4000'"),
    Break("returns_booked", LEDGER, "document_id", RETURNED, "net_amount = net_amount - 0.01"),
    Break("returns_booked", LEDGER, "document_id", RETURNED),
    Break("returns_booked", SHIPMENTS, "sale_id", CAME_BACK, "returned_quantity = 0", "int_shipment_events"),
    Break("card_sales_paid", BANK, "reference", f"{SETTLES} 'purchase'", "posted_amount = posted_amount + 0.01"),
    Break("card_sales_paid", BANK, "reference", f"{SETTLES} 'purchase'"),
    Break("card_refunds_paid", BANK, "reference", f"{SETTLES} 'refund'", "posted_amount = posted_amount + 0.01"),
    Break("card_refunds_paid", BANK, "reference", f"{SETTLES} 'refund'"),
    Break("instalments_paid", BANK, "reference", f"{SETTLES} 'transfer'", "posted_amount = posted_amount + 0.01"),
    Break("instalments_paid", BANK, "reference", f"{SETTLES} 'transfer'"),
    Break("instalments_booked", PAYMENTS, "payment_id", "not is_missed", "paid_amount = paid_amount + 0.01"),
    Break("instalments_booked", PAYMENTS, "payment_id", "not is_missed"),
    Break("journals_balance", LEDGER, "journal_id", "true", "debit_amount = debit_amount + 0.01"),
    Break("journals_balance", LEDGER, "journal_id", "true"),
    Break("ledger_balances", LEDGER, "gl_account", "true", "net_amount = net_amount + 0.01"),
    Break("ledger_balances", LEDGER, "gl_account", "true"),
    Break("account_balances", BANK, "account_id", "is_posted"),
    Break("account_balances", BALANCES, "account_id", f"snapshot_date = '{DAYS[1]}'"),
    Break(
        "account_balances",
        BALANCES,
        "account_id",
        f"snapshot_date = '{DAYS[1]}'",
        "closing_balance_amount = closing_balance_amount + 0.01",
    ),
]


@pytest.mark.parametrize("case", BREAKS, ids=lambda case: f"{case.tie_out} {case.relation} {case.change or 'lost'}")
def test_each_tie_out_names_the_row_that_breaks_it(clean: None, case: Break) -> None:
    with engine("owner").connect() as connection:
        item = case.make(connection)
        outcome = judged(connection, case.tie_out, case.touched or case.relation)
        assert not outcome.success
        assert item in outcome.sample[0]
        found = connection.execute(
            text("select item_id, is_break from ops.tie_out where tie_out = :name"), {"name": case.tie_out}
        ).all()
        assert set(found) == {(item, True)}
        connection.rollback()


def test_what_moved_before_an_account_was_listed_is_explained(clean: None) -> None:
    first_day = {"day": DAYS[0]}
    with engine("owner").connect() as connection:
        moved = "select min(account_id) from marts.fact_transactions where transaction_date = :day and is_posted"
        account = {"account": connection.scalar(text(moved), first_day), **first_day}
        unlisted = f"delete from {BALANCES} where account_id = :account and snapshot_date = :day"
        late = f"update {BANK} set is_late = true where account_id = :account and transaction_date = :day"
        for statement in (unlisted, late):
            assert connection.execute(text(statement), account).rowcount
        assert judged(connection, "account_balances", BALANCES).success
        found = connection.execute(text("select item_id, event_date, explanation from ops.tie_out")).all()
        assert found == [(account["account"], DAYS[0], "delivered late, and by one system only")]
        connection.rollback()


def scans(node: dict) -> Iterator[dict]:
    """The parts of a plan that read a table; below a limit it is the last entry of an index: max()."""
    if node["Node Type"] == "Limit":
        return
    if "Relation Name" in node:
        yield node
    for part in node.get("Plans", []):
        yield from scans(part)


@pytest.mark.parametrize("side", dict.fromkeys(side for tie_out in TIE_OUTS for side in (tie_out.left, tie_out.right)))
def test_what_it_costs_does_not_grow_with_history(clean: None, side: Side) -> None:
    """Each table is read through an index, if PostgreSQL sees a reason to; tables of a test give it none."""
    one_day = f"in (date '{DAYS[1]}')"
    with engine("owner").connect() as connection:
        for way in ("seqscan", "hashjoin", "mergejoin"):
            connection.execute(text(f"set local enable_{way} = off"))
        [plan] = connection.scalar(
            text("explain (format json, verbose) " + side.sql.format(dates=one_day, eves=one_day))
        )
        read = [node for node in scans(plan["Plan"]) if node["Schema"] != "ops"]
        assert read
        assert [node for node in read if "Index Cond" not in node and "Recheck Cond" not in node] == []


def test_every_tie_out_is_broken_once() -> None:
    assert {case.tie_out for case in BREAKS} == {tie_out.name for tie_out in TIE_OUTS}
    assert len(BREAKS) >= 2 * len(TIE_OUTS)


def test_a_break_stops_the_publish_and_readers_see_no_change(clean: None, dbt: dbtRunner) -> None:
    before = checksums(("published",))
    day = date(2026, 1, 9)
    write_partition(settings().raw_zone, day, settings().seed, settings().scale, 0.0)
    path = Path(raw_file(settings().raw_zone, GL_ENTRIES, day))
    lines = path.read_text().splitlines(keepends=True)
    # The second journal is lost as a whole: the ledger balances, and lacks a sale.
    [sale] = {line.split(",")[6] for line in lines[3:5]}
    path.write_text("".join(lines[:3] + lines[5:]))
    with pytest.raises(CheckpointFailed, match=rf"ops.tie_out sales_booked: .* {sale} of {day}: .* against nothing"):
        run_day(day, dbt, run_id="lacks a journal", generate=False, data_tests=False)
    assert checksums(("published",)) == before
    assert {row.item_id for row in differences() if row.run_id == "lacks a journal" and row.is_break} == {sale}


@pytest.fixture(scope="module")
def faulty(dbt: dbtRunner) -> None:
    """Days with planted faults, published."""
    empty_warehouse()
    run_days(dbt, FAULTY_DAYS, 0.02)


def test_planted_faults_are_explained(faulty: None) -> None:
    found = differences()
    assert [row for row in found if row.is_break] == []
    explained = {row.explanation.split(":")[0].split(",")[0] for row in found}
    assert explained == {"rejected", "delivered late"}
    assert {row.tie_out for row in found} >= {"sales_shipped", "sales_booked", "card_sales_paid", "journals_balance"}


def test_a_rejected_duplicate_explains_nothing(faulty: None) -> None:
    with engine("owner").connect() as connection:
        doubled = text(
            f"delete from {SALES} where sale_date = :day and not is_revenue_imputed and sale_id in ("
            "select split_part(raw_text, ',', 1) from quarantine.rejected_rows where partition_date = :day "
            "and table_name = 'sales_transactions' and reasons = array['transaction_id: duplicate']) returning sale_id"
        )
        lost = set(connection.scalars(doubled, {"day": FAULTY_DAYS[0]}))
        assert lost
        assert not judged(connection, "sales_booked", SALES).success
        broken = text(
            "select item_id from ops.tie_out where run_id = 'by hand' and tie_out = 'sales_booked' and is_break"
        )
        assert set(connection.scalars(broken)) == lost
        connection.rollback()
