"""How long readers wait for typical questions over millions of facts, without Airflow.

Starts a PostgreSQL of its own in a temporary folder, loads large days spread over two years, builds and publishes
what the questions read, and asks each question of benchmarks/queries, one after the other, as role fso_reader.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import RESULTS_DIR, publish

if TYPE_CHECKING:
    from sqlalchemy import Connection

QUESTIONS = sorted((Path(__file__).parent / "queries").glob("*.sql"))
PLANS = RESULTS_DIR / "plans"
# Two days a month: every month has its partition, and months and years can be compared.
DAYS = [date(year, month, day) for year in (2024, 2025) for month in range(1, 13) for day in (11, 25)]
SCALE = 25.0
REPETITIONS = 20
# What the questions read. The features that predictions are made from, 189 columns of each customer and day, would
# be most of the warehouse: they are left out, and the questions about them are skipped.
TABLES = [
    "sales.customers", "sales.products", "sales.stores", "sales.sales_transactions",
    "operations.users", "operations.onboarding",
    "finance.accounts", "finance.merchants", "finance.transactions",
]  # fmt: skip
FACTS = ["fact_sales", "fact_transactions"]
DIMENSIONS = ["dim_customer", "dim_date", "dim_store", "dim_product", "dim_merchant"]
SUMS = ["daily_sales", "daily_transactions", "customer_kpis_monthly"]
SELECTION = [f"+{model}" for model in [*FACTS, *DIMENSIONS, *SUMS]]


def _load(days: list[date], scale: float) -> None:
    """Bring the days into audited staging."""
    from database import partitions
    from database.connection import engine
    from database.etl import load_table
    from database.generator import write_partition
    from include.contracts import contracts
    from include.settings import settings

    zone = settings().raw_zone
    for day in days:
        partitions.acquire(engine("loader"), "queries", day)
        write_partition(zone, day, settings().seed, scale, 0.0)
        for table in TABLES:
            load_table(engine("loader"), contracts()[table], zone, day, "queries")
        partitions.mark_audited(engine("transformer"), "queries", day)
        shutil.rmtree(Path(str(zone)) / f"{day:%Y%m%d}")
        print(f"{day} loaded", file=sys.stderr)


def _build() -> None:
    """Make the models by dbt, and publish them."""
    from database.connection import engine
    from database.publish import publish as publish_all
    from include.dbt_project import DBT_ARGUMENTS, GLOBAL_FLAGS
    from include.pipeline import DbtFailed, parsed_dbt

    done = parsed_dbt().invoke(["--quiet", *GLOBAL_FLAGS, "run", "--select", *SELECTION, *DBT_ARGUMENTS])
    if not done.success:
        raise DbtFailed("the models cannot be built: dbt has printed why")
    publish_all(engine("transformer"), "queries", DAYS[-1])


def _start() -> None:
    from database.migrate import migrate
    from include.runtime import credentials, postgres_server
    from include.settings import settings

    credentials.ensure()
    postgres_server.start(settings())
    migrate()
    host, port = settings().address()
    os.environ |= {
        "DB_HOST": host, "DB_PORT": str(port), "DB_TRANSFORMER_PASSWORD": settings().password("transformer"),
    }  # fmt: skip


def _milliseconds(connection: Connection, question: str) -> list[float]:
    """Times of a question whose data is in memory: from asking until all rows are here."""
    times = []
    for _ in range(REPETITIONS + 1):
        started = time.perf_counter()
        connection.exec_driver_sql(question).all()
        times.append(1000 * (time.perf_counter() - started))
    return times[1:]


def p95(times: list[float]) -> float:
    """What 95 of 100 do not exceed."""
    return statistics.quantiles(times, n=100, method="inclusive")[94]


def _ask() -> tuple[dict[str, list[float]], dict[str, str]]:
    """Times and plan of each question; none of those whose relation is not built."""
    from psycopg.errors import UndefinedTable
    from sqlalchemy.exc import ProgrammingError

    from database.connection import engine

    times: dict[str, list[float]] = {}
    plans: dict[str, str] = {}
    with engine("reader").connect() as connection:
        for path in QUESTIONS:
            question = path.read_text()
            try:
                times[path.stem] = _milliseconds(connection, question)
            except ProgrammingError as error:
                if not isinstance(error.orig, UndefinedTable):
                    raise
                print(f"{path.stem} is skipped: {error.orig.diag.message_primary}", file=sys.stderr)
                connection.rollback()
                continue
            plans[path.stem] = "\n".join(connection.exec_driver_sql(f"explain (analyze, buffers) {question}").scalars())
    return times, plans


def _keep_plans(plans: dict[str, str]) -> None:
    """One file per question, beside the results."""
    shutil.rmtree(PLANS, ignore_errors=True)
    PLANS.mkdir()
    for name, plan in plans.items():
        (PLANS / f"{name}.txt").write_text(f"{plan}\n")


def _measure_questions(*, keep: bool) -> dict[str, Any]:
    """Rows of the facts, milliseconds by question."""
    from database.connection import engine

    with engine("owner").execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        # As autovacuum does a while after a publish.
        read = ", ".join(f"published.{model}" for model in [*FACTS, *DIMENSIONS, *SUMS])
        connection.exec_driver_sql(f"vacuum analyze {read}")
        rows: dict[str, int] = {
            fact: connection.exec_driver_sql(f"select count(*) from published.{fact}").scalar_one() for fact in FACTS
        }
    times, plans = _ask()
    if keep:
        _keep_plans(plans)
    return {
        "rows": rows,
        "questions": {
            name: {"median_ms": statistics.median(taken), "p95_ms": p95(taken)} for name, taken in times.items()
        },
        "skipped": [path.stem for path in QUESTIONS if path.stem not in times],
        "p95_ms": p95([one for taken in times.values() for one in taken]),
    }


def measure(days: list[date], scale: float, *, keep: bool) -> dict[str, Any]:
    """Build the warehouse and ask: rows, seconds to load and to build, milliseconds by question."""
    _start()
    started = time.monotonic()
    _load(days, scale)
    loaded = time.monotonic()
    _build()
    built = time.monotonic()
    figures = _measure_questions(keep=keep)
    return {"load_seconds": loaded - started, "build_seconds": built - loaded, **figures}


def _table(figures: dict[str, Any]) -> list[list[str]]:
    rows = [["question", "median, ms", "p95, ms"]]
    for name, taken in figures["questions"].items():
        rows.append([name.replace("_", " "), f"{taken['median_ms']:.0f}", f"{taken['p95_ms']:.0f}"])
    rows += [[name.replace("_", " "), "not built here", ""] for name in figures["skipped"]]
    sizes = ", ".join(f"{count:,} rows in {fact}" for fact, count in figures["rows"].items())
    return [*rows, [f"**all, over {sizes}**", "", f"**{figures['p95_ms']:.0f}**"]]


def main() -> None:
    """Command line: `python -m benchmarks.queries [--scale N] [--json]`."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=SCALE, help="size of a day (FSO_SCALE)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    home = tempfile.mkdtemp(prefix="fso-benchmark-")
    Path(home).chmod(0o755)
    os.environ |= {"FSO_HOME": home, "FSO_RAW_ZONE": f"{home}/raw", "DB_PORT": "25434"}
    from include.log import configure_logging
    from include.runtime import postgres_server

    configure_logging()
    keep = arguments.scale >= SCALE
    try:
        figures = measure(DAYS, arguments.scale, keep=keep)
    finally:
        postgres_server.stop()
        shutil.rmtree(home, ignore_errors=True)
    publish("queries", figures, _table(figures), as_json=arguments.json, keep=keep)


if __name__ == "__main__":
    main()
