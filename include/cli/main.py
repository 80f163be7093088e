"""The commands of fso."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.table import Table
from rich.text import Text

from include.cli import contract, quarantine
from include.cli.arguments import Day
from include.cli.console import err, out
from include.cli.runs import connected, follow_to_the_end
from include.fault_kinds import FaultKind, parse_fault_kinds
from include.runtime.errors import PlatformError
from include.settings import PROJECT_DIR, SettingsError, location, settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Runs the Finance · Sales · Ops platform.",
)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(contract.app, name="contract")
PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


class Source(StrEnum):
    """Where a run's files come from."""

    mock = "mock"
    files = "files"


class Format(StrEnum):
    """How `fso sql` prints rows."""

    table = "table"
    csv = "csv"
    json = "json"


def _start() -> None:
    from include.runtime import platform

    with err.status("starting") as status:

        def report(step: str) -> None:
            status.update(step)
            if not err.is_terminal:
                err.print(step)

        platform.up(report)


def _print_status() -> None:
    from include.runtime.platform import status

    table = Table("service", "state", "address")
    for service in status():
        colour = "green" if service.is_healthy else "red"
        table.add_row(service.name, f"[{colour}]{service.detail}[/]", service.url or "")
    out.print(table)


@app.command()
def up() -> None:
    """Start PostgreSQL and Airflow, and bring both to the present version."""
    from include.cli.summary import print_access

    _start()
    _print_status()
    print_access()


@app.command()
def down() -> None:
    """Stop everything that `fso up` started; no data is lost."""
    from include.runtime import platform

    stopped = platform.down()
    out.print(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show the health, URL and port of each service; exit status 1 unless all are healthy."""
    from include.runtime import platform

    state = platform.status_json()
    if as_json:
        out.print_json(data=state)
    else:
        _print_status()
    raise typer.Exit(0 if state["is_healthy"] else 1)


@app.command()
def run(
    day: Annotated[datetime | None, typer.Argument(formats=["%Y-%m-%d"], metavar="[YYYY-MM-DD]")] = None,
    source: Annotated[Source | None, typer.Option(help="files: take the day's files as they lie there.")] = None,
) -> None:
    """Run the pipeline for one day (by default the last complete one), follow it, and show what landed."""
    client = connected()
    run_id = client.trigger(day.date() if day else None, source)
    follow_to_the_end(client, [(f"{day:%Y-%m-%d}" if day else "the last complete day", run_id)])


@app.command()
def backfill(
    first: Day,
    last: Day,
    again: Annotated[bool, typer.Option("--again", help="Also days whose backfill has succeeded before.")] = False,
) -> None:
    """Run the pipeline for every day from FIRST to LAST (both included), follow it, and show what landed."""
    _require_order(first, last)
    _backfill(first.date(), last.date(), again=again)


def _require_order(first: datetime, last: datetime) -> None:
    if last < first:
        raise PlatformError(f"the last day ({last:%Y-%m-%d}) lies before the first ({first:%Y-%m-%d}): turn them round")


def _backfill(first: date, last: date, *, again: bool) -> None:
    client = connected()
    follow_to_the_end(client, client.backfill(first, last, again=again))


def _fault_kinds(names: str) -> tuple[FaultKind, ...]:
    try:
        return parse_fault_kinds(names)
    except ValueError as error:
        raise PlatformError(str(error)) from None


@app.command()
def generate(  # noqa: PLR0917 - each is an option
    first: Day,
    last: Day,
    uri: Annotated[
        str | None, typer.Option("--out", help="Folder or s3://bucket/prefix; by default the raw zone.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="By default FSO_SEED.")] = None,
    scale: Annotated[float | None, typer.Option(help="By default FSO_SCALE.")] = None,
    faults: Annotated[float | None, typer.Option(help="Share of bad rows; by default FSO_FAULT_RATE.")] = None,
    fault_kinds: Annotated[str | None, typer.Option(help="Comma list; by default FSO_FAULT_KINDS.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 2,
) -> None:
    """Write the mock files of every day from FIRST to LAST (both included), without Airflow or a database."""
    from include.cli.generate import generate_days

    _require_order(first, last)
    target = location(uri, Path.cwd()) if uri else settings().raw_zone
    default = settings().mock
    mock = default._replace(
        seed=default.seed if seed is None else seed,
        scale=default.scale if scale is None else scale,
        fault_rate=default.fault_rate if faults is None else faults,
        fault_kinds=default.fault_kinds if fault_kinds is None else _fault_kinds(fault_kinds),
    )
    days, rows = generate_days(first.date(), last.date(), target, mock, jobs=jobs)
    out.print(f"{rows:,} rows of {days} days in {target}")


@app.command()
def load(
    day: Day,
    domain: Annotated[str | None, typer.Option(help="Only the tables of this domain.")] = None,
    table: Annotated[str | None, typer.Option(help="Only this table: stores, or sales.stores.")] = None,
) -> None:
    """Load the day's files from the raw zone into staging, without Airflow; exit status 1 when one is refused."""
    from include.cli.load import load_day

    if not load_day(day.date(), domain, table):
        raise typer.Exit(1)


@app.command()
def demo(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])] = datetime(2026, 1, 5),  # noqa: DTZ001 - a date
    days: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Start everything, run three consecutive days through the scheduler, and show what landed."""
    from datetime import timedelta

    from include.cli.summary import print_access, print_landed, published_days

    _start()
    wanted = [first.date() + timedelta(days=offset) for offset in range(days)]
    if set(wanted) <= published_days():
        print_landed(wanted)
    else:
        _backfill(wanted[0], wanted[-1], again=True)
    print_access()


@app.command()
def sql(
    statement: str,
    output: Annotated[Format, typer.Option("--format", help="How rows are printed.")] = Format.table,
    role: Annotated[str, typer.Option(help="reader, api, transformer, loader or owner.")] = "reader",
) -> None:
    """Run one SQL statement, by default with the rights of a BI reader."""
    from include.cli.sql import run_sql

    run_sql(statement, output.value, role)


@app.command()
def logs(
    service: Annotated[str | None, typer.Argument(help="One of the files that `fso logs` lists.")] = None,
    lines: Annotated[int, typer.Option("-n", help="How many of the last lines.")] = 40,
) -> None:
    """Show the end of a service's log; without a name, list the logs."""
    from include.runtime import postgres_server, processes
    from include.runtime.files import tail

    files = {path.stem: path for path in sorted(processes.log_file("x").parent.glob("*.log"))}
    files["postgres"] = postgres_server.log_file()
    if service is None:
        for name, path in files.items():
            out.print(f"{name:18} {path}")
        return
    if service not in files:
        raise PlatformError(f"there is no log named {service}: choose from {', '.join(files)}")
    out.print(tail(files[service], lines), markup=False)


