"""The container files: what they say can be wrong without Docker, and must not be."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from include.settings import PROJECT_DIR, Settings, SettingsError

# Read by our programs from the environment alone (.env.example says so).
ENVIRONMENT_ONLY = {"FSO_HOME", "FSO_LOG_FORMAT"}
OURS = ("FSO_", "DB_", "AIRFLOW_")
AIRFLOW_ITSELF = "AIRFLOW__"
DOCKERFILE = (PROJECT_DIR / "Dockerfile.airflow").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT_DIR / "docker-compose.airflow.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ALIASES = {str(field.alias): name for name, field in Settings.model_fields.items()}
SECRETS = {alias for alias, name in ALIASES.items() if "SecretStr" in str(Settings.model_fields[name].annotation)}


def _interpolated(value: Any) -> str:
    """What compose makes of a value when nothing is set: ${NAME:-default}, nested, becomes its default."""
    text = str(value)
    while (shorter := re.sub(r"\$\{\w+:-([^${}]*)\}", r"\1", text)) != text:
        text = shorter
    assert "${" not in text, f"{value} has no default"
    return text


def _environment(service: str) -> dict[str, Any]:
    environment: dict[str, Any] = SERVICES[service].get("environment", {})
    return environment


def _set_by_us(service: str) -> dict[str, str]:
    """The settings that a service has when the user sets nothing; those without a value are left out."""
    return {
        name: _interpolated(value)
        for name, value in _environment(service).items()
        if value is not None and name in ALIASES
    }


PLATFORM = [name for name, service in SERVICES.items() if service["image"] == "finance-sales-ops"]


def test_the_components_are_there() -> None:
    assert {"postgres", "migrate", "api-server", "scheduler", "dag-processor", "triggerer"} <= SERVICES.keys()
    commands = {name: SERVICES[name]["command"] for name in PLATFORM}
    for component in ("api-server", "scheduler", "dag-processor", "triggerer"):
        assert commands[component] == ["fso", "airflow", component]
    assert commands["migrate"] == ["fso", "migrate"]


@pytest.mark.parametrize("service", PLATFORM)
def test_every_name_is_a_setting(service: str) -> None:
    ours = {name for name in _environment(service) if name.startswith(OURS) and not name.startswith(AIRFLOW_ITSELF)}
    assert ours <= ALIASES.keys() | ENVIRONMENT_ONLY
    assert ours >= ALIASES.keys()


@pytest.mark.parametrize("service", PLATFORM)
def test_every_credential_is_handed_to_every_component(service: str) -> None:
    assert _environment(service).keys() >= SECRETS
    assert _environment(service) == _environment("migrate")


def test_every_published_port_is_on_loopback() -> None:
    ports = [_interpolated(port) for service in SERVICES.values() for port in service.get("ports", [])]
    assert sorted(ports) == ["127.0.0.1:5432:5432", "127.0.0.1:8080:8080"]


def test_ports_inside_do_not_follow_the_published_ones() -> None:
    environment = _environment("api-server")
    assert (environment["AIRFLOW_PORT"], environment["DB_PORT"]) == (8080, 5432)
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://api-server:8080/execution/"
    # Browsers are sent to the login page at the published port.
    assert "${AIRFLOW_PORT:-8080}" in environment["AIRFLOW__API__BASE_URL"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_a_health_check_or_is_one_shot(name: str) -> None:
    service = SERVICES[name]
    awaited = {
        needed: needs["condition"]
        for other in SERVICES.values()
        for needed, needs in other.get("depends_on", {}).items()
    }
    if service["restart"] == "no":
        assert "healthcheck" not in service
        assert awaited[name] == "service_completed_successfully"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]
        assert awaited.get(name, "service_healthy") == "service_healthy"


def test_nothing_is_created_before_the_settings_are_accepted() -> None:
    assert not SERVICES["preflight"].get("depends_on")
    assert "preflight" in SERVICES["postgres"]["depends_on"]
    assert "postgres" in SERVICES["migrate"]["depends_on"]


def test_the_demo_needs_nothing_prepared() -> None:
    demo = Settings(**_set_by_us("migrate"))  # type: ignore[arg-type]
    assert demo.env == "demo"
    assert demo.airflow_admin_password.get_secret_value() == "admin"
    assert not demo.is_embedded
    postgres = {name: _interpolated(value) for name, value in _environment("postgres").items()}
    assert postgres["POSTGRES_PASSWORD"] == demo.password("owner")
    assert (postgres["POSTGRES_USER"], postgres["POSTGRES_DB"]) == (demo.db_user, demo.db_name)


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_prod_refuses_each_default_of_the_demo(name: str) -> None:
    own = {secret: f"own-{number}" for number, secret in enumerate(sorted(SECRETS))}
    fixed = {setting: value for setting, value in _set_by_us("migrate").items() if setting not in SECRETS}
    Settings(**fixed | own | {"FSO_ENV": "prod", "FSO_SOURCE": "files"})  # type: ignore[arg-type]
    default = _set_by_us("migrate").get(name, "")
    with pytest.raises(SettingsError, match=name):
        Settings(**fixed | own | {"FSO_ENV": "prod", "FSO_SOURCE": "files", name: default})  # type: ignore[arg-type]


def _instructions(keyword: str) -> list[str]:
    joined = re.sub(r"\\\n", " ", DOCKERFILE)
    return [line.removeprefix(keyword).strip() for line in joined.splitlines() if line.startswith(f"{keyword} ")]


def test_the_image_is_built_from_the_lock_by_hash() -> None:
    built = [service["build"] for service in SERVICES.values() if "build" in service]
    assert built == [{"context": ".", "dockerfile": "Dockerfile.airflow"}]
    steps = [step for line in _instructions("RUN") for step in line.split("&&")]
    installs = [step.split() for step in steps if re.search(r"\b(pip install|pip sync|pip .* install)\b", step)]
    assert len(installs) == 3
    for words in installs:
        assert "--require-hashes" in words or {"--no-deps", "--no-build-isolation", "-e"} <= set(words), words
    [sync] = [words for words in installs if "sync" in words]
    assert {"--compile-bytecode", "requirements.lock"} <= set(sync)
    assert "PYTHONDONTWRITEBYTECODE" not in DOCKERFILE


def test_only_direct_dependencies_are_left_out_of_the_image() -> None:
    [uninstall] = [line for line in _instructions("RUN") if "uv pip uninstall" in line]
    names = uninstall.split("--python /opt/venv/bin/python")[-1].split("&&")[0].split()
    direct = re.findall(r"^([\w-]+)", (PROJECT_DIR / "requirements.in").read_text(), re.MULTILINE)
    assert names
    assert set(names) <= set(direct)


def test_the_image_runs_unprivileged_and_holds_no_secret() -> None:
    assert _instructions("USER")[-1] not in ("root", "0")
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nRUN ")
    named = " ".join(_instructions("ENV") + _instructions("ARG"))
    assert not [secret for secret in SECRETS if secret in named]
    assert not re.search(r"index-url|https?://", DOCKERFILE)
    assert set(_instructions("FROM")) == {
        "python:3.12-slim-bookworm AS environment",
        "python:3.12-slim-bookworm",
    }


def test_only_listed_files_enter_the_image() -> None:
    patterns = [line for line in (PROJECT_DIR / ".dockerignore").read_text().splitlines() if line[:1] not in ("", "#")]
    assert patterns[0] == "*"
    allowed = {pattern.removeprefix("!") for pattern in patterns if pattern.startswith("!")}
    assert all((PROJECT_DIR / name).exists() for name in allowed)
    assert not allowed & {".", ".env", ".fso", ".git", ".venv"}
    denied = patterns[max(number for number, pattern in enumerate(patterns) if pattern.startswith("!")) :]
    assert {"**/.env*", "database/mock_data", "analytics_platform/target"} <= set(denied)
