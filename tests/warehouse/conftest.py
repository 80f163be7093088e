"""A warehouse that the tests may load."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import Engine

from database import partitions
from database.connection import engine
from include.settings import settings
from tests.warehouse.stores import DAY


@pytest.fixture(scope="module", autouse=True)
def raw_zone_is_empty() -> None:
    """Mock data never replace a file that another module's tests have changed."""
    shutil.rmtree(str(settings().raw_zone), ignore_errors=True)


@pytest.fixture
def held(warehouse: Engine) -> None:
    """Run "test" holds the empty warehouse."""
    assert partitions.acquire(engine("loader"), "test", DAY) is None
