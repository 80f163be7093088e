"""`fso quarantine`: from a rejected row to its correction, by the commands that a person types."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from database.raw_zone import raw_file
from include.cli.main import app
from include.contracts import contracts
from include.runtime.errors import PlatformError
from include.settings import settings

DAY = "2026-01-05"
STORES = contracts()["sales.stores"]
STORE = "S0001,Main Street,mall,Reno,NV,West,1000,2001-05-06,true,2026-01-01T00:00:00Z"
BAD = STORE.replace("S0001", "S0099").replace("West", "Atlantis").replace("Main", "[red]Main")


def fso(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


@pytest.fixture(autouse=True)
def after_a_load(warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day with one rejected row: line 32 of the file of stores."""
    monkeypatch.setattr(settings(), "raw_zone", tmp_path)
    path = raw_file(tmp_path, STORES, date.fromisoformat(DAY))
    path.parent.mkdir(parents=True)
    good = [STORE.replace("S0001", f"S{number:04}") for number in range(1, 31)]
    path.write_text("\n".join([",".join(STORES.column_names), *good, BAD]) + "\n")
    assert fso("load", DAY, "--table", "stores").exit_code == 0


def corrected(folder: Path, **values: str) -> Path:
    """The export, with values of its row changed."""
    [line] = csv.DictReader(io.StringIO(fso("quarantine", "export", DAY, "stores").stdout.removeprefix("\ufeff")))
    path = folder / "edited.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, line)
        writer.writeheader()
        writer.writerow(line | values)
    return path


def test_rejected_rows_are_counted_by_day_table_and_reason() -> None:
    for options in ([], ["--date", DAY], ["--table", "stores"], ["--date", DAY, "--table", "sales.stores"]):
        [line] = [line for line in fso("quarantine", "list", *options).output.splitlines() if DAY in line]
        assert [cell.strip() for cell in line.strip("│").split("│")] == [
            DAY,
            "sales.stores",
            "rejected",
            "region: not an allowed value",
            "1",
        ]
    for options in (["--date", "2026-01-06"], ["--table", "customers"]):
        assert fso("quarantine", "list", *options).output == "no rejected rows\n"


def test_a_correction_is_stored_and_the_run_that_it_needs_is_named(tmp_path: Path) -> None:
    done = fso("quarantine", "replay", str(corrected(tmp_path, region="South")), "--by", "Ada", "--no-run")
    assert done.output.splitlines() == [
        "1 corrections stored, 0 rows as they were",
        f"fso run {DAY} --source files",
    ]


def test_a_row_tells_its_story(tmp_path: Path) -> None:
    fso("quarantine", "replay", str(corrected(tmp_path, region="South")), "--by", "Ada", "--no-run")
    fso("load", DAY, "--table", "stores")
    story = fso("quarantine", "show", DAY, "stores", "32").output
    events = [line.split()[2:] for line in story.splitlines() if not line.startswith(" ")]
    assert [" ".join(words[:4]) for words in events] == [
        "rejected by load 1",
        "corrected by Ada",
        "accepted by load 2",
    ]
    assert "why: region: not an allowed value" in story
    assert f"record: {BAD}" in story
    assert f"record: {BAD.replace('Atlantis', 'South')}" in story


def test_a_line_that_was_not_rejected_is_said_so() -> None:
    with pytest.raises(PlatformError, match="line 2 of stores of 2026-01-05 was not rejected"):
        fso("quarantine", "show", DAY, "stores", "2")


def test_a_row_that_is_still_bad_stores_nothing(tmp_path: Path) -> None:
    path = corrected(tmp_path, region="Atlantic")
    with pytest.raises(PlatformError, match="2026-01-05, line 32: region: not an allowed value"):
        fso("quarantine", "replay", str(path), "--no-run")
    assert "corrected" not in fso("quarantine", "list").output


def test_without_airflow_nothing_is_stored_for_a_run(tmp_path: Path) -> None:
    path = corrected(tmp_path, region="South")
    with pytest.raises(PlatformError, match="Airflow does not answer"):
        fso("quarantine", "replay", str(path))
    assert "corrected" not in fso("quarantine", "list").output
