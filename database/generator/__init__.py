"""Mock source systems: what a US retailer with its own bank would deliver on a date.

`generate` makes the tables, `write_partition` writes them as the files that the loads read. A new table is one
contract and one entry in GENERATORS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from database.generator.day import DEFAULT_START, Day
from database.generator.frames import Columns, GeneratorError, frame_of
from database.generator.rendering import render
from database.generator.tables import finance, finance_books, indicators, operations, sales
from database.raw_zone import store_partition
from include.contracts import contracts
from include.fault_kinds import DEFAULT_KINDS, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    import polars as pl
    from upath import UPath

__all__ = ["GENERATORS", "GeneratorError", "generate", "write_partition"]

GENERATORS: dict[str, Callable[[Day], Columns]] = {
    "finance.accounts": finance.accounts,
    "finance.budgets": finance_books.budgets,
    "finance.credit_applications": finance.credit_applications,
    "finance.economic_indicators": indicators.economic_indicators,
    "finance.gl_entries": finance_books.gl_entries,
    "finance.loan_payments": finance.loan_payments,
    "finance.merchants": finance.merchants,
    "finance.transactions": finance.transactions,
    "operations.customer_interactions": operations.customer_interactions,
    "operations.fraud_alerts": operations.fraud_alerts,
    "operations.inventory_levels": operations.inventory_levels,
    "operations.onboarding": operations.onboarding,
    "operations.shipments": operations.shipments,
    "operations.users": operations.users,
    "sales.campaign_touches": sales.campaign_touches,
    "sales.customers": sales.customers,
    "sales.marketing_campaigns": sales.marketing_campaigns,
    "sales.products": sales.product_list,
    "sales.sales_transactions": sales.sales_transactions,
    "sales.stores": sales.store_list,
}


def generate(
    partition_date: date, seed: int, scale: float = 1.0, company_start: date = DEFAULT_START
) -> dict[str, pl.DataFrame]:
    """What the systems deliver about `partition_date`: one typed frame per contract id.

    A pure function of its arguments. `scale` multiplies people, accounts, events, stock and expenses, not
    products, stores and merchants. The company grows for two years from `company_start` on.

    Raises:
        ValueError: the date is before the company's start, or the scale is not above 0.
        GeneratorError: a contract has no generator, or other columns than its generator.
    """
    missing = contracts().keys() - GENERATORS.keys()
    if missing:
        raise GeneratorError(f"no generator for {', '.join(sorted(missing))}: add one to GENERATORS")
    day = Day(partition_date, seed, scale, company_start)
    return {name: frame_of(contract, GENERATORS[name](day)) for name, contract in contracts().items()}


def write_partition(  # noqa: PLR0917 - each is recorded with the partition
    root: UPath,
    partition_date: date,
    seed: int,
    scale: float,
    fault_rate: float,
    fault_kinds: Collection[FaultKind] = DEFAULT_KINDS,
    company_start: date = DEFAULT_START,
) -> dict[str, int]:
    """Write `root/YYYYMMDD/<domain>/<table>.csv` for every contract, and `_partition.json` beside them.

    A share `fault_rate` of the lines, and of the files, gets faults of the given kinds; `_truth.json` lists
    which. With the kind `withdrawn` it is the day's second delivery. The folder appears complete or not at all;
    writing it again gives the same bytes.

    Returns:
        Rows written (lines without the header) by contract id.

    Raises:
        ValueError: as for `generate`, or `fault_rate` is not between 0 and 1.
        FileExistsError: the day's folder holds files that the generator did not write; they are left alone.
    """
    day = Day(partition_date, seed, scale, company_start)
    kinds = tuple(kind for kind in FaultKind if kind in fault_kinds)
    delivery = render(day, generate(partition_date, seed, scale, company_start), fault_rate, kinds)
    about = {
        "seed": seed,
        "scale": float(scale),
        "company_start": company_start.isoformat(),
        "fault_rate": float(fault_rate),
        "fault_kinds": kinds,
        "revision": 2 if FaultKind.withdrawn in kinds else 1,
        "rows": delivery.rows,
    }
    store_partition(root, partition_date, delivery.files, about)
    return delivery.rows
