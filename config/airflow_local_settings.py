"""Prepares Airflow's scheduler so that its tasks start fast.

Each task is a fork of the scheduler's executor: what the scheduler has imported, and what dbt has parsed
and cached there, the task need not do again. Measured in docs/decisions/0004-dbt-mode.md.
"""

from __future__ import annotations

import os
import sys


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
    from include.dbt_warm_up import warm_up

    warm_up()


if os.environ.get("FSO_PRELOAD") == "1" and "scheduler" in sys.argv:
    _preload()
