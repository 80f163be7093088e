"""Data Docs: one self-contained HTML page per checkpoint and day.

Great Expectations' own pages load Bootstrap and scripts from four public hosts; these work offline.
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from include.quality.results import CheckpointName
from include.settings import state_dir

if TYPE_CHECKING:
    from include.quality.results import CheckpointResult, Outcome

TEMPLATES = Path(__file__).parent / "templates"


def page_path(partition_date: date, checkpoint: str) -> Path:
    """Where the page of a checkpoint and day lies."""
    return state_dir() / "data_docs" / f"{partition_date}" / f"{checkpoint}.html"


def existing_page(partition_date: str, checkpoint: str) -> Path | None:
    """The page that a request asks for; None if there is none, or if the names are not a day and a checkpoint."""
    try:
        day = date.fromisoformat(partition_date)
    except ValueError:
        return None
    if checkpoint not in get_args(CheckpointName):
        return None
    path = page_path(day, checkpoint)
    return path if path.is_file() else None


def render(result: CheckpointResult, outcomes: list[Outcome], run_id: str) -> str:
    """The page as HTML; every value is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    tables = {table: list(members) for table, members in groupby(outcomes, key=lambda outcome: outcome.table)}
    return environment.get_template("data_docs.html").render(
        result=result, tables=tables, run_id=run_id, written_at=datetime.now(UTC)
    )


def write(result: CheckpointResult, outcomes: list[Outcome], run_id: str) -> Path:
    """Write the page; a reader sees the page of before or this one, never half of it.

    Returns:
        Its path.
    """
    path = page_path(result.partition_date, result.checkpoint)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(render(result, outcomes, run_id))
        Path(temporary).chmod(0o640)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise
    return path
