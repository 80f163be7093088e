"""`fso contract`: what is said of a file, and what is drafted from one."""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result
from upath import UPath

from database.etl.findings import examine
from database.generator import generate
from include.cli.contract import app
from include.contracts import ContractError, contracts
from include.contracts.contract import CONTRACTS_DIR, read_contract
from include.contracts.drafting import draft_contract
from include.runtime.errors import PlatformError

STORES = contracts()["sales.stores"]
STORE = "S0001,Main Street,mall,Reno,NV,West,1000,2001-05-06,true,2026-01-01T00:00:00Z"
RETURNS = """\
return_id,returned_at,customer_id,quantity,refund_amount,reason,postal_code,note
R1,2026-01-05T10:00:00Z,C0000001,1,19.90,damaged,01234,
"""


def stores(count: int) -> list[str]:
    return [STORE.replace("S0001", f"S{number:04}") for number in range(1, count + 1)]


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join([",".join(STORES.column_names), *lines]) + "\n")
    return path


def fso(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, PlatformError):
        raise result.exception
    return result


def test_a_good_file_would_be_loaded(tmp_path: Path) -> None:
    done = fso("check", write(tmp_path / "stores.csv", stores(30)))
    assert done.exit_code == 0
    assert done.stdout == (
        "sales.stores: 30 rows read, 30 accepted, 0 rejected (at most 5% may be): the file would be loaded\n"
    )


def test_reasons_are_counted_with_their_first_lines_the_most_frequent_first(tmp_path: Path) -> None:
    lines = stores(200)
    lines[7] = lines[7].replace("NV", "Nevada")
    for number in range(50, 56):
        lines[number] = lines[number].replace("mall", "kiosk")
    done = fso("check", write(tmp_path / "stores.csv", [*lines, lines[0].replace("2026-01-01T", "2025-01-01T")]))
    assert done.exit_code == 0
    rows = [re.split(r"\s*│\s*", line.strip("│ ")) for line in done.stdout.splitlines() if line.startswith("│")]
    assert rows == [
        ["store_type: not an allowed value", "6", "52, 53, 54, 55, 56 …"],
        ["state: not like ^[A-Z]{2}$", "1", "9"],
        ["store_id: duplicate", "1", "202"],
    ]
    assert "201 rows read, 193 accepted, 8 rejected" in done.stdout


def test_too_many_bad_rows_end_with_exit_status_1(tmp_path: Path) -> None:
    lines = [line.replace("mall", "kiosk") for line in stores(2)] + stores(30)[2:]
    done = fso("check", write(tmp_path / "stores.csv", lines))
    assert done.exit_code == 1
    assert "2 rejected (at most 5% may be): the file would be refused" in done.stdout


def test_too_few_rows_are_announced(tmp_path: Path) -> None:
    done = fso("check", write(tmp_path / "stores.csv", []))
    assert "the checkpoint after the load would stop the day: it asks for at least 1 rows" in done.stdout


def test_a_file_of_another_name_is_checked_against_the_contract_that_is_named(tmp_path: Path) -> None:
    packed = tmp_path / "export of monday.csv.gz"
    packed.write_bytes(gzip.compress(write(tmp_path / "x.csv", stores(3)).read_bytes()))
    assert "3 accepted" in fso("check", packed, "--contract", "sales.stores").stdout
    with pytest.raises(PlatformError, match=r"no table is named export of monday: .*; then say so with --contract"):
        fso("check", packed)
    with pytest.raises(PlatformError, match=r"no table is named sales\.shops: choose from .*sales\.stores"):
        fso("check", packed, "--contract", "sales.shops")


def test_a_file_in_s3_is_checked(bucket: UPath, tmp_path: Path) -> None:
    (bucket / "stores.csv").write_bytes(write(tmp_path / "stores.csv", stores(3)).read_bytes())
    assert "3 accepted" in fso("check", bucket / "stores.csv").stdout


def test_an_empty_row_of_excel_is_no_record_and_keeps_the_numbers_of_rows(tmp_path: Path) -> None:
    book = Workbook()
    bad = STORE.replace("NV", "Nevada")
    for line in ("", ",".join(STORES.column_names), STORE, "", bad, *stores(40)[1:]):
        book.active.append([cell or None for cell in line.split(",")])
    book.save(tmp_path / "stores.xlsx")
    done = fso("check", tmp_path / "stores.xlsx")
    assert re.search(r"state: not like .*1 *│ 5 *│", done.stdout)
    assert "41 rows read, 40 accepted, 1 rejected" in done.stdout


