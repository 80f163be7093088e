"""The page "Data quality": who sees it, what it shows, and what it never shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import data_quality
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import NullPool, create_engine, text

from include.contracts import contracts
from include.quality import CheckpointFailed, run_checkpoint
from include.quality.figures import HIDDEN, masked
from tests.quality.deliveries import book_load, quarantine, row_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine

pytestmark = pytest.mark.warehouse
ROUTES = ["/", "/docs/2026-03-10/checkpoint_staging", "/openapi.json", "/docs", "/redoc"]


@pytest.fixture
def client(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A client with a session, against the test warehouse."""
    app = data_quality.create_app()
    app.dependency_overrides[app.state.access] = lambda: None
    monkeypatch.setattr(data_quality, "warehouse", lambda: engine)
    return TestClient(app)


@pytest.fixture
def empty(owner: Engine, delivered: date) -> None:
    with owner.begin() as connection:
        connection.execute(text("truncate ops.loads, ops.checkpoints, ops.publishes cascade"))


@pytest.fixture
def after_a_run(owner: Engine, engine: Engine, delivered: date) -> date:
    """The day of a run with rejects, a failed checkpoint and a publish before it."""
    customers = contracts()["sales.customers"]
    row = {**row_of(customers, 7, delivered), "first_name": "Ada", "email": "ada@example.org", "city": "<b>Ely</b>"}
    with owner.begin() as connection:
        connection.execute(text("truncate ops.publishes"))
        replaced = book_load(connection, customers, delivered, 12)
        quarantine(connection, customers, delivered, row)
        connection.execute(
            text(
                "update ops.loads set rows_read = 1050, rows_accepted = 1043, rows_rejected = 7, reasons = :reasons, "
                "run_id = 'manual__<i>7</i>' where load_id = (select max(load_id) from ops.loads)"
            ),
            {"reasons": json.dumps({"x: missing": 7})},
        )
        connection.execute(
            text("update ops.loads set reasons = :reasons where load_id = :id"),
            {"reasons": json.dumps({"x: missing": 5}), "id": replaced},
        )
        connection.execute(text("update staging.sales_stores set region = 'Moon' where source_line = 2"))
        connection.execute(
            text(
                "insert into ops.publishes (run_id, partition_date, data_through_date, relations, seconds) "
                "values ('run-0', '2026-03-09', '2026-03-09', '{}', 1)"
            )
        )
    with pytest.raises(CheckpointFailed):
        run_checkpoint(engine, "checkpoint_staging", "run-1", delivered)
    return delivered


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("prefix", ["", data_quality.PREFIX])
def test_without_a_session_nobody_sees_anything(after_a_run: date, prefix: str, route: str) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    mounted = Starlette(routes=[Mount(data_quality.PREFIX, app=data_quality.lazy_app)])
    target = mounted if prefix else data_quality.create_app()
    answer = TestClient(target).get(prefix + route, follow_redirects=False)
    known = {"/", "/docs/2026-03-10/checkpoint_staging"}
    assert answer.status_code == (401 if route in known else 404)
    assert "staging." not in answer.text


def test_the_page_shows_the_books(client: TestClient, after_a_run: date) -> None:
    answer = client.get("/")
    page = " ".join(answer.text.split())
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for shown in (
        "Published, data through</span><b>2026-03-09</b>",
        '<td class="n">1,050</td> <td class="n">1,043</td><td class="n">7</td>',
        '<td>sales.customers</td><td>x: missing</td><td class="n">7</td>',
        "✗ failed</span> checkpoint_staging of 2026-03-10",
        "<td>staging.sales_stores</td><td>allowed_values</td>",
        'href="docs/2026-03-10/checkpoint_staging"',
        "<title>2026-03-10: 1,043 accepted, 7 rejected</title>",
    ):
        assert shown in page


def test_nothing_of_a_refused_file_counts_as_accepted(client: TestClient, owner: Engine, after_a_run: date) -> None:
    with owner.begin() as connection:
        connection.execute(text("update ops.loads set status = 'refused' where rows_read = 1050"))
    page = " ".join(client.get("/").text.split())
    for shown in (
        '<td class="bad">refused</td><td class="n">1,050</td> <td class="n">0</td><td class="n">7</td>',
        "1 files, 0 rows accepted, 7 rejected",
        "<title>2026-03-10: 0 accepted, 7 rejected</title>",
    ):
        assert shown in page


