"""Brings the warehouse to the present version: schemas and roles, passwords, staging tables.

`python -m database.migrate` does it by hand; every step may be repeated.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from psycopg import sql

from database.connection import engine
from database.staging import sync_tables
from include.settings import ROLES, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

MIGRATIONS_DIR = Path(__file__).parent / "migrations"


def alembic_config() -> Config:
    """Alembic's configuration; there is no alembic.ini, because the URL comes from the settings."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _set_passwords(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - a pooled connection always has one
    for role in ROLES:
        statement = sql.SQL("alter role {} with login password {}").format(
            sql.Identifier(f"fso_{role}"), sql.Literal(settings().password(role))
        )
        driver.execute(statement)


def migrate() -> list[str]:
    """Migrate the warehouse.

    Returns:
        What changed in staging, one line each.

    Raises:
        ContractError: a contract changed in a way that needs a migration.
    """
    command.upgrade(alembic_config(), "head")
    with engine("owner").begin() as connection:
        _set_passwords(connection)
    with engine("loader").begin() as connection:
        return sync_tables(connection)


if __name__ == "__main__":
    for change in migrate():
        print(change)
