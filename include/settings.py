"""Every setting of the platform, typed, in one place.

Read from (first wins): the environment, `.env` in the project folder, and `generated.env` in the state
folder, which `fso up` writes with generated credentials for the embedded demo. `.env.example` documents each.
"""

from __future__ import annotations

import os
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL
from upath import UPath

from include.fault_kinds import DEFAULT_KINDS, FaultKind, parse_fault_kinds

PROJECT_DIR = Path(__file__).resolve().parents[1]
ROLES = ("loader", "transformer", "reader", "api")
WELL_KNOWN_PASSWORDS = {"admin", "airflow", "changeme", "demo", "fso", "password", "postgres", "secret"}


class MockCompany(NamedTuple):
    """How mock files are made: arguments of `database.generator.write_partition`, in their order."""

    seed: int
    scale: float
    fault_rate: float
    fault_kinds: tuple[FaultKind, ...]
    company_start: date


class SettingsError(Exception):
    """A setting is missing or not allowed; the message names it and says what to do."""


def state_dir() -> Path:
    """Folder of everything that the platform creates: database, Airflow home, logs, secrets."""
    return Path(os.environ.get("FSO_HOME", PROJECT_DIR / ".fso")).expanduser().resolve()


def location(uri: str, base: Path) -> UPath:
    """A path, below `base` if it is relative, or a place in S3: `s3://bucket/prefix`.

    For S3, the AWS_* variables in .env count as if they were in the environment.

    Raises:
        SettingsError: it is neither.
    """
    scheme, is_uri, place = uri.partition("://")
    if not is_uri:
        return UPath(base / Path(uri).expanduser())
    if scheme != "s3" or not place.strip("/"):
        raise SettingsError(f"{uri} is neither a path nor s3://bucket/prefix")
    for name, text in dotenv_values(PROJECT_DIR / ".env").items():
        if name.startswith("AWS_") and text is not None:
            os.environ.setdefault(name, text)
    # Others write there too: what was listed a moment ago says nothing.
    return UPath(uri, use_listings_cache=False)


