"""The staging tables: made from the contracts, one partition per day, replaced as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from include.contracts import Contract, ContractError, contracts
from include.contracts.contract import LOAD_COLUMN_NAMES, LOAD_COLUMNS

if TYPE_CHECKING:
    from datetime import date


def _primary_key(contract: Contract) -> str:
    return f"primary key ({', '.join((*contract.key, 'partition_date'))})"


def create_table_sql(contract: Contract) -> str:
    """DDL of the contract's staging table: its columns and those that the load adds."""
    columns = [
        f"{column.name} {column.type}{' not null' if column.required or column.is_key else ''}"
        for column in (*contract.columns, *LOAD_COLUMNS)
    ]
    columns.append(_primary_key(contract))
    body = ",\n    ".join(columns)
    return f"create table staging.{contract.staging_table} (\n    {body}\n) partition by list (partition_date)"


def _existing_columns(connection: Connection, contract: Contract) -> dict[str, str]:
    rows = connection.execute(
        text(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped"
        ),
        {"name": f"staging.{contract.staging_table}"},
    )
    return {str(name): str(kind).replace("timestamp with time zone", "timestamptz") for name, kind in rows}


def _refuse_lost_columns(contract: Contract, existing: dict[str, str]) -> None:
    lost = existing.keys() - {*contract.column_names, *LOAD_COLUMN_NAMES}
    if lost:
        raise ContractError(
            f"{contract.id}: the contract no longer has {', '.join(sorted(lost))}, which the database has: "
            f"write a migration that drops it (database/migrations)"
        )


def sync_tables(connection: Connection) -> list[str]:
    """Create the staging tables that are missing and add columns that contracts gained.

    Returns:
        What was changed, one line each.

    Raises:
        ContractError: a contract retyped or dropped a column that holds data; that needs a migration.
    """
    changes = []
    for contract in contracts().values():
        existing = _existing_columns(connection, contract)
        if not existing:
            connection.execute(text(create_table_sql(contract)))
            comment = f"{contract.purpose} ({contract.grain})".replace("'", "''")
            connection.execute(text(f"comment on table staging.{contract.staging_table} is '{comment}'"))
            changes.append(f"created staging.{contract.staging_table}")
            continue
        _refuse_lost_columns(contract, existing)
        if "extra_columns" not in existing:  # tables of before migration 0002
            connection.execute(text(f"alter table staging.{contract.staging_table} add column extra_columns jsonb"))
            changes.append(f"added staging.{contract.staging_table}.extra_columns")
        for column in contract.columns:
            if column.name not in existing:
                connection.execute(
                    text(f"alter table staging.{contract.staging_table} add column {column.name} {column.type}")
                )
                changes.append(f"added staging.{contract.staging_table}.{column.name}")
            elif existing[column.name].replace(" ", "") != column.type.replace(" ", ""):
                raise ContractError(
                    f"{contract.id}: {column.name} is {existing[column.name]} in the database and {column.type} "
                    f"in the contract: write a migration that converts it (database/migrations)"
                )
    return changes


def partition_name(contract: Contract, partition_date: date) -> str:
    """Qualified name of the table that holds one day."""
    return f"staging.{contract.staging_table}_{partition_date:%Y%m%d}"


def create_replacement(connection: Connection, contract: Contract, partition_date: date) -> str:
    """Make an empty table beside the partition, whose rows get the day by default; returns its qualified name.

    It has no key yet: `add_key`.
    """
    name = f"{partition_name(contract, partition_date)}_new"
    connection.execute(text(f"drop table if exists {name}"))
    connection.execute(
        text(
            f"create table {name} (like staging.{contract.staging_table} including all excluding indexes, "
            # With this check, attaching needs no scan.
            f"constraint partition_day check (partition_date = '{partition_date}'))"
        )
    )
    connection.execute(text(f"alter table {name} alter partition_date set default '{partition_date}'"))
    return name


def add_key(connection: Connection, contract: Contract, replacement: str) -> None:
    """Give a replacement that is filled its primary key: that takes half the time of filling one that has it."""
    connection.execute(text(f"alter table {replacement} add {_primary_key(contract)}"))


def drop_replacement(connection: Connection, contract: Contract, partition_date: date) -> None:
    """Forget the table beside the partition."""
    connection.execute(text(f"drop table {partition_name(contract, partition_date)}_new"))


def swap_in(connection: Connection, contract: Contract, partition_date: date) -> None:
    """Put the replacement in the place of the partition; readers see either one, as a whole."""
    name = partition_name(contract, partition_date)
    short = name.removeprefix("staging.")
    # dbt reads the day within seconds, before autovacuum would have counted it.
    connection.execute(text(f"analyze {name}_new"))
    connection.execute(text(f"drop table if exists {name}"))
    connection.execute(text(f"alter table {name}_new rename to {short}"))
    connection.execute(
        text(f"alter table staging.{contract.staging_table} attach partition {name} for values in ('{partition_date}')")
    )
    connection.execute(text(f"alter table {name} drop constraint partition_day, alter partition_date drop default"))
