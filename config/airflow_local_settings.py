"""Prepares Airflow's scheduler so that its tasks start fast.

Each task is a fork of the scheduler's executor: what the scheduler has imported, and what dbt has parsed
and cached there, the task need not do again. Measured in docs/decisions/0004-dbt-mode.md.
"""

from __future__ import annotations

import os
import sys


def _no_stack_walks() -> None:
    """A task's dbt adapter names the source of its behaviour flags by walking the stack: a quarter of the task's CPU.

    The name is shown only in a warning about a flag, which tells as much without it.
    """
    from dbt_common.behavior_flags import BehaviorFlagRendered

    BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")  # type: ignore[method-assign]


def _warm_dbt() -> None:
    """Parse the project and run one trivial query, then close every connection: a fork must inherit none."""
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    from include.dbt_project import DBT_ARGUMENTS, GLOBAL_FLAGS

    dbtRunner().invoke(["--quiet", *GLOBAL_FLAGS, "show", "--inline", "select 1 as one", *DBT_ARGUMENTS])
    reset_adapters()


def _preload() -> None:
    import cosmos.converter
    import cosmos.operators.local
    import great_expectations
    import openlineage.common.provider.dbt.local  # Cosmos imports it in each task
    import polars
    from airflow.providers.postgres.hooks import postgres

    import database.etl
    import database.generator
    import database.publish
    import include.quality.checkpoints

    _no_stack_walks()
    _warm_dbt()


if os.environ.get("FSO_PRELOAD") == "1" and "scheduler" in sys.argv:
    _preload()
