"""What `generate` delivers over time: the same answer in any order, and changes that are told."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from database.generator import generate
from include.contracts import contracts
from tests.generator.delivered import table

if TYPE_CHECKING:
    import polars as pl

PROJECT = Path(__file__).resolve().parents[2]
FINGERPRINT = """
import hashlib, sys
from datetime import date
from database.generator import generate
frames = generate(date.fromisoformat(sys.argv[1]), 42, float(sys.argv[2]))
print(hashlib.sha256("".join(frame.write_csv() for frame in frames.values()).encode()).hexdigest())
"""


def fingerprint(day: date, scale: float = 1) -> str:
    text = "".join(frame.write_csv() for frame in generate(day, 42, scale).values())
    return hashlib.sha256(text.encode()).hexdigest()


def forget() -> None:
    """Empty every cache of the generator."""
    modules = [module for name, module in sys.modules.items() if name.startswith("database.generator")]
    cached = [value for module in modules for value in vars(module).values() if hasattr(value, "cache_clear")]
    assert len(cached) > 10
    for function in cached:
        function.cache_clear()


def test_a_date_is_the_same_in_any_order():
    days = [date(2026, 1, 5), date(2023, 1, 1), date(2025, 6, 30)]
    forward = {day: fingerprint(day) for day in days}
    forget()
    assert {day: fingerprint(day) for day in reversed(days)} == forward
    assert len(set(forward.values())) == len(days)


@pytest.mark.parametrize("scale", [1, 2.3])
def test_a_date_is_the_same_in_a_fresh_process_on_another_cpu(monkeypatch, scale):
    # As on a CPU without the instructions that numpy chooses when it starts.
    chosen = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", " ".join(chosen))
    monkeypatch.setenv("PYTHONHASHSEED", "12345")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.chdir(PROJECT)
    command = [sys.executable, "-c", FINGERPRINT, "2025-11-28", str(scale)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == fingerprint(date(2025, 11, 28), scale)


def test_mail_addresses_belong_to_one_user_each():
    users = generate(date(2026, 1, 5), 42, scale=5)["operations.users"]
    assert users["email"].is_unique().all()


@pytest.fixture(scope="module")
def history() -> list[tuple[date, dict[str, pl.DataFrame]]]:
    """Three weeks of consecutive days, then every 29th day for two years."""
    offsets = [*range(21), *range(20 + 29, 20 + 29 * 26, 29)]
    days = [date(2025, 3, 1) + timedelta(days=offset) for offset in offsets]
    return [(day, generate(day, 42, scale=2)) for day in days]


@pytest.mark.parametrize("name", [name for name, c in contracts().items() if c.delivery == "snapshot"])
def test_rows_stay_and_updated_at_moves_exactly_when_they_change(name, history):
    contract = contracts()[name]
    assert contract.column_names[-1] == "updated_at"
    key = itemgetter(*(contract.column_names.index(column) for column in contract.key))
    changes = 0
    for (day_before, frames_before), (day, frames) in pairwise(history):
        after = {key(row): row for row in frames[name].iter_rows()}
        for row in frames_before[name].iter_rows():
            now = after[key(row)]
            has_changed = now[:-1] != row[:-1]
            assert has_changed == (now[-1] != row[-1]), (row, now)
            assert not has_changed or day_before < now[-1].date() <= day
            changes += has_changed
    assert changes > 0


def test_kyc_goes_from_pending_to_a_decision_and_never_back():
    states: dict[str, list[tuple[str, object, object]]] = {}
    for offset in range(61):
        frame = table("operations.onboarding", date(2023, 2, 1) + timedelta(days=offset), 1)
        for row in frame.iter_rows(named=True):
            state = (row["kyc_status"], row["decided_at"], row["rejection_reason"])
            states.setdefault(row["onboarding_id"], []).append(state)
    decided_while_watched = 0
    for history in states.values():
        for (status, decided_at, reason), following in pairwise(history):
            assert (decided_at is None) == (status == "pending")
            assert (reason is not None) == (status == "rejected")
            if status != "pending":
                assert following == (status, decided_at, reason)
            decided_while_watched += status == "pending" and following[0] != "pending"
    assert decided_while_watched > 20


def test_customers_sign_up_after_their_user_registered_and_open_accounts_after_the_check():
    frames = generate(date(2026, 1, 5), 42)
    customers = frames["sales.customers"]
    with_login = customers.join(frames["operations.users"], on="user_id")
    assert 0.7 * customers.height < with_login.height < 0.9 * customers.height
    assert (with_login["signup_date"] >= with_login["registered_at"].dt.date()).all()
    accounts = frames["finance.accounts"].select("customer_id", "opened_date")
    holders = accounts.join(customers.drop("updated_at"), on="customer_id")
    assert (holders["opened_date"] >= holders["signup_date"]).all()
    checked = holders.join(frames["operations.onboarding"], on="user_id")
    assert set(checked["kyc_status"]) == {"completed"}
    assert (checked["opened_date"] >= checked["decided_at"].dt.date()).all()


def test_a_company_may_begin_on_another_day():
    begin = date(2025, 6, 1)
    first = generate(begin, 42, company_start=begin)
    assert {name for name, frame in first.items() if frame.is_empty()} <= {
        contract.id for contract in contracts().values() if contract.min_rows == 0
    }
    assert first["sales.customers"]["signup_date"].max() == begin
    assert first["sales.sales_transactions"].height < generate(begin, 42)["sales.sales_transactions"].height / 10
    # As the default company on its own second day.
    later = [generate(begin + timedelta(days=1), 42, company_start=begin), generate(date(2023, 1, 2), 42)]
    assert [frames["sales.customers"].height for frames in later] == [later[1]["sales.customers"].height] * 2
    with pytest.raises(ValueError, match="no data before 2025-06-01"):
        generate(begin - timedelta(days=1), 42, company_start=begin)
