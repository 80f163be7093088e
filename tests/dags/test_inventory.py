"""The DAGs, their tasks and their edges are exactly these; reading them needs neither database nor network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from include.settings import PROJECT_DIR

if TYPE_CHECKING:
    from pathlib import Path

# Reads the DAGs with every network connection refused, and prints what it finds.
READ_DAGS = """
import json, socket, sys, time
import psycopg, psycopg2

def refuse(*arguments, **named):
    raise AssertionError(f"the network was used while the DAGs were read: {arguments}")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
# libpq connects in C, past Python's sockets.
psycopg.connect = psycopg.Connection.connect = psycopg.AsyncConnection.connect = psycopg2.connect = refuse
from airflow.dag_processing.dagbag import DagBag
started = time.monotonic()
bag = DagBag(sys.argv[1])
print("\\n" + json.dumps({
    "errors": bag.import_errors,
    "docs": {dag.dag_id: bool(dag.doc_md) for dag in bag.dags.values()},
    "undocumented": [t.task_id for dag in bag.dags.values() for t in dag.tasks
                     if "." not in t.task_id and not (t.doc_md or t.doc)],
    "dags": {dag.dag_id: {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks}
             for dag in bag.dags.values()},
}))
"""

STAGES = {
    "generate_mock_data": {
        "etl_sales",
        "etl_operations",
        "etl_finance",
        "checkpoint_staging",
        "checkpoint_intermediate",
    }
    | {"checkpoint_marts", "publish"},
    "etl_sales": {"checkpoint_staging"},
    "etl_operations": {"checkpoint_staging"},
    "etl_finance": {"checkpoint_staging"},
    "checkpoint_staging": {"intermediate"},
    "intermediate": {"checkpoint_intermediate", "intermediate"},
    "checkpoint_intermediate": {"marts"},
    "marts": {"checkpoint_marts", "marts"},
    "checkpoint_marts": {"publish"},
    "publish": set(),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, dbt_manifest: Path) -> dict:
    home = tmp_path_factory.mktemp("airflow home")
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        # Nothing listens there.
        "DB_HOST": "127.0.0.1",
        "DB_PORT": "9",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:9/none",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
    }
    done = subprocess.run(
        [sys.executable, "-c", READ_DAGS, str(PROJECT_DIR / "dags")],
        capture_output=True, text=True, env=environment, cwd=home, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_all_dags_can_be_read_without_database_and_network(found: dict) -> None:
    assert found["errors"] == {}


def test_the_dags_are_exactly_these(found: dict) -> None:
    assert set(found["dags"]) == {"etl_full_pipeline_daily"}


def test_the_graph_has_exactly_these_stages_and_edges(found: dict) -> None:
    stages = defaultdict(set)
    for task, downstream in found["dags"]["etl_full_pipeline_daily"].items():
        stages[task.split(".")[0]] |= {name.split(".")[0] for name in downstream}
    assert stages == STAGES


def test_every_model_seed_and_each_group_s_tests_are_tasks(found: dict, dbt_manifest: Path) -> None:
    nodes = json.loads(dbt_manifest.read_text())["nodes"].values()
    expected = {"intermediate.analytics_platform_test", "marts.analytics_platform_test"}
    for node in nodes:
        if node["resource_type"] == "seed":
            expected.add(f"intermediate.{node['name']}_seed")
        elif node["resource_type"] == "model":
            group = "intermediate" if node["fqn"][1] == "intermediate" else "marts"
            expected.add(f"{group}.{node['name']}_run")
    tasks = set(found["dags"]["etl_full_pipeline_daily"])
    assert {task for task in tasks if "." in task} == expected
    assert len(expected) > 20


def test_models_wait_for_the_checkpoint_and_tests_for_the_models(found: dict) -> None:
    edges = found["dags"]["etl_full_pipeline_daily"]
    assert "intermediate.stg_customers_run" in edges["checkpoint_staging"]
    assert edges["intermediate.analytics_platform_test"] == ["checkpoint_intermediate"]
    assert edges["marts.analytics_platform_test"] == ["checkpoint_marts"]


def test_the_dag_and_each_task_of_ours_are_documented(found: dict) -> None:
    assert found["docs"] == {"etl_full_pipeline_daily": True}
    assert found["undocumented"] == []
