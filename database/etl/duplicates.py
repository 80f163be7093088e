"""Rows with one key: of events the first one wins, of the records of an entity the one updated last.

While a file streams into its replacement, a row whose key may have been sent already (the first bits of its hash say
so) is set aside. At the end the database says exactly which of these suspects win, lose, or never met their like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from sqlalchemy import Connection, text

from database.etl.check import REASONS, parsed
from database.etl.copy import Spool
from database.etl.quarantine import REJECTED
from database.etl.read import LINE, RAW_TEXT

if TYPE_CHECKING:
    import numpy.typing as npt

    from include.contracts import Contract

    Hashes = npt.NDArray[np.uint64]

SUSPECTS = "pg_temp.suspects"
UPDATED = "updated_at"
# 64 MB: of 2 million rows one in 500 is set aside for nothing, of 10 million one in 100.
SLOT_BITS = 29
ROW_BITS = 64 - SLOT_BITS  # those of a hash that give way to the row's place in its frame


class SeenKeys:
    """Which hashes came so far: one bit for each value of their first bits, however many rows there are."""

    def __init__(self, contract: Contract) -> None:
        # Typed, as the database compares them: 7 and 007 are one number.
        self._key = pl.struct(parsed(column) for column in contract.columns if column.is_key)
        self._bits = np.zeros(2 ** (SLOT_BITS - 3), dtype=np.uint8)

    def seen(self, frame: pl.DataFrame) -> pl.Series:
        """True for each row whose key may stand above it in this frame, or in an earlier one."""
        # By slot, then by row: memory that is walked in its order is faster.
        ordered = np.sort((self.hashes(frame) >> ROW_BITS << ROW_BITS) | np.arange(frame.height, dtype=np.uint64))
        slots, rows = ordered >> ROW_BITS, ordered & (2**ROW_BITS - 1)
        places, bits = slots >> 3, np.uint8(1) << (slots & 7).astype(np.uint8)
        known = self._bits[places] & bits != 0
        known[1:] |= slots[1:] == slots[:-1]
        seen = np.empty_like(known)
        seen[rows] = known
        if len(slots):
            firsts = np.flatnonzero(np.append(True, places[1:] != places[:-1]))
            self._bits[places[firsts]] |= np.bitwise_or.reduceat(bits, firsts)
        return pl.Series(seen)

    def hashes(self, frame: pl.DataFrame) -> Hashes:
        """One hash per row: rows with one key have the same."""
        return frame.select(self._key.hash()).to_series().to_numpy()


@dataclass(frozen=True)
class Settled:
    """What became of the suspects."""

    winners: int  # joined the replacement; the others joined table `rejected`
    beaten: list[int]  # lines that left the replacement, because a suspect beat them


def settle_duplicates(
    connection: Connection, contract: Contract, replacement: str, suspects: Spool, columns: tuple[str, ...]
) -> Settled:
    """Let each suspect win or lose against the rows of its key.

    Args:
        connection: in the load's transaction.
        contract: the table.
        replacement: the table that holds all other accepted rows.
        suspects: the rows that were set aside: columns, and raw_text.
        columns: columns of the replacement.
    """
    connection.execute(text(f"create temporary table suspects (like {replacement} including defaults) on commit drop"))
    connection.execute(text(f"alter table {SUSPECTS} add {RAW_TEXT} text"))
    suspects.copy(connection, SUSPECTS, (*columns, RAW_TEXT))
    beaten = _remove_beaten(connection, contract, replacement) if contract.duplicates == "latest" else []
    key, names = ", ".join(contract.key), ", ".join(columns)
    losers = connection.execute(
        text(
            f"with won as (insert into {replacement} ({names}) select distinct on ({key}) {names} from {SUSPECTS} "
            f"order by {key}, {_rank(contract)} on conflict do nothing returning {LINE}) "
            f"insert into {REJECTED} (line_number, {REASONS}, {RAW_TEXT}) "
            f"select {LINE}, array[:reason], {RAW_TEXT} from {SUSPECTS} as suspect "
            f"where not exists (select from won where won.{LINE} = suspect.{LINE})"
        ),
        {"reason": duplicate_reason(contract)},
    )
    return Settled(suspects.rows - int(losers.rowcount), beaten)


def _remove_beaten(connection: Connection, contract: Contract, replacement: str) -> list[int]:
    # All suspects stand below what was sent, so they win when equally new.
    is_newer = f"and suspect.{UPDATED} >= staged.{UPDATED}" if UPDATED in contract.column_names else ""
    deleted = connection.execute(
        text(
            f"delete from {replacement} as staged using {SUSPECTS} as suspect "
            f"where {_same_key(contract)} {is_newer} returning staged.{LINE}"
        )
    )
    return list(deleted.scalars())


def _same_key(contract: Contract) -> str:
    return " and ".join(f"staged.{name} = suspect.{name}" for name in contract.key)


def _rank(contract: Contract) -> str:
    if contract.duplicates == "first":
        return LINE
    return f"{UPDATED} desc, {LINE} desc" if UPDATED in contract.column_names else f"{LINE} desc"


def duplicate_reason(contract: Contract) -> str:
    """Why a row is rejected that lost against another one of its key."""
    return f"{', '.join(contract.key)}: duplicate"
