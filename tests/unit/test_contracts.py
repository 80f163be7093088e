"""The contracts are complete, valid by their standard, and consistent with each other and with the domains."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.contracts import Contract, ContractError, contracts
from include.contracts.contract import CONTRACTS_DIR, read_contract
from include.domains import DOMAINS

TABLES = {
    "finance.accounts",
    "finance.budgets",
    "finance.credit_applications",
    "finance.economic_indicators",
    "finance.gl_entries",
    "finance.loan_payments",
    "finance.merchants",
    "finance.transactions",
    "operations.customer_interactions",
    "operations.fraud_alerts",
    "operations.inventory_levels",
    "operations.onboarding",
    "operations.shipments",
    "operations.users",
    "sales.campaign_touches",
    "sales.customers",
    "sales.marketing_campaigns",
    "sales.products",
    "sales.sales_transactions",
    "sales.stores",
}


def test_the_tables_are_exactly_these() -> None:
    assert set(contracts()) == TABLES


def test_every_domain_has_contracts_and_every_contract_a_domain() -> None:
    assert {contract.domain for contract in contracts().values()} == {domain.name for domain in DOMAINS}


@pytest.mark.parametrize("contract", contracts().values(), ids=lambda contract: contract.id)
def test_references_point_to_keys(contract: Contract) -> None:
    for column in contract.columns:
        if column.references:
            table, _, name = column.references.rpartition(".")
            assert contracts()[table].key == (name,)


@pytest.mark.parametrize("contract", contracts().values(), ids=lambda contract: contract.id)
def test_entities_keep_the_latest_and_events_the_first_duplicate(contract: Contract) -> None:
    assert (contract.delivery, contract.duplicates) in {("snapshot", "latest"), ("events", "first")}


def _broken(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / "sales" / "stores.yaml"
    path.parent.mkdir()
    text = (CONTRACTS_DIR / "sales" / "stores.yaml").read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("primaryKey: true", "primaryKey: false", "no column has primaryKey"),
        ("physicalType: integer", "physicalType: float8", "floor_area_sqft: float8 is none of"),
        ("property: minRows", "property: leastRows", "lacks minRows"),
        ("domain: sales", "domain: sale", "domain and schema name"),
        ("status: active", "status: actve", "status is actve: make it active, or draft to leave it out"),
        ("name: store_type", "name: extra_columns", "extra_columns is a column that loads add to every table"),
    ],
)
def test_an_incomplete_contract_is_refused_by_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ContractError, match=message) as error:
        read_contract(_broken(tmp_path, old, new))
    assert "sales/stores.yaml" in str(error.value)
