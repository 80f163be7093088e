"""Prepares a process whose tasks, or those of its forks, run dbt through Cosmos.

What each task would otherwise do again is in docs/decisions/0004-dbt-mode.md, with what it costs.
"""

from __future__ import annotations


def warm_up() -> None:
    """Parse the project and run one trivial query, then close every connection: a fork must inherit none.

    Raises:
        DbtFailed: the project does not parse.
    """
    from cosmos.dbt.runner import get_runner
    from cosmos.operators.local import AbstractDbtLocalBase
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    from include import dbt_project
    from include.pipeline import parsed_dbt

    get_runner().manifest = parsed_dbt().manifest  # Cosmos keeps one runner per process
    dbt_project.has_manifest = True
    # It looks for lineage in artifacts that our tasks do not write (GLOBAL_FLAGS).
    AbstractDbtLocalBase._get_dbt_local_artifact_processor = staticmethod(lambda: None)
    # Without that manifest: an inline query is added to the one that dbt works with.
    dbtRunner().invoke(
        ["--quiet", *dbt_project.GLOBAL_FLAGS, "show", "--inline", "select 1 as one", *dbt_project.DBT_ARGUMENTS]
    )
    reset_adapters()
