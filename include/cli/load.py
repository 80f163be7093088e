"""`fso load`: files of one day by hand, from the raw zone into staging, without Airflow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from database import partitions
from database.connection import engine
from database.etl import FileUnreadable, LoadResult, load_table
from database.etl.load import parents_of_day
from include.cli.console import err, out
from include.contracts import Contract, contract_named, contracts
from include.domains import domain_named
from include.runtime.errors import PlatformError
from include.settings import settings

if TYPE_CHECKING:
    from datetime import date


def _chosen(domain: str | None, table: str | None) -> list[Contract]:
    if domain:
        domain_named(domain)
    found = [contract_named(table)] if table else list(contracts().values())
    chosen = [contract for contract in found if domain in (None, contract.domain)]
    if not chosen:
        raise PlatformError(f"{found[0].id} is not a table of {domain}: leave --domain out")
    return chosen


def _cells(result: LoadResult) -> list[str | Text]:
    table = result.table if result.status == "loaded" else Text(f"{result.table} (refused)", "red")
    counts = (f"{rows:,}" for rows in (result.rows_read, result.rows_accepted, result.rows_rejected))
    reasons = "; ".join(f"{reason} ({count})" for reason, count in list(result.reasons.items())[:3])
    return [table, *counts, f"{result.seconds:.2f}", Text(reasons)]


def load_day(day: date, domain: str | None, table: str | None) -> bool:
    """Load one day's files and print what came of each.

    Args:
        day: the partition date.
        domain: only the tables of this domain.
        table: only this table.

    Returns:
        Whether every file was loaded.

    Raises:
        PlatformError: another run holds the warehouse, or there is no such domain.
        ContractError: there is no such table.
    """
    chosen = _chosen(domain, table)
    loader = engine("loader")
    run_id = f"by_hand__{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    holder = partitions.acquire(loader, run_id, day)
    if holder is not None:
        raise PlatformError(f"run {holder.run_id} (day {holder.partition_date}) holds the warehouse: wait for its end")
    shown = Table("table", "read", "accepted", "rejected", "seconds", "reasons", title=f"Loads of {day}")
    parents = parents_of_day(loader, settings().raw_zone, day)
    loaded = 0
    try:
        for contract in chosen:
            try:
                result = load_table(loader, contract, settings().raw_zone, day, run_id, parents=parents)
            except FileUnreadable as error:
                err.print(Text.assemble(("failed ", "red"), str(error)))
                continue
            loaded += result.status == "loaded"
            shown.add_row(*_cells(result))
    except partitions.NotHolder:
        raise PlatformError(f"a run of Airflow has taken the warehouse; then: fso load {day}") from None
    finally:
        partitions.release(loader, run_id, "loaded" if loaded == len(chosen) else "failed")
        if shown.row_count:
            out.print(shown)
    if loaded:
        out.print(f"In staging. To check, model and publish the day: fso run {day} --source files")
    return loaded == len(chosen)
