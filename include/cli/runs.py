"""Runs of the DAG from the command line: started, followed to their end, and summed up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from include.cli.console import err
from include.settings import settings

if TYPE_CHECKING:
    from include.runtime.airflow_client import AirflowClient


def connected() -> AirflowClient:
    """A session with an Airflow that has read the DAG.

    Raises:
        PlatformError: Airflow does not answer, or does not have the DAG.
    """
    from include.cli.progress import wait_for_dag
    from include.runtime import ports
    from include.runtime.airflow_client import AirflowClient

    port = ports.in_use("api-server", settings().airflow_port)
    password = settings().airflow_admin_password.get_secret_value()
    client = AirflowClient(f"http://127.0.0.1:{port}", settings().airflow_admin_user, password)
    wait_for_dag(client)
    return client


def follow_to_the_end(client: AirflowClient, runs: list[tuple[str, str]]) -> None:
    """Follow runs (label and run id) and show what landed; exit status 1 when one failed."""
    from include.cli.progress import follow
    from include.cli.summary import days_of, print_landed, print_stages

    succeeded = follow(client, runs)
    print_landed(days_of([run_id for _, run_id in runs]))
    print_stages(client, runs)
    if not succeeded:
        err.print("Failed: see the reason above, repair it, and run the same command again.")
        raise typer.Exit(1)
