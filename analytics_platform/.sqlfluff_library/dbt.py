"""Stand-ins for the macros of package `dbt` that models call, so that sqlfluff needs neither dbt nor a database."""

from __future__ import annotations


def hash(field: str) -> str:  # noqa: A001 - the macro's name
    """As macro dbt.hash."""
    return f"md5({field})"


def date_spine(datepart: str, start_date: str, end_date: str) -> str:
    """As macro dbt.date_spine."""
    return f"select {start_date} as date_{datepart} where {end_date} is not null"
