"""What a person wants to see at the end: what landed, how long it took, and how to get at it."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

from rich.table import Table
from sqlalchemy import text

from database.connection import engine
from include.cli.console import err, out
from include.cli.progress import stage_seconds
from include.runtime import ports
from include.runtime.postgres_server import BIN
from include.settings import settings

if TYPE_CHECKING:
    from datetime import date

    from include.runtime.airflow_client import AirflowClient, TaskState

LOADS = """
select distinct on (domain, table_name, partition_date)
    domain || '.' || table_name, partition_date, status, rows_read, rows_accepted, rows_rejected
from ops.loads where partition_date = any(:days)
order by domain, table_name, partition_date, load_id desc
"""
CHECKPOINTS = """
select distinct on (partition_date, checkpoint) partition_date, checkpoint, success, expectations, failed, seconds
from ops.checkpoints where partition_date = any(:days)
order by partition_date, checkpoint, checkpoint_id desc
"""
TABLES = "select tablename from pg_tables where schemaname = 'published' order by tablename"


def _rows(statement: str, **parameters: object) -> list[tuple[object, ...]]:
    with engine("transformer").connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), parameters)]


def days_of(run_ids: list[str]) -> list[date]:
    """The days that these runs were about, in their order."""
    found = _rows("select distinct partition_date from ops.runs where run_id = any(:ids) order by 1", ids=run_ids)
    return [day for (day,) in found]  # type: ignore[misc]


def published_days() -> set[date]:
    """Days whose present load is published."""
    found = _rows("select partition_date from ops.partitions where published_version = version")
    return {day for (day,) in found}  # type: ignore[misc]


def print_landed(days: list[date]) -> None:
    """Rows read, accepted and rejected per table and day; rows per mart; checkpoint results."""
    loads = Table("table", "day", "read", "accepted", "rejected", title="Loads")
    for table, day, status, read, accepted, rejected in _rows(LOADS, days=days):
        loads.add_row(
            str(table),
            str(day),
            f"{read:,}",
            f"{accepted:,}",
            f"{rejected:,}" + ("" if status == "loaded" else f" ({status})"),
        )
    checks = Table("day", "checkpoint", "result", "expectations", "failed", "seconds", title="Checkpoints")
    for day, name, success, expectations, failed, seconds in _rows(CHECKPOINTS, days=days):
        result = "[green]passed[/]" if success else "[red]failed[/]"
        checks.add_row(str(day), str(name), result, str(expectations), str(failed), f"{seconds:.1f}")
    marts = Table("relation", "rows", title="Published")
    for (name,) in _rows(TABLES):
        [(count,)] = _rows(f'select count(*) from published."{name}"')
        marts.add_row(f"published.{name}", f"{count:,}")
    for table in (loads, checks, marts):
        if table.row_count:
            out.print(table)


def print_stages(client: AirflowClient, runs: list[tuple[str, str]]) -> None:
    """Seconds per stage, a column per run."""
    tasks_of_runs = [client.tasks(run_id) for _, run_id in runs]
    timings = [stage_seconds(tasks) for tasks in tasks_of_runs]
    table = Table("stage", *(label for label, _ in runs), title="Seconds per stage")
    for name in dict.fromkeys(name for timing in timings for name in timing):
        table.add_row(name, *(f"{timing[name]:.1f}" if name in timing else "" for timing in timings))
    table.add_section()
    table.add_row("from first start to last end", *(f"{_span(tasks):.1f}" for tasks in tasks_of_runs))
    err.print(table)


def _span(tasks: list[TaskState]) -> float:
    starts = [task.started for task in tasks if task.started]
    ends = [task.ended for task in tasks if task.ended]
    return float((max(ends) - min(starts)).total_seconds()) if starts and ends else 0.0


def print_access() -> None:
    """URLs, the demo's credentials, a psql line and a BI connection string."""
    host, port = settings().address()
    airflow_port = ports.in_use("api-server", settings().airflow_port)
    name, password = settings().db_name, settings().password("reader")
    for service, preferred, used in (
        ("PostgreSQL", settings().db_port, port),
        ("Airflow", settings().airflow_port, airflow_port),
    ):
        if settings().is_embedded and preferred != used:
            out.print(f"Port {preferred} is taken, so {service} listens on {used}.")
    out.print(f"\nAirflow        http://localhost:{airflow_port}")
    if settings().env == "demo":
        out.print(
            f"  login        {settings().airflow_admin_user} / {settings().airflow_admin_password.get_secret_value()}"
            "  (demo only, reachable from this machine only)"
        )
    out.print(f"Data quality   http://localhost:{airflow_port}/plugin/data-quality")
    # Outside the demo no password is shown: output ends up in logs.
    shown = password if settings().env == "demo" else "$DB_READER_PASSWORD"
    program = shutil.which("psql") or shlex.quote(str(BIN / "psql"))
    psql = f"PGPASSWORD={shown} {program} -h {host} -p {port} -U fso_reader {name}"
    out.print(f"psql           {psql} -c 'select * from daily_sales'")
    out.print(f"BI tools       postgresql://fso_reader:{shown}@{host}:{port}/{name}   (schema published)")
    activate = "" if shutil.which("fso") else "source .venv/bin/activate; "
    out.print(f"More           {activate}fso status | run 2026-01-08 | sql 'select * from publish_info' | down\n")
