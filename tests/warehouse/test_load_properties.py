"""What holds for any file: it is read as Python's csv module reads it, and no row is lost, doubled or changed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from database import partitions
from database.connection import engine
from database.etl import load_table, records
from database.etl.read import LINE, CsvFile
from database.raw_zone import raw_file
from include.contracts import Column, Contract, contracts

DAY = date(2026, 1, 5)
PAIR = Contract(
    domain="any", table="pair", purpose="", grain="", delivery="events", duplicates="first", max_rejected_share=1,
    min_rows=0, columns=(Column("a", "text", ""), Column("b", "text", "")),
)  # fmt: skip
Fields = dict[int, list[str]]  # by line number of the record
line_end = st.sampled_from(["\n", "\r\n"])
quoting = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
block_bytes = st.integers(1, 40) | st.just(4096)


@contextmanager
def blocks_of(size: int) -> Iterator[None]:
    with mock.patch.object(records, "BLOCK_BYTES", size):
        yield


def read(data: bytes, size: int) -> tuple[Fields, dict[int, list[str]]]:
    """The fields of each record that has two, empty ones as "", and the flaws of each other one."""
    fields: Fields = {}
    flaws: dict[int, list[str]] = {}
    with blocks_of(size):
        for batch in CsvFile(io.BytesIO(data), PAIR).batches():
            found = {
                int(line): list(values) for line, *values in batch.frame.select(LINE, "a", "b").fill_null("").rows()
            }
            assert not (found.keys() | batch.flaws.keys()) & (fields.keys() | flaws.keys())
            fields |= found
            flaws |= batch.flaws
    return fields, flaws


def read_by_python(data: str) -> Fields:
    """The same, for a file without flaws, by Python's csv module."""
    reader = csv.reader(io.StringIO(data, newline=""), strict=True)
    fields, line = {}, 1
    for values in reader:
        if values and line > 1:
            fields[line] = values
        line = reader.line_num + 1
    return fields


# Whatever needs quotes, and bytes of several widths.
value = st.text(
    st.sampled_from("ab\",\n;'\\é漢👩 \t") | st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
)


@given(
    rows=st.lists(st.tuples(value, value)),
    end=line_end,
    quoting=quoting,
    is_ended=st.booleans(),
    size=block_bytes,
)
def test_a_csv_file_is_read_as_python_reads_it(
    rows: list[tuple[str, str]], end: str, quoting: Any, is_ended: bool, size: int
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=end, quoting=quoting).writerows([("a", "b"), *rows])
    data = file.getvalue() if is_ended else file.getvalue().removesuffix(end)
    assert read(data.encode(), size) == (read_by_python(data), {})


@given(body=st.lists(st.sampled_from(b'",\n\r\0x\xff\xc3')).map(bytes), size=block_bytes)
@example(body=b'x,5" wide\nx,x\n', size=7)
@example(body=b'x,"open\nx,x\nx,x', size=4)
def test_any_bytes_are_read_the_same_in_blocks_of_any_size(body: bytes, size: int) -> None:
    data = b"a,b\n" + body
    fields, flaws = read(data, size)
    assert (fields, flaws) == read(data, 4096)
    with blocks_of(size):
        found = list(records.blocks(io.BytesIO(data), 2))
    # Nothing is lost, nothing comes twice.
    assert b"".join(block.data for block in found).removesuffix(b"\n") == data.removesuffix(b"\n")
    lines = [int(line) for block in found for place, line in enumerate(block.lines) if place not in block.blanks]
    assert lines == [1, *sorted(fields.keys() | flaws.keys())]
    # What is taken for fields is what Python takes for them. A lone carriage return is a character like any other.
    raw = {int(line): block.raw_text(place) for block in found for place, line in enumerate(block.lines)}
    for line, values in fields.items():
        [by_python] = csv.reader([raw[line].replace("\r", "\ue000")], strict=True)
        assert values == [field.replace("\ue000", "\r") for field in by_python]


