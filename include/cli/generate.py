"""`fso generate`: the mock files of many days, in parallel, without Airflow or a database."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from database.generator import write_partition
from include.cli.console import err
from include.runtime.errors import PlatformError

if TYPE_CHECKING:
    from upath import UPath

    from include.settings import MockCompany


def generate_days(
    first: date,
    last: date,
    out: UPath,
    mock: MockCompany,
    *,
    jobs: int,
) -> tuple[int, int]:
    """Write one partition per day, showing progress.

    Args:
        first: first day.
        last: last day, included.
        out: the raw zone.
        mock: how the files are made.
        jobs: processes to use; the files do not depend on it.

    Returns:
        Days and rows written.

    Raises:
        PlatformError: a day could not be written; says which, and why.
    """
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    columns = (TextColumn("generating"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    rows = 0
    # Not forked: a fork would inherit the threads of polars, but not their locks' owners.
    processes = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    with processes as pool, Progress(*columns, console=err) as progress:
        bar = progress.add_task("", total=len(days))
        futures = {pool.submit(write_partition, out, day, *mock): day for day in days}
        for future in as_completed(futures):
            try:
                rows += sum(future.result().values())
            except (OSError, ValueError) as error:
                pool.shutdown(cancel_futures=True)
                raise PlatformError(f"{futures[future]} could not be generated in {out}: {error}") from None
            progress.advance(bar)
    return len(days), rows
