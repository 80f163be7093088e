"""`fso generate`: many days in parallel, the same files as one by one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from include.settings import PROJECT_DIR


def fso(*arguments: str) -> subprocess.CompletedProcess[str]:
    # A server that does not exist: nothing here may need one.
    environment = os.environ | {"DB_HOST": "127.0.0.1", "DB_PORT": "9"}
    command = [sys.executable, "-m", "include.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=PROJECT_DIR, check=False)


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_days_in_parallel_equal_days_one_by_one(tmp_path: Path) -> None:
    together = fso("generate", "2026-02-01", "2026-02-04", "--out", str(tmp_path / "a b"), "--jobs", "3")
    assert together.returncode == 0, together.stderr
    assert "of 4 days in" in together.stdout
    for day in ("2026-02-04", "2026-02-02", "2026-02-01", "2026-02-03"):
        fso("generate", day, day, "--out", str(tmp_path / "c"), "--jobs", "1")
    assert contents(tmp_path / "a b") == contents(tmp_path / "c")
    assert len(contents(tmp_path / "c")) == 4 * 12


def test_seed_scale_and_faults_are_those_asked_for_and_are_recorded(tmp_path: Path) -> None:
    done = fso(
        "generate", "2026-02-01", "2026-02-01", "--out", str(tmp_path), "--seed", "7", "--scale", "2", "--faults", "0"
    )
    assert done.returncode == 0, done.stderr
    book = json.loads((tmp_path / "20260201" / "_partition.json").read_text())
    assert (book["seed"], book["scale"], book["fault_rate"]) == (7, 2, 0)
    assert book["rows"]["sales.customers"] > 1500


def test_a_day_before_the_company_is_named(tmp_path: Path) -> None:
    done = fso("generate", "2022-12-31", "2023-01-01", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "2022-12-31 could not be generated" in done.stderr
    assert "Traceback" not in done.stderr


def test_days_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    done = fso("generate", "2026-02-02", "2026-02-01", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "lies before the first" in done.stderr
