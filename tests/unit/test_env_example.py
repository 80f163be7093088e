"""`.env.example` documents every setting, and nothing that is not one."""

from __future__ import annotations

import re

from include.settings import PROJECT_DIR, Settings

# Read by dbt's profile, by docker compose and by S3's client, not by the settings.
ELSEWHERE = {
    "FSO_HOME",
    "FSO_LOG_FORMAT",
    "FSO_RAW_VOLUME",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AIRFLOW__API__BASE_URL",
    "PROD_DB_HOST",
    "PROD_DB_PORT",
    "PROD_DB_NAME",
    "PROD_DB_USER",
    "PROD_DB_PASSWORD",
}


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (PROJECT_DIR / ".env.example").read_text(), re.MULTILINE))
    settings = {field.alias for field in Settings.model_fields.values()}
    assert documented - ELSEWHERE == settings
    assert documented >= ELSEWHERE
