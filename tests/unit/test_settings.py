"""Credentials: random in the demo, required and never well-known elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from include.fault_kinds import DEFAULT_KINDS
from include.settings import PROJECT_DIR, Settings, SettingsError

PROD = {"FSO_ENV": "prod", "FSO_SOURCE": "files"}
CREDENTIALS = {
    "DB_PASSWORD": "q1",
    "DB_LOADER_PASSWORD": "q2",
    "DB_TRANSFORMER_PASSWORD": "q3",
    "DB_READER_PASSWORD": "q4",
    "DB_API_PASSWORD": "q5",
    "AIRFLOW_DB_PASSWORD": "q6",
    "AIRFLOW_ADMIN_PASSWORD": "q7",
    "AIRFLOW_FERNET_KEY": "q8",
    "AIRFLOW_SECRET_KEY": "q9",
    "AIRFLOW_JWT_SECRET": "q10",
}


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("DB_", "FSO_", "AIRFLOW")):
            monkeypatch.delenv(name)


def test_the_demo_has_admin_admin() -> None:
    assert Settings().airflow_admin_password.get_secret_value() == "admin"


def test_prod_accepts_credentials_of_ones_own() -> None:
    assert Settings(**PROD, **CREDENTIALS).password("reader") == "q4"


@pytest.mark.parametrize("name", CREDENTIALS)
@pytest.mark.parametrize("value", ["", "admin", "Postgres"])
def test_prod_refuses_missing_and_well_known_credentials(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings(**PROD, **CREDENTIALS | {name: value})


def test_prod_wants_to_be_told_where_files_come_from() -> None:
    with pytest.raises(SettingsError, match="FSO_SOURCE is not set"):
        Settings(FSO_ENV="prod", **CREDENTIALS)


def test_kinds_of_faults_are_a_comma_list() -> None:
    assert Settings(FSO_FAULT_KINDS="orphan,missing_value").fault_kinds == ("missing_value", "orphan")
    assert Settings(FSO_FAULT_KINDS="").fault_kinds == ()
    assert Settings().fault_kinds == DEFAULT_KINDS
    with pytest.raises(ValidationError, match="unknown fault kind orphans: choose from missing_value"):
        Settings(FSO_FAULT_KINDS="orphans")


def test_a_relative_raw_zone_is_one_of_the_project() -> None:
    assert Settings(FSO_RAW_ZONE="data/incoming").raw_zone == PROJECT_DIR / "data" / "incoming"
    assert Settings(FSO_RAW_ZONE="/data/incoming").raw_zone == Path("/data/incoming")


def test_a_raw_zone_may_be_in_s3() -> None:
    raw_zone = Settings(FSO_RAW_ZONE="s3://lake/raw zone/").raw_zone
    assert str(raw_zone / "20260105") == "s3://lake/raw zone/20260105"


@pytest.mark.parametrize("uri", ["gs://lake/raw", "s3://", "http://host/x"])
def test_a_raw_zone_elsewhere_is_refused(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"FSO_RAW_ZONE: .* is neither a path nor s3://bucket/prefix"):
        Settings(FSO_RAW_ZONE=uri)


def test_no_credential_is_printed() -> None:
    assert "q4" not in repr(Settings(**PROD, **CREDENTIALS))


def test_db_host_turns_the_embedded_server_off() -> None:
    assert Settings().is_embedded
    external = Settings(DB_HOST="db.example.org", DB_PORT=6000)
    assert not external.is_embedded
    assert external.address() == ("db.example.org", 6000)
