"""Checked loads against a bare copy by psql of the clean rows, and against loaders that check nothing.

Starts a PostgreSQL of its own in a temporary folder. Every load is a process of its own, imports included; the
loaders take turns, and figures are medians. Ours reads the file with its bad rows; the others read a file of the clean
rows. psql, ADBC and pandas fill a copy of the staging table, with its types and primary key; dlt makes its own
table, without a key.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.process import Run, run
from benchmarks.report import publish

if TYPE_CHECKING:
    from benchmarks.load_files import Delivery
    from include.contracts import Contract

DAY = date(2026, 3, 1)
# More people than in the demo, so that references have something to look through.
POOL_SCALE = 20
TABLE, OTHER_TABLE = "sales.sales_transactions", "finance.transactions"
LOADERS = ("ours", "psql", "adbc", "dlt", "pandas")
# What --all adds: other row counts, other shares of bad rows.
MORE_CASES = ((100_000, 0.005), (10_000_000, 0.005), (2_000_000, 0.0), (2_000_000, 0.2))
# pandas takes minutes for more; its time is scaled.
PANDAS_ROWS = 100_000
OUR_LOAD = """
import json, sys
from dataclasses import asdict, replace
from datetime import date
from database.connection import engine
from database.etl import load_table
from include.contracts import contracts
from include.settings import settings
# However many rows are bad, the load must not refuse them.
contract = replace(contracts()[sys.argv[1]], max_rejected_share=1.0)
day = date.fromisoformat(sys.argv[2])
print(json.dumps(asdict(load_table(engine("loader"), contract, settings().raw_zone, day, "benchmark"))))
"""


@dataclass(frozen=True)
class Figures:
    """Medians of one loader on one file."""

    loader: str
    rows: int
    bad_share: float
    seconds: float
    seconds_without_imports: float | None  # ours alone says so
    cpu_seconds: float
    peak_memory_mb: float
    rows_per_second: float
    ratio_to_psql_copy: float


def peers_python(state: Path) -> str:
    """Python of an environment with the other loaders, made in the state folder on first use."""
    folder = state / "benchmark-environment"
    python, uv = folder / "bin" / "python", str(Path(sys.executable).parent / "uv")
    if not python.exists():
        run([uv, "venv", "-q", "--python", sys.executable, str(folder)])
    lock = str(Path(__file__).with_name("requirements.lock"))
    run([uv, "pip", "sync", "-q", "--python", str(python), "--require-hashes", lock])
    return str(python)


def _execute(*statements: str) -> None:
    from sqlalchemy import text

    from database.connection import engine

    with engine("owner").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))


def _our_command(contract: Contract) -> list[str]:
    return [sys.executable, "-c", OUR_LOAD, contract.id, DAY.isoformat()]


def _command(loader: str, delivery: Delivery, python: str) -> list[str]:
    """The command that runs a loader; its table is made, empty."""
    contract = delivery.contract
    if loader == "ours":
        return _our_command(contract)
    _execute(
        "drop schema if exists benchmark cascade",
        "create schema benchmark",
        f"create table benchmark.{loader} (like staging.{contract.staging_table} including all)",
        f"alter table benchmark.{loader} alter partition_date set default '{DAY}'",
    )
    if loader == "psql":
        from include.runtime import postgres_server

        columns = ", ".join((*contract.column_names, "source_line"))
        copy = f"\\copy benchmark.psql ({columns}) from '{delivery.clean}' with (format csv, header)"
        return [str(postgres_server.BIN / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", copy]
    interpreter = sys.executable if loader == "pandas" else python
    return [interpreter, str(Path(__file__).with_name("load_peers.py")), loader, str(delivery.clean), loader]


def _require_clean_rows(loader: str, delivery: Delivery) -> None:
    """A load that lost a row, or took a bad one, is no measurement."""
    from sqlalchemy import text

    from database.connection import engine

    table = f"staging.{delivery.contract.staging_table}" if loader == "ours" else f"benchmark.{loader}"
    with engine("owner").connect() as connection:
        found: int = connection.execute(text(f"select count(*) from {table}")).scalar_one()
    expected = min(delivery.clean_rows, PANDAS_ROWS) if loader == "pandas" else delivery.clean_rows
    if found != expected:
        raise RuntimeError(f"{loader} loaded {found} rows where {expected} are clean")


def _environment(contract: Contract) -> dict[str, str]:
    """What psql and the scripts of the other loaders read."""
    from include.settings import settings

    url = settings().url("owner").set(drivername="postgresql")
    types = {column.name: column.type for column in contract.columns} | {"source_line": "bigint"}
    return {
        "PGHOST": str(url.host),
        "PGPORT": str(url.port),
        "PGUSER": str(url.username),
        "PGPASSWORD": str(url.password),
        "PGDATABASE": str(url.database),
        "BENCHMARK_URI": url.render_as_string(hide_password=False),
        "BENCHMARK_TYPES": json.dumps(types),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }


def _work(run: Run) -> float:
    """Seconds that the load itself took, as our load prints them."""
    return float(json.loads(run.output.splitlines()[-1])["seconds"])


def measure(delivery: Delivery, bad_share: float, loaders: list[str], repetitions: int, python: str) -> list[Figures]:
    """Run each loader `repetitions` times on a delivery, in turn; psql must be one of them."""
    os.environ |= _environment(delivery.contract)
    runs: dict[str, list[Run]] = {loader: [] for loader in loaders}
    for _ in range(repetitions):
        for loader in loaders:
            command = _command(loader, delivery, python)
            # What earlier loads left to write must not slow this one.
            _execute("checkpoint")
            runs[loader].append(run(command))
            _require_clean_rows(loader, delivery)
            print(f"{delivery.rows} rows, {loader}: {runs[loader][-1].seconds:.2f} s", file=sys.stderr)
    seconds = {loader: median(one.seconds for one in runs[loader]) for loader in loaders}
    if "pandas" in loaders:
        work = median(float(one.output.splitlines()[-1]) for one in runs["pandas"])
        seconds["pandas"] += work * (max(delivery.clean_rows / PANDAS_ROWS, 1) - 1)
    return [
        Figures(
            loader=loader,
            rows=delivery.rows,
            bad_share=bad_share,
            seconds=round(seconds[loader], 2),
            seconds_without_imports=round(median(_work(one) for one in runs[loader]), 2) if loader == "ours" else None,
            cpu_seconds=round(median(one.cpu_seconds for one in runs[loader]), 2),
            peak_memory_mb=round(max(one.peak_mb for one in runs[loader])),
            rows_per_second=round((delivery.rows if loader == "ours" else delivery.clean_rows) / seconds[loader]),
            ratio_to_psql_copy=round(seconds[loader] / seconds["psql"], 2),
        )
        for loader in loaders
    ]


def measure_domains(deliveries: list[Delivery], repetitions: int) -> dict[str, float]:
    """Seconds of loads of several domains one after the other, and at once."""
    commands = [_our_command(delivery.contract) for delivery in deliveries]
    seconds: dict[str, list[float]] = {"one_after_the_other": [], "at_once": []}
    for _ in range(repetitions):
        for way, workers in (("one_after_the_other", 1), ("at_once", len(commands))):
            _execute("checkpoint")
            started = time.monotonic()
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(run, commands))
            seconds[way].append(time.monotonic() - started)
            print(f"{len(commands)} domains, {way}: {seconds[way][-1]:.2f} s", file=sys.stderr)
    return {way: round(median(values), 2) for way, values in seconds.items()}


def _start(home: Path) -> None:
    from upath import UPath

    from database import partitions
    from database.connection import engine
    from database.generator import write_partition
    from database.migrate import migrate
    from include.runtime import credentials, postgres_server
    from include.settings import settings

    credentials.ensure()
    postgres_server.start(settings())
    migrate()
    write_partition(UPath(home / "pool"), DAY, settings().seed, POOL_SCALE, 0)
    shutil.copytree(home / "pool", Path(str(settings().raw_zone)))
    partitions.acquire(engine("loader"), "benchmark", DAY)


def _delivery(table: str, rows: int, bad_share: float, home: Path) -> Delivery:
    from upath import UPath

    from benchmarks.load_files import write_delivery
    from database.raw_zone import raw_file
    from include.contracts import contracts
    from include.settings import settings

    contract = contracts()[table]
    pool, path = (raw_file(zone, contract, DAY) for zone in (UPath(home / "pool"), settings().raw_zone))
    return write_delivery(Path(str(pool)), Path(str(path)), contract, rows, bad_share)


def _table(figures: list[Figures], domains: dict[str, float], rows: int) -> list[list[str]]:
    table = [["rows", "bad rows", "loader", "s", "s without imports", "times psql copy", "rows/s", "peak memory, MB"]]
    for one in figures:
        scaled = f" (scaled from {PANDAS_ROWS:,})" if one.loader == "pandas" and one.rows > PANDAS_ROWS else ""
        table.append(
            [
                f"{one.rows:,}",
                f"{one.bad_share:.1%}",
                ("**ours**" if one.loader == "ours" else one.loader) + scaled,
                f"{one.seconds:.2f}",
                "" if one.seconds_without_imports is None else f"{one.seconds_without_imports:.2f}",
                f"{one.ratio_to_psql_copy:.2f}",
                f"{one.rows_per_second:,}",
                f"{one.peak_memory_mb:.0f}",
            ]
        )
    for way, seconds in domains.items():
        table.append(
            [f"2 times {rows:,}", "", f"ours, two domains {way.replace('_', ' ')}", f"{seconds:.2f}", "", "", "", ""]
        )
    return table


def main() -> None:
    """Command line: `python -m benchmarks.load [--rows N] [--bad SHARE] [--json] …`."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of the file")
    parser.add_argument("--bad", type=float, default=0.005, metavar="SHARE", help="share of bad rows")
    parser.add_argument("--loaders", nargs="+", choices=LOADERS, default=LOADERS, help="ours and psql always run")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--domains", action="store_true", help="also two domains at once against one after the other")
    parser.add_argument("--all", action="store_true", help="also --domains, other row counts and shares of bad rows")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    loaders = [loader for loader in LOADERS if loader in {"ours", "psql", *arguments.loaders}]

    from include.settings import state_dir

    python = peers_python(state_dir()) if {"adbc", "dlt"} & {*loaders} else ""
    home = Path(tempfile.mkdtemp(prefix="fso-benchmark-"))
    # The server may run as another user.
    home.chmod(0o755)
    os.environ |= {"FSO_HOME": str(home), "FSO_RAW_ZONE": str(home / "raw"), "DB_PORT": "26432"}
    from include.runtime import postgres_server

    cases = [(arguments.rows, arguments.bad, loaders)]
    if arguments.all:
        cases += [(rows, bad_share, ["ours", "psql"]) for rows, bad_share in MORE_CASES]
    figures: list[Figures] = []
    domains: dict[str, float] = {}
    try:
        _start(home)
        for rows, bad_share, case_loaders in cases:
            delivery = _delivery(TABLE, rows, bad_share, home)
            figures += measure(delivery, bad_share, case_loaders, arguments.repetitions, python)
        if arguments.domains or arguments.all:
            deliveries = [_delivery(table, arguments.rows, arguments.bad, home) for table in (TABLE, OTHER_TABLE)]
            domains = measure_domains(deliveries, arguments.repetitions)
    finally:
        postgres_server.stop()
        shutil.rmtree(home, ignore_errors=True)
    runs = [vars(one) for one in figures]
    publish(
        "load",
        vars(figures[0]) | {"runs": runs, "two_domains_seconds": domains, "repetitions": arguments.repetitions},
        _table(figures, domains, arguments.rows),
        as_json=arguments.json,
        keep=arguments.all,
    )


if __name__ == "__main__":
    main()
