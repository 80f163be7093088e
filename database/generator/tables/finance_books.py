"""Mock accounting systems: the general ledger and the budgets."""

from __future__ import annotations

import numpy as np
import polars as pl

from database.generator.company.budget import CENTERS, budget
from database.generator.company.ledger import journals
from database.generator.day import Day
from database.generator.frames import Columns, dates, ids, moments, money, pick


def gl_entries(day: Day) -> Columns:
    """Columns of finance.gl_entries: the lines of the journals posted on the date."""
    kinds = journals(day)
    lines = np.concatenate([np.full(len(kind.account), kind.account.shape[1]) for kind in kinds])
    of_line = np.repeat(np.arange(len(lines)), lines)  # the journal of each line
    first = np.cumsum(lines) - lines
    document_type = pl.concat([pl.repeat(kind.document_type, len(kind.account), eager=True) for kind in kinds])
    return {
        "journal_id": ids(f"J{day.date:%Y%m%d}-", np.arange(1, len(lines) + 1), 7).gather(of_line),
        "journal_line": pl.Series(1 + np.arange(len(of_line)) - first[of_line]),
        "posted_at": moments(np.concatenate([kind.posted_at for kind in kinds])[of_line]),
        "gl_account": pl.Series(np.concatenate([kind.account.ravel() for kind in kinds])).cast(pl.String),
        "cost_center": pl.concat([kind.cost_center for kind in kinds]).gather(of_line),
        "document_type": document_type.gather(of_line),
        "document_id": pl.concat([kind.document for kind in kinds]).gather(of_line),
        "debit_amount": money(np.concatenate([kind.debit_cents.ravel() for kind in kinds])),
        "credit_amount": money(np.concatenate([kind.credit_cents.ravel() for kind in kinds])),
    }


def budgets(day: Day) -> Columns:
    """Columns of finance.budgets: every figure approved by the end of the date."""
    book = budget(day)
    return {
        "budget_month": dates(book.month),
        "gl_account": pl.Series(book.account).cast(pl.String),
        "cost_center": pick(CENTERS, book.center),
        "budget_amount": money(book.cents),
        "updated_at": moments(book.approved_at),
    }
