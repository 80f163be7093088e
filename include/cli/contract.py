"""`fso contract`: a file against its contract, or a contract from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from include.cli.console import out
from include.contracts import Contract, ContractError, contract_named, contracts
from include.contracts.contract import CONTRACTS_DIR, read_contract
from include.runtime.errors import PlatformError
from include.settings import location

if TYPE_CHECKING:
    from upath import UPath

    from database.etl.findings import Findings

app = typer.Typer(no_args_is_help=True, help="Checks a file against its contract, or drafts a contract from a file.")
File = Annotated[str, typer.Argument(metavar="FILE", help="CSV, gzipped CSV or Excel; a path or s3:// URI.")]
SHOWN_LINES = 5


def _table_name(path: UPath) -> str:
    return path.name.partition(".")[0]


def _contract_of(path: UPath, wanted: str | None) -> Contract:
    """The contract that is asked for, or the one whose table the file is named after; a draft too."""
    try:
        return contract_named(wanted or _table_name(path), drafts=True)
    except ContractError as error:
        raise PlatformError(f"{error}; then say so with --contract") from None


def _examined(path: UPath, contract: Contract) -> Findings:
    from database.etl.findings import examine
    from database.raw_zone import FileUnreadable

    try:
        return examine(path, contract)
    except (FileUnreadable, ConnectionError) as error:
        raise PlatformError(str(error)) from None


def _print_findings(findings: Findings) -> None:
    table = Table("reason", "rows", "first lines")
    for reason, lines in findings.lines.items():
        first = ", ".join(map(str, lines[:SHOWN_LINES])) + (" …" if len(lines) > SHOWN_LINES else "")
        table.add_row(Text(reason), f"{len(lines):,}", first)
    if findings.lines:
        out.print(table)


@app.command()
def check(
    file: File,
    contract: Annotated[str | None, typer.Option(help="<domain>.<table>; by default by the file's name.")] = None,
) -> None:
    """Check a file as a load would, without loading it; exit status 1 if it would be refused.

    References to other tables are checked only when the day is loaded.
    """
    path = location(file, Path.cwd())
    found = _contract_of(path, contract)
    findings = _examined(path, found)
    _print_findings(findings)
    accepted = findings.rows_read - findings.rows_rejected
    verdict = "would be refused" if findings.would_be_refused else "would be loaded"
    out.print(
        f"{found.id}: {findings.rows_read:,} rows read, {accepted:,} accepted, {findings.rows_rejected:,} rejected "
        f"(at most {found.max_rejected_share:.0%} may be): the file {verdict}"
    )
    if accepted < found.min_rows:
        out.print(f"the checkpoint after the load would stop the day: it asks for at least {found.min_rows:,} rows")
    if found.id not in contracts():
        out.print("its contract is a draft: no run takes the file before the contract says `status: active`")
    raise typer.Exit(1 if findings.would_be_refused else 0)


@app.command()
def new(
    file: File,
    domain: Annotated[str, typer.Option(help="Whose system delivers the table.")],
    table: Annotated[str | None, typer.Option(help="Its name; by default that of the file.")] = None,
) -> None:
    """Draft the contract of a new table from a file, and check the file against the draft."""
    import polars as pl

    from database.raw_zone import FileUnreadable, open_csv
    from include.contracts.drafting import draft_contract

    path = location(file, Path.cwd())
    name = table or _table_name(path)
    target = CONTRACTS_DIR / domain / f"{name}.yaml"
    if target.exists():
        raise PlatformError(f"{target} exists: change it there, or give the table another name with --table")
    unknown = Contract(domain, name, "", "", (), "", "", 0.0, 0)
    try:
        with open_csv(path, unknown) as stream:
            frame = pl.read_csv(stream.read(), infer_schema=False)
        frame = frame.filter(pl.any_horizontal(pl.all().is_not_null()))  # blank lines are no rows
        text = draft_contract(frame, domain, name, contracts(drafts=True))
    except (OSError, FileUnreadable, ContractError, pl.exceptions.PolarsError) as error:
        raise PlatformError(f"no contract can be drafted from {path}: {error}") from None
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    findings = _examined(path, read_contract(target))
    _print_findings(findings)
    out.print(
        f"{target}: {len(frame.columns)} columns, {text.count('TODO')} places marked TODO; "
        f"the draft accepts {findings.rows_read - findings.rows_rejected:,} of the file's {findings.rows_read:,} rows. "
        "Next: docs/your-own-data.md"
    )
