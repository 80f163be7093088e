"""Source tables, declared once each: `<domain>/<table>.yaml` (Open Data Contract Standard)."""

from include.contracts.contract import Column, Contract, ContractError, contracts, contracts_of

__all__ = ["Column", "Contract", "ContractError", "contracts", "contracts_of"]
