"""The domains whose systems deliver files. A fourth domain is one more entry and a folder of contracts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Domain:
    """One source domain: folder name of its files and contracts, and who answers for it."""

    name: str
    title: str
    owner: str


DOMAINS = (
    Domain("sales", "Sales", "sales-systems"),
    Domain("operations", "Operations", "operations-systems"),
    Domain("finance", "Finance", "finance-systems"),
)
