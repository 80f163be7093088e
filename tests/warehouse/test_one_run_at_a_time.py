"""One run at a time changes the warehouse."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine, text

from database import partitions
from database.connection import engine
from database.partitions import Holder, NotHolder

DAY = date(2026, 1, 5)


def test_a_second_run_is_told_who_holds_the_warehouse(warehouse: Engine) -> None:
    assert partitions.acquire(engine("loader"), "one", DAY) is None
    assert partitions.acquire(engine("loader"), "two", date(2026, 1, 6)) == Holder("one", DAY)
    partitions.release(engine("loader"), "one", "failed")
    assert partitions.acquire(engine("loader"), "two", date(2026, 1, 6)) is None


def test_a_retry_of_the_holder_goes_on(warehouse: Engine) -> None:
    assert partitions.acquire(engine("loader"), "one", DAY) is None
    assert partitions.acquire(engine("loader"), "one", DAY) is None


def test_of_many_at_once_exactly_one_wins(warehouse: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: partitions.acquire(engine("loader"), f"run {n}", DAY), range(8)))
    assert answers.count(None) == 1


def test_a_day_whose_run_fails_after_its_audit_stays_out_of_later_runs(warehouse: Engine) -> None:
    partitions.acquire(engine("loader"), "one", DAY)
    with engine("loader").begin() as connection:
        partitions.mark_loaded(connection, DAY)
    partitions.mark_audited(engine("transformer"), "one", DAY)
    partitions.release(engine("loader"), "one", "failed")
    with warehouse.connect() as connection:
        assert connection.execute(text("select count(*) from ops.audited_partitions")).scalar_one() == 0


def test_a_run_that_lost_the_warehouse_cannot_pass_its_audit(warehouse: Engine) -> None:
    partitions.acquire(engine("loader"), "one", DAY)
    partitions.release(engine("loader"), "one", "failed")
    with pytest.raises(NotHolder, match="Clear the whole run"):
        partitions.mark_audited(engine("transformer"), "one", DAY)