# However many rows are bad, the rest is to be seen.
TABLES = {name: replace(contracts()[name], max_rejected_share=1.0) for name in ("sales.stores", "sales.products")}
SPELLING = {
    "text": re.compile(r".+", re.DOTALL),
    "boolean": re.compile(r"true|false"),
    "integer": re.compile(r"[+-]?\d{1,10}", re.ASCII),
    "numeric": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII),
    "date": re.compile(r"\d{4}-\d\d?-\d\d?", re.ASCII),
    "timestamptz": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d(:?\d\d)?)", re.ASCII),
}
MEANING: dict[str, Callable[[str], object]] = {
    "text": str,
    "boolean": lambda value: value == "true",
    "integer": int,
    "numeric": Decimal,
    "date": lambda value: date(*map(int, value.split("-"))),
    "timestamptz": lambda value: datetime.fromisoformat(value).astimezone(UTC),
}


def kind(column: Column) -> str:
    return column.type.partition("(")[0]


def meaning(column: Column, value: str) -> Any:
    """What a text means as a value of the column's type, told without polars and PostgreSQL; None for no value."""
    if not SPELLING[kind(column)].fullmatch(value):
        return None
    try:
        meant = MEANING[kind(column)](value)
    except (ValueError, OverflowError):
        return None
    if isinstance(meant, Decimal):
        return meant if abs(meant) < 10**12 and meant == round(meant, 2) else None
    return None if kind(column) == "integer" and not -(2**31) <= meant < 2**31 else meant  # type: ignore[operator]


def is_canonical(column: Column, value: str) -> bool:
    """Whether a text that has a meaning is written as the documents say; another spelling may be rejected as well."""
    spelled = {"integer": r"-?\d+", "numeric": r"-?\d+(\.\d+)?", "date": r"[\d-]{10}", "timestamptz": r".*(Z|:\d\d)"}
    return re.fullmatch(spelled.get(kind(column), "(?s:.*)"), value) is not None


def obeys(column: Column, value: Any) -> bool:
    """Whether a value satisfies the contract, told without polars."""
    if value is None:
        return not (column.required or column.is_key)
    minimum = date.fromisoformat(column.minimum) if isinstance(column.minimum, str) else column.minimum
    return (
        (minimum is None or value >= minimum)
        and (column.max_length is None or len(value) <= column.max_length)
        and (column.pattern is None or re.search(column.pattern.replace("$", r"\Z"), value) is not None)
        and (not column.allowed or value in column.allowed)
    )


def good(column: Column) -> st.SearchStrategy[str]:
    """Texts that the contract allows in a column; keys come again soon."""
    if column.is_key:
        return st.integers(1, 9).map({"store_id": "S000{}", "product_id": "P0000{}"}[column.name].format)
    if column.allowed:
        return st.sampled_from(column.allowed)
    moments = ["2026-01-01T12:00:00Z", "2026-01-01T12:00:00.000001Z", "2026-01-01T13:30:00+01:30"]
    by_type: dict[str, st.SearchStrategy[str]] = {
        "text": st.just("NV") if column.pattern else st.text(character, min_size=1, max_size=8),
        "integer": st.integers(0, 2**31 - 1).map(str),
        "numeric": st.integers(0, 10**14 - 1).map(lambda cents: f"{cents // 100}.{cents % 100:02}"),
        "boolean": st.sampled_from(["true", "false"]),
        "date": st.dates(date(2000, 1, 1)).map(str),
        "timestamptz": st.sampled_from(moments),
    }
    return by_type[kind(column)]


