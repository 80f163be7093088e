"""What a load would say of a file, found without a database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from database.etl.check import REASONS, check_file, parsed
from database.etl.duplicates import UPDATED, duplicate_reason
from database.etl.read import LINE, open_table

if TYPE_CHECKING:
    from upath import UPath

    from include.contracts import Contract


@dataclass(frozen=True)
class Findings:
    """The rows of a file, judged by its contract. References to other tables are not among the reasons."""

    rows_read: int
    rows_rejected: int
    lines: dict[str, list[int]]  # by reason, the most frequent first: the lines that it applies to
    would_be_refused: bool


def examine(path: UPath, contract: Contract) -> Findings:
    """Check a file against a contract as a load does.

    Raises:
        FileUnreadable: the file is missing or is not the table of the contract.
    """
    lines: dict[str, list[int]] = defaultdict(list)
    rejected = accepted = 0
    kept = [parsed(column) for column in contract.columns if column.is_key or column.name == UPDATED]
    keys = []
    with open_table(path, contract) as file:
        for checked in check_file(file, contract, references={}):
            accepted += checked.accepted.height
            rejected += checked.rejected.height
            for line, reason in checked.rejected.explode(REASONS).iter_rows():
                lines[reason].append(line)
            keys.append(checked.accepted.select(LINE, *kept))
    losers = _duplicate_lines(pl.concat(keys), contract) if keys else []
    if losers:
        lines[duplicate_reason(contract)] = losers
    rows_read = accepted + rejected
    rejected += len(losers)
    return Findings(
        rows_read=rows_read,
        rows_rejected=rejected,
        lines=dict(sorted(lines.items(), key=lambda item: (-len(item[1]), item[0]))),
        would_be_refused=contract.refuses(rejected, rows_read),
    )


def _duplicate_lines(rows: pl.DataFrame, contract: Contract) -> list[int]:
    """Lines that lose against another one of their key: key columns, source_line, and updated_at if there is one."""
    if contract.duplicates == "first":
        ranked = rows.sort(LINE)
    else:
        ranked = rows.sort(*(name for name in (UPDATED, LINE) if name in rows.columns), descending=True)
    return ranked.filter(~pl.struct(contract.key).is_first_distinct())[LINE].sort().to_list()
