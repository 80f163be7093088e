"""A warehouse that the tests may load."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from database import partitions
from database.connection import engine
from tests.warehouse.stores import DAY


@pytest.fixture
def held(warehouse: Engine) -> None:
    """Run "test" holds the empty warehouse."""
    assert partitions.acquire(engine("loader"), "test", DAY) is None
