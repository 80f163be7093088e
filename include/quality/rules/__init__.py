"""What the modelled layers must satisfy: the rules of intermediate, marts and analytics, a module per domain.

Facts are judged for the days that the next publish changes; the rest was judged before it was published.
An event that several days deliver belongs to the first of them (analytics_platform/macros/incremental_facts.sql).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.quality.rules import customers, finance, operations, questions, sales, shared
from include.quality.rules.rule import Rule, TableRules, same_row_count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.contracts import Contract

__all__ = ["INTERMEDIATE", "MARTS", "Rule", "TableRules", "intermediate_rules"]

INTERMEDIATE = (*sales.INTERMEDIATE, *operations.INTERMEDIATE, *finance.INTERMEDIATE)
MARTS = (*shared.MARTS, *sales.MARTS, *operations.MARTS, *finance.MARTS, *customers.MARTS, *questions.MARTS)


def intermediate_rules(contracts: Iterable[Contract]) -> list[TableRules]:
    """Rules of checkpoint_intermediate: each source table has its cleaned model, row by row."""
    cleaned = [
        TableRules(
            f"intermediate.stg_{contract.table}",
            by_day=True,
            min_rows=contract.min_rows,
            rules=(same_row_count(f"staging.{contract.staging_table}"),),
        )
        for contract in contracts
    ]
    return [*cleaned, *INTERMEDIATE]
