"""Brings the whole platform up on one machine, tells its state, and takes it down."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import httpx

from include.dbt_project import DBT_ARGUMENTS, DBT_DIR, GRAPH, write_graph
from include.runtime import credentials, ports, postgres_server, processes
from include.runtime.airflow_environment import airflow_environment
from include.runtime.errors import PlatformError
from include.runtime.files import tail
from include.runtime.preflight import check_machine
from include.settings import settings, state_dir

if TYPE_CHECKING:
    from collections.abc import Callable

AIRFLOW = [sys.executable, "-m", "airflow"]
# In the order of their start; the api-server takes longest. No task of ours waits in the triggerer, but
# Airflow's home page shows it as broken when it does not run.
SERVICES = ("api-server", "scheduler", "dag-processor", "triggerer")
START_SECONDS = 180


@dataclass(frozen=True)
class ServiceStatus:
    """State of one service."""

    name: str
    is_healthy: bool
    detail: str
    url: str | None = None


def environment() -> dict[str, str]:
    """Environment of our child processes, with the ports now in use."""
    return airflow_environment(settings(), ports.in_use("api-server", settings().airflow_port))


def _must_succeed(command: list[str], log_name: str) -> None:
    status, _ = processes.run(command, environment(), log_name)
    if status != 0:
        path = processes.log_file(log_name)
        raise PlatformError(f"{log_name} failed. The end of {path}:\n{tail(path)}")


def migrate_airflow() -> None:
    """Bring Airflow's database to the present version and make sure that the admin user exists."""
    _must_succeed([*AIRFLOW, "db", "migrate"], "airflow-migrate")
    _must_succeed([sys.executable, "-m", "include.runtime.airflow_admin"], "airflow-admin")


def parse_dbt_project() -> None:
    """Write the dbt manifest, and the graph that the DAG is drawn from, when a file of the project is newer.

    Raises:
        PlatformError: the project does not parse; the message has dbt's reason.
    """
    sources = [path for kind in ("*.sql", "*.yml") for path in DBT_DIR.rglob(kind) if "target" not in path.parts]
    if GRAPH.exists() and GRAPH.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return
    _must_succeed([sys.executable, "-m", "dbt.cli.main", "parse", *DBT_ARGUMENTS], "dbt-parse")
    write_graph()


def _migrate_warehouse() -> None:
    _must_succeed([sys.executable, "-m", "database.migrate"], "warehouse-migrate")


def migrate() -> None:
    """Bring warehouse, Airflow's database and dbt's manifest to the present version, side by side."""
    with ThreadPoolExecutor() as pool:
        tasks = [pool.submit(step) for step in (_migrate_warehouse, migrate_airflow, parse_dbt_project)]
        for task in tasks:
            task.result()


def _start_airflow() -> None:
    for service in SERVICES:
        processes.start(service, [*AIRFLOW, service], environment())


def _health(api_port: int) -> dict[str, Any]:
    try:
        answer = httpx.get(f"http://127.0.0.1:{api_port}/api/v2/monitor/health", timeout=3)
        return dict(answer.json()) if answer.status_code == httpx.codes.OK else {}
    except (httpx.HTTPError, ValueError):
        return {}


def _dead_service() -> str | None:
    return next((service for service in SERVICES if processes.find(service) is None), None)


def _wait_until_healthy() -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        dead = _dead_service()
        if dead is not None:
            path = processes.log_file(dead)
            raise PlatformError(f"{dead} died while starting. The end of {path}:\n{tail(path)}")
        if all(service.is_healthy for service in status()):
            return
        time.sleep(0.3)
    sick = ", ".join(service.name for service in status() if not service.is_healthy)
    raise PlatformError(f"not healthy after {START_SECONDS} s: {sick}. Its log is below {state_dir() / 'logs'}")


def prepare() -> None:
    """Check the machine and the settings; in the demo, generate credentials at the first start.

    Raises:
        PlatformError: the machine lacks something.
        SettingsError: a setting is missing or not allowed.
    """
    check_machine()
    if settings().env == "demo":
        credentials.ensure()


def up(report: Callable[[str], None]) -> None:
    """Start everything that does not run; returns when all of it is healthy.

    Args:
        report: called with a line before each step.

    Raises:
        PlatformError: what failed, with the end of its log.
    """
    prepare()
    if _dead_service() is None and all(service.is_healthy for service in status()):
        report("everything is up")
        return
    if settings().is_embedded:
        report("starting PostgreSQL")
        postgres_server.start(settings())
    else:
        report("checking the databases")
        postgres_server.create_databases(settings())
    if processes.find("api-server") is None:
        ports.choose("api-server", settings().airflow_port)
    report("migrating the warehouse and Airflow, parsing the dbt project")
    migrate()
    report(f"starting Airflow: {', '.join(SERVICES)}")
    _start_airflow()
    _wait_until_healthy()


def down() -> list[str]:
    """Stop everything that we started; returns the names of what ran."""
    stopped = processes.stop(list(SERVICES))
    if (state_dir() / "postgres").exists() and postgres_server.stop():
        stopped.append("postgres")
    return stopped


def _postgres_status() -> ServiceStatus:
    import psycopg

    host, port = settings().address()
    where = f"{host}:{port}/{settings().db_name}"
    try:
        with psycopg.connect(
            host=host, port=port, dbname=settings().db_name, user="fso_reader",
            password=settings().password("reader"), connect_timeout=3,
        ) as connection:  # fmt: skip
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        return ServiceStatus("postgres", is_healthy=False, detail=str(error).strip().splitlines()[0])
    return ServiceStatus("postgres", is_healthy=True, detail=f"PostgreSQL {version}", url=f"postgresql://{where}")


def status() -> list[ServiceStatus]:
    """Health of each service, as each says itself."""
    api_port = ports.in_use("api-server", settings().airflow_port)
    health = _health(api_port)
    is_local = any(processes.was_started(service) for service in SERVICES)
    found = [_postgres_status()]
    for service in SERVICES:
        part = "metadatabase" if service == "api-server" else service.replace("-", "_")
        answers = health.get(part, {}).get("status") == "healthy"
        # Airflow counts a dead component as healthy for half a minute. In a container we start none of them.
        healthy = answers and (processes.find(service) is not None or not is_local)
        detail = "healthy" if healthy else "starting" if processes.find(service) else "not running"
        url = f"http://localhost:{api_port}" if service == "api-server" else None
        found.append(ServiceStatus(service, healthy, detail, url))
    return found


def status_json() -> dict[str, Any]:
    """The same for programs: services, URLs and ports."""
    services = [asdict(service) for service in status()]
    return {
        "is_healthy": all(service["is_healthy"] for service in services),
        "services": services,
        "ports": {"postgres": settings().address()[1], **ports.remembered()},
        "state_dir": str(state_dir()),
    }