def test_a_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"is a folder: name, or deliver, the file itself"):
        fso("check", tmp_path, "--contract", "sales.stores")


def test_an_unreadable_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match=r"stores\.csv does not exist"):
        fso("check", tmp_path / "stores.csv")
    (tmp_path / "stores.csv").write_text("store_id\nS0001\n")
    with pytest.raises(PlatformError, match=r"lacks columns store_name"):
        fso("check", tmp_path / "stores.csv")


def returns() -> pl.DataFrame:
    rows = range(1, 41)
    return pl.DataFrame(
        {
            "note": [None, "late", *[None] * 38],
            "return_id": [f"R{row}" for row in rows],
            "returned_at": [f"2026-01-05T10:00:{row:02}Z" for row in rows],
            "customer_id": [f"C{row % 7:07}" for row in rows],
            "quantity": [str(row % 4) for row in rows],
            "balance": [str(row * 10**8 - 5) for row in rows],
            "correction": [str(row % 4 - 1) for row in rows],
            "refund_amount": [f"{row}.90" for row in rows],
            "reason": ["damaged", "didn't fit"] * 20,
            "postal_code": [f"{row:05}" for row in rows],
            "is_open": ["true", "false"] * 20,
            "promised_date": ["2026-01-05", ""] * 20,
            "email": [f"someone{row}@example.org" for row in rows],
        }
    )


def drafted(frame: pl.DataFrame, folder: Path) -> object:
    path = folder / "sales" / "returns.yaml"
    path.parent.mkdir()
    path.write_text(draft_contract(frame, "sales", "returns", contracts()))
    return read_contract(path)


def test_a_draft_says_what_the_rows_show(tmp_path: Path) -> None:
    contract = drafted(returns(), tmp_path)
    columns = {column.name: column for column in contract.columns}
    assert contract.column_names == tuple(returns().columns)
    assert contract.key == ("return_id",)
    assert (contract.delivery, contract.duplicates) == ("events", "first")
    assert {name: column.type for name, column in columns.items()} == {
        "note": "text",
        "return_id": "text",
        "returned_at": "timestamptz",
        "customer_id": "text",
        "quantity": "integer",
        "balance": "bigint",
        "correction": "integer",
        "refund_amount": "numeric(14,2)",
        "reason": "text",
        "postal_code": "text",
        "is_open": "boolean",
        "promised_date": "date",
        "email": "text",
    }
    assert {name for name, column in columns.items() if not column.required} == {"note", "promised_date"}
    assert columns["reason"].allowed == ("damaged", "didn't fit")
    assert not any(column.allowed for name, column in columns.items() if name != "reason")
    assert columns["customer_id"].references == "sales.customers.customer_id"
    assert {name for name, column in columns.items() if column.is_pii} == {"email"}
    assert {name for name, column in columns.items() if column.minimum == 0} == {"quantity", "balance", "refund_amount"}
    assert columns["returned_at"].minimum == "2000-01-01"
    assert columns["postal_code"].max_length == 10


def test_what_a_person_must_decide_is_marked(tmp_path: Path) -> None:
    text = draft_contract(returns(), "sales", "returns", contracts())
    for question in (
        "purpose: 'TODO",
        "TODO: snapshot and latest",
        "TODO: the share of bad rows",
        "TODO: personal data?",
    ):
        assert question in text
    assert text.count("description: 'TODO") == len(returns().columns)
    assert "# filled in every row, 40 different values, 1.90 to 40.90\n" in text
    assert "# empty in 39 of 40 rows, 1 different value\n" in text


def test_nothing_is_left_to_decide_in_the_contracts_that_are_used() -> None:
    files = list(CONTRACTS_DIR.glob("*/*.yaml"))
    assert len(files) == len(contracts())
    assert [path.name for path in files if "TODO" in path.read_text()] == []


def test_a_key_may_need_two_columns(tmp_path: Path) -> None:
    frame = pl.DataFrame({"amount": ["1", "1", "2"], "store_code": ["a", "a", "b"], "day": ["1", "2", "1"]})
    assert drafted(frame, tmp_path).key == ("store_code", "day")


