"""Source tables, declared once each: `<domain>/<table>.yaml` (Open Data Contract Standard)."""

from include.contracts.contract import Column, Contract, ContractError, contract_named, contracts, contracts_of

__all__ = ["Column", "Contract", "ContractError", "contract_named", "contracts", "contracts_of"]
