"""Shows runs while they run: which task, how long, what is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from include.cli.console import err
from include.runtime.errors import PlatformError

if TYPE_CHECKING:
    from include.runtime.airflow_client import AirflowClient, TaskState

POLL_SECONDS = 0.7
FINISHED = {"success", "failed", "upstream_failed", "skipped", "removed"}


def stage(task_id: str) -> str:
    """The step of the graph that a task belongs to: its task group, or itself."""
    return task_id.split(".", maxsplit=1)[0]


def stage_seconds(tasks: list[TaskState]) -> dict[str, float]:
    """Seconds of each stage from its first task's start to its last task's end, in order of start."""
    spans: dict[str, tuple[float, float]] = {}
    ran = [task for task in tasks if task.started and task.ended and task.state in ("success", "failed")]
    for task in sorted(ran, key=lambda task: task.started or 0):
        assert task.started is not None  # noqa: S101 - filtered above
        assert task.ended is not None  # noqa: S101 - filtered above
        start, end = task.started.timestamp(), task.ended.timestamp()
        first, last = spans.get(stage(task.task_id), (start, end))
        spans[stage(task.task_id)] = (min(first, start), max(last, end))
    return {name: last - first for name, (first, last) in spans.items()}


def _report_failure(client: AirflowClient, run_id: str, tasks: list[TaskState]) -> None:
    for task in tasks:
        if task.state == "failed":
            err.print(f"[red]failed[/] {task.task_id} of {run_id}", markup=True)
            err.print(client.failure(run_id, task), markup=False)


def follow(client: AirflowClient, runs: list[tuple[str, str]]) -> bool:
    """Follow runs, one after the other, until each has ended.

    Args:
        client: Airflow.
        runs: label and run id of each, in the order in which they will run.

    Returns:
        Whether all succeeded; what went wrong has been printed.
    """
    succeeded = True
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[now]}"), console=err) as progress:
        bars = [progress.add_task(label, total=None, start=False, now="waiting") for label, _ in runs]
        for bar, (label, run_id) in zip(bars, runs, strict=True):
            progress.start_task(bar)
            reported: set[str] = set()
            while True:
                state, tasks = client.run_state(run_id), client.tasks(run_id)
                done = [task for task in tasks if task.state in FINISHED]
                running = [f"{task.task_id} {task.seconds:.0f}s" for task in tasks if task.state == "running"]
                progress.update(bar, total=len(tasks) or None, completed=len(done), now=", ".join(running) or state)
                if not err.is_terminal:
                    _print_new_stages(label, tasks, reported)
                if state in ("success", "failed"):
                    break
                time.sleep(POLL_SECONDS)
            if state == "failed":
                succeeded = False
                _report_failure(client, run_id, tasks)
    return succeeded


def _print_new_stages(label: str, tasks: list[TaskState], reported: set[str]) -> None:
    """One line for each stage that has ended since the last look, for logs without a terminal."""
    open_stages = {stage(task.task_id) for task in tasks if task.state not in FINISHED}
    for name, seconds in stage_seconds(tasks).items():
        if name not in open_stages and name not in reported:
            reported.add(name)
            left = len({stage(task.task_id) for task in tasks} - reported)
            err.print(f"{label}  {name}  {seconds:.1f} s, {left} stages left")


def wait_for_dag(client: AirflowClient, seconds: float = 120) -> None:
    """Wait until Airflow has read the DAG.

    Raises:
        PlatformError: it cannot be imported, or did not appear in time.
    """
    deadline = time.monotonic() + seconds
    while not client.is_dag_ready():
        if time.monotonic() > deadline:
            raise PlatformError("Airflow has not read the DAG: see `fso logs dag-processor`")
        time.sleep(0.5)