@app.command()
def doctor() -> None:
    """Check machine, settings, ports and services; say what to do about each finding."""
    from include.cli.doctor import examine

    findings = 0
    for check in examine():
        findings += not check.is_good
        sign = ("ok ", "green") if check.is_good else ("!! ", "red")
        out.print(Text.assemble(sign, f"{check.name}: {check.detail}"))
    raise typer.Exit(1 if findings else 0)


def _exec(command: list[str]) -> NoReturn:
    """Become the command: it gets the signals of whoever started us, such as a container's stop."""
    from include.runtime import platform

    os.execvpe(command[0], command, platform.environment())  # noqa: S606 - no shell is wanted


@app.command(context_settings=PASS_THROUGH)
def airflow(context: typer.Context) -> None:
    """Run Airflow's own command line in the platform's environment: fso airflow dags list."""
    _exec([sys.executable, "-m", "airflow", *context.args])


@app.command(context_settings=PASS_THROUGH)
def dbt(context: typer.Context) -> None:
    """Run dbt in the platform's environment: fso dbt build --select marts."""
    from include.dbt_project import by_hand

    os.chdir(PROJECT_DIR / "analytics_platform")
    os.environ |= by_hand(context.args) | os.environ
    _exec(["dbt", *context.args])


@app.command(context_settings=PASS_THROUGH)
def mf(context: typer.Context) -> None:
    """Query the metrics of the semantic layer: fso mf query --metrics revenue --group-by metric_time__month."""
    from include.runtime.platform import parse_dbt_project

    parse_dbt_project()
    from include.cli.metrics import run_mf

    run_mf(context.args)


@app.command()
def preflight() -> None:
    """Check machine and settings, without starting anything; in the demo, generate what is missing."""
    from include.runtime import platform
    from include.settings import state_dir

    platform.prepare()
    out.print(f"machine and settings are good: FSO_ENV={settings().env}, state in {state_dir()}")


@app.command()
def migrate() -> None:
    """Bring warehouse, Airflow's database and dbt's manifest to the present version, without starting anything."""
    from include.runtime import platform, postgres_server

    postgres_server.create_databases(settings())
    platform.migrate()


def run_app() -> None:
    """Entry point: errors that a user can act on are shown without a traceback."""
    from include.contracts import ContractError
    from include.log import configure_logging

    configure_logging()
    try:
        app()
    except (PlatformError, SettingsError, ContractError) as error:
        # The message may quote a log or data, whose brackets are no markup.
        err.print(Text.assemble(("fso: ", "red"), str(error)))
        sys.exit(1)
