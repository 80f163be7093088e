"""What is generated at the first start and then stays: credentials and the first scheduled day."""

from __future__ import annotations

import base64
import os
import secrets
from datetime import UTC, datetime

from include.settings import settings, state_dir

PASSWORDS = (
    "DB_PASSWORD",
    "DB_LOADER_PASSWORD",
    "DB_TRANSFORMER_PASSWORD",
    "DB_READER_PASSWORD",
    "DB_API_PASSWORD",
    "AIRFLOW_DB_PASSWORD",
)
KEYS = ("AIRFLOW_SECRET_KEY", "AIRFLOW_JWT_SECRET")


def ensure() -> None:
    """Write `generated.env`, once, readable by the owner only.

    The schedule begins with the day of the first start: earlier days are the user's to backfill.
    """
    path = state_dir() / "generated.env"
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}={secrets.token_urlsafe(18)}" for name in PASSWORDS + KEYS]
    lines.append(f"AIRFLOW_FERNET_KEY={base64.urlsafe_b64encode(os.urandom(32)).decode()}")
    lines.append(f"FSO_SCHEDULE_FROM={datetime.now(UTC).date()}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("# generated for this machine's demo; never commit\n" + "\n".join(lines) + "\n")
    settings.cache_clear()
