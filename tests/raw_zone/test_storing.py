"""Generated partitions are there as a whole or not at all, and files of others stay as they are."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest
from upath import UPath

from database.raw_zone import missing_files, partition_folder, raw_file, remove_generated, store_partition
from database.raw_zone.deliveries import UNFINISHED
from database.raw_zone.storing import MANIFEST
from include.contracts import contracts
from include.settings import PROJECT_DIR

DAY = date(2026, 1, 5)
FILES = {"sales/stores.csv": b"one\n", "sales/products.csv": b"two\n", "_truth.json": b"{}\n"}
OTHERS = {"sales/stores.csv": b"three\n", "finance/accounts.csv": b"four\n", "_truth.json": b"{}\n"}


def content(raw_zone: UPath) -> dict[str, bytes]:
    partition = partition_folder(raw_zone, DAY)
    files = [path for path in partition.rglob("*") if path.is_file()]
    return {path.relative_to(partition).as_posix(): path.read_bytes() for path in files}


def with_manifest(files: dict[str, bytes], **about: object) -> dict[str, bytes]:
    checksums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    manifest = {"partition_date": "2026-01-05", **about, "checksums": checksums}
    return files | {MANIFEST: (json.dumps(manifest, indent=1) + "\n").encode()}


def written_at(raw_zone: UPath) -> dict[str, object]:
    return {str(path): path.stat().st_mtime for path in partition_folder(raw_zone, DAY).rglob("*") if path.is_file()}


def test_a_partition_is_its_files_and_a_manifest_with_their_checksums(raw_zone: UPath) -> None:
    store_partition(raw_zone, DAY, FILES, {"seed": 42})
    assert content(raw_zone) == with_manifest(FILES, seed=42)


def test_the_same_files_again_are_not_written(raw_zone: UPath) -> None:
    store_partition(raw_zone, DAY, FILES, {})
    before = written_at(raw_zone)
    time.sleep(1.1)  # S3 tells seconds
    store_partition(raw_zone, DAY, FILES, {})
    assert written_at(raw_zone) == before
    assert len(before) == 4


def test_another_partition_replaces_the_whole_one_of_before(raw_zone: UPath) -> None:
    # In S3 the day with a longer name has the same prefix.
    neighbour = raw_zone / "20260105 copy" / "stores.csv"
    neighbour.parent.mkdir(parents=True)
    neighbour.write_bytes(b"neighbour")
    store_partition(raw_zone, DAY, FILES, {})
    store_partition(raw_zone, DAY, OTHERS, {})
    assert content(raw_zone) == with_manifest(OTHERS)
    assert neighbour.read_bytes() == b"neighbour"
    assert {path.name for path in raw_zone.iterdir()} == {"20260105", "20260105 copy"}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"sales/stores.csv": b"real\n"}, "sales/stores.csv"),
        ({"sales/stores.csv.gz": b"real\n"}, "sales/stores.csv.gz"),
        ({MANIFEST: b"no JSON"}, "_truth.json, sales/products.csv, sales/stores.csv"),
        ({MANIFEST: None}, "_truth.json, sales/products.csv, sales/stores.csv"),
    ],
)
def test_files_of_others_are_never_replaced(raw_zone: UPath, changed: dict[str, bytes | None], named: str) -> None:
    store_partition(raw_zone, DAY, FILES, {})
    for name, data in changed.items():
        path = partition_folder(raw_zone, DAY) / name
        path.unlink() if data is None else path.write_bytes(data)
    before = content(raw_zone)
    with pytest.raises(
        FileExistsError, match=r"20260105 \(not generated, or changed.*--source files.*move them away"
    ) as e:
        store_partition(raw_zone, DAY, OTHERS, {})
    assert f"changed since: {named})" in str(e.value)
    assert content(raw_zone) == before
    assert [path.name for path in raw_zone.iterdir()] == ["20260105"]


def test_a_file_that_was_taken_away_is_written_again(raw_zone: UPath) -> None:
    store_partition(raw_zone, DAY, FILES, {})
    (partition_folder(raw_zone, DAY) / "sales" / "stores.csv").unlink()
    store_partition(raw_zone, DAY, FILES, {})
    assert content(raw_zone) == with_manifest(FILES)


def test_only_generated_files_are_removed(folder: UPath) -> None:
    for day in (DAY, date(2026, 1, 6)):
        store_partition(folder, day, FILES, {})
    (folder / "20260107").mkdir()
    kept = [folder / "README.md", folder / "20260105" / "sales" / "stores.csv", folder / "20260107" / "stores.csv"]
    for path in kept:
        path.write_bytes(b"real\n")
    remove_generated(folder)
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == sorted(kept)
    assert not (folder / "20260106").exists()


def test_a_failure_while_writing_leaves_what_was_there(folder: UPath, monkeypatch: pytest.MonkeyPatch) -> None:
    store_partition(folder, DAY, FILES, {})
    write = type(folder).write_bytes

    def fails_at_the_manifest(self: UPath, data: bytes) -> int:
        if self.name == MANIFEST:
            raise OSError("disk full")
        return write(self, data)

    monkeypatch.setattr(type(folder), "write_bytes", fails_at_the_manifest)
    for day in (DAY, date(2026, 1, 6)):
        with pytest.raises(OSError, match="disk full"):
            store_partition(folder, day, OTHERS, {})
    assert content(folder) == with_manifest(FILES)
    assert [path.name for path in folder.iterdir()] == ["20260105"]


def test_a_partition_that_cannot_be_replaced_stays(folder: UPath, monkeypatch: pytest.MonkeyPatch) -> None:
    store_partition(folder, DAY, FILES, {})
    rename = Path.rename

    def refuses_drafts(self: Path, target: Path) -> Path:
        if Path(target).name == "20260105" and not self.name.endswith(".replaced"):
            raise PermissionError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuses_drafts)
    with pytest.raises(PermissionError):
        store_partition(folder, DAY, OTHERS, {})
    assert content(folder) == with_manifest(FILES)


def test_a_rival_that_publishes_first_is_replaced(folder: UPath, monkeypatch: pytest.MonkeyPatch) -> None:
    store_partition(folder / "rival", DAY, OTHERS, {})
    rename, rivals = Path.rename, [folder / "rival" / "20260105"]

    def lets_the_rival_go_first(self: Path, target: Path) -> Path:
        if rivals:
            rename(rivals.pop(), target)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", lets_the_rival_go_first)
    store_partition(folder, DAY, FILES, {})
    assert rivals == []
    assert content(folder) == with_manifest(FILES)
    assert sorted(path.name for path in folder.iterdir()) == ["20260105", "rival"]


def test_two_processes_may_write_the_same_partition(folder: UPath) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(store_partition, folder, DAY, files, {}) for files in [FILES, OTHERS] * 4]
        assert [job.result() for job in jobs] == [None] * 8
    assert content(folder) in (with_manifest(FILES), with_manifest(OTHERS))


WRITER_THAT_STOPS = """
import asyncio, os, sys
from datetime import date
from pathlib import Path
from s3fs import S3FileSystem
from database.raw_zone import store_partition
from include.settings import location

