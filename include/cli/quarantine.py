"""`fso quarantine`: rejected rows, listed, told, exported and replayed."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from include.cli.arguments import Day
from include.cli.console import err, out
from include.runtime.errors import PlatformError

app = typer.Typer(no_args_is_help=True, help="Rejected rows: list, show, export to correct them, replay.")
TableName = Annotated[str, typer.Argument(metavar="TABLE", help="stores, or sales.stores")]

COUNTS = """
select partition_date, domain || '.' || table_name, status, reason, count(*)
from quarantine.rejected_rows, unnest(reasons) as reason
where (cast(:day as date) is null or partition_date = :day)
  and (cast(:table as text) is null or domain || '.' || table_name = :table)
group by partition_date, domain, table_name, status, reason
order by partition_date, domain, table_name, count(*) desc, reason
"""
STORY = """
with corrections as (
    select * from quarantine.corrections
    where partition_date = :day and domain || '.' || table_name = :table and line_number = :line),
rejections as (
    select load_id, raw_text, reasons from quarantine.rejected_rows
    where partition_date = :day and domain || '.' || table_name = :table and line_number = :line
    union
    select rejected_load_id, raw_text, reasons from corrections)
select load.loaded_at as at, 'rejected' as event, load.load_id, load.run_id as by, load.source_file as file,
    array_to_string(rejections.reasons, '; ') as why, rejections.raw_text as record
from rejections join ops.loads as load using (load_id)
union all
select corrected_at, 'corrected', null, corrected_by, null, null, corrected_text from corrections
union all
select load.loaded_at, corrections.status, load.load_id, load.run_id, load.source_file, null, null
from corrections join ops.loads as load using (load_id)
where corrections.status in ('accepted', 'superseded')
order by at
"""


def _rows(statement: str, **parameters: object) -> list[Any]:
    from sqlalchemy import text

    from database.connection import engine

    with engine("transformer").connect() as connection:
        return list(connection.execute(text(statement), parameters))


def _table_id(name: str) -> str:
    from include.contracts import contract_named

    return contract_named(name).id


@app.command("list")
def list_(
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Only this day.")] = None,
    table: Annotated[str | None, typer.Option(help="Only this table: stores, or sales.stores.")] = None,
) -> None:
    """Count rejected rows by day, table and reason; a row with two reasons counts for both."""
    found = _rows(COUNTS, day=day.date() if day else None, table=_table_id(table) if table else None)
    if not found:
        out.print("no rejected rows")
        return
    shown = Table("day", "table", "status", "reason", "rows")
    for partition_date, name, status, reason, count in found:
        shown.add_row(str(partition_date), name, status, Text(reason), f"{count:,}")
    out.print(shown)


@app.command()
def show(day: Day, table: TableName, line: Annotated[int, typer.Argument(min=2)]) -> None:
    """Tell the story of one line of a file: rejected when, by which run and why; corrected by whom; accepted when."""
    events = _rows(STORY, day=day.date(), table=_table_id(table), line=line)
    if not events:
        raise PlatformError(f"line {line} of {table} of {day:%Y-%m-%d} was not rejected: see fso quarantine list")
    for event in events:
        by = event.by if event.load_id is None else f"load {event.load_id} of run {event.by}"
        out.print(Text.assemble((f"{event.at:%Y-%m-%d %H:%M:%S} ", "dim"), (event.event, "bold"), f" by {by}"))
        for label, value in (("file", event.file), ("why", event.why), ("record", event.record)):
            if value:
                out.print(Text(f"    {label}: {value}"))


@app.command()
def export(day: Day, table: TableName) -> None:
    """Write rejected rows as CSV to standard output, to be corrected in a spreadsheet and replayed."""
    from database.connection import engine
    from database.etl.replay import export as export_rows
    from include.contracts import contract_named

    contract = contract_named(table)
    # With its mark, spreadsheets read UTF-8 as such.
    sys.stdout.reconfigure(encoding="utf-8-sig", newline="")  # type: ignore[union-attr]
    count = export_rows(engine("loader"), contract, day.date(), sys.stdout)
    err.print(f"{count:,} rejected rows of {contract.id} of {day:%Y-%m-%d}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise PlatformError("this machine has no name for you: say who corrects by --by NAME") from None


@app.command()
def replay(
    file: Path,
    by: Annotated[str | None, typer.Option(help="Who corrected; by default the user of this machine.")] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Run the affected days through the pipeline.")] = True,
) -> None:
    """Check corrected rows, keep them beside the file for all its loads, and run their days again."""
    from database.connection import engine
    from database.etl.replay import ReplayRefused
    from database.etl.replay import replay as replay_rows
    from database.etl.spreadsheet import EditsUnreadable
    from include.cli.runs import connected, follow_to_the_end

    # Before anything is stored: the run shall not fail for want of Airflow.
    client = connected() if run else None
    try:
        done = replay_rows(engine("loader"), file, by or _user())
    except (EditsUnreadable, ReplayRefused) as error:
        raise PlatformError(str(error)) from None
    out.print(f"{done.stored:,} corrections stored, {done.unchanged:,} rows as they were")
    if client and done.days:
        follow_to_the_end(client, [(str(day), client.trigger(day, "files")) for day in done.days])
    for day in () if client else done.days:
        out.print(f"fso run {day} --source files")
