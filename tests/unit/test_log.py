"""Logs of our own programs: an event per line, apart from results."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from include.log import configure_logging, get_logger


@pytest.fixture(autouse=True)
def _configuration_as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def logged(capsys: pytest.CaptureFixture[str]) -> str:
    configure_logging()
    get_logger(__name__).info("load", table="sales.stores", rejected=3)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_an_event_is_a_line_of_keys_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    line = logged(capsys)
    assert "event=load" in line
    assert "table=sales.stores rejected=3" in line
    assert line.count("\n") == 1


def test_or_json_on_request(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FSO_LOG_FORMAT", "json")
    event = json.loads(logged(capsys))
    assert (event["event"], event["rejected"], event["level"]) == ("load", 3, "info")
