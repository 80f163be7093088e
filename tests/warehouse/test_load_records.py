"""What counts as one record of a file, and what is kept of those that do not load."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from database.etl import FileUnreadable, records
from tests.warehouse.stores import HEADER, STORE, deliver, deliver_bytes, load, rows, stores

pytestmark = pytest.mark.usefixtures("held")
BAD = STORE.replace("S0001", "S0099")
REJECTED = "select line_number, raw_text, reasons from quarantine.rejected_rows order by 1"


@pytest.mark.parametrize(
    ("record", "raw_text", "reason"),
    [
        (BAD.encode() + b",more", BAD + ",more", "record: too many fields"),
        (b"S0099,Main Street", "S0099,Main Street", "record: too few fields"),
        (BAD.encode().replace(b"Main", b"M\xff\xe9n"), BAD.replace("Main", r"M\xff\xe9n"), "record: not UTF-8"),
        (BAD.encode().replace(b"Main", b"M\0n"), BAD.replace("Main", r"M\x00n"), "record: holds a NUL byte"),
        (BAD.encode().replace(b"Main", b'5" Main'), BAD.replace("Main", '5" Main'), "record: quotes do not pair"),
        (
            BAD.encode().replace(b"Main", b"Ma\rin"),
            BAD.replace("Main", "Ma\rin"),
            "record: a carriage return outside quotes",
        ),
    ],
)
def test_a_record_that_has_no_fields_to_check_is_one_bad_row(
    warehouse: Engine, tmp_path: Path, record: bytes, raw_text: str, reason: str
) -> None:
    good = [line.encode() for line in stores(40)]
    deliver_bytes(tmp_path, b"\n".join([HEADER.encode(), *good[:20], record, *good[20:]]))
    result = load(tmp_path)
    assert rows(warehouse, REJECTED) == [(22, raw_text, [reason])]
    assert (result.rows_read, result.rows_accepted, result.rows_rejected) == (41, 40, 1)


def test_a_flawed_record_names_every_flaw(warehouse: Engine, tmp_path: Path) -> None:
    deliver_bytes(tmp_path, "\n".join([HEADER, *stores(30)]).encode() + b"\nS\0\xff,x\n")
    load(tmp_path)
    flaws = ["record: too few fields", "record: holds a NUL byte", "record: not UTF-8"]
    assert rows(warehouse, REJECTED) == [(32, r"S\x00\xff,x", flaws)]


def test_lines_are_those_of_the_file_whatever_fields_and_blank_lines_span(warehouse: Engine, tmp_path: Path) -> None:
    two_lines = STORE.replace("S0001", "S0500").replace("Main Street", '"Main\r\nStreet, ""East"""')
    bad = BAD.replace("Main Street", '"Main\nStreet"').replace("mall", "kiosk")
    deliver(tmp_path, two_lines, "", *stores(30), bad, STORE.replace("S0001", "S0501"))
    load(tmp_path)
    staged = rows(
        warehouse, "select source_line, store_name from staging.sales_stores where store_id >= 'S0500' order by 1"
    )
    assert staged == [(2, 'Main\r\nStreet, "East"'), (37, "Main Street")]
    assert rows(warehouse, REJECTED) == [(35, bad, ["store_type: not an allowed value"])]


@pytest.mark.parametrize("opened", ['S0099,"Main Street,mall', BAD.replace("true", '"true'), BAD.replace("mall", '"')])
def test_a_quote_that_never_closes_costs_its_line_only(warehouse: Engine, tmp_path: Path, opened: str) -> None:
    deliver(tmp_path, *stores(20), opened, *stores(20, start=21))
    result = load(tmp_path)
    assert rows(warehouse, REJECTED) == [(22, opened, ["record: quotes do not pair"])]
    assert result.rows_accepted == 40


@pytest.mark.parametrize(("mark", "end"), [(b"\xef\xbb\xbf", b"\n"), (b"", b"\r\n"), (b"", b"\n")])
@pytest.mark.parametrize("is_last_ended", [True, False])
def test_marks_and_line_ends_of_any_system_are_read(
    warehouse: Engine, tmp_path: Path, mark: bytes, end: bytes, is_last_ended: bool
) -> None:
    content = mark + end.join(line.encode() for line in [HEADER, *stores(3)]) + (end if is_last_ended else b"")
    deliver_bytes(tmp_path, content)
    load(tmp_path)
    staged = rows(warehouse, "select source_line, store_id, updated_at::text from staging.sales_stores order by 1")
    assert staged == [(line, f"S000{line - 1}", "2026-01-01 00:00:00+00") for line in (2, 3, 4)]
    assert rows(warehouse, "select file_bytes from ops.loads") == [(len(content),)]


def test_a_header_alone_is_an_empty_table(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path)
    result = load(tmp_path)
    assert (result.status, result.rows_read, result.rows_accepted) == ("loaded", 0, 0)


def test_columns_that_the_contract_does_not_know_are_kept(warehouse: Engine, tmp_path: Path) -> None:
    header = f"source_line,{HEADER},note"
    deliver(tmp_path, *(f'{place},{line},"say ""hi"", {place}"' for place, line in enumerate(stores(2))), header=header)
    load(tmp_path)
    kept = rows(warehouse, "select source_line, extra_columns from staging.sales_stores order by 1")
    assert kept == [(line, {"source_line": str(line - 2), "note": f'say "hi", {line - 2}'}) for line in (2, 3)]
    books = rows(warehouse, "select extra_columns, file_columns from ops.loads")
    assert books == [(["source_line", "note"], header.split(","))]


def test_a_file_without_more_columns_leaves_none(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *stores(2))
    load(tmp_path)
    assert rows(warehouse, "select distinct extra_columns from staging.sales_stores") == [(None,)]
    assert rows(warehouse, "select extra_columns from ops.loads") == [([],)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((HEADER + "\n" + STORE).encode("utf-16"), "it is UTF-16: have it written as UTF-8"),
        (HEADER.replace("city", "cit\xe9").encode("latin-1"), "its header is not UTF-8"),
        (b"x" * (records.MAX_RECORD_BYTES + 1), "its header is longer than 1,048,576 bytes"),
        ((HEADER + "\n" + STORE).encode() + b"x" * records.MAX_RECORD_BYTES, "line 2 is longer than 1,048,576 bytes"),
    ],
)
def test_what_cannot_be_cut_into_records_is_one_error_and_in_the_books(
    warehouse: Engine, tmp_path: Path, content: bytes, message: str
) -> None:
    deliver(tmp_path, *stores(2))
    load(tmp_path)
    deliver_bytes(tmp_path, content)
    with pytest.raises(FileUnreadable, match=message) as error:
        load(tmp_path)
    assert rows(warehouse, "select count(*) from staging.sales_stores") == [(2,)]
    books = rows(warehouse, "select status, error from ops.loads order by load_id")
    assert books == [("loaded", None), ("failed", str(error.value))]


def test_reasons_with_quotes_and_backslashes_arrive_as_they_are(warehouse: Engine, tmp_path: Path) -> None:
    deliver(tmp_path, *stores(30), STORE.replace("S0001", '"S""\\{},"'))
    load(tmp_path)
    [(_, raw_text, reasons)] = rows(warehouse, REJECTED)
    assert raw_text == STORE.replace("S0001", '"S""\\{},"')
    assert reasons == [r"store_id: not like ^S\d{4}$"]
    assert rows(warehouse, "select reasons from ops.loads") == [({reasons[0]: 1},)]
