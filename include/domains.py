"""The domains whose systems deliver files. A fourth domain is one more entry and a folder of contracts."""

from __future__ import annotations

from dataclasses import dataclass

from include.runtime.errors import PlatformError


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


def domain_named(name: str) -> Domain:
    """The domain of that name.

    Raises:
        PlatformError: there is none; the message lists the names.
    """
    found = {domain.name: domain for domain in DOMAINS}
    if name not in found:
        raise PlatformError(f"there is no domain {name}: choose from {', '.join(found)}")
    return found[name]
