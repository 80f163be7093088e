"""Files that nobody should deliver: each ends in rejected rows or in one clear error, soon and in little memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from database import partitions
from database.connection import engine
from database.etl import FileUnreadable, LoadResult, load_table
from database.raw_zone import raw_file
from include.contracts import Contract, contracts
from tests.conftest import empty_warehouse
from tests.warehouse.stores import DAY

# However many rows are bad, the rest is to be seen.
STORES = replace(contracts()["sales.stores"], max_rejected_share=1.0)
PRODUCTS = replace(contracts()["sales.products"], max_rejected_share=1.0)
HEADER = ",".join(STORES.column_names).encode()
GIGABYTE = 2**30

Deliver = Callable[..., LoadResult]


@pytest.fixture(scope="module")
def held_once(server: None) -> None:
    """Run "test" holds the warehouse."""
    empty_warehouse()
    assert partitions.acquire(engine("loader"), "test", DAY) is None


@pytest.fixture
def deliver(held_once: None, tmp_path: Path) -> Deliver:
    """Writes a file of stores, or of another table, and loads it into the empty warehouse."""
    with engine("owner").begin() as connection:
        connection.execute(text("truncate staging.sales_stores, staging.sales_products, ops.loads cascade"))

    def load(*lines: bytes, contract: Contract = STORES, end: bytes = b"\n", size: int = 0) -> LoadResult:
        path = raw_file(tmp_path, contract, DAY)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.writelines(line + end for line in lines)
            # A hole: bytes that are NUL when they are read, and take no space.
            file.truncate(max(size, file.tell()))
        return load_table(engine("loader"), contract, tmp_path, DAY, "test")

    return load


def store(number: int, **values: bytes) -> bytes:
    """A good record, but for `values`."""
    record = {
        "store_id": f"S{number:04}".encode(), "store_name": b"Main Street", "store_type": b"mall", "city": b"Reno",
        "state": b"NV", "region": b"West", "floor_area_sqft": b"1000", "opened_date": b"2001-05-06",
        "is_open": b"true", "updated_at": b"2026-01-01T00:00:00Z",
    }  # fmt: skip
    return b",".join((record | values).values())


def product(number: int, **values: bytes) -> bytes:
    """A good record of another table, which has amounts, but for `values`."""
    record = {
        "product_id": f"P{number:05}".encode(), "product_name": b"Lamp", "category": b"Home", "subcategory": b"Light",
        "brand": b"Lux", "unit_cost_amount": b"1.00", "list_price_amount": b"2.00", "launched_date": b"2020-01-01",
        "is_active": b"true", "updated_at": b"2026-01-01T00:00:00Z",
    }  # fmt: skip
    return b",".join((record | values).values())


def rows(statement: str) -> list[tuple[object, ...]]:
    with engine("owner").connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def staged(column: str, table: str = "sales_stores") -> dict[int, object]:
    """What the database has in a column, by line of the file."""
    return {int(str(line)): value for line, value in rows(f"select source_line, {column} from staging.{table}")}


def rejected() -> dict[int, list[str]]:
    """The reasons of each rejected row, by line of the file."""
    return {
        int(str(line)): list(reasons)  # type: ignore[call-overload]
        for line, reasons in rows("select line_number, reasons from quarantine.rejected_rows")
    }


def raw_text(line: int) -> object:
    return rows(f"select raw_text from quarantine.rejected_rows where line_number = {line}")[0][0]


def books() -> list[tuple[object, ...]]:
    return rows("select status, rows_read, rows_accepted, rows_rejected from ops.loads order by load_id")


@contextmanager
def within(seconds: float, megabytes: float) -> Iterator[None]:
    """The block takes no longer, and no more memory than the process had."""

    def resident(name: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

    # Forgets the highest use of memory so far.
    Path("/proc/self/clear_refs").write_text("5")
    before, started = resident("VmRSS"), time.monotonic()
    yield
    assert resident("VmHWM") - before < megabytes * 1e6
    assert time.monotonic() - started < seconds


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="no header, no end"),
        pytest.param([HEADER], id="a record without an end"),
        pytest.param([HEADER, store(1), b'S0002,"Main'], id="a quoted field without an end"),
    ],
)
def test_a_gigabyte_without_a_line_break_is_one_error(deliver: Deliver, lines: list[bytes]) -> None:
    with within(seconds=10, megabytes=200), pytest.raises(FileUnreadable, match="longer than"):
        deliver(*lines, size=GIGABYTE)
    assert staged("store_name") == {}
    assert [status for status, *_ in books()] == ["failed"]


def test_ten_thousand_columns_are_kept_or_refused_in_little_memory(deliver: Deliver) -> None:
    names = b",".join(b"extra_%d" % number for number in range(10_000))
    with within(seconds=20, megabytes=300):
        result = deliver(HEADER + b"," + names, *(store(number) + b",x" * 10_000 for number in range(1, 31)))
    assert result.rows_accepted == 30
    assert len(staged("extra_columns")) == 30


def test_a_record_of_another_width_is_rejected_alone(deliver: Deliver) -> None:
    wide = store(2) + b"," * 10_000
    short = store(3).rpartition(b",")[0]
    deliver(HEADER, store(1), wide, short, b"x", store(4))
    assert staged("store_id") == {2: "S0001", 6: "S0004"}
    assert [*rejected()] == [3, 4, 5]
    assert raw_text(4) == short.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n\n\n", "header", id="only line breaks"),
        pytest.param((HEADER + b"\n" + store(1)).decode().encode("utf-16"), "UTF-8", id="UTF-16"),
        pytest.param(b"\x1f\x8b\x08" + bytes(range(256)) * 40, "UTF-8", id="compressed"),
        pytest.param(
            HEADER.replace(b"city", b"store_name") + b"\n", "column store_name more than once", id="a column twice"
        ),
        pytest.param(
            HEADER + b",city\n" + store(1) + b",Reno", "column city more than once", id="a column of the contract twice"
        ),
        pytest.param(HEADER + b",a,a\n" + store(1) + b",1,2", "column a more than once", id="an extra column twice"),
        pytest.param(HEADER.replace(b"city", b"c\0ity") + b"\n", "city", id="NUL in a name"),
        pytest.param(
            HEADER.replace(b",", b";") + b"\n" + store(1).replace(b",", b";"), "lacks columns", id="semicolons"
        ),
        pytest.param(HEADER + b"\r" + store(1) + b"\r" + store(2) + b"\r", "its header", id="carriage returns only"),
    ],
)
def test_what_is_not_the_table_is_one_error(deliver: Deliver, content: bytes, message: str) -> None:
    deliver(HEADER, store(1))
    with pytest.raises(FileUnreadable, match=message):
        deliver(content, end=b"")
    assert staged("store_id") == {2: "S0001"}
    assert [status for status, *_ in books()] == ["loaded", "failed"]
    assert rows("select error is not null, rows_read from ops.loads where status = 'failed'") == [(True, 0)]


def test_a_byte_order_mark_is_no_part_of_a_name(deliver: Deliver) -> None:
    deliver(b"\xef\xbb\xbf" + HEADER, store(1))
    assert staged("store_id") == {2: "S0001"}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [b"\n", b"\r\n", b""])
def test_line_ends_are_no_part_of_a_value(deliver: Deliver, end: bytes, last: bytes) -> None:
    lines = [HEADER, *(store(number) for number in range(1, 4)), store(4, region=b"Atlantis"), store(5)]
    deliver(end.join(lines) + last, end=b"")
    assert staged("store_id") == {2: "S0001", 3: "S0002", 4: "S0003", 6: "S0005"}
    assert {*staged("updated_at").values()} == {datetime(2026, 1, 1, tzinfo=UTC)}
    assert rejected() == {5: ["region: not an allowed value"]}
    assert raw_text(5) == store(4, region=b"Atlantis").decode()


def test_empty_lines_are_no_rows_but_count_as_lines(deliver: Deliver) -> None:
    deliver(HEADER, b"", store(1), b"", b"", store(2, region=b"Atlantis"), store(3), b"", b"")
    assert staged("store_id") == {3: "S0001", 7: "S0003"}
    assert rejected()[6] == ["region: not an allowed value"]


def test_line_breaks_and_quotes_inside_a_field_are_kept(deliver: Deliver) -> None:
    names = {
        2: 'a "quoted" word', 3: "two\nlines", 5: "two\r\nlines", 7: "a\rreturn", 8: ",", 9: '"', 10: "\\", 11: "\\.",
        12: "\\N", 13: "\n\\.\n", 16: "' ''", 17: "null",
    }  # fmt: skip
    lines = [
        store(number, store_name=b'"' + name.replace('"', '""').encode() + b'"')
        for number, name in enumerate(names.values(), start=1)
    ]
    deliver(HEADER, *lines, store(99, region=b"Atlantis"))
    assert staged("store_name") == names
    assert [*rejected()] == [18]


def test_a_quote_that_never_closes_swallows_nothing(deliver: Deliver) -> None:
    open_quote = store(31, store_name=b'"Main Street')
    deliver(HEADER, *map(store, range(1, 31)), open_quote, *map(store, range(32, 42)))
    assert staged("store_id") == {line: f"S{line - 1:04}" for line in range(2, 43) if line != 32}
    assert rejected() == {32: ["record: quotes do not pair"]}
    assert raw_text(32) == open_quote.decode()


def test_quotes_in_wrong_places_give_no_wrong_value(deliver: Deliver) -> None:
    odd = [
        b'Main "Street"',
        b'Main 5" Street',
        b'"Main" Street',
        b'"Main""',
        b'""Main""',
        b"'Main, Street'",
        b' "Main"',
    ]
    deliver(HEADER, store(1), *(store(number, store_name=name) for number, name in enumerate(odd, start=2)), store(20))
    as_it_stood = {line: name.decode() for line, name in enumerate(odd, start=3)}
    names = staged("store_name")
    assert names.pop(2) == "Main Street"
    names.pop(3 + len(odd), None)
    assert names == {line: as_it_stood[line] for line in names}
    # Nothing is lost: each line is a row, or part of the raw text of a rejected one.
    kept = "\n".join(str(raw_text(line)) for line in sorted(rejected()))
    assert all(name in kept or line in names for line, name in as_it_stood.items())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(b"Main\xff Street", r"Main\xff Street", id="no UTF-8"),
        pytest.param(b"Caf\xe9", r"Caf\xe9", id="Latin-1"),
        pytest.param(b"\xc0\x80", r"\xc0\x80", id="overlong NUL"),
        pytest.param(b"\xed\xa0\x80", r"\xed\xa0\x80", id="surrogate"),
        pytest.param(b"\xf5\x80\x80\x80", r"\xf5\x80\x80\x80", id="beyond Unicode"),
        pytest.param(b"\xe2\x82", r"\xe2\x82", id="cut off"),
        pytest.param(b"Main\0Street", r"Main\x00Street", id="NUL"),
        pytest.param(b"\0", r"\x00", id="only NUL"),
    ],
)
def test_bytes_that_are_no_text_reject_their_row_alone(deliver: Deliver, value: bytes, shown: str) -> None:
    deliver(HEADER, store(1), store(2, store_name=value), store(3, city=value), store(4))
    assert staged("store_id") == {2: "S0001", 5: "S0004"}
    assert raw_text(3) == store(2).decode().replace("Main Street", shown)
    assert [*rejected()] == [3, 4]


def test_text_is_stored_as_it_came(deliver: Deliver) -> None:
    names = [
        "=cmd|'/C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "+1", "-1", "=HYPERLINK(\"http://x\")",  # formulas
        " leading and trailing ", "\t", "\x01\x1b[31m", "\x7f\x85\u2028", "\ufeffx", "\u202egnp", "Zürich e\u0301",
        "'; drop table staging.sales_stores; --", "{a,b}", "%s %(x)s :x", "\uffff", "👩\u200d👧", "NULL",
        "x" * 120, "ü" * 120,
    ]  # fmt: skip
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    deliver(HEADER, *(store(number, store_name=name.encode()) for number, name in enumerate(quoted, start=1)))
    assert staged("store_name") == dict(enumerate(names, start=2))


def test_a_text_of_one_character_too_many_is_rejected(deliver: Deliver) -> None:
    deliver(HEADER, store(1, store_name=b"x" * 121), store(2, store_name="ü".encode() * 121))
    assert rejected() == {2: ["store_name: longer than 120"], 3: ["store_name: longer than 120"]}


# For one column of each type: what PostgreSQL must have for a text, and texts that have no value of the type.
VALUES: dict[str, tuple[dict[str, object], list[str]]] = {
    "floor_area_sqft": (
        {"0": 0, "2147483647": 2147483647, "007": 7},
        [
            *("2147483648", "9223372036854775808", "1" * 400, "1e3", "1.0", "-1", "NaN", "0x1F", "0b1", "1_000"),
            *("1 000", "1,000", "\u0663", "\uff15", "\u22125", " 5", "5 ", "--5", "+-5", "5\t", "-", "+"),
        ],
    ),
    "list_price_amount": (
        {"0": Decimal(0), "0.1": Decimal("0.1"), "999999999999.99": Decimal("999999999999.99")},
        [
            *("1e400", "1e2", "NaN", "nan", "Infinity", "-Infinity", "inf", "1000000000000.00", "0.001", "-0.01"),
            *("1." + "0" * 400, "9" * 400, "1_0.00", "1,00", "1,000.00", "$1.00", "0x1p3", "\u0663.\u0660\u0660"),
            *(" 1.00", "1.00 ", ".", "-", "--1", "1.0.0"),
        ],
    ),
    "opened_date": (
        {"9999-12-31": date(9999, 12, 31), "2024-02-29": date(2024, 2, 29), "1950-01-01": date(1950, 1, 1)},
        [
            *("0000-00-00", "0000-01-01", "2026-00-10", "2026-13-01", "2026-02-29", "2026-04-31", "10000-01-01"),
            *("-2026-01-01", "01/02/2026", "2026-01-05T00:00:00", "20260105", "2026-005", "26-01-05", "1949-12-31"),
            *("infinity", "-infinity", "today", "now", "epoch", "2026-01-05 BC", "\uff12\uff10\uff12\uff16-01-05"),
        ],
    ),
    "updated_at": (
        {
            "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
            "2016-12-31T23:59:59.999999Z": datetime(2016, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            "2026-03-29T02:30:00+02:00": datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
            "2026-01-01T00:00:00-15:59": datetime(2026, 1, 1, 15, 59, tzinfo=UTC),
        },
        [
            *("2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5Z", "2026-01-01T23:59:61Z", "2026-01-01T24:00:00Z"),
            *("2026-01-01T00:60:00Z", "0000-00-00T00:00:00Z", "10000-01-01T00:00:00Z", "2026-01-01T00:00:00"),
            *("2026-01-01T00:00:00 Europe/Berlin", "2026-01-01T00:00:00+99:00", "infinity", "now", "1767225600"),
            *("2026-01-01T00:00:00ZZ", "2026-01-01", "00:00:00Z"),
        ],
    ),
    "is_open": ({"true": True, "false": False}, ["TRUE", "t", "1", "0", "yes", "on", "null", " true"]),
}


@pytest.mark.parametrize("column", VALUES)
def test_a_value_is_stored_as_what_it_means_or_rejected(deliver: Deliver, column: str) -> None:
    good, bad = VALUES[column]
    contract, record = (STORES, store) if column in STORES.column_names else (PRODUCTS, product)
    values = [*good, *bad]
    lines = [record(number, **{column: f'"{value}"'.encode()}) for number, value in enumerate(values, start=1)]
    deliver(",".join(contract.column_names).encode(), *lines, contract=contract)
    stored, why = staged(column, contract.staging_table), rejected()
    assert {value: stored.get(line) for line, value in enumerate(values, start=2)} == good | dict.fromkeys(bad)
    assert {values[line - 2] for line in why} == {*bad}
    assert all(reason.startswith(f"{column}: ") for reasons in why.values() for reason in reasons)
