"""What the tests share: one embedded server per session, and a warehouse that starts empty when asked."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# The same examples in every run, on machines of any speed.
hypothesis_settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("suite")

# Before anything reads the settings: the tests never touch the user's own state or settings.
HOME = Path(tempfile.mkdtemp(prefix="fso tests "))
# Open to the server's user when we are root; the end-to-end tests use a folder that is not.
HOME.chmod(0o755)
for name in [name for name in os.environ if name.startswith(("DB_", "FSO_", "AIRFLOW", "AWS_"))]:
    del os.environ[name]
os.environ |= {
    "FSO_HOME": str(HOME / "state"),
    "FSO_RAW_ZONE": str(HOME / "raw"),
    "DB_PORT": "15432",
    "AIRFLOW_PORT": "18080",
    "GX_ANALYTICS_ENABLED": "false",
}

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner
    from sqlalchemy import Engine
    from upath import UPath


@pytest.fixture(scope="session")
def s3_server() -> Iterator[None]:
    """An S3 server process, to which the environment points."""
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for _ in range(600):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None, "the S3 server did not start"
        time.sleep(0.05)
    yield
    process.terminate()
    process.wait()


@pytest.fixture
def bucket(s3_server: None) -> UPath:
    """A raw zone below a prefix of an empty bucket."""
    from include.settings import location

    place = location(f"s3://bucket-{uuid4().hex}/raw zone", Path())
    place.fs.mkdir(place.parent.path)
    return place


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """The embedded PostgreSQL, migrated."""
    from database.migrate import migrate
    from include.runtime import credentials, postgres_server
    from include.settings import settings

    credentials.ensure()
    postgres_server.start(settings())
    migrate()
    host, port = settings().address()
    # What dbt's profile reads.
    os.environ |= {
        "DB_HOST": host,
        "DB_PORT": str(port),
        "DB_TRANSFORMER_PASSWORD": settings().password("transformer"),
    }
    yield
    postgres_server.stop()
    shutil.rmtree(HOME)


@pytest.fixture
def warehouse(server: None) -> Engine:
    """The warehouse, as its owner, with nothing loaded."""
    return empty_warehouse()


@pytest.fixture(scope="session")
def dbt(server: None) -> dbtRunner:
    """A dbt that has parsed the project."""
    from include.pipeline import parsed_dbt

    return parsed_dbt()


def empty_warehouse() -> Engine:
    """Bring the warehouse back to its state after the migration."""
    from alembic import command

    from database.connection import engine
    from database.migrate import alembic_config, migrate

    command.downgrade(alembic_config(), "base")
    migrate()
    return engine("owner")


def checksums(schemas: tuple[str, ...]) -> dict[str, str]:
    """A checksum of each table's content in these schemas, whatever the physical order of its rows."""
    from sqlalchemy import text

    from database.connection import engine

    content = "count(*) || ':' || md5(coalesce(string_agg(t::text, '' order by t::text), ''))"
    with engine("owner").connect() as connection:
        tables = connection.execute(
            text(
                "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                "where n.nspname = any(:schemas) and c.relkind in ('r', 'p') and not c.relispartition"
            ),
            {"schemas": list(schemas)},
        )
        return {table: connection.execute(text(f"select {content} from {table} t")).scalar_one() for (table,) in tables}


@pytest.fixture(scope="session")
def dbt_manifest(server: None) -> Path:
    """The dbt manifest that the DAG is drawn from, up to date."""
    from include.dbt_project import MANIFEST
    from include.runtime.platform import parse_dbt_project

    parse_dbt_project()
    return MANIFEST
