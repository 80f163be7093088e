"""What a tie-out is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
    """What one system tells.

    The query returns `event_date`, `item_id`, `amount` (null: it does not say), `is_late` (delivered after its date)
    and `traits`: fields by which a record that was rejected because it lacks its id can be told. In it, `{dates}` is
    the condition on the dates to compare, and `{eves}` that on the days before them.
    """

    sql: str
    contract: str | None = None  # "<domain>.<table>" whose records it is made of; None: of nothing that is delivered
    id_column: str = ""  # column of those records that holds the id of the item


@dataclass(frozen=True)
class TieOut:
    """Two sides that must agree on every item of a date, to the cent."""

    name: str
    expected: str  # as a sentence
    relations: tuple[str, ...]  # relations followed by the date of the items: their touched dates are compared
    left: Side
    right: Side
    days_after: int = 0  # days after its date by which an item has been delivered by both
    adds_up: bool = False  # the sides add up several records, any of which may be missing
