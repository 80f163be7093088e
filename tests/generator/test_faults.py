"""Planted faults: what `_truth.json` lists is what a plain reading of the files finds, and nothing else."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import product

import polars as pl
import pytest

from database.generator import GeneratorError, generate, write_partition
from database.generator.day import Day
from database.generator.faults import References, RowFault, Table, csv_text, plant_row_faults
from database.generator.faults.references import LONG_AGO
from database.generator.faults.rows import may_lose_rows
from database.generator.randomness import Stream
from database.generator.rendering import Delivery, render
from include.contracts import Column, Contract, contracts
from include.fault_kinds import DEFAULT_KINDS, FILE_KINDS, ROW_KINDS, FaultKind, parse_fault_kinds

DAY = date(2026, 1, 5)
RATE = 0.2
SCALE = 0.3
DUPLICATES = {FaultKind.exact_duplicate, FaultKind.conflicting_duplicate}


@cache
def frames_of(day: date) -> dict[str, pl.DataFrame]:
    return generate(day, 42, SCALE)


def delivery(*kinds: FaultKind, day: date = DAY, rate: float = RATE) -> Delivery:
    return render(Day(day, 42, SCALE), frames_of(day), rate, kinds)


def truth_of(delivered: Delivery) -> dict[str, dict[str, list[dict[str, object]]]]:
    return json.loads(delivered.files["_truth.json"])


def lines_of(delivered: Delivery, name: str) -> list[str]:
    contract = contracts()[name]
    return delivered.files[f"{contract.domain}/{contract.table}.csv"].decode().splitlines()


def rows_of(delivered: Delivery, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(lines_of(delivered, name)))


@pytest.mark.parametrize("day", [DAY, date(2023, 1, 1), date(2023, 1, 2), date(2024, 12, 24)])
def test_the_listed_faults_are_exactly_the_lines_that_violate(day, judge):
    # Whether a reference is to somebody is not seen in one file: tests/warehouse/test_planted_faults.py.
    delivered = delivery(*(kind for kind in DEFAULT_KINDS if kind != FaultKind.orphan), day=day)
    total = 0
    for name, truth in truth_of(delivered).items():
        lines = lines_of(delivered, name)
        planted = {row["line_number"]: row["kind"] for row in truth["rows"] if row["reason"]}
        assert judge(contracts()[name], lines) == planted, name
        assert delivered.rows[name] == len(lines) - 1
        total += len(truth["rows"])
    assert total == pytest.approx(RATE * sum(frame.height for frame in frames_of(day).values()), rel=0.2)


@pytest.mark.parametrize("kind", [kind for kind in ROW_KINDS if kind not in (FaultKind.orphan, FaultKind.late)])
def test_a_kind_alone_is_the_only_one_and_hits_every_table_that_has_a_place_for_it(kind, judge):
    delivered = delivery(kind)
    for name, truth in truth_of(delivered).items():
        contract = contracts()[name]
        found = judge(contract, lines_of(delivered, name))
        assert found == {row["line_number"]: kind for row in truth["rows"]}, name
        has_place = kind in DUPLICATES or (contract.delivery == "events" and may_lose_rows(contract))
        assert bool(found) == has_place or frames_of(DAY)[name].height < 10, name


@pytest.mark.parametrize("kinds", [DEFAULT_KINDS, ROW_KINDS])
def test_without_the_faulty_lines_snapshots_are_whole_and_events_a_part(kinds):
    delivered = delivery(*kinds)
    for name, frame in frames_of(DAY).items():
        clean = set(csv_text(frame).splitlines()[1:])
        planted = {row["line_number"] for row in truth_of(delivered)[name]["rows"]}
        kept = {
            line for number, line in enumerate(lines_of(delivered, name), 1) if number > 1 and number not in planted
        }
        if contracts()[name].delivery == "snapshot" or not may_lose_rows(contracts()[name]):
            assert kept == clean, name
        else:
            assert kept < clean or frame.height < 10, name


def test_orphans_are_exactly_the_rows_that_refer_to_nobody():
    delivered = delivery(FaultKind.orphan)
    found = {}
    for name, contract in contracts().items():
        for number, row in enumerate(rows_of(delivered, name), start=2):
            for column in contract.columns:
                parent, _, key = str(column.references).rpartition(".")
                if column.references and row[column.name] and row[column.name] not in keys_of(parent, key):
                    found[name, number] = f"{column.name}: not in {parent}"
                    assert row[column.name] in {re.sub(r"\d", "9", value) for value in keys_of(parent, key)}
    listed = {(name, row["line_number"]): row["reason"] for name, t in truth_of(delivered).items() for row in t["rows"]}
    assert found == listed
    assert {name for name, _ in found} >= {"finance.transactions", "sales.sales_transactions"}


@cache
def keys_of(table: str, key: str) -> set[str]:
    return set(frames_of(DAY)[table][key].cast(pl.String))


def test_late_rows_keep_the_contract_and_lie_some_days_back(judge):
    delivered = delivery(FaultKind.late)
    days_back = set()
    for name, truth in truth_of(delivered).items():
        contract, rows = contracts()[name], rows_of(delivered, name)
        assert judge(contract, lines_of(delivered, name)) == {}
        assert all(row["kind"] == "late" and row["reason"] is None for row in truth["rows"])
        late = [rows[row["line_number"] - 2] for row in truth["rows"]]
        assert rows[: len(rows) - len(late)] == rows_of(delivery(rate=0.0), name)
        event = next((c.name for c in contract.columns if c.type in ("date", "timestamptz") and c.required), None)
        assert event or not late
        for row in late:
            days_back.add((DAY - date.fromisoformat(row[event][:10])).days)
            assert all(is_settled(column, row, row[event]) for column in contract.columns)
    assert days_back == {1, 2, 3}


def is_settled(column: Column, row: dict[str, str], since: str) -> bool:
    """Whether the entity that the row refers to was then as it is on the day."""
    if column.references is None or not row[column.name]:
        return True
    parent, _, key = column.references.rpartition(".")
    found = frames_of(DAY)[parent].filter(pl.col(key) == row[column.name])["updated_at"].item()
    return found <= datetime.fromisoformat(since).replace(tzinfo=UTC)


def test_no_event_is_later_than_the_company_is_old():
    assert not any(t["rows"] for t in truth_of(delivery(FaultKind.late, day=date(2023, 1, 1))).values())
    second = delivery(FaultKind.late, day=date(2023, 1, 2))
    sales = rows_of(second, "sales.sales_transactions")
    assert min(row["sold_at"] for row in sales) >= "2023-01-01"


def test_a_second_delivery_is_the_first_without_what_is_listed_as_withdrawn():
    first, second = delivery(*DEFAULT_KINDS), delivery(*DEFAULT_KINDS, FaultKind.withdrawn)
    total = 0
    for name, truth in truth_of(second).items():
        before, gone = lines_of(first, name), {row["line_number"]: row["key"] for row in truth["withdrawn"]}
        for number, key in gone.items():
            row = next(csv.DictReader([before[0], before[number - 1]]))
            assert {column: row[column] for column in contracts()[name].key} == key
        after = [line for number, line in enumerate(before, start=1) if number not in gone]
        assert lines_of(second, name) == after, name
        faulty = [before[row["line_number"] - 1] for row in truth_of(first)[name]["rows"]]
        assert [after[row["line_number"] - 1] for row in truth["rows"]] == faulty
        assert may_lose_rows(contracts()[name]) or not gone
        total += len(gone)
    assert total > 100


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_a_faulty_file_has_no_other_fault_and_the_rest_of_the_partition_is_clean(kind):
    delivered, clean = delivery(kind, rate=0.4), delivery(rate=0.0)
    truth = truth_of(delivered)
    hit = {name for name in truth if truth[name]["file"]}
    assert {truth[name]["file"]["kind"] for name in hit} == {kind}
    assert 0 < len(hit) < len(truth)
    for name, contract in contracts().items():
        path = f"{contract.domain}/{contract.table}.csv"
        assert truth[name]["rows"] == []
        assert (delivered.files.get(path) == clean.files[path]) == (name not in hit)
        count = clean.rows[name]
        if name in hit:
            cut = truth[name]["file"]["cut_line"]
            count = {FaultKind.empty_file: 0, FaultKind.missing_file: None, FaultKind.truncated: cut and cut - 1}.get(
                kind, count
            )
        assert delivered.rows.get(name) == count


def test_faulty_files_are_as_they_are_said_to_be():
    def contents(kind: FaultKind) -> tuple[bytes | None, dict[str, object]]:
        delivered = delivery(kind, rate=1.0)
        return delivered.files.get("sales/stores.csv"), truth_of(delivered)["sales.stores"]["file"]

    clean = delivery(rate=0.0).files["sales/stores.csv"]
    header, *lines = clean.decode().splitlines()
    assert contents(FaultKind.missing_file)[0] is None
    assert contents(FaultKind.empty_file)[0] == b""
    assert contents(FaultKind.byte_order_mark)[0] == b"\xef\xbb\xbf" + clean
    assert contents(FaultKind.wrong_encoding)[0].decode("utf-16") == clean.decode()
    cut, fault = contents(FaultKind.truncated)
    assert clean.startswith(cut)
    assert cut.decode().splitlines()[-1] == lines[fault["cut_line"] - 2].split(",")[0]
    assert len(cut) > len(clean) / 3
    renamed, fault = contents(FaultKind.wrong_header)
    column = str(fault["reason"]).removeprefix("lacks column ")
    assert renamed.decode().replace(f"{column}_new", column, 1) == clean.decode()
    extra = list(csv.DictReader(contents(FaultKind.extra_column)[0].decode().splitlines()))
    assert [row.pop("exported_by") for row in extra] == ["nightly"] * len(lines)
    assert extra == list(csv.DictReader([header, *lines]))
    turned = contents(FaultKind.reordered_columns)[0].decode().splitlines()
    assert turned[0] == ",".join(reversed(header.split(",")))
    assert list(csv.DictReader(turned)) == list(csv.DictReader([header, *lines]))


def test_kinds_have_no_order_and_the_same_bytes_come_out_again(tmp_path):
    for place, kinds in (("a", FaultKind), ("b", reversed(FaultKind))):
        write_partition(tmp_path / place, DAY, 42, SCALE, RATE, list(kinds))
    one, other = (
        {str(path.relative_to(tmp_path / place)): path.read_bytes() for path in (tmp_path / place).rglob("*.*")}
        for place in "ab"
    )
    assert one == other
    assert json.loads(one["20260105/_partition.json"])["revision"] == 2


def test_a_low_rate_never_exceeds_the_share_that_a_small_table_is_allowed():
    contract = contracts()["sales.stores"]
    lines = csv_text(frames_of(DAY)["sales.stores"]).splitlines()
    table = Table(contract, References({}), 1)

    def shares(rate: float) -> list[float]:
        planted = (plant_row_faults(table, lines, rate, DEFAULT_KINDS, Stream(seed, "faults")) for seed in range(200))
        return [len(faults) / (len(written) - 1) for written, faults in planted]

    low = shares(0.02)
    assert 0 < max(low) <= contract.max_rejected_share
    assert 0.25 * len(low) < sum(share > 0 for share in low)
    assert max(shares(0.2)) > contract.max_rejected_share


def column(name: str, sql_type: str, **rules: object) -> Column:
    return Column(name, sql_type, "x", **rules)


def contract_of(*columns: Column, delivery: str, duplicates: str) -> Contract:
    return Contract("lab", "probes", "", "", columns, delivery, duplicates, 0.05, 0)


KEY = column("probe_id", "integer", is_key=True, required=True, minimum=1)
ODD_TABLES = {
    "a key of its own only": ([KEY], "7"),
    "a key of a day and a code": (
        [
            column("probe_date", "date", is_key=True, required=True, minimum="2020-01-01"),
            column("code", "text", is_key=True, required=True, allowed=("a",)),
            column("reading", "numeric(5,3)", minimum=-1, maximum=9.999),
        ],
        "2026-01-05,a,9.999",
    ),
    "one allowed value": ([KEY, column("state", "text", required=True, allowed=("only",))], "7,only"),
    "full types": ([KEY, column("level", "numeric(2,0)"), column("count", "integer")], "7,99,2147483647"),
    "limits at the ends of their types": (
        [
            column("probe_id", "integer", is_key=True, required=True, minimum=-(2**31) + 1),
            column("level", "numeric(2,0)", minimum=-99, maximum=99),
            column("count", "integer", minimum=-(2**31) + 1, maximum=2**31 - 1),
        ],
        "7,99,2147483647",
    ),
    "numbers from a list": ([KEY, column("grade", "integer", allowed=("1", "2"))], "7,2"),
    "text that is bound, and a flag": (
        [
            KEY,
            column("label", "text", pattern="^[A-Z]$"),
            column("is_on", "boolean"),
            column("note", "text", max_length=2),
        ],
        "7,A,true,ab",
    ),
    "a later change at the earliest moment": (
        [KEY, column("amount", "numeric(14,2)"), column("updated_at", "timestamptz", minimum="2026-01-05")],
        "7,-1.50,2026-01-05T00:00:00Z",
    ),
    "text with commas and quotes": ([KEY, column("note", "text", required=True)], '7,"a ""b"", c"'),
    "empty fields": ([KEY, column("day", "date"), column("note", "text")], "7,,"),
}


@pytest.mark.parametrize("odd", ODD_TABLES)
@pytest.mark.parametrize("mode", [("events", "first"), ("snapshot", "latest")])
def test_odd_contracts_get_only_faults_that_they_have_a_place_for(odd, mode, judge):
    columns, line = ODD_TABLES[odd]
    contract = contract_of(*columns, delivery=mode[0], duplicates=mode[1])
    lines, table = [",".join(contract.column_names), line], Table(contract, References({}), 30)
    # Drawn several times, as each kind may hit any column.
    for kind, seed in product(ROW_KINDS, range(5)):
        written, faults = plant_row_faults(table, lines, 1.0, [kind], Stream(seed, "x"))
        assert judge(contract, written) == {fault.line_number: kind for fault in faults if fault.reason}
        assert all(fault.reason or kind == FaultKind.late for fault in faults)
        if kind == FaultKind.exact_duplicate:
            loser = 2 if mode[1] == "latest" else 3
            assert faults == [RowFault(loser, kind, f"{', '.join(contract.key)}: duplicate")]


EVENT = column("happened_at", "timestamptz", required=True)


def late_days(age: int, *keys: Column) -> set[str]:
    """The days of the events that are made late of one on 5 January."""
    contract = contract_of(*keys, EVENT, delivery="events", duplicates="first")
    rows = [",".join([*([str(number)] * len(keys)), "2026-01-05T09:00:00Z"]) for number in range(1, 101)]
    table, lines = Table(contract, References({}), age), [",".join(contract.column_names), *rows]
    written, faults = plant_row_faults(table, lines, 1.0, [FaultKind.late], Stream(1, "x"))
    return {written[fault.line_number - 1].rpartition(",")[2][:10] for fault in faults}


def test_an_event_is_late_by_some_days_but_not_older_than_the_company():
    assert late_days(100, KEY) == {"2026-01-02", "2026-01-03", "2026-01-04"}
    assert late_days(1, KEY) == {"2026-01-04"}
    assert late_days(0, KEY) == set()


def test_a_line_of_a_document_is_not_late_alone():
    assert late_days(100, column("document", "text", is_key=True)) != set()
    assert late_days(100, column("document", "text", is_key=True), column("line", "integer", is_key=True)) == set()


def test_what_is_referred_to_has_last_changed_when_it_says():
    changed = pl.Series([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC), None])
    days = pl.Series([date(2026, 1, 2)] * 3)
    numbers = pl.Series([1, 1, 2])
    frames = {
        "lab.told": pl.DataFrame({"id": numbers, "seen_on": days, "updated_at": changed}),
        "lab.seen": pl.DataFrame({"id": numbers, "seen_on": days}),
        "lab.timeless": pl.DataFrame({"id": numbers}),
    }
    found = {name: References(frames).last_changes(f"{name}.id") for name in frames}
    second = datetime(2026, 1, 2, tzinfo=UTC)
    assert found == {
        "lab.told": {"1": datetime(2026, 1, 3, tzinfo=UTC), "2": LONG_AGO},
        "lab.seen": {"1": second, "2": second},
        "lab.timeless": {"1": LONG_AGO, "2": LONG_AGO},
    }


def test_another_kind_is_planted_where_the_drawn_one_has_no_place(judge):
    contract = contract_of(KEY, delivery="events", duplicates="first")
    lines = ["probe_id", *map(str, range(1, 101))]
    _, faults = plant_row_faults(Table(contract, References({}), 30), lines, 1.0, ROW_KINDS, Stream(1, "x"))
    assert len(faults) == 100
    assert {fault.kind for fault in faults} == set(ROW_KINDS) - {
        FaultKind.conflicting_duplicate,
        FaultKind.orphan,
        FaultKind.late,
    }


def test_tables_that_others_refer_to_lose_no_row(monkeypatch):
    sales, touches = (contracts()[name] for name in ("sales.sales_transactions", "operations.customer_interactions"))
    assert may_lose_rows(sales)
    child = replace(
        touches, columns=(*touches.columns, column("sale", "text", references=f"{sales.id}.transaction_id"))
    )
    everything = contracts() | {child.id: child}
    monkeypatch.setattr("database.generator.faults.rows.contracts", lambda: everything)
    assert not may_lose_rows(sales)
    assert may_lose_rows(child)


def test_a_text_with_a_line_break_is_refused():
    frames = frames_of(DAY) | {"sales.stores": frames_of(DAY)["sales.stores"].with_columns(store_name=pl.lit("a\nb"))}
    with pytest.raises(GeneratorError, match=r"sales\.stores: a text holds a line break"):
        render(Day(DAY, 42, SCALE), frames, 0.0, ())


def test_kinds_are_read_from_a_comma_list():
    assert parse_fault_kinds("late, missing_value,,late") == (FaultKind.missing_value, FaultKind.late)
    assert parse_fault_kinds(",".join(reversed(FaultKind))) == tuple(FaultKind)
    assert parse_fault_kinds(" ") == ()
    with pytest.raises(ValueError, match="unknown fault kind lat: choose from missing_value, wrong_type"):
        parse_fault_kinds("lat")


def test_every_kind_is_of_rows_of_files_or_withdraws():
    assert (*ROW_KINDS, *FILE_KINDS, FaultKind.withdrawn) == tuple(FaultKind)
