"""One published warehouse for all tests of this folder, which only read it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from include.dbt_project import keep_manifest
from include.pipeline import run_day
from tests.conftest import empty_warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from dbt.cli.main import dbtRunner

# Over the end of a month.
DAYS = (date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1))


@pytest.fixture(scope="package")
def published(dbt: dbtRunner, dbt_manifest: Path) -> None:
    """Three days, from their files to what readers see; the present manifest is that of the last publish."""
    empty_warehouse()
    for day in DAYS:
        run_day(day, dbt, data_tests=False)
    keep_manifest()