def test_a_file_that_could_not_be_read_says_why_and_leaves_the_figures(
    client: TestClient, owner: Engine, after_a_run: date
) -> None:
    with owner.begin() as connection:
        connection.execute(
            text(
                "insert into ops.loads (run_id, partition_date, domain, table_name, source_file, status, error, "
                "rows_read, rows_accepted, rows_rejected, reasons, seconds) values ('run-2', :day, 'sales', "
                "'customers', 'f.csv', 'failed', 'sales.customers: f.csv is <empty>', 0, 0, 0, '{}', 0.1)"
            ),
            {"day": after_a_run},
        )
    page = " ".join(client.get("/").text.split())
    for shown in (
        '<td class="bad">failed<br><span class="soft">sales.customers: f.csv is &lt;empty&gt;</span></td>',
        '<span class="bad">1 not loaded</span>',
        "<title>2026-03-10: 1,043 accepted, 7 rejected</title>",
    ):
        assert shown in page


def test_personal_data_is_hidden_and_values_are_escaped(client: TestClient, after_a_run: date) -> None:
    page = client.get("/").text
    assert "first_name=(hidden)" in page
    assert "Ada" not in page
    assert "ada@example.org" not in page
    assert "city=&lt;b&gt;Ely&lt;/b&gt;" in page
    assert "manual__&lt;i&gt;7&lt;/i&gt;" in page
    assert "<b>Ely" not in page
    assert "<i>7" not in page


def test_what_may_be_personal_data_is_hidden() -> None:
    assert masked("sales.gone", "1,2", ["a", "b"]) == {"a": HIDDEN, "b": HIDDEN}
    assert masked("sales.customers", "Ely,2", ["city", "stray"]) == {"city": "Ely", "stray": HIDDEN}
    # With a field too many or too few, and of a file whose header is not known, any field may be any column.
    assert masked("sales.customers", "Ely,2,3", ["city", "stray"]) == {"record": HIDDEN}
    assert masked("sales.customers", "Ely", None) == {"record": HIDDEN}


@pytest.mark.usefixtures("empty")
def test_an_empty_warehouse_says_what_to_do(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "No run yet" in answer.text
    assert "etl_full_pipeline_daily" in answer.text


def test_an_unreachable_warehouse_is_said_so(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = create_engine(engine.url.set(port=1, password="sesame"), poolclass=NullPool)
    monkeypatch.setattr(data_quality, "warehouse", lambda: nowhere)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "The warehouse does not answer" in answer.text
    assert "sesame" not in answer.text


def test_a_warehouse_that_was_never_set_up_is_said_so(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_quality, "warehouse", lambda: create_engine(engine.url.set(database="template1")))
    assert client.get("/").status_code == 503


def test_data_docs_are_served(client: TestClient, after_a_run: date) -> None:
    answer = client.get(f"/docs/{after_a_run}/checkpoint_staging")
    assert answer.status_code == 200
    assert "staging.sales_stores" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "2026-03-10/checkpoint_marts",
        "2026-03-10/secret",
        "2026-03-10/..%2F..%2Fsecret",
        "..%2F..%2Fetc/passwd",
        "../../secret",
        "%2e%2e/secret",
        "%2e%2e/checkpoint_staging",
        "2026-03-10%2F..%2F..%2Fsecret/checkpoint_staging",
    ],
)
def test_data_docs_serve_nothing_else(client: TestClient, after_a_run: date, tmp_path: Path, path: str) -> None:
    planted = (
        tmp_path / "secret.html",
        tmp_path / "checkpoint_staging.html",
        tmp_path / "data_docs" / f"{after_a_run}" / "secret.html",
    )
    for place in planted:
        place.write_text("the secret")
    answer = client.get(f"/docs/{path}")
    assert answer.status_code == 404
    assert "the secret" not in answer.text


def test_importing_the_plugin_does_no_work() -> None:
    program = (
        "import airflow.plugins_manager, sys; before = set(sys.modules); import data_quality; "
        "print(*sorted(set(sys.modules) - before))"
    )
    plugins = Path(data_quality.__file__).parent
    loaded = subprocess.run([sys.executable, "-c", program], cwd=plugins, capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == ["data_quality"]


def test_airflow_finds_page_and_menu_entry() -> None:
    plugin = data_quality.DataQualityPlugin
    assert [(app["url_prefix"], app["app"]) for app in plugin.fastapi_apps] == [
        ("/data-quality", data_quality.lazy_app)
    ]
    assert [(view["name"], view["href"]) for view in plugin.external_views] == [("Data quality", "/data-quality/")]
