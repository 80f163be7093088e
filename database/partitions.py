"""The state of each day in the warehouse: loaded, audited, published; and which run holds the warehouse.

A day's `version` counts its loads. dbt reads only days whose present version passed checkpoint_staging,
and rebuilds those whose present version is not published. One run at a time changes the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from datetime import date

Ending = Literal["published", "loaded", "failed"]  # loaded: what was asked for ended there, before any checkpoint


class NotHolder(Exception):
    """Another run has taken over the warehouse since this one began; its work must start again."""


@dataclass(frozen=True)
class Holder:
    """The run that holds the warehouse."""

    run_id: str
    partition_date: date


def acquire(engine: Engine, run_id: str, partition_date: date) -> Holder | None:
    """Take the warehouse for a run.

    Returns:
        None when the run holds it now (again, on a retry); otherwise who does.
    """
    statement = text(
        "insert into ops.runs (run_id, partition_date, status) values (:run_id, :day, 'running') "
        "on conflict (run_id) do update set status = 'running', partition_date = :day, "
        "started_at = clock_timestamp(), finished_at = null where ops.runs.status <> 'running'"
    )
    try:
        with engine.begin() as connection:
            connection.execute(statement, {"run_id": run_id, "day": partition_date})
            return None
    except IntegrityError:
        with engine.connect() as connection:
            row = connection.execute(
                text("select run_id, partition_date from ops.runs where status = 'running'")
            ).one_or_none()
        # The holder may have finished in between: then the next attempt succeeds.
        return Holder(row.run_id, row.partition_date) if row else acquire(engine, run_id, partition_date)


def release(engine: Engine, run_id: str, ending: Ending) -> None:
    """Give the warehouse back; a run that does not hold it changes nothing.

    A day that was never published is then no longer audited: it stays out until it is run again.
    """
    with engine.begin() as connection:
        finish(connection, run_id, ending)


def finish(connection: Connection, run_id: str, ending: Ending) -> None:
    """As `release`, inside the caller's transaction."""
    ended = connection.execute(
        text(
            "update ops.runs set status = :ending, finished_at = clock_timestamp() "
            "where run_id = :run_id and status = 'running' returning partition_date"
        ),
        {"run_id": run_id, "ending": ending},
    ).scalar_one_or_none()
    if ended is not None and ending != "published":
        # A new day that failed after its audit would fail every later run, which builds and judges all audited
        # days. One that readers have seen stays audited: without it nothing may be published anyway.
        connection.execute(
            text(
                "update ops.partitions set audited_version = null "
                "where partition_date = :day and published_version is null"
            ),
            {"day": ended},
        )


def require_holder(connection: Connection, run_id: str) -> None:
    """Keep the run's hold on the warehouse until the caller's transaction ends; tasks of one run may do so together.

    Raises:
        NotHolder: the run does not hold the warehouse.
    """
    held = connection.execute(
        text("select 1 from ops.runs where run_id = :run_id and status = 'running' for share"), {"run_id": run_id}
    ).one_or_none()
    if held is None:
        raise NotHolder(
            f"run {run_id} does not hold the warehouse: it failed or another run took over since. "
            f"Clear the whole run (from its first task) so that it starts again."
        )


def mark_loaded(connection: Connection, partition_date: date) -> None:
    """Count one more load of a day; until it is audited again, dbt does not read the day."""
    connection.execute(
        text(
            "insert into ops.partitions (partition_date, version) values (:day, 1) on conflict (partition_date) "
            "do update set version = ops.partitions.version + 1"
        ),
        {"day": partition_date},
    )


def mark_audited(engine: Engine, run_id: str, partition_date: date) -> None:
    """Note that the day's present load passed checkpoint_staging.

    Raises:
        NotHolder: the run does not hold the warehouse.
    """
    with engine.begin() as connection:
        require_holder(connection, run_id)
        connection.execute(
            text("update ops.partitions set audited_version = version where partition_date = :day"),
            {"day": partition_date},
        )
