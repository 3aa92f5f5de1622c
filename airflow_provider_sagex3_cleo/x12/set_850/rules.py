"""What an agreement says about its 850s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from airflow_provider_sagex3_cleo.documents import PurchaseOrder
from airflow_provider_sagex3_cleo.x12.set_rules import (
    GTIN_LENGTHS,
    IDENTIFIER_KINDS,
    ITEM_REFERENCES,
    SetRules,
    one_party_a_role,
)

__all__ = ["GTIN_LENGTHS", "IDENTIFIER_KINDS", "ITEM_REFERENCES", "Rules850", "Terms"]


@dataclass(frozen=True)
class Terms:
    """Payment terms as the ITD segment says them. Days are counted from the date that `basis` names (element 333)."""

    kind: str = "01"
    basis: str = "3"
    discount_percent: Decimal | None = None
    discount_days: int | None = None
    net_days: int | None = None
    description: str | None = None


@dataclass(frozen=True)
class Rules850(SetRules):
    """How the partner wants its 850. The defaults are what most guides ask for.

    `note_reference`: qualifier of the N9 loop that carries notes; None sends no notes.
    The `..._role` of a party: element 98; None leaves the party out.
    `allowance_method`, `charge_method`: SAC12. `percent_basis`: SAC06; None leaves percentages out.
    `date_qualifier`: DTM01 of the requested date, which None leaves out; SCH05, which must be there, is 002 then.
    `dates`: qualifier of each further date, by its name.
    `terms`: the document's code of payment terms -> ITD; None sends no terms."""

    purpose: str = "00"
    order_type: str = "SA"
    drop_ship_type: str = "DS"
    buyer_role: str | None = "BY"
    seller_role: str | None = "SU"
    ship_to_role: str | None = "ST"
    bill_to_role: str | None = "BT"
    price_basis: str | None = None
    date_qualifier: str | None = "002"
    dates: Mapping[str, str] = field(default_factory=dict)
    line_dates: bool = True
    currency: bool = True
    contact: bool = True
    vendor_reference: str | None = "IA"
    contract_reference: str | None = "CT"
    internal_reference: str | None = "IL"
    note_reference: str | None = None
    terms: Mapping[str, Terms] | None = None
    allowance_method: str | None = "02"
    charge_method: str | None = "06"
    percent_basis: str | None = None
    hash_total: bool = True
    amount_total: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        one_party_a_role("850", self.buyer_role, self.seller_role, self.ship_to_role)

    @property
    def schedule_qualifier(self) -> str:
        """SCH05."""
        return self.date_qualifier or "002"

    @property
    def line_role(self) -> str:
        """N101 of a line's own ship-to, which is always named."""
        return self.ship_to_role or "ST"

    def type_of(self, order: PurchaseOrder) -> str:
        """The kind of order (element 92)."""
        return self.drop_ship_type if order.drop_ship else self.order_type
