"""Files for the load benchmark: as many rows as asked for, drawn from a generated day, some of them spoiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

    from include.contracts import Contract

BLOCK_ROWS = 500_000


@dataclass(frozen=True)
class Delivery:
    """One table's file, and the same without its bad rows."""

    contract: Contract
    rows: int
    bad_rows: int
    clean: Path  # CSV with header: the contract's columns and source_line

    @property
    def clean_rows(self) -> int:
        """Rows that a load must accept."""
        return self.rows - self.bad_rows


def _spoiled(contract: Contract) -> dict[str, str]:
    """Bad values, by column: of an unknown kind, impossible, beyond the type, missing."""
    columns = [column for column in contract.columns if column.required and not column.is_key]
    return {
        next(column.name for column in columns if column.allowed): "unknown",
        next(column.name for column in columns if column.type == "timestamptz"): "2026-02-30T00:00:00Z",
        next(column.name for column in columns if column.type.startswith("numeric")): "1e400",
        next(column.name for column in columns if column.references): "",
    }


def _spoil(block: pl.DataFrame, contract: Contract, is_bad: np.ndarray) -> pl.DataFrame:
    """Give each bad row one fault, in turn; one in five repeats the key of a good row above it."""
    values = _spoiled(contract)
    fault = np.where(is_bad, np.cumsum(is_bad) % (len(values) + 1), -1)
    spoiled = [
        pl.when(pl.Series(fault == number)).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for number, (name, value) in enumerate(values.items())
    ]
    [key] = contract.key
    above = np.maximum.accumulate(np.where(is_bad, 0, np.arange(block.height)))
    repeated = pl.when(pl.Series(fault == len(values))).then(block[key].gather(above)).otherwise(pl.col(key))
    return block.with_columns(*spoiled, repeated.alias(key))


def write_delivery(pool: Path, path: Path, contract: Contract, rows: int, bad_share: float) -> Delivery:
    """Write a file of `rows` rows, `bad_share` of them bad, to `path`, and its clean rows beside it.

    Rows of the file `pool`, which must be clean, are drawn at random; each gets a key of its own.
    """
    drawn = pl.read_csv(pool, infer_schema=False)
    clean = path.with_suffix(".clean")
    [key] = contract.key
    random = np.random.default_rng(rows)
    bad_rows = 0
    with path.open("wb") as delivered, clean.open("wb") as accepted:
        for start in range(0, rows, BLOCK_ROWS):
            count = min(BLOCK_ROWS, rows - start)
            number = pl.int_range(start + 1, start + count + 1, eager=True)
            block = drawn[random.integers(0, drawn.height, count)].with_columns(pl.format("N{}", number).alias(key))
            is_bad = random.random(count) < bad_share
            is_bad[0] = False
            _spoil(block, contract, is_bad).write_csv(delivered, include_header=start == 0)
            kept = block.with_columns(source_line=number + 1).filter(pl.Series(~is_bad))
            kept.write_csv(accepted, include_header=start == 0)
            bad_rows += int(is_bad.sum())
    return Delivery(contract, rows, bad_rows, clean)
