"""dbt as a user drives it: `fso dbt …` on both targets, and the selectors."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from include.dbt_project import DBT_ARGUMENTS
from include.runtime import platform
from include.settings import settings, state_dir

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner


def fso_dbt(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "include.cli", "dbt", "--no-use-colors", *arguments],
        capture_output=True, text=True, env=platform.environment() | environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("selector", "some", "others"),
    [
        ("tag:bronze", "sales_stores", "stg_stores"),
        ("tag:silver", "stg_stores", "dim_store"),
        ("tag:gold", "daily_sales", "stg_stores"),
        ("intermediate", "int_store_versions", "dim_store"),
        ("marts", "dim_store", "daily_sales"),
        ("analytics", "daily_sales", "dim_store"),
        ("marts.finance", "dim_merchant", "dim_store"),
        ("path:models/marts/sales", "dim_store", "dim_merchant"),
        ("fact_sales", "fact_sales", "daily_sales"),
        ("fact_sales+", "daily_sales", "daily_kyc"),
        ("+exposure:bi_connection", "stg_stores", "metric:revenue"),
    ],
)
def test_models_are_selected_by_layer_folder_and_name(dbt: dbtRunner, selector: str, some: str, others: str) -> None:
    kinds = ["--resource-types", "model", "source"]
    listed = dbt.invoke(["--quiet", "ls", "--select", selector, *kinds, *DBT_ARGUMENTS]).result
    found = {name.split(".")[-1] for name in listed}
    assert some in found
    assert others not in found


def test_dev_has_four_threads_and_rebuilds_an_incremental_relation(published: None) -> None:
    said = fso_dbt("build", "--full-refresh", "--select", "daily_sales", "--exclude-resource-type", "unit_test")
    assert "Concurrency: 4 threads (target='dev')" in said
    assert "created sql incremental model analytics.daily_sales" in said


def test_prod_has_eight_threads_and_its_own_database(published: None) -> None:
    host, port = settings().address()
    prod = {
        "PROD_DB_HOST": host, "PROD_DB_PORT": str(port), "PROD_DB_NAME": settings().db_name,
        "PROD_DB_USER": "fso_transformer", "PROD_DB_PASSWORD": settings().password("transformer"),
    }  # fmt: skip
    said = fso_dbt("run", "--target", "prod", "--select", "dim_region", DB_HOST="not.used", **prod)
    assert "Concurrency: 8 threads (target='prod')" in said
    assert "connection ok" in fso_dbt("debug", "--target", "prod", **prod)


def test_tests_typed_by_a_person_judge_all_rows(published: None) -> None:
    fso_dbt("test", "--select", "stg_stores")
    [compiled] = (state_dir() / "dbt" / "compiled").rglob("not_null_stg_stores_store_id.sql")
    assert "where (" not in compiled.read_text(encoding="utf-8")


def test_state_modified_selects_what_differs_from_the_last_publish(published: None) -> None:
    kept = state_dir() / "dbt" / "published" / "manifest.json"
    before = kept.read_text(encoding="utf-8")
    assert "No nodes selected" in fso_dbt("ls", "--select", "state:modified+")
    manifest = json.loads(before)
    manifest["nodes"]["model.analytics_platform.fact_sales"]["raw_code"] = "select 1"
    kept.write_text(json.dumps(manifest), encoding="utf-8")
    try:
        said = fso_dbt("--quiet", "ls", "--select", "state:modified+", "--resource-type", "model")
    finally:
        kept.write_text(before, encoding="utf-8")
    names = {line.split(".")[-1] for line in said.split()}
    assert {"fact_sales", "daily_sales"} <= names
    assert "stg_sales_transactions" not in names
