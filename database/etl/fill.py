"""Streams the rows of one file into the replacement of its partition; what is rejected is gathered beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import polars as pl

from database.etl.check import REASONS, Checked, check_file
from database.etl.copy import Spool, copy_rows, csv_of
from database.etl.duplicates import SeenKeys, duplicate_reason, settle_duplicates
from database.etl.quarantine import as_rejected, create_rejected, gather
from database.etl.read import EXTRA, LINE, CsvFile, open_table
from database.staging import add_key

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from upath import UPath

    from database.etl.corrections import Correction
    from include.contracts import Contract

Item = TypeVar("Item")


@dataclass
class Tally:
    """What was found in a file so far, and the rows that are not sent at once."""

    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0  # once all are gathered
    reasons: Counter[str] = field(default_factory=Counter)
    corrected: set[int] = field(default_factory=set)  # lines that were checked in the form of their correction
    rejected: Spool = field(default_factory=Spool)
    suspects: Spool = field(default_factory=Spool)  # accepted, but perhaps duplicates

    def add(self, checked: Checked, seen: pl.Series) -> None:
        """Count a batch, and keep its rejected and its seen rows."""
        self.rows_read += checked.accepted.height + checked.rejected.height
        self.corrected |= checked.batch.corrected
        self.reject(checked.batch.with_raw_text(checked.rejected))
        if seen.any():
            self.suspects.add(checked.batch.with_raw_text(checked.accepted.filter(seen)))

    def reject(self, rows: pl.DataFrame) -> None:
        """Keep rows with source_line, reasons and raw_text."""
        if rows.height:
            self.rejected.add(as_rejected(rows))
            self.reasons.update(rows[REASONS].explode())

    def close(self) -> None:
        """Forget the rows; the counts stay."""
        self.rejected.close()
        self.suspects.close()


def fill(
    connection: Connection,
    contract: Contract,
    path: UPath,
    replacement: str,
    *,
    references: Mapping[str, pl.Series],
    corrections: Mapping[int, Correction],
) -> tuple[CsvFile, Tally]:
    """Send the accepted rows of a file, and gather the others in table `rejected`, if there are any.

    Args:
        connection: in the load's transaction.
        contract: the table.
        path: its file.
        replacement: an empty table for the accepted rows.
        references: by column that refers to another table, the keys that exist there.
        corrections: by line, what stands for a record.

    Returns:
        The file, read to its end, and what was found in it.

    Raises:
        FileUnreadable: the file is not the table of the contract.
    """
    tally = Tally()
    with closing(tally):
        with open_table(path, contract) as file:
            columns = (LINE, *contract.column_names, *([EXTRA] if file.extra_columns else []))
            with closing(_one_ahead(_rows_to_send(file, contract, references, corrections, tally))) as chunks:
                tally.rows_accepted = copy_rows(connection, replacement, columns, chunks)
        add_key(connection, contract, replacement)
        if tally.rejected.rows or tally.suspects.rows:
            create_rejected(connection)
            if tally.suspects.rows:
                settled = settle_duplicates(connection, contract, replacement, tally.suspects, columns)
                tally.rows_accepted += settled.winners - len(settled.beaten)
                tally.reasons[duplicate_reason(contract)] += tally.suspects.rows - settled.winners
                if settled.beaten:
                    _reject_beaten(path, contract, settled.beaten, tally)
            tally.rows_rejected = gather(connection, tally.rejected)
    return file, tally


def _rows_to_send(
    file: CsvFile,
    contract: Contract,
    references: Mapping[str, pl.Series],
    corrections: Mapping[int, Correction],
    tally: Tally,
) -> Iterator[bytes]:
    """Accepted rows as CSV, batch by batch; the tally keeps the others."""
    keys = SeenKeys(contract)
    for checked in check_file(file, contract, references, corrections):
        seen = keys.seen(checked.accepted)
        tally.add(checked, seen)
        yield csv_of(checked.accepted.filter(~seen), is_plain=checked.batch.is_plain)


def _one_ahead(items: Iterator[Item]) -> Generator[Item]:
    """The items, each made in another thread while the one before it is used."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        upcoming = worker.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = worker.submit(next, items, None)
            yield item


def _reject_beaten(path: UPath, contract: Contract, lines: list[int], tally: Tally) -> None:
    """Look at the file again for rows that were sent before a later one beat them."""
    reason = pl.lit([duplicate_reason(contract)]).alias(REASONS)
    with open_table(path, contract) as file:
        for batch in file.batches():
            beaten = pl.DataFrame({LINE: np.intersect1d(batch.block.lines, lines)})
            tally.reject(batch.with_raw_text(beaten.with_columns(reason)))
