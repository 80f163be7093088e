"""Does a day cost more when years lie behind it? Day 5 against day 365, same volume, without Airflow.

Starts a PostgreSQL of its own in a temporary folder. The days between are loaded and audited one by one, and
modelled at once: what is measured are single days, at the beginning and at the end of the history.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import publish

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner

# From here on the company has its full size, so that the volume of a day does not grow by itself.
FIRST_DAY = date(2025, 3, 3)
EARLY, LATE = 5, 365


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number - 1)


def _load_days(first: int, last: int) -> None:
    """Bring days into audited staging, as the pipeline does, without judging and modelling each."""
    from database import partitions
    from database.connection import engine
    from database.etl import load_domain
    from database.generator import write_partition
    from include.domains import DOMAINS
    from include.settings import settings

    zone = settings().raw_zone
    for number in range(first, last + 1):
        day = _day(number)
        partitions.acquire(engine("loader"), "history", day)
        write_partition(zone, day, settings().seed, settings().scale, 0.0)
        for domain in DOMAINS:
            load_domain(engine("loader"), domain.name, zone, day, "history")
        partitions.mark_audited(engine("transformer"), "history", day)
        shutil.rmtree(Path(str(zone)) / f"{day:%Y%m%d}")
        if number % 50 == 0:
            print(f"{number} days loaded", file=sys.stderr)
    with engine("owner").begin() as connection:
        # The days stay audited: a failed run would take the last one out.
        connection.exec_driver_sql("update ops.runs set status = 'published' where run_id = 'history'")


def _measured(dbt: dbtRunner, first: int, days: int) -> dict[str, float]:
    """Median seconds of each stage over consecutive days; a day before them warms up."""
    from include.pipeline import run_day

    run_day(_day(first - 1), dbt)
    runs = [run_day(_day(number), dbt) for number in range(first, first + days)]
    stages = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    return {"total": statistics.median(sum(run.values()) for run in runs), **stages}


def measure(late: int, days: int) -> dict[str, Any]:
    """Seconds by stage of day 5 and of day `late`, medians of `days` days each."""
    from database.migrate import migrate
    from include.pipeline import parsed_dbt
    from include.runtime import credentials, postgres_server
    from include.settings import settings

    credentials.ensure()
    postgres_server.start(settings())
    migrate()
    host, port = settings().address()
    os.environ |= {
        "DB_HOST": host, "DB_PORT": str(port), "DB_TRANSFORMER_PASSWORD": settings().password("transformer"),
    }  # fmt: skip
    dbt = parsed_dbt()
    _load_days(1, EARLY - 2)
    early = _measured(dbt, EARLY, days)
    _load_days(EARLY + days, late - 2)
    later = _measured(dbt, late, days)
    ratios = {name: round(later[name] / early[name], 2) for name in early}
    return {"early_seconds": early, "late_seconds": later, "ratios": ratios, "ratio": ratios["total"], "late_day": late}


def main() -> None:
    """Command line: `python -m benchmarks.history [--late N] [--days N] [--json]`."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--late", type=int, default=LATE, help="number of the late day")
    parser.add_argument("--days", type=int, default=3, help="measured days at each end")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    home = tempfile.mkdtemp(prefix="fso-benchmark-")
    Path(home).chmod(0o755)
    os.environ |= {"FSO_HOME": home, "FSO_RAW_ZONE": f"{home}/raw", "DB_PORT": "25433"}
    from include.runtime import postgres_server

    try:
        figures = measure(arguments.late, arguments.days)
    finally:
        postgres_server.stop()
        shutil.rmtree(home, ignore_errors=True)
    rows = [["stage", f"day {EARLY}, s", f"day {arguments.late}, s", "ratio"]]
    for name, seconds in figures["early_seconds"].items():
        label = "**file to published**" if name == "total" else name
        rows.append([label, f"{seconds:.2f}", f"{figures['late_seconds'][name]:.2f}", f"{figures['ratios'][name]:.2f}"])
    publish("history", figures, rows, as_json=arguments.json, keep=arguments.late >= LATE)


if __name__ == "__main__":
    main()
