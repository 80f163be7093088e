"""Drafts a contract from a file of the table: what the rows show, and marks where a person must decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from include.contracts.contract import LOAD_COLUMN_NAMES, ContractError
from include.domains import domain_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from include.contracts.contract import Contract

LOGICAL_TYPES = {
    "text": "string",
    "boolean": "boolean",
    "integer": "integer",
    "bigint": "integer",
    "date": "date",
    "timestamptz": "timestamp",
}
NAME = re.compile(r"[a-z][a-z0-9_]*")
PERSONAL = re.compile(r"(^|_)(first|last|full|birth|phone|e?mail|address|street|ssn|iban|passport|ip)(_|$)")
KEY_NAME = re.compile(r"(^|_)(id|key|number|code)$")
LENGTHS = (10, 20, 40, 80, 200, 500, 1000, 4000)
INTEGER = r"^(0|-?[1-9][0-9]{0,17})$"  # 007 is a text
LARGEST_INTEGER = 2**31 - 1
NUMBER = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,10})?$"
MONEY_DIGITS = 14
DAY = r"^\d{4}-\d{2}-\d{2}$"
MOMENT = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2}))?$"
MAX_ALLOWED_VALUES = 12
SEEN_ENOUGH = 10  # times that each allowed value must occur on average
FIRST_DAYS = ("2000-01-01", "1900-01-01")


@dataclass(frozen=True)
class Draft:
    """One column, as its values are."""

    name: str
    type: str
    rows: int
    values: pl.Series  # filled ones, as text

    @property
    def is_filled(self) -> bool:
        """Whether every row has a value."""
        return len(self.values) == self.rows

    @property
    def is_text(self) -> bool:
        """Whether the values are neither numbers nor dates nor true or false."""
        return self.type == "text"

    def allowed(self) -> list[str]:
        """The values that occur, if they look like a list to choose from."""
        distinct = self.values.n_unique()
        if not self.is_text or not 0 < distinct <= min(MAX_ALLOWED_VALUES, len(self.values) / SEEN_ENOUGH):
            return []
        return sorted(self.values.unique().to_list())

    def limits(self) -> str:
        """Limits that leave room for other days' values."""
        if self.is_text:
            longest = int(self.values.str.len_chars().max() or 1)  # type: ignore[arg-type]
            room = next((length for length in LENGTHS if length >= 1.5 * longest), None)
            return f"maxLength: {room}" if room else ""
        if self.type in ("date", "timestamptz"):
            first = next((day for day in FIRST_DAYS if str(self.values.min()) >= day), None)
            return f"minimum: '{first}'" if first else ""
        has_minus = self.type == "boolean" or self.values.str.starts_with("-").any()
        return "" if has_minus else "minimum: 0"

    def seen(self) -> str:
        """What the file shows, for the person who decides."""
        if self.values.is_empty():
            return "empty in every row. TODO: its type"
        distinct = self.values.n_unique()
        empty = self.rows - len(self.values)
        filled = f"empty in {empty:,} of {self.rows:,} rows" if empty else "filled in every row"
        numbers = (
            self.values.cast(pl.Float64) if self.type.startswith(("integer", "bigint", "numeric")) else self.values
        )
        smallest, largest = self.values.gather([numbers.arg_min() or 0, numbers.arg_max() or 0]).to_list()
        span = "" if self.is_text or self.type == "boolean" else f", {smallest} to {largest}"
        personal = ". TODO: personal data?" if PERSONAL.search(self.name) else ""
        return f"{filled}, {distinct:,} different value{'s' if distinct > 1 else ''}{span}{personal}"


def _type(values: pl.Series) -> str:
    """The narrowest type that fits every value."""
    if values.is_empty():
        return "text"
    if values.is_in(["true", "false"]).all():
        return "boolean"
    if values.str.contains(INTEGER).all():
        return "integer" if int(values.cast(pl.Int64).abs().max()) <= LARGEST_INTEGER else "bigint"  # type: ignore[arg-type]
    if values.str.contains(NUMBER).all():
        parts = values.str.strip_prefix("-").str.split(".")
        whole, places = (int(parts.list.get(at, null_on_oob=True).str.len_chars().max() or 0) for at in (0, 1))  # type: ignore[arg-type]
        return f"numeric({max(MONEY_DIGITS, whole + places)},{places})"
    if values.str.contains(DAY).all() and values.str.to_date("%Y-%m-%d", strict=False).is_not_null().all():
        return "date"
    # Excel knows no difference between a day and its midnight.
    return "timestamptz" if values.str.contains(MOMENT).all() else "text"


