"""The environment in which Airflow, dbt and our own programs run; the same on one machine and in containers."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

from dotenv import dotenv_values

from include.settings import PROJECT_DIR, ROLES, Settings, state_dir

if TYPE_CHECKING:
    from collections.abc import Mapping


def _connections(settings: Settings) -> dict[str, str]:
    host, port = settings.address()
    return {
        f"AIRFLOW_CONN_WAREHOUSE_{role.upper()}": (
            f"postgresql://fso_{role}:{quote(settings.password(role), safe='')}@{host}:{port}/{settings.db_name}"
        )
        for role in ROLES
    }


def _database(settings: Settings) -> dict[str, str]:
    """What dbt's profiles.yml and our own programs read."""
    host, port = settings.address()
    passwords = {f"DB_{role.upper()}_PASSWORD": settings.password(role) for role in ROLES}
    return {"DB_HOST": host, "DB_PORT": str(port), "DB_NAME": settings.db_name, **passwords}


def _secrets(settings: Settings) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__FERNET_KEY": settings.airflow_fernet_key.get_secret_value(),
        "AIRFLOW__API__SECRET_KEY": settings.airflow_secret_key.get_secret_value(),
        "AIRFLOW__API_AUTH__JWT_SECRET": settings.airflow_jwt_secret.get_secret_value(),
    }


def _airflow(settings: Settings, api_port: int) -> dict[str, str]:
    host, port = settings.address()
    password = quote(settings.airflow_db_password.get_secret_value(), safe="")
    home = state_dir() / "airflow"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": f"http://localhost:{api_port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(api_port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_DIR / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{api_port}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_DIR / "plugins"),
        "AIRFLOW__COSMOS__CACHE_DIR": str(home / "cosmos"),
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__ENABLE_WATCHER_RELIABLE_RETRY": "False",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": (
            f"postgresql+psycopg2://airflow:{password}@{host}:{port}/{settings.airflow_db_name}"
        ),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
        # A worker may miss the end of its task, and then looks again after this many seconds.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "FSO_PRELOAD": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONPATH": str(PROJECT_DIR / "config"),
    }


def airflow_environment(settings: Settings, api_port: int) -> dict[str, str]:
    """Environment for a child process; what the user has set for Airflow himself wins over our choice.

    Args:
        settings: where the warehouse is, and the credentials.
        api_port: port of Airflow's api-server.
    """
    inherited: Mapping[str, str] = {
        # Without bytecode every task would compile what it imports.
        name: value
        for name, value in {**dotenv_values(PROJECT_DIR / ".env"), **os.environ}.items()
        if value is not None and name != "PYTHONDONTWRITEBYTECODE"
    }
    ours = {**_airflow(settings, api_port), **_secrets(settings), **_connections(settings), **_database(settings)}
    fixed = ("PYTHONPATH", "DB_HOST", "DB_PORT")
    chosen = {name: inherited.get(name, value) if name not in fixed else value for name, value in ours.items()}
    programs = os.path.dirname(sys.executable)  # noqa: PTH120 - not resolved: a virtual environment links to it
    path = os.pathsep.join([programs, inherited.get("PATH", "")])
    return {**inherited, **chosen, "PATH": path, "FSO_HOME": str(state_dir())}
