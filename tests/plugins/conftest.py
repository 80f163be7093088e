"""Fixtures of this folder: the warehouse of the quality tests serves here too."""

import sys
from pathlib import Path

# Airflow puts the plugins folder on the path; the fixtures live beside the quality tests.
sys.path[:0] = [str(Path(__file__).parents[2] / "plugins"), str(Path(__file__).parents[1] / "quality")]

from quality_fixtures import delivered, engine, owner, server  # noqa: E402 - found by the path above

__all__ = ["delivered", "engine", "owner", "server"]
