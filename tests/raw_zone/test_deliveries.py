"""Which files a day has, and which it lacks."""

from __future__ import annotations

import os
import time
from datetime import date

import pytest
from upath import UPath

from database.raw_zone import FileUnreadable, missing_files, raw_file
from include.contracts import contracts

DAY = date(2026, 1, 5)
STORES = contracts()["sales.stores"]
SALES = contracts()["sales.sales_transactions"]


def deliver(raw_zone: UPath, name: str) -> UPath:
    path = raw_zone / "20260105" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"anything")
    return path


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".xlsx"])
def test_a_table_is_delivered_as_csv_gzip_or_excel(raw_zone: UPath, ending: str) -> None:
    path = deliver(raw_zone, f"sales/stores{ending}")
    assert raw_file(raw_zone, STORES, DAY) == path


def test_without_a_file_the_place_of_the_csv_file_is_told(raw_zone: UPath) -> None:
    assert raw_file(raw_zone, STORES, DAY) == raw_zone / "20260105" / "sales" / "stores.csv"


def test_two_files_for_one_table_are_one_error_that_names_both(raw_zone: UPath) -> None:
    files = [deliver(raw_zone, "sales/stores.csv"), deliver(raw_zone, "sales/stores.csv.gz")]
    with pytest.raises(FileUnreadable, match=r"sales\.stores: .* are both there: leave only one") as error:
        raw_file(raw_zone, STORES, DAY)
    assert all(str(path) in str(error.value) for path in files)
    with pytest.raises(FileUnreadable, match="both there"):
        missing_files(raw_zone, DAY)


def test_a_day_without_anything_lacks_every_file(raw_zone: UPath) -> None:
    assert missing_files(raw_zone, DAY) == [str(raw_file(raw_zone, each, DAY)) for each in contracts().values()]


def test_missing_files_are_named(raw_zone: UPath) -> None:
    for contract in contracts().values():
        path = deliver(raw_zone, f"{contract.domain}/{contract.table}.csv.gz")
        if raw_zone.protocol == "":
            os.utime(path, (time.time() - 60, time.time() - 60))
    assert missing_files(raw_zone, DAY) == []
    raw_file(raw_zone, STORES, DAY).unlink()
    assert missing_files(raw_zone, DAY) == [str(raw_zone / "20260105" / "sales" / "stores.csv")]


def test_a_local_file_that_was_written_a_moment_ago_may_still_grow(folder: UPath) -> None:
    for contract in contracts().values():
        path = deliver(folder, f"{contract.domain}/{contract.table}.csv")
        os.utime(path, (time.time() - 60, time.time() - 60))
    raw_file(folder, SALES, DAY).touch()
    assert missing_files(folder, DAY) == [f"{raw_file(folder, SALES, DAY)} (written to a moment ago)"]


def test_s3_without_credentials_is_one_clear_error(
    bucket: UPath, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    stranger = UPath(str(bucket), use_listings_cache=False, skip_instance_cache=True)
    for look in (lambda: missing_files(stranger, DAY), lambda: raw_file(stranger, STORES, DAY)):
        with pytest.raises(ConnectionError, match=r"s3://.* cannot be reached: .* Set AWS_ACCESS_KEY_ID"):
            look()
