"""`fso sql`: one statement, printed as a table, CSV or JSON."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from database.connection import engine
from include.cli.console import out
from include.runtime.errors import PlatformError
from include.settings import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    out.print(table)
    out.print(f"{len(rows)} row{'' if len(rows) == 1 else 's'}")


def _print_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    writer.writerows(rows)


def _print_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    json.dump([dict(zip(columns, row, strict=True)) for row in rows], sys.stdout, default=str, indent=1)
    sys.stdout.write("\n")


PRINTERS = {"table": _print_table, "csv": _print_csv, "json": _print_json}


def run_sql(statement: str, output: str, role: str) -> None:
    """Run a statement with the rights of a role and print its rows.

    Raises:
        PlatformError: the role does not exist, or PostgreSQL's reason why the statement failed.
    """
    if role not in (*ROLES, "owner"):
        raise PlatformError(f"there is no role {role}: choose from {', '.join((*ROLES, 'owner'))}")
    try:
        with engine(role).begin() as connection:
            # Colons in the statement are not parameters here.
            result = connection.execute(text(statement.replace(":", r"\:")))
            if result.returns_rows:
                PRINTERS[output](list(result.keys()), [tuple(row) for row in result])
            else:
                out.print(f"{result.rowcount} rows changed")
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip()
        raise PlatformError(f"{reason}\n(as role {role}; `fso status` tells whether the server runs)") from None
