"""The dbt sources of schema staging, made from the contracts.

`python -m include.contracts.dbt_sources` writes analytics_platform/models/staging/_sources.yml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from include.contracts.contract import LOAD_COLUMNS, contracts
from include.settings import PROJECT_DIR

if TYPE_CHECKING:
    from include.contracts.contract import Contract

SOURCES_FILE = PROJECT_DIR / "analytics_platform" / "models" / "staging" / "_sources.yml"
HEADER = "# Generated from include/contracts by `python -m include.contracts.dbt_sources`: don't edit.\n"


def _table(contract: Contract) -> dict[str, Any]:
    columns = [
        {"name": column.name, "description": column.description, "data_type": column.type}
        for column in (*contract.columns, *LOAD_COLUMNS)
    ]
    return {
        "name": contract.staging_table,
        "description": f"{contract.purpose} One day: {contract.grain}.",
        "config": {
            "meta": {"domain": contract.domain, "delivery": contract.delivery, "grain": contract.grain},
        },
        "columns": columns,
    }


def render_sources() -> str:
    """The YAML of source `staging`, one table per contract."""
    source = {
        "name": "staging",
        "schema": "staging",
        "description": "What the source systems delivered, as it was accepted, one partition per day.",
        "config": {"tags": ["bronze"]},
        "tables": [_table(contract) for contract in contracts().values()],
    }
    document = {"version": 2, "sources": [source]}
    return HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    SOURCES_FILE.write_text(render_sources(), encoding="utf-8")