class Settings(BaseSettings):
    """The settings; field aliases are the names of the environment variables."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    env: Literal["demo", "prod"] = Field("demo", alias="FSO_ENV")
    source: Literal["mock", "files"] = Field("mock", alias="FSO_SOURCE")
    raw_zone: UPath = Field(UPath(PROJECT_DIR / "database" / "mock_data"), alias="FSO_RAW_ZONE")
    seed: int = Field(42, alias="FSO_SEED")
    scale: float = Field(1.0, gt=0, alias="FSO_SCALE")
    company_start: date = Field(date(2023, 1, 1), ge=date(2020, 1, 1), alias="FSO_COMPANY_START")
    fault_rate: float = Field(0.004, ge=0, le=1, alias="FSO_FAULT_RATE")
    fault_kinds: Annotated[tuple[FaultKind, ...], NoDecode] = Field(DEFAULT_KINDS, alias="FSO_FAULT_KINDS")
    schedule_from: date = Field(date(2026, 1, 1), alias="FSO_SCHEDULE_FROM")
    dbt_mode: Literal["local", "watcher"] = Field("local", alias="FSO_DBT_MODE")

    db_host: str | None = Field(None, alias="DB_HOST")
    db_port: int = Field(5432, alias="DB_PORT")
    db_name: str = Field("warehouse", alias="DB_NAME")
    db_user: str = Field("fso", alias="DB_USER")
    db_password: SecretStr = Field(SecretStr(""), alias="DB_PASSWORD")
    loader_password: SecretStr = Field(SecretStr(""), alias="DB_LOADER_PASSWORD")
    transformer_password: SecretStr = Field(SecretStr(""), alias="DB_TRANSFORMER_PASSWORD")
    reader_password: SecretStr = Field(SecretStr(""), alias="DB_READER_PASSWORD")
    api_password: SecretStr = Field(SecretStr(""), alias="DB_API_PASSWORD")

    airflow_port: int = Field(8080, alias="AIRFLOW_PORT")
    airflow_db_name: str = Field("airflow", alias="AIRFLOW_DB_NAME")
    airflow_db_password: SecretStr = Field(SecretStr(""), alias="AIRFLOW_DB_PASSWORD")
    airflow_fernet_key: SecretStr = Field(SecretStr(""), alias="AIRFLOW_FERNET_KEY")
    airflow_secret_key: SecretStr = Field(SecretStr(""), alias="AIRFLOW_SECRET_KEY")
    airflow_jwt_secret: SecretStr = Field(SecretStr(""), alias="AIRFLOW_JWT_SECRET")
    airflow_admin_user: str = Field("admin", alias="AIRFLOW_ADMIN_USER")
    airflow_admin_password: SecretStr = Field(SecretStr(""), alias="AIRFLOW_ADMIN_PASSWORD")

    @property
    def mock(self) -> MockCompany:
        """How mock files are made."""
        return MockCompany(self.seed, self.scale, self.fault_rate, self.fault_kinds, self.company_start)

    @property
    def is_embedded(self) -> bool:
        """Whether `fso up` runs its own PostgreSQL: yes, unless DB_HOST names another."""
        return self.db_host is None

    @field_validator("raw_zone", mode="before")
    @classmethod
    def _raw_zone_means_the_same_place_everywhere(cls, value: object) -> UPath:
        # Services, commands and tests run in different folders.
        try:
            return location(str(value), PROJECT_DIR)
        except SettingsError as error:
            raise SettingsError(f"FSO_RAW_ZONE: {error}") from None

    @field_validator("fault_kinds", mode="before")
    @classmethod
    def _fault_kinds_are_a_comma_list(cls, value: object) -> object:
        return parse_fault_kinds(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _no_mock_data_in_prod_by_default(self) -> Settings:
        if self.env == "prod" and "source" not in self.model_fields_set:
            raise SettingsError(
                "FSO_SOURCE is not set. With FSO_ENV=prod say where files come from: files (as they are delivered), "
                "or mock (generated)."
            )
        return self

    @model_validator(mode="after")
    def _no_default_credentials_outside_the_demo(self) -> Settings:
        if self.env == "demo":
            if not self.airflow_admin_password.get_secret_value():
                self.airflow_admin_password = SecretStr("admin")
            return self
        refused = [
            str(field.alias)
            for name, field in type(self).model_fields.items()
            if isinstance(value := getattr(self, name), SecretStr)
            and value.get_secret_value().lower() in WELL_KNOWN_PASSWORDS | {""}
        ]
        if refused:
            raise SettingsError(
                f"not set, or a well-known default: {', '.join(refused)}. With FSO_ENV={self.env} "
                f"set each in the environment or in .env to a value of your own."
            )
        return self

    def password(self, role: str) -> str:
        """Password of a warehouse role: "owner" or one of ROLES."""
        name = "db_password" if role == "owner" else f"{role}_password"
        value: SecretStr = getattr(self, name)
        return value.get_secret_value()

    def url(self, role: str) -> URL:
        """SQLAlchemy URL (psycopg 3) of the warehouse for a role: "owner" or one of ROLES."""
        host, port = self.address()
        user = self.db_user if role == "owner" else f"fso_{role}"
        return URL.create("postgresql+psycopg", user, self.password(role), host, port, self.db_name)

    def address(self) -> tuple[str, int]:
        """Host and port of the server: DB_HOST and DB_PORT, or where the embedded server listens."""
        if self.db_host is not None:
            return self.db_host, self.db_port
        from include.runtime import ports

        return "127.0.0.1", ports.in_use("postgres", self.db_port)


@cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: a value is not of its type, or, outside the demo, a credential is missing or well known.
    """
    try:
        return Settings(_env_file=(state_dir() / "generated.env", PROJECT_DIR / ".env"))
    except ValidationError as error:
        # Not the values: one may be a secret.
        problems = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_input=False)]
        raise SettingsError("; ".join(problems) + " (see .env.example)") from None
