"""What Sage X3 itself says of partners, addresses, products and units, for what records and tables leave open.

It is read of the references that the ledger keeps, and only where a key of tables.yaml asks for it
(docs/decisions/references.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Known", "KnownAddress", "KnownPartner"]


class KnownPartner(NamedTuple):
    """A supplier or customer. `active` is None where Sage X3 does not say; `address` is the code of the default
    address; `our_number` is what the partner calls us: a customer number of a supplier's, a supplier number of a
    customer's."""

    name: str | None
    name2: str | None
    active: bool | None
    address: str | None
    our_number: str | None


class KnownAddress(NamedTuple):
    """An address of a partner; `country` is Sage X3's code."""

    lines: tuple[str, ...]
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


@dataclass(frozen=True)
class Known:
    """One small tuple for each record; what no key asks for is empty.

    Attributes:
        partners: by entity (suppliers, customers) and code.
        addresses: by code of the partner and of the address.
        descriptions: of products, by code.
        decimals: how many a quantity in the unit may have, by Sage X3's unit.
    """

    partners: Mapping[tuple[str, str], KnownPartner] = field(default_factory=dict)
    addresses: Mapping[tuple[str, str], KnownAddress] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, int] = field(default_factory=dict)
