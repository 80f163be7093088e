"""Whatever a file's format, what is read is CSV."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from upath import UPath

from database.raw_zone import FileUnreadable, open_csv
from include.contracts import Column, Contract, contracts

TYPES = ("text", "integer", "numeric(14,2)", "boolean", "date", "timestamptz")
CONTRACT = Contract(
    "sales", "things", "", "", tuple(Column(f"a_{kind}", kind, "") for kind in TYPES), "snapshot", "latest", 0.0, 0
)
at = datetime.fromisoformat
HEADER = 'a_text,a_integer,"a_numeric(14,2)",a_boolean,a_date,a_timestamptz\n'


def excel(path: Path, *rows: tuple[object, ...]) -> UPath:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("notes").append(["not read"])
    book.save(path)
    return UPath(path)


def opened(path: UPath) -> str:
    with open_csv(path, CONTRACT) as stream:
        return stream.read().decode()


def test_csv_and_gzip_are_the_same_bytes(raw_zone: UPath) -> None:
    content = b"store_id\nS0001\n" * 200_000
    raw_zone.mkdir(parents=True, exist_ok=True)
    (raw_zone / "stores.csv").write_bytes(content)
    (raw_zone / "stores.csv.gz").write_bytes(gzip.compress(content))
    for name in ("stores.csv", "stores.csv.gz"):
        with open_csv(raw_zone / name, contracts()["sales.stores"]) as stream:
            assert stream.read(7) == b"store_i"
            assert stream.read() == content[7:]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-100], lambda data: b"no gzip", lambda data: data[:500] + b"x" * 500]
)
def test_a_damaged_gzip_file_is_called_so(tmp_path: Path, damage) -> None:
    path = tmp_path / "stores.csv.gz"
    path.write_bytes(damage(gzip.compress(bytes(range(256)) * 500)))
    with pytest.raises(FileUnreadable, match=r"a damaged gzip file .*: have it sent again"):
        opened(UPath(path))


def test_values_of_excel_are_written_as_the_contracts_write_them(tmp_path: Path) -> None:
    path = excel(
        tmp_path / "things.xlsx",
        tuple(f"a_{kind}" for kind in TYPES),
        ('a, "b"', 7, 19.9, True, at("2026-01-05"), at("2026-01-05T06:07:08")),
        (89501, 7.0, 0.1 + 0.2, False, date(2026, 1, 5), at("2026-01-05")),
        (at("2026-01-05"), 1e15, 12.345, None, at("2026-01-05T06:00"), at("2026-01-05T06:07:08.250")),
    )
    assert opened(path) == (
        HEADER + '"a, ""b""",7,19.9,true,2026-01-05,2026-01-05T06:07:08Z\n'
        "89501,7,0.3,false,2026-01-05,2026-01-05T00:00:00Z\n"
        "2026-01-05,1000000000000000,12.345,,2026-01-05T06:00:00Z,2026-01-05T06:07:08.250000Z\n"
    )


def test_the_number_of_a_record_is_that_of_its_row(tmp_path: Path) -> None:
    header = tuple(f"a_{kind}" for kind in TYPES)
    path = excel(tmp_path / "things.xlsx", (*header, None), ("a",), (None,) * 6, ("b", None), (None,), (None,) * 6)
    assert opened(path) == HEADER + "a,,,,,\n,,,,,\nb,,,,,\n"


def test_an_empty_sheet_is_an_empty_file(tmp_path: Path) -> None:
    assert opened(excel(tmp_path / "things.xlsx")) == ""


def test_excel_is_read_from_s3(bucket: UPath, tmp_path: Path) -> None:
    (bucket / "things.xlsx").write_bytes(excel(tmp_path / "x.xlsx", ("a_text",), ("é",)).read_bytes())
    assert opened(bucket / "things.xlsx") == "a_text\né\n"


def test_a_file_that_is_only_called_excel_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "things.xlsx"
    path.write_bytes(b"a_text\nb\n")
    with pytest.raises(FileUnreadable, match=r"not an Excel file \(\.xlsx\), though"):
        opened(UPath(path))
