"""The demo as a stranger sees it: one command, real processes, real scheduler, real browser."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from include.runtime.postgres_server import BIN
from include.settings import PROJECT_DIR

pytestmark = pytest.mark.e2e
DAYS = [date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)]


@dataclass(frozen=True)
class Demo:
    """A running demo, and what its command printed."""

    output: str
    fso: Callable[..., subprocess.CompletedProcess[str]]
    raw_zone: Path
    begun_on: date

    def last_complete_days(self) -> set[date]:
        """The last complete day as the demo began, and now: two if midnight (UTC) has passed in between."""
        return {today - timedelta(days=1) for today in (self.begun_on, datetime.now(UTC).date())}

    def runs(self) -> dict[str, tuple[date, str]]:
        """Partition date and state of each run that the warehouse has seen."""
        rows = json.loads(self.fso("sql", "select * from ops.runs", "--role", "owner", "--format", "json").stdout)
        return {row["run_id"]: (date.fromisoformat(row["partition_date"]), row["status"]) for row in rows}

    def movements(self) -> dict[str, str]:
        """Ids of the bank's movements that readers see, and the day that delivered each."""
        query = "select transaction_id, partition_date from fact_transactions"
        rows = json.loads(self.fso("sql", query, "--format", "json").stdout)
        return {row["transaction_id"]: row["partition_date"] for row in rows}

    @property
    def airflow_url(self) -> str:
        services = json.loads(self.fso("status", "--json").stdout)["services"]
        return next(service["url"] for service in services if service["name"] == "api-server")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    home = Path(tempfile.mkdtemp(prefix="fso demo "))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DB_", "FSO_", "AIRFLOW"))}
    begun_on = datetime.now(UTC).date()
    environment = kept | {
        "FSO_HOME": str(home / "state"),
        "FSO_RAW_ZONE": str(home / "raw zone"),
        "DB_PORT": "15440",
        "AIRFLOW_PORT": "18085",
        # So that the scheduler starts a run by itself, in the middle of the demo.
        "FSO_SCHEDULE_FROM": (begun_on - timedelta(days=1)).isoformat(),
        "COLUMNS": "200",
    }

    def fso(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "include.cli", *arguments],
            capture_output=True, text=True, env=environment | settings, cwd=PROJECT_DIR, check=False, timeout=1200,
        )  # fmt: skip

    with socket.create_server(("127.0.0.1", 15440)), socket.create_server(("127.0.0.1", 18085)):
        done = fso("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    yield Demo(done.stdout, fso, home / "raw zone", begun_on)
    children = [
        process for process in psutil.process_iter(["cmdline"]) if str(home) in " ".join(process.info["cmdline"] or [])
    ]
    stopped = fso("down")
    assert "postgres" in stopped.stdout
    assert "scheduler" in stopped.stdout
    assert [p for p in children if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    shutil.rmtree(home)


def finished_run(demo: Demo, prefix: str) -> date:
    """Partition date of the run whose id begins so, once it is published."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        for run_id, (day, status) in demo.runs().items():
            if run_id.startswith(prefix) and status == "published":
                return day
        time.sleep(1)
    raise AssertionError(f"no run {prefix}* was published: {demo.runs()}")


def test_the_demo_shows_what_landed(demo: Demo) -> None:
    for day in DAYS:
        assert re.search(rf"sales\.sales_transactions\s+│ {day} │ 1,3\d\d\s+│ 1,3\d\d\s+│ \d+", demo.output)
        assert re.search(rf"{day} │ checkpoint_marts\s+│ passed", demo.output)
    sales = re.search(r"published\.fact_sales\s+│ ([\d,]+)", demo.output)
    assert sales
    assert int(sales[1].replace(",", "")) >= 3 * 1300


def test_taken_ports_are_named_and_others_used(demo: Demo) -> None:
    assert "Port 15440 is taken, so PostgreSQL listens on 15441" in demo.output
    assert "Port 18085 is taken, so Airflow listens on 18086" in demo.output
    assert demo.airflow_url == "http://localhost:18086"


def test_status_says_that_all_is_healthy(demo: Demo) -> None:
    status = json.loads(demo.fso("status", "--json").stdout)
    assert status["is_healthy"]
    names = [service["name"] for service in status["services"]]
    assert names == ["postgres", "api-server", "scheduler", "dag-processor", "triggerer"]


def test_a_backfill_handles_exactly_its_days(demo: Demo) -> None:
    runs = demo.runs()
    assert sorted(day for run_id, (day, _) in runs.items() if run_id.startswith("backfill")) == DAYS
    assert {status for run_id, (_, status) in runs.items() if run_id.startswith("backfill")} == {"published"}


def test_a_scheduled_run_handles_the_day_that_has_ended(demo: Demo) -> None:
    assert finished_run(demo, "scheduled__") in demo.last_complete_days()


def test_a_manual_run_without_a_date_handles_the_last_complete_day(demo: Demo) -> None:
    finished_run(demo, "scheduled__")
    done = demo.fso("run")
    assert done.returncode == 0, done.stderr
    assert finished_run(demo, "manual__") in demo.last_complete_days()


def test_files_are_taken_as_they_lie_there_and_waited_for(demo: Demo) -> None:
    path = demo.raw_zone / "20260107" / "finance" / "transactions.csv"
    lines = path.read_text().splitlines(keepends=True)
    # Of sales and loans other systems tell, too: with one side alone withdrawn, nothing would be published.
    settles_nothing = [number for number, row in enumerate(csv.DictReader(lines), start=1) if not row["reference"]]
    kept = [line for number, line in enumerate(lines) if number not in settles_nothing[-10:]]
    path.unlink()
    before = demo.movements()
    remaining = {row["transaction_id"] for row in csv.DictReader(kept)}
    withdrawn = {movement for movement, day in before.items() if day == "2026-01-07" and movement not in remaining}
    assert withdrawn
    with ThreadPoolExecutor() as pool:
        run = pool.submit(demo.fso, "run", "2026-01-07", "--source", "files")
        time.sleep(15)
        assert not run.done()
        path.write_text("".join(kept))
        assert run.result().returncode == 0, run.result().stderr
    assert demo.movements().keys() == before.keys() - withdrawn


def test_the_demo_again_runs_nothing_and_changes_nothing(demo: Demo) -> None:
    before = (demo.runs(), demo.fso("sql", "select * from publish_info").stdout)
    again = demo.fso("demo")
    assert again.returncode == 0
    assert (demo.runs(), demo.fso("sql", "select * from publish_info").stdout) == before


def test_the_printed_psql_line_works(demo: Demo) -> None:
    line = re.search(r"^psql\s+(PGPASSWORD=.*)$", demo.output, re.MULTILINE)
    assert line
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(line[1], shell=True, capture_output=True, text=True, env=environment, check=False)  # noqa: S602 - as a user pastes it
    assert done.returncode == 0, done.stderr
    assert "West" in done.stdout


def test_the_printed_bi_connection_reads_published_marts_and_nothing_else(demo: Demo) -> None:
    uri = re.search(r"^BI tools\s+(postgresql://\S+)", demo.output, re.MULTILINE)
    assert uri
    with psycopg.connect(uri[1], autocommit=True) as connection:
        tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
        readable = {schema for schema, _ in tables} - {"information_schema", "pg_catalog"}
        assert readable == {"published"}
        assert connection.execute("select count(*) > 4000 from fact_sales").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from staging.sales_customers")


def test_the_quality_page_is_closed_without_a_session(demo: Demo) -> None:
    answer = httpx.get(f"{demo.airflow_url}/data-quality/", follow_redirects=False)
    assert answer.status_code in (302, 303, 307, 401, 403)
    assert "sales_transactions" not in answer.text


def test_a_person_finds_the_quality_page_in_the_menu(demo: Demo, tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(demo.airflow_url)
        page.fill("input[name=username]", "admin")
        page.fill("input[name=password]", "admin")
        page.click("input[type=submit], button[type=submit]")
        page.get_by_text("Data quality", exact=True).first.click()
        frame = page.frame_locator("iframe")
        expect(frame.get_by_text("sales_transactions").first).to_be_visible(timeout=30_000)
        expect(frame.get_by_text("checkpoint_marts").first).to_be_visible()
        page.screenshot(path=tmp_path / "quality.png", full_page=True)
        browser.close()
    shots = PROJECT_DIR / "reports"
    shots.mkdir(exist_ok=True)
    shutil.copy(tmp_path / "quality.png", shots / "data_quality_page.png")


def test_a_bad_delivery_stops_the_run_and_readers_see_no_change(demo: Demo) -> None:
    before = demo.fso("sql", "select * from publish_info").stdout
    demo.fso("down")
    assert demo.fso("up", FSO_FAULT_RATE="0.3").returncode == 0
    failed = demo.fso("run", "2026-01-09")
    assert failed.returncode == 1
    assert re.search(r"sales\.stores: \d+ of \d+ rows are bad, more than the allowed 5%", failed.stderr)
    assert demo.fso("sql", "select * from publish_info").stdout == before
    assert (date(2026, 1, 9), "published") not in demo.runs().values()


def test_an_unknown_role_is_answered_with_the_known_ones(demo: Demo) -> None:
    done = demo.fso("sql", "select 1", "--role", "root")
    assert done.returncode == 1
    assert "choose from loader, transformer, reader, api, owner" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_nothing_wrong(demo: Demo) -> None:
    done = demo.fso("doctor")
    assert done.returncode == 0, done.stdout
