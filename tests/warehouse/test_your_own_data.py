"""docs/your-own-data.md, done as it says, in a copy of the project."""

from __future__ import annotations

import csv
import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest
from openpyxl import Workbook
from sqlalchemy import text
from upath import UPath

from database.connection import engine
from database.generator import write_partition
from include.settings import PROJECT_DIR
from tests.conftest import empty_warehouse

PAGE = (PROJECT_DIR / "docs" / "your-own-data.md").read_text()
REPLACE, ADD = PAGE.partition("## Replace one domain")[2].split("## Add a table")
PARTS = ("analytics_platform", "database", "include", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("target", "logs", "2*", "__pycache__")
# The real pipeline, in one process instead of Airflow's.
RUN = """
import sys
from datetime import date
from database.migrate import migrate
from include.pipeline import parsed_dbt, run_day
migrate()
run_day(date.fromisoformat(sys.argv[2]), parsed_dbt(), generate="files" not in sys.argv)
"""
FSO = '#!/bin/sh\n[ "$1" = run ] && exec python -c "$RUN" "$@"\nexec python -m include.cli "$@"\n'


def blocks(page: str, language: str) -> list[str]:
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    assert found
    return [dedent(block) for block in found]


@pytest.fixture(scope="module")
def project(server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    copy = tmp_path_factory.mktemp("project")
    for name in PARTS:
        source = PROJECT_DIR / name
        shutil.copytree(source, copy / name, ignore=LEFT_OUT) if source.is_dir() else shutil.copy(source, copy)
    (copy / "bin").mkdir()
    (copy / "bin" / "fso").write_text(FSO)
    (copy / "bin" / "fso").chmod(0o755)
    empty_warehouse()
    yield copy
    empty_warehouse()


def execute(project: Path, commands: str) -> str:
    path = os.pathsep.join([str(project / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {name: value for name, value in os.environ.items() if name != "FSO_RAW_ZONE"}
    done = subprocess.run(
        ["bash", "-euc", commands], cwd=project, env=environment | {"PATH": path, "RUN": RUN},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, commands + done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


def replace(file: Path, old: str, new: str) -> None:
    content = file.read_text()
    assert content.count(old) == 1
    file.write_text(content.replace(old, new))


def published_day() -> str:
    with engine("reader").connect() as connection:
        return str(connection.execute(text("select data_through_date from publish_info")).scalar_one())


def deliver_exports(folder: Path) -> None:
    """Files whose ids are those of the mock files, one of each format."""
    write_partition(UPath(folder / "raw"), date(2026, 1, 5), 42, 1.0, 0.0)
    exports = folder / "exports"
    shutil.move(folder / "raw" / "20260105" / "operations", exports)
    book = Workbook()
    for row in csv.reader((exports / "users.csv").read_text().splitlines()):
        book.active.append([cell or None for cell in row])
    book.save(exports / "users.xlsx")
    (exports / "onboarding.csv.gz").write_bytes(gzip.compress((exports / "onboarding.csv").read_bytes()))
    for replaced in ("users", "onboarding"):
        (exports / f"{replaced}.csv").unlink()


def test_a_domain_is_replaced(project: Path) -> None:
    deliver_exports(project)
    check, run = blocks(REPLACE, "sh")
    verdicts = execute(project, check)
    assert (
        verdicts.count("0 rejected") == verdicts.count("would be loaded") == len(list((project / "exports").iterdir()))
    )
    execute(project, run)
    assert published_day() == "2026-01-05"
    with engine("owner").connect() as connection:
        statement = "select source_file from ops.loads where table_name = 'users'"
        assert connection.execute(text(statement)).scalar_one().endswith("20260105/operations/users.xlsx")
    refused = subprocess.run(
        [sys.executable, "-m", "include.cli", "generate", "2026-01-05", "2026-01-05", "--out", "database/mock_data"],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "not generated, or changed since: operations/onboarding.csv.gz, operations/users.xlsx)" in refused.stderr


def test_a_table_is_added(project: Path) -> None:
    [sample] = blocks(ADD, "csv")
    (project / "returns.csv").write_text(sample)
    draft, check, generate, sources, run = blocks(ADD, "sh")
    assert "accepts 3 of the file's 3 rows" in execute(project, draft)
    replace(project / "include" / "contracts" / "sales" / "returns.yaml", "status: draft", "status: active")
    checked = execute(project, check)
    assert "3 accepted, 0 rejected" in checked
    assert "draft" not in checked
    for block in blocks(ADD, "python") + blocks(ADD, "sql"):
        first, _, content = block.partition("\n")
        (project / first.lstrip("#- ")).write_text(content)
    generators = project / "database" / "generator" / "__init__.py"
    entry = '"sales.returns": returns.returns,'
    assert f"`{entry}`" in ADD
    replace(generators, "from database.generator.tables import ", "from database.generator.tables import returns, ")
    replace(generators, "Columns]] = {\n", f"Columns]] = {{\n    {entry}\n")
    assert "0 rejected" in execute(project, generate)
    execute(project, sources)
    execute(project, run)
    assert published_day() == "2026-01-06"
    with engine("transformer").connect() as connection:
        loaded = connection.execute(text("select count(*) from intermediate.stg_returns")).scalar_one()
    assert loaded > 0
