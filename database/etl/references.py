"""Keys that rows may refer to: those that the parent's own file of the same day leaves after its checks.

They come from files, never from the database, so that domains may be loaded in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl
from upath import UPath

from database.etl.check import check_file
from database.etl.corrections import Correction
from database.etl.read import open_table
from database.raw_zone import FileUnreadable, raw_file
from include.contracts import Contract, ContractError, contracts

Corrections = Callable[[Contract], Mapping[int, Correction]]


@dataclass
class Parents:
    """Accepted keys of one day, each table's read once when first asked for."""

    raw_zone: UPath
    partition_date: date
    corrections_of: Corrections
    _keys: dict[str, pl.Series] = field(default_factory=dict)
    _being_read: list[str] = field(default_factory=list)

    def references(self, contract: Contract) -> dict[str, pl.Series]:
        """The keys that exist, by column of the contract that refers to another table.

        Raises:
            FileUnreadable: the file of a parent, or of its parents, is; the message says for which table.
            ContractError: a reference is not to the key of a table, or references form a ring.
        """
        return {
            column.name: self._keys_of(column.references, contract) for column in contract.columns if column.references
        }

    def _keys_of(self, reference: str, child: Contract) -> pl.Series:
        table, _, key = reference.rpartition(".")
        parent = contracts().get(table)
        if parent is None or parent.key != (key,):
            raise ContractError(f"{child.id}: refers to {reference}, which is not the key of a table")
        if table in self._being_read:
            raise ContractError(f"{child.id}: refers to {reference}, which refers back to it")
        if table not in self._keys:
            self._being_read.append(table)
            try:
                self._keys[table] = self._read(parent)
            except FileUnreadable as error:
                raise FileUnreadable(f"{child.id}: its references cannot be checked: {error}") from None
            finally:
                self._being_read.pop()
        return self._keys[table]

    def _read(self, parent: Contract) -> pl.Series:
        references = self.references(parent)
        path = raw_file(self.raw_zone, parent, self.partition_date)
        (key,) = parent.key
        with open_table(path, parent) as file:
            checked = check_file(file, parent, references, self.corrections_of(parent))
            # A file may have no row but its header.
            none = pl.Series(key, [], dtype=pl.String)
            return pl.concat([none, *(part.accepted[key] for part in checked)], rechunk=True).unique()
