"""The daily pipeline without Airflow: the same steps, one after the other, in this process.

For tests, and for `benchmarks/daily_run.py`, which compares it with the real scheduler.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from database import partitions
from database.connection import engine
from database.etl import load_domain
from database.generator import write_partition
from database.publish import publish
from include.dbt_project import DBT_ARGUMENTS, GLOBAL_FLAGS, GROUPS, spare_stack_walks
from include.domains import DOMAINS
from include.quality.checkpoints import run_checkpoint
from include.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from dbt.cli.main import dbtRunner


class DbtFailed(Exception):
    """A model or test of the dbt project failed; dbt has printed which."""


def parsed_dbt() -> dbtRunner:
    """A dbt that has parsed the project once, for any number of invocations."""
    from dbt.cli.main import dbtRunner

    spare_stack_walks()
    result = dbtRunner().invoke(["--quiet", *GLOBAL_FLAGS, "parse", *DBT_ARGUMENTS])
    if not result.success:
        raise DbtFailed(f"the dbt project does not parse: {result.exception}")
    return dbtRunner(manifest=result.result)


def dbt_build(dbt: dbtRunner, group: str, *, data_tests: bool = True) -> None:
    """Build and test the models of one task group, as Airflow does: "intermediate" or "marts"."""
    selection = ["--select", *(f"path:{folder}" for folder in GROUPS[group]), "--indirect-selection", "buildable"]
    excluded = ["--exclude-resource-type", "unit_test", *([] if data_tests else ["test"])]
    result = dbt.invoke(["--quiet", *GLOBAL_FLAGS, "build", *selection, *excluded, *DBT_ARGUMENTS])
    if not result.success:
        raise DbtFailed(f"dbt build of {group} failed: {result.exception or 'see its output above'}")


def run_day(
    day: date, dbt: dbtRunner, *, run_id: str | None = None, generate: bool = True, data_tests: bool = True
) -> dict[str, float]:
    """Run one day from file to publish.

    Args:
        day: the partition date.
        dbt: from `parsed_dbt`.
        run_id: for the books; by default made from the day.
        generate: whether to write the day's mock files first.
        data_tests: whether dbt tests what it builds, which takes longer than building it.

    Returns:
        Seconds by stage, in their order.

    Raises:
        NotHolder, LoadRefused, CheckpointFailed, DbtFailed, PublishError: as in Airflow, the run ends there.
    """
    name = run_id or f"by_hand__{day}"
    raw_zone, loader, transformer = settings().raw_zone, engine("loader"), engine("transformer")
    seconds: dict[str, float] = {}

    def timed(stage: str, step: Callable[[], object]) -> None:
        started = time.monotonic()
        step()
        seconds[stage] = time.monotonic() - started

    def audit_staging() -> None:
        run_checkpoint(transformer, "checkpoint_staging", name, day)
        partitions.mark_audited(transformer, name, day)

    holder = partitions.acquire(loader, name, day)
    if holder is not None:
        raise partitions.NotHolder(f"run {holder.run_id} holds the warehouse: wait until it has ended")
    try:
        if generate:
            timed("generate_mock_data", partial(write_partition, raw_zone, day, *settings().mock))
        for domain in DOMAINS:
            timed(f"etl_{domain.name}", partial(load_domain, loader, domain.name, raw_zone, day, name))
        timed("checkpoint_staging", audit_staging)
        timed("intermediate", partial(dbt_build, dbt, "intermediate", data_tests=data_tests))
        timed("checkpoint_intermediate", lambda: run_checkpoint(transformer, "checkpoint_intermediate", name, day))
        timed("marts", partial(dbt_build, dbt, "marts", data_tests=data_tests))
        timed("checkpoint_marts", lambda: run_checkpoint(transformer, "checkpoint_marts", name, day))
        timed("publish", lambda: publish(transformer, name, day))
    finally:
        partitions.release(loader, name, "failed")
    return seconds
