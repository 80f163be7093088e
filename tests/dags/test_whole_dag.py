"""The whole DAG for one date, with real Airflow, Cosmos, dbt, Great Expectations and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from database.connection import engine
from include.runtime import platform
from include.settings import PROJECT_DIR
from tests.conftest import checksums, empty_warehouse

if TYPE_CHECKING:
    from pathlib import Path

# A hundred invocations of dbt in one process: warm as the scheduler is, or they take six minutes.
RUN = """
import gc, sys
from airflow.dag_processing.dagbag import DagBag
from include.dbt_warm_up import warm_up
warm_up()
dag = DagBag(sys.argv[1]).dags["etl_full_pipeline_daily"]
gc.freeze()
run = dag.test(run_conf={"partition_date": sys.argv[2]})
print("state:", run.state)
"""


@pytest.fixture(scope="module")
def airflow_database(server: None, dbt_manifest: Path) -> None:
    platform.migrate_airflow()


def run_dag(day: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, str(PROJECT_DIR / "dags"), day],
        capture_output=True, text=True, env=platform.environment(), cwd=home, check=False, timeout=1200,
    )  # fmt: skip


def test_one_date_from_nothing_to_published(airflow_database: None, tmp_path: Path) -> None:
    empty_warehouse()
    done = run_dag("2026-01-05", tmp_path)
    assert "state: success" in done.stdout, done.stdout[-3000:] + done.stderr[-3000:]
    empty = {table for table, sum_ in checksums(("published",)).items() if sum_.startswith("0:")}
    # Purchases after a touch, and whole months, take more than a day.
    assert empty == {"published.campaign_responses", "published.economic_trends"}
    with engine("reader").connect() as connection:
        [(through,)] = connection.execute(text("select data_through_date::text from publish_info"))
    assert through == "2026-01-05"
    with engine("owner").connect() as connection:
        checkpoints = connection.execute(text("select checkpoint, success from ops.checkpoints order by checkpoint_id"))
        assert [tuple(row) for row in checkpoints] == [
            ("checkpoint_staging", True),
            ("checkpoint_intermediate", True),
            ("checkpoint_marts", True),
        ]


def test_a_wrong_date_fails_with_an_example(airflow_database: None, tmp_path: Path) -> None:
    done = run_dag("05.01.2026", tmp_path)
    assert "state: success" not in done.stdout
    assert "partition_date" in done.stdout + done.stderr
