"""Prepares Airflow's scheduler so that its tasks start fast.

Each task is a fork of the scheduler's executor: what the scheduler has imported, and what dbt has parsed
and cached there, the task need not do again. Measured in docs/decisions/0004-dbt-mode.md.
"""

from __future__ import annotations

import os
import sys


def _warm_dbt() -> None:
    """Parse the project and run one trivial query, then close every connection: a fork must inherit none."""
    from cosmos.dbt.runner import get_runner
    from cosmos.operators.local import AbstractDbtLocalBase
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    from include import dbt_project
    from include.dbt_project import DBT_ARGUMENTS, GLOBAL_FLAGS
    from include.pipeline import parsed_dbt

    get_runner().manifest = parsed_dbt().manifest  # Cosmos keeps one runner per process
    dbt_project.has_manifest = True
    # It looks for lineage in artifacts that our tasks do not write (GLOBAL_FLAGS).
    AbstractDbtLocalBase._get_dbt_local_artifact_processor = staticmethod(lambda: None)
    dbtRunner().invoke(["--quiet", *GLOBAL_FLAGS, "show", "--inline", "select 1 as one", *DBT_ARGUMENTS])
    reset_adapters()


def _preload() -> None:
    import cosmos.converter
    import cosmos.operators.local
    import great_expectations
    import polars
    from airflow.providers.postgres.hooks import postgres

    import database.etl
    import database.generator
    import database.publish
    import include.quality.checkpoints

    _warm_dbt()


if os.environ.get("FSO_PRELOAD") == "1" and "scheduler" in sys.argv:
    _preload()
