"""What a checkpoint found, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import date

CheckpointName = Literal["checkpoint_staging", "checkpoint_intermediate", "checkpoint_marts"]
SHOWN_FAILURES = 7
NEXT_STEPS: dict[str, str] = {
    "checkpoint_staging": "have the source correct its file, then: fso run {day} --source files",
    "checkpoint_intermediate": "correct the model or the file, then clear this run from its first task",
    "checkpoint_marts": "correct the model or the file, then clear this run from its first task",
}


@dataclass(frozen=True)
class Outcome:
    """One expectation of one table, and what became of it."""

    table: str  # "<schema>.<table>"
    expectation: str  # name of the rule, e.g. "referential_integrity"
    expected: str  # the rule as a sentence
    column: str | None
    success: bool
    observed: str = ""
    sample: tuple[str, ...] = ()  # a few offending values or rows; PII masked

    def as_failure(self) -> dict[str, Any]:
        """The entry of ops.checkpoints.failures."""
        return {
            "table": self.table,
            "expectation": self.expectation,
            "expected": self.expected,
            "column": self.column,
            "observed": self.observed,
            "sample": list(self.sample),
        }

    def __str__(self) -> str:
        sample = f", e.g. {'; '.join(self.sample[:2])}" if self.sample else ""
        return f"{self.table} {self.expectation}: expected {self.expected}; found {self.observed}{sample}"


@dataclass(frozen=True)
class CheckpointResult:
    """One checkpoint of one run; `failures` holds the entries written to ops.checkpoints."""

    checkpoint: CheckpointName
    partition_date: date
    success: bool
    expectations: int
    failures: list[dict[str, Any]]
    seconds: float


class CheckpointFailed(Exception):
    """A checkpoint found something that stops the run; the message says what, where and what to do."""


def failure_message(checkpoint: CheckpointName, partition_date: date, outcomes: list[Outcome]) -> str:
    """At most ten lines: what failed, what was expected and found, and the next step."""
    failed = [outcome for outcome in outcomes if not outcome.success]
    lines = [f"{checkpoint} of {partition_date}: {len(failed)} of {len(outcomes)} expectations failed."]
    lines += [f"- {outcome}"[:400] for outcome in failed[:SHOWN_FAILURES]]
    if len(failed) > SHOWN_FAILURES:
        lines.append(f"- and {len(failed) - SHOWN_FAILURES} more, all in ops.checkpoints and the Data Docs")
    lines.append(f"Nothing was published. Next: {NEXT_STEPS[checkpoint].format(day=partition_date)}.")
    return "\n".join(lines)
