"""What the rows of a day refer to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)  # of rows that tell no time
UNKNOWN = datetime(9999, 12, 31, tzinfo=UTC)  # of values that no row has


class References:
    """The values of referenced columns, and when the rows that they name last changed."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Frames are the tables of one day by contract id."""
        self._frames = frames
        self._changes: dict[str, dict[str, datetime]] = {}

    def last_changes(self, target: str) -> dict[str, datetime]:
        """By the values of `target` (`<domain>.<table>.<column>`) as text: the latest moment that the row names.

        That is `updated_at`, where the table has it.
        """
        if target not in self._changes:
            table, _, column = target.rpartition(".")
            frame = self._frames[table]
            times = ["updated_at"] if "updated_at" in frame.columns else frame.select(pl.selectors.temporal()).columns
            moments = [pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC") for name in times]
            last = frame.select(
                pl.col(column).cast(pl.String), pl.max_horizontal(pl.lit(LONG_AGO), *moments).alias("last_change")
            )
            self._changes[target] = dict(last.group_by(column).max().iter_rows())
        return self._changes[target]
