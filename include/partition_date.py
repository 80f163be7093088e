"""Which day a run is about: resolved here, once per run, and handed on."""

from __future__ import annotations

from datetime import date, datetime, timedelta


def resolve_partition_date(requested: str | None, data_interval_start: datetime | None, run_after: datetime) -> date:
    """The day that a run handles.

    Args:
        requested: parameter `partition_date` (ISO date) of a manual run, if given.
        data_interval_start: start of the run's data interval; scheduled runs and backfills have one.
        run_after: when the run was due; a manual run without a date has only this.

    Returns:
        The requested date; else the day of the data interval; else the last day that was complete (UTC).

    Raises:
        ValueError: `requested` is not an ISO date.
    """
    if requested:
        try:
            return date.fromisoformat(requested)
        except ValueError:
            raise ValueError(f"partition_date must be a date like 2026-01-31, not {requested!r}") from None
    if data_interval_start is not None:
        return data_interval_start.date()
    return run_after.date() - timedelta(days=1)