put = S3FileSystem._pipe_file

async def put_one_and_stop(self, path, *arguments, **options):
    if not path.endswith(sys.argv[2]):
        await asyncio.sleep(3600)
    await put(self, path, *arguments, **options)
    print("one file is there", flush=True)
    sys.stdin.read()
    os._exit(1)

S3FileSystem._pipe_file = put_one_and_stop
files = {name: os.urandom(1000) for name in sys.argv[2:]}
store_partition(location(sys.argv[1], Path()), date(2026, 1, 5), files, {})
"""


def test_an_upload_that_was_killed_never_looks_complete_and_is_written_again(bucket: UPath) -> None:
    names = [f"{contract.domain}/{contract.table}.csv" for contract in contracts().values()]
    first = dict.fromkeys(names, b"first\n")
    store_partition(bucket, DAY, first, {})
    assert missing_files(bucket, DAY) == []
    with subprocess.Popen(
        [sys.executable, "-c", WRITER_THAT_STOPS, str(bucket), *names],
        cwd=PROJECT_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as writer:  # fmt: skip
        assert writer.stdout
        assert writer.stdout.readline() == "one file is there\n"
        writer.kill()
    partition = partition_folder(bucket, DAY)
    # Every table has a file, old or new, and still:
    left = content(bucket)
    assert set(names) <= left.keys()
    assert [name for name in names if left[name] != first[name]] == names[:1]
    [reason] = missing_files(bucket, DAY)
    assert reason.startswith(f"all of {partition} (generating it was interrupted")
    store_partition(bucket, DAY, FILES, {})
    assert content(bucket) == with_manifest(FILES)


def test_empty_objects_that_stand_for_folders_are_no_files(bucket: UPath) -> None:
    partition = partition_folder(bucket, DAY)
    name, _, key = partition.path.partition("/")
    for folder in ("", "sales/"):
        bucket.fs.call_s3("put_object", Bucket=name, Key=f"{key}/{folder}", Body=b"")
    missing = missing_files(bucket, DAY)
    assert missing == [str(raw_file(bucket, contract, DAY)) for contract in contracts().values()]
    for files in (FILES, OTHERS):
        store_partition(bucket, DAY, files, {})
    assert (partition / "sales" / "stores.csv").read_bytes() == OTHERS["sales/stores.csv"]


def test_a_real_file_in_an_unfinished_partition_stays(bucket: UPath) -> None:
    partition = partition_folder(bucket, DAY)
    (partition / UNFINISHED).write_bytes(json.dumps({"checksums": {"sales/stores.csv": ["0" * 64]}}).encode())
    (partition / "sales" / "stores.csv").write_bytes(b"real\n")
    with pytest.raises(FileExistsError, match=r"changed since: sales/stores.csv\)"):
        store_partition(bucket, DAY, FILES, {})
    assert (partition / "sales" / "stores.csv").read_bytes() == b"real\n"
