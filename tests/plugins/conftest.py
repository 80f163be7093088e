"""Fixtures of this folder: the deliveries of the quality tests serve here too."""

import sys

from include.settings import PROJECT_DIR
from tests.quality.deliveries import delivered, engine, owner

# As Airflow does.
sys.path.insert(0, str(PROJECT_DIR / "plugins"))

__all__ = ["delivered", "engine", "owner"]