character = st.characters(exclude_categories=["Cs"])
# Each is a value of some column, or looks like one.
odd = st.text(character, max_size=8) | st.sampled_from([
    "", " ", '"', ",", "\n", "a\rb", "a\0b", "\\N", "\\.", "\n\\.\n", "NULL", "=1+1", "x" * 121, "ü" * 80,
    "true", "TRUE", "0", "-0", "-1", "+5", "007", "1_000", "\u0663", "0x1F", "2147483648", "1e400", "NaN", "Infinity",
    "0.1", ".5", "0.001", "999999999999.99", "1000000000000", "0000-00-00", "9999-12-31", "2023-02-29", "2024-02-29",
    "2026-2-3", "infinity", "today", "2016-12-31T23:59:60Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
    "0000-01-01T00:00:00Z", "2026-01-01T00:00:00+05:30", "2026-01-01T00:00:00-0200", "9999-12-31T23:59:59-01:00",
    "0001-01-01T00:00:00+01:00",
])  # fmt: skip


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[str, list[list[str]]]:
    """A table and records of it, some with an odd value or a field too few or too many."""
    table = draw(st.sampled_from([*TABLES]))
    row = st.tuples(*map(good, TABLES[table].columns)).map(list)
    rows = draw(st.lists(row, min_size=1, max_size=12))
    for values in rows:
        for place, other in draw(st.dictionaries(st.integers(0, len(values) - 1), odd, max_size=2)).items():
            values[place] = other
        if draw(st.integers(0, 9)) == 9:
            values[-1:] = draw(st.sampled_from([[], [values[-1], "x"]]))
    return table, rows


def written(rows: list[list[str]], end: str, quoting: Any) -> tuple[bytes, dict[int, str]]:
    """Rows as a CSV file, and the text of each record by the number of its first line."""
    texts, line = {}, 1
    for values in rows:
        file = io.StringIO(newline="")
        csv.writer(file, lineterminator="\r\n", quoting=quoting).writerow(values)
        texts[line] = file.getvalue().removesuffix("\r\n")
        line += 1 + texts[line].count("\n")
    return "".join(record + end for record in texts.values()).encode(), texts


def query(statement: str, **parameters: str) -> dict[int, list[Any]]:
    with engine("owner").connect() as connection:
        return {row[0]: list(row[1:]) for row in connection.execute(text(statement), parameters)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delivery=deliveries(), style=st.tuples(line_end, quoting), size=block_bytes)
def test_each_row_is_stored_with_its_value_or_rejected(
    warehouse: Engine, tmp_path: Path, delivery: tuple[str, list[list[str]]], style: tuple[str, Any], size: int
) -> None:
    contract, rows = TABLES[delivery[0]], delivery[1]
    content, texts = written([list(contract.column_names), *rows], *style)
    del texts[1]
    values_of = dict(zip(texts, rows, strict=True))
    path = raw_file(tmp_path, contract, DAY)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    partitions.acquire(engine("loader"), "test", DAY)
    with blocks_of(size):
        result = load_table(engine("loader"), contract, tmp_path, DAY, "test")

    stored = query(f"select source_line, {', '.join(contract.column_names)} from staging.{contract.staging_table}")
    kept = "select line_number, raw_text, reasons from quarantine.rejected_rows where table_name = :table"
    rejected = query(kept, table=contract.table)
    assert sorted([*stored, *rejected]) == sorted(texts)
    assert (result.rows_read, result.rows_accepted, result.rows_rejected) == (len(rows), len(stored), len(rejected))
    duplicate = [f"{contract.key[0]}: duplicate"]
    for line, values in values_of.items():
        meant = [meaning(*pair) for pair in zip(contract.columns, values, strict=False)]
        is_whole = len(values) == len(contract.columns) and "\0" not in texts[line]
        is_valid = is_whole and all(map(obeys, contract.columns, meant))
        if line in stored:
            assert is_valid
            assert stored[line] == meant
        else:
            raw_text, reasons = rejected[line]
            assert raw_text == texts[line].replace("\0", "\\x00")
            assert reasons == duplicate or not (is_valid and all(map(is_canonical, contract.columns, values)))
    # Of each key the latest record won, and of equally late ones the last.
    rivals = [line for line in texts if line in stored or rejected[line][1] == duplicate]
    by_time = sorted(rivals, key=lambda line: (datetime.fromisoformat(values_of[line][-1]), line))
    assert sorted({values_of[line][0]: line for line in by_time}.values()) == sorted(stored)
