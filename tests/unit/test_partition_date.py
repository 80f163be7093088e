"""Which day a run is about."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from include.partition_date import resolve_partition_date

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)


def test_a_data_interval_gives_its_first_day() -> None:
    assert resolve_partition_date(None, datetime(2026, 1, 19, tzinfo=UTC), NOON) == date(2026, 1, 19)


def test_a_manual_run_without_a_date_gets_the_last_complete_day() -> None:
    assert resolve_partition_date(None, None, NOON) == date(2026, 1, 19)


def test_a_requested_date_wins() -> None:
    assert resolve_partition_date("2025-03-01", datetime(2026, 1, 19, tzinfo=UTC), NOON) == date(2025, 3, 1)


def test_nonsense_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match="like 2026-01-31, not 'yesterday'"):
        resolve_partition_date("yesterday", None, NOON)
