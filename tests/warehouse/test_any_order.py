"""Thirty days, loaded, loaded again and built in a random order, give what loading and building them once gives."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from database import partitions
from database.connection import engine
from database.etl import load_domain
from database.generator import write_partition
from database.publish import publish
from include.domains import DOMAINS
from include.fault_kinds import FaultKind
from include.pipeline import dbt_build
from include.settings import location
from tests.conftest import checksums, empty_warehouse

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner
    from upath import UPath

DAYS = [date(2025, 12, 20) + timedelta(days=number) for number in range(30)]
# A tenth of the company, with many late, repeated and conflicting rows.
SEED, SCALE, FAULT_RATE = 42, 0.1, 0.02
FAULTS = (FaultKind.exact_duplicate, FaultKind.conflicting_duplicate, FaultKind.late)
SENT_TWICE = DAYS[::3]
SHOWN = ("marts", "analytics", "published")
RUN = "in any order"


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> tuple[UPath, UPath]:
    """The days as they were delivered first, and as they were delivered last: every third one with rows withdrawn."""
    first = location(str(tmp_path_factory.mktemp("first")), Path())
    last = location(str(tmp_path_factory.mktemp("last")), Path())
    for day in DAYS:
        write_partition(first, day, SEED, SCALE, FAULT_RATE, FAULTS)
        kinds = (*FAULTS, FaultKind.withdrawn) if day in SENT_TWICE else FAULTS
        write_partition(last, day, SEED, SCALE, FAULT_RATE, kinds)
    return first, last


def load(zone: UPath, day: date) -> None:
    partitions.acquire(engine("loader"), RUN, day)
    for domain in DOMAINS:
        load_domain(engine("loader"), domain.name, zone, day, RUN)
    partitions.mark_audited(engine("transformer"), RUN, day)


def build_and_publish(dbt: dbtRunner, day: date) -> None:
    for group in ("intermediate", "marts"):
        dbt_build(dbt, group, data_tests=False)
    publish(engine("transformer"), RUN, day)


@pytest.fixture(scope="module")
def built_once(server: None, dbt: dbtRunner, zones: tuple[UPath, UPath]) -> dict[str, str]:
    """Checksums after loading the last deliveries in the order of days, and building everything at once."""
    empty_warehouse()
    for day in DAYS:
        load(zones[1], day)
    build_and_publish(dbt, DAYS[-1])
    return checksums(SHOWN)


@pytest.mark.warehouse
@pytest.mark.parametrize("order", [7])
def test_any_order_of_loads_and_builds_gives_the_same_marts(
    built_once: dict[str, str], dbt: dbtRunner, zones: tuple[UPath, UPath], order: int
) -> None:
    random = Random(order)  # noqa: S311 - an order, not a secret
    first, last = zones
    # A second delivery comes at any time after the first.
    when = {day: sorted((random.random(), random.random())) for day in DAYS}
    steps = sorted(
        [(when[day][0], first, day) for day in SENT_TWICE] + [(when[day][1], last, day) for day in DAYS],
        key=lambda step: step[0],
    )
    builds = {*random.sample(range(len(steps) - 1), 5), len(steps) - 1}
    empty_warehouse()
    for number, (_, zone, day) in enumerate(steps):
        load(zone, day)
        if number in builds:
            build_and_publish(dbt, day)
    found = checksums(SHOWN)
    assert {name for name in built_once if found[name] != built_once[name]} == set()
    assert found.keys() == built_once.keys()
