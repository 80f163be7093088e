"""What a load would say of a file, found without a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from database.etl.check import REASONS, check
from database.etl.read import LINE, read_file

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
    frame = read_file(path, contract)
    rejected = check(frame, contract).rejected
    by_reason = rejected.explode(REASONS).group_by(REASONS).agg(LINE)
    lines = {reason: sorted(numbers) for reason, numbers in by_reason.iter_rows()}
    return Findings(
        rows_read=frame.height,
        rows_rejected=rejected.height,
        lines=dict(sorted(lines.items(), key=lambda item: (-len(item[1]), item[0]))),
        would_be_refused=rejected.height > contract.max_rejected_share * max(frame.height, 1),
    )