def _key(columns: list[Draft], frame: pl.DataFrame) -> tuple[str, ...]:
    """The fewest filled columns that tell all rows apart, those named like keys first; else all filled ones."""
    fit = [column for column in columns if column.is_filled and not column.type.startswith(("numeric", "boolean"))]
    names = [column.name for column in sorted(fit, key=lambda column: not KEY_NAME.search(column.name))]
    for size in (1, 2):
        for candidate in combinations(names, size):
            if not frame.select(candidate).is_duplicated().any():
                return candidate
    return tuple(names)


def _reference(column: Draft, key: Iterable[str], domain: str, known: Mapping[str, Contract]) -> str | None:
    """The key of another table that has the column's name; of several, that of the same domain."""
    if column.name in key:
        return None
    parents = [contract for contract in known.values() if contract.key == (column.name,)]
    parents.sort(key=lambda contract: contract.domain != domain)
    return f"{parents[0].id}.{column.name}" if parents else None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _property(column: Draft, key: tuple[str, ...], reference: str | None) -> str:
    parts = [f"name: {column.name}", f"logicalType: {LOGICAL_TYPES.get(column.type, 'number')}"]
    parts.append(f"physicalType: {_quoted(column.type) if ',' in column.type else column.type}")
    if column.name in key:
        parts.append("primaryKey: true")
    if column.is_filled:
        parts.append("required: true")
    if PERSONAL.search(column.name):
        parts.append("classification: pii")
    allowed = [] if column.name in key or reference else column.allowed()
    rules = []
    if allowed:
        rules.append(f"enum: [{', '.join(f'{{value: {_quoted(value)}}}' for value in allowed)}]")
    elif limits := column.limits():
        rules.append(f"logicalTypeOptions: {{{limits}}}")
    if reference:
        rules.append(f"relationships: [{{to: {reference}}}]")
    rules.append("description: 'TODO: what it says.'")
    question = ". TODO: does it refer to that table?" if reference else ""
    return f"      # {column.seen()}{question}\n      - {{{', '.join(parts)},\n         {', '.join(rules)}}}"


def draft_contract(frame: pl.DataFrame, domain: str, table: str, known: Mapping[str, Contract]) -> str:
    """Draft the contract of a table.

    Args:
        frame: rows of the table, all columns as text.
        domain: whose system delivers it.
        table: its name.
        known: the contracts that there are, by id.

    Returns:
        An Open Data Contract Standard file that `read_contract` accepts, with "TODO" where a person must decide.

    Raises:
        ContractError: no contract can be made for such a file; the message says why.
        PlatformError: there is no such domain.
    """
    owner = domain_named(domain).owner
    names = [table, *frame.columns]
    wrong = [name for name in names if not NAME.fullmatch(name) or name in LOAD_COLUMN_NAMES]
    if wrong:
        taken = " or ".join(LOAD_COLUMN_NAMES)
        raise ContractError(f"{', '.join(map(repr, wrong))}: names are lower case, digits and _, and not {taken}")
    if frame.is_empty():
        raise ContractError("the file has no rows to learn from")
    filled = {name: frame[name].replace("", None).drop_nulls() for name in frame.columns}
    columns = [Draft(name, _type(values), frame.height, values) for name, values in filled.items()]
    key = _key(columns, frame)
    if not key:
        raise ContractError("no column is filled in every row, so nothing can be the key")
    is_snapshot = any(column.name == "updated_at" and column.type == "timestamptz" for column in columns)
    delivery, duplicates = ("snapshot", "latest") if is_snapshot else ("events", "first")
    properties = [_property(column, key, _reference(column, key, domain, known)) for column in columns]
    return HEAD.format(
        domain=domain, table=table, owner=owner, delivery=delivery, duplicates=duplicates, key=", ".join(key)
    ) + "".join(f"{each}\n" for each in properties)


HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: {domain}.{table}
name: {table}
version: 1.0.0
status: draft
domain: {domain}
description:
  purpose: 'TODO: what the table is for.'
team:
  name: {owner}
slaProperties:
  - {{property: frequency, value: 1, unit: d}}
schema:
  - name: {table}
    physicalName: {domain}_{table}
    physicalType: table
    # TODO: is that so on every day? It is the key.
    dataGranularityDescription: 'one row per {key}'
    customProperties:
      # TODO: snapshot and latest (the whole list each day), or events and first (what happened that day)?
      - {{property: delivery, value: {delivery}}}
      - {{property: duplicates, value: {duplicates}}}
      # TODO: the share of bad rows above which a file is refused, and the fewest rows of a day.
      - {{property: maxRejectedShare, value: 0.05}}
      - {{property: minRows, value: 1}}
    properties:
"""
