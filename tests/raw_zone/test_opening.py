"""Whatever a file's format, what is read is CSV."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart
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
    empty = (None,) * 6
    path = excel(tmp_path / "things.xlsx", empty, ("",), (*header, None), ("a",), empty, ("", None), ("b",), empty)
    assert opened(path).rstrip("\n") == "\n\n" + HEADER + "a,,,,,\n\n\nb,,,,,"


def test_an_empty_sheet_is_an_empty_file(tmp_path: Path) -> None:
    assert opened(excel(tmp_path / "things.xlsx")) == ""


def test_excel_is_read_from_s3(bucket: UPath, tmp_path: Path) -> None:
    (bucket / "things.xlsx").write_bytes(excel(tmp_path / "x.xlsx", ("a_text",), ("é",)).read_bytes())
    assert opened(bucket / "things.xlsx") == "a_text\né\n"


def test_a_file_that_is_only_called_excel_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "things.xlsx"
    path.write_bytes(b"a_text\nb\n")
    with pytest.raises(FileUnreadable, match=r"not an Excel file \(\.xlsx\), or a damaged one .*: have it sent again"):
        opened(UPath(path))


def with_part(path: UPath, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change one of the files that an Excel file is a zip archive of."""
    with ZipFile(io.BytesIO(path.read_bytes())) as book:
        parts = {part: book.read(part) for part in book.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for part, content in parts.items():
            book.writestr(part, change(content) if part == name else content)


def cut_sheet(path: UPath) -> None:
    with_part(path, "xl/worksheets/sheet1.xml", lambda content: content[: len(content) // 2])


def no_such_text(path: UPath) -> None:
    with_part(path, "xl/worksheets/sheet1.xml", lambda content: content.replace(b't="n"', b't="s"'))


def damaged_zip_data(path: UPath) -> None:
    with ZipFile(path) as book:
        sheet = book.getinfo("xl/worksheets/sheet1.xml")
    data = bytearray(path.read_bytes())
    begin = sheet.header_offset + 100
    data[begin : begin + 50] = bytes(50)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut_sheet, no_such_text, damaged_zip_data])
def test_a_damaged_excel_file_is_called_so_and_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[UPath], None]
) -> None:
    path = excel(tmp_path / "things.xlsx", *[(f"row {number}", number) for number in range(500)])
    damage(path)
    with (tmp_path / "converted").open("w+b") as converted:
        monkeypatch.setattr(tempfile, "TemporaryFile", lambda: converted)
        with pytest.raises(FileUnreadable, match=r"not an Excel file .* or a damaged one .*: have it sent again"):
            opened(path)
        assert converted.closed


def test_an_excel_file_needs_a_worksheet(tmp_path: Path) -> None:
    book = Workbook()
    book.remove(book.active)
    book.create_chartsheet().add_chart(BarChart())
    book.save(tmp_path / "things.xlsx")
    with pytest.raises(FileUnreadable, match="without a worksheet: have the rows put into its first sheet"):
        opened(UPath(tmp_path / "things.xlsx"))
