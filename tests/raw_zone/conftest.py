"""A raw zone of either kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from upath import UPath

from include.settings import location


@pytest.fixture
def folder(tmp_path: Path) -> UPath:
    return location(str(tmp_path / "raw zone"), Path())


@pytest.fixture(params=["folder", "bucket"])
def raw_zone(request: pytest.FixtureRequest) -> UPath:
    return request.getfixturevalue(request.param)