def test_a_key_refers_to_no_other_table(tmp_path: Path) -> None:
    contract = drafted(pl.DataFrame({"store_id": ["S0001", "S0002"], "customer_id": ["C1", "C1"]}), tmp_path)
    assert [column.references for column in contract.columns] == [None, "sales.customers.customer_id"]


def test_a_list_with_updated_at_is_a_snapshot(tmp_path: Path) -> None:
    contract = drafted(returns().with_columns(updated_at=pl.lit("2026-01-05T00:00:00Z")), tmp_path)
    assert (contract.delivery, contract.duplicates) == ("snapshot", "latest")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"Return ID": ["1"]}), "'Return ID': names are lower case"),
        (pl.DataFrame({"id": ["1"], "source_line": ["1"]}), "'source_line': names are lower case"),
        (pl.DataFrame({"id": ["1"], "extra_columns": ["1"]}), "'extra_columns': names are lower case"),
        (pl.DataFrame({"id": []}, schema={"id": pl.String}), "no rows to learn from"),
        (pl.DataFrame({"id": ["", "1"]}), "no column is filled in every row"),
    ],
)
def test_a_file_from_which_no_contract_can_be_made(frame: pl.DataFrame, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        draft_contract(frame, "sales", "returns", contracts())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of contracts: stores, products and what the test adds."""
    folder = tmp_path / "contracts"
    (folder / "sales").mkdir(parents=True)
    for table in ("stores", "products"):
        shutil.copy(CONTRACTS_DIR / "sales" / f"{table}.yaml", folder / "sales")
    monkeypatch.setattr("include.contracts.contract.CONTRACTS_DIR", folder)
    monkeypatch.setattr("include.cli.contract.CONTRACTS_DIR", folder)
    contracts.cache_clear()
    yield folder
    contracts.cache_clear()


def test_a_draft_can_be_checked_and_is_no_table_until_it_is_active(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "returns.csv"
    returns().write_csv(file)
    assert "draft accepts 40 of the file's 40 rows" in fso("new", file, "--domain", "sales").stdout
    contracts.cache_clear()
    done = fso("check", file)
    assert "sales.returns: 40 rows read, 40 accepted" in done.stdout
    assert "its contract is a draft" in done.stdout
    assert list(contracts()) == ["sales.products", "sales.stores"]
    draft = folder / "sales" / "returns.yaml"
    draft.write_text(draft.read_text().replace("status: draft", "status: active"))
    contracts.cache_clear()
    assert "draft" not in fso("check", file).stdout
    assert list(contracts()) == ["sales.products", "sales.returns", "sales.stores"]


def test_a_draft_that_is_not_complete_disturbs_no_one(folder: Path) -> None:
    stores = (folder / "sales" / "stores.yaml").read_text()
    (folder / "sales" / "shops.yaml").write_text(stores.replace("status: active", "status: draft"))
    assert list(contracts()) == ["sales.products", "sales.stores"]
    with pytest.raises(ContractError, match=r"sales/shops\.yaml: domain and schema name"):
        contracts(drafts=True)


def test_a_contract_is_drafted_for_a_known_domain_only(tmp_path: Path, folder: Path) -> None:
    returns().write_csv(tmp_path / "returns.csv")
    with pytest.raises(PlatformError, match=r"^there is no domain slaes: choose from sales, operations, finance$"):
        fso("new", tmp_path / "returns.csv", "--domain", "slaes")
    assert [path.name for path in folder.iterdir()] == ["sales"]


def test_drafts_of_the_generated_tables_accept_them(tmp_path: Path) -> None:
    for name, frame in generate(date(2026, 1, 5), 42, 0.2).items():
        contract = contracts()[name]
        file = UPath(tmp_path / f"{contract.table}.csv")
        frame.write_csv(str(file), datetime_format="%Y-%m-%dT%H:%M:%SZ")
        texts = pl.read_csv(str(file), infer_schema=False)
        path = tmp_path / contract.domain / f"{contract.table}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(draft_contract(texts, contract.domain, contract.table, contracts()))
        findings = examine(file, read_contract(path))
        assert (findings.rows_read, findings.lines) == (frame.height, {}), name
