"""The sample questions: dbt analyses, as SQL that a reader can run.

`python -m include.questions` writes docs/questions.md; a test compares it.
"""

from __future__ import annotations

import re

from include.dbt_project import DBT_DIR
from include.settings import PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "questions.md"
INTRODUCTION = """\
# Sample questions

Each is a dbt analysis in `analytics_platform/analyses`. `fso sql --question NAME` runs it with a reader's rights
(`--format csv` for a spreadsheet). The SQL below also runs as it stands in any client connected as `fso_reader`.
Days are counted from the last day of data, not from today. To add one, write its file and run
`python -m include.questions`.
"""


def questions() -> dict[str, str]:
    """SQL of each question by its name. Tables have no schema: a reader's search path is `published`."""
    return {
        path.stem: re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", path.read_text(encoding="utf-8"))
        for path in sorted((DBT_DIR / "analyses").glob("*.sql"))
    }


def render_page() -> str:
    """The page that shows all of them."""
    parts = [INTRODUCTION]
    for name, sql in questions().items():
        comment, _, statement = sql.partition("\n")
        parts.append(f"## `{name}`\n\n{comment.removeprefix('-- ')}\n\n```sql\n{statement}```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
