"""The README shows the benchmarks' last results, as they were kept."""

from __future__ import annotations

import re

import pytest

from benchmarks.report import README, RESULTS_DIR


@pytest.mark.parametrize("name", sorted(path.stem for path in RESULTS_DIR.glob("*.md")))
def test_the_readme_shows_the_last_results(name: str) -> None:
    kept = (RESULTS_DIR / f"{name}.md").read_text().removeprefix(f"# {name}\n\n")
    shown = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->\n", README.read_text(), re.DOTALL)
    assert shown
    assert shown[1] == kept
