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
    # Below the ports that systems give to outgoing connections: nobody takes the next ones meanwhile.
    port = next(port for port in range(21_000, 30_000, 100) if ports.is_free(port))
    with socket.create_server(("127.0.0.1", port)):
        yield port


def test_the_next_free_port_is_chosen_and_remembered(state: None, taken: int) -> None:
    chosen = ports.choose("postgres", taken)
    assert taken < chosen < taken + ports.TRIES
    assert ports.remembered() == {"postgres": chosen}
    assert ports.choose("postgres", taken) == chosen


def test_a_changed_preference_wins_over_what_was_chosen_before(state: None, taken: int) -> None:
    chosen = ports.choose("postgres", taken)
    preferred = chosen + 1000
    assert preferred <= ports.choose("postgres", preferred) < preferred + ports.TRIES


def test_two_services_never_get_the_same_port(state: None, taken: int) -> None:
    assert ports.choose("postgres", taken) != ports.choose("api-server", taken)
