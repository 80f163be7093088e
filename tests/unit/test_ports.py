"""A taken port is not fought over: the next free one is chosen, and remembered."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from include.runtime import ports


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FSO_HOME", str(tmp_path))


@pytest.fixture
def taken() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_the_next_free_port_is_chosen_and_remembered(state: None, taken: int) -> None:
    chosen = ports.choose("postgres", taken)
    assert taken < chosen < taken + ports.TRIES
    assert ports.remembered() == {"postgres": chosen}
    assert ports.choose("postgres", taken) == chosen


def test_a_changed_preference_wins_over_what_was_chosen_before(state: None, taken: int) -> None:
    chosen = ports.choose("postgres", taken)
    assert ports.choose("postgres", chosen + 1000) == chosen + 1000


def test_two_services_never_get_the_same_port(state: None, taken: int) -> None:
    assert ports.choose("postgres", taken) != ports.choose("api-server", taken)
