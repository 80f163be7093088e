"""`fso doctor`: one line per thing that can be wrong on a machine."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from include.contracts import contracts
from include.runtime import platform, ports, postgres_server
from include.runtime.errors import PlatformError
from include.runtime.preflight import check_machine
from include.settings import settings, state_dir

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Check:
    """One examined thing."""

    name: str
    is_good: bool
    detail: str


def _machine() -> Check:
    try:
        check_machine()
    except PlatformError as error:
        return Check("machine", is_good=False, detail=str(error))
    free = shutil.disk_usage(state_dir()).free / 2**30
    return Check(
        "machine", is_good=True, detail=f"Python {sys.version.split()[0]}, {free:.0f} GiB free, {os.cpu_count()} cores"
    )


def _bytecode() -> Check:
    installed = find_spec("airflow")
    if installed and installed.cached and Path(installed.cached).exists():
        return Check("bytecode", is_good=True, detail="compiled at install")
    advice = "the environment was installed without it, so tasks start slowly: rm -r .venv, then make setup"
    return Check("bytecode", is_good=False, detail=advice)


def _port(service: str, preferred: int, *, is_ours: bool) -> Check:
    port = ports.in_use(service, preferred)
    if is_ours:
        return Check(f"port of {service}", is_good=True, detail=f"{port}, ours")
    if ports.is_free(preferred):
        return Check(f"port of {service}", is_good=True, detail=f"{preferred} is free")
    return Check(f"port of {service}", is_good=True, detail=f"{preferred} is taken; the next free one will be used")


def examine() -> Iterator[Check]:
    """Examine machine, settings, contracts, ports and services."""
    yield _machine()
    yield _bytecode()
    yield Check("settings", is_good=True, detail=f"FSO_ENV={settings().env}, state in {state_dir()}")
    yield Check("contracts", is_good=True, detail=f"{len(contracts())} tables")
    services = {service.name: service for service in platform.status()}
    is_up = (state_dir() / "postgres").exists() and postgres_server.is_running()
    if settings().is_embedded:
        yield _port("postgres", settings().db_port, is_ours=is_up)
    yield _port("api-server", settings().airflow_port, is_ours=services["api-server"].is_healthy)
    for service in services.values():
        advice = "" if service.is_healthy else f": fso up starts it, fso logs {service.name} shows why it ended"
        yield Check(service.name, service.is_healthy, service.detail + advice)
