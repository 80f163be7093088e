"""`fso generate`: many days in parallel, the same files as one by one."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from upath import UPath

from include.contracts import contracts
from include.settings import PROJECT_DIR


def fso(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # A server that does not exist: nothing here may need one.
    environment = os.environ | {"DB_HOST": "127.0.0.1", "DB_PORT": "9"} | variables
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
    assert len(contents(tmp_path / "c")) == 4 * (len(contracts()) + 2)


def test_seed_scale_and_faults_are_those_asked_for_and_are_recorded(tmp_path: Path) -> None:
    done = fso(
        "generate", "2026-02-01", "2026-02-01", "--out", str(tmp_path), "--seed", "7", "--scale", "2", "--faults", "0"
    )
    assert done.returncode == 0, done.stderr
    book = json.loads((tmp_path / "20260201" / "_partition.json").read_text())
    assert (book["seed"], book["scale"], book["fault_rate"]) == (7, 2, 0)
    assert book["rows"]["sales.customers"] > 1500


def test_kinds_of_faults_are_those_asked_for_and_are_recorded(tmp_path: Path) -> None:
    arguments = ("generate", "2026-02-01", "2026-02-01", "--out", str(tmp_path), "--scale", "0.2", "--faults", "0.1")
    done = fso(*arguments, "--fault-kinds", "late,missing_value")
    assert done.returncode == 0, done.stderr
    book, truth = (
        json.loads((tmp_path / "20260201" / name).read_text()) for name in ("_partition.json", "_truth.json")
    )
    assert book["fault_kinds"] == ["missing_value", "late"]
    assert {row["kind"] for table in truth.values() for row in table["rows"]} == {"missing_value", "late"}
    refused = fso(*arguments, "--fault-kinds", "latest")
    assert refused.returncode == 1
    assert "unknown fault kind latest: choose from missing_value, wrong_type" in " ".join(refused.stderr.split())


def test_a_day_before_the_company_is_named(tmp_path: Path) -> None:
    done = fso("generate", "2022-12-31", "2023-01-01", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "2022-12-31 could not be generated" in done.stderr
    assert "Traceback" not in done.stderr


def test_days_are_written_to_s3(tmp_path: Path, bucket: UPath) -> None:
    for place in (str(tmp_path), str(bucket)):
        done = fso("generate", "2026-02-01", "2026-02-02", "--out", place, "--jobs", "2")
        assert done.returncode == 0, done.stderr
        assert f"of 2 days in {place}" in done.stdout.replace("\n", "")
    stored = {path.relative_to(bucket).as_posix(): path for path in bucket.rglob("*") if path.is_file()}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in stored.items()} == contents(tmp_path)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("gs://lake/raw", "gs://lake/raw is neither a path nor s3://bucket/prefix"),
        ("s3://a-bucket-that-is-not-there/raw", "2026-02-01 could not be generated in s3://a-bucket-that-is-not-there"),
    ],
)
def test_a_place_that_is_not_there_is_named(s3_server: None, place: str, message: str) -> None:
    done = fso("generate", "2026-02-01", "2026-02-01", "--out", place)
    assert done.returncode == 1
    assert message in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_s3_without_credentials_is_one_clear_error(tmp_path: Path) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)}
    done = fso("generate", "2026-02-01", "2026-02-01", "--out", "s3://bucket/raw", **nobody)
    assert done.returncode == 1
    assert "s3://bucket/raw cannot be reached" in done.stderr.replace("\n", " ")
    assert "Set AWS_ACCESS_KEY_ID" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


def test_days_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    done = fso("generate", "2026-02-02", "2026-02-01", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "lies before the first" in done.stderr
