"""How benchmarks print and keep their results."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

RESULTS_DIR = Path(__file__).parent / "results"
README = Path(__file__).parents[1] / "README.md"


def machine() -> str:
    """Size of this machine: cores and memory."""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {gib:.0f} GiB, Python {sys.version_info.major}.{sys.version_info.minor}"


def publish(name: str, figures: dict[str, object], table: list[list[str]], *, as_json: bool, keep: bool) -> None:
    """Print the figures; keep them as a Markdown table with date and machine size.

    Args:
        name: name of the benchmark; the file is `benchmarks/results/<name>.md`, and the README shows the same
            between `<!-- <name> -->` and `<!-- /<name> -->`.
        figures: for `--json`.
        table: rows of text, the first is the header.
        as_json: print JSON instead of the table.
        keep: whether to keep them: no, when only a part was measured.
    """
    lines = ["| " + " | ".join(row) + " |" for row in table]
    lines.insert(1, "|" + "---|" * len(table[0]))
    heading = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}"
    if keep:
        kept = "\n".join([heading, "", *lines]) + "\n"
        (RESULTS_DIR / f"{name}.md").write_text(f"# {name}\n\n{kept}")
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
        before, _, rest = README.read_text().partition(begin)
        README.write_text(before + begin + kept + end + rest.partition(end)[2])
    print(json.dumps(figures | {"machine": machine()}, indent=1) if as_json else "\n".join([heading, "", *lines]))
