"""The sample questions run as a reader, and docs/questions.md shows them as they are."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from include.cli.main import app
from include.questions import PAGE, questions, render_page
from include.runtime.errors import PlatformError


@pytest.mark.parametrize("name", questions())
def test_a_question_has_an_answer(published: None, name: str) -> None:
    done = CliRunner().invoke(app, ["sql", "--question", name, "--format", "csv"])
    assert done.exception is None
    header, *rows = done.stdout.splitlines()
    assert rows, header


def test_an_unknown_question_names_those_there_are() -> None:
    done = CliRunner().invoke(app, ["sql", "--question", "nonsense"])
    assert isinstance(done.exception, PlatformError)
    assert "top_products" in str(done.exception)


def test_the_page_shows_the_questions() -> None:
    assert len(questions()) >= 6
    assert "{{" not in render_page()
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run `python -m include.questions`"
