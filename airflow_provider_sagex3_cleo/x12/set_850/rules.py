"""What an agreement says about its 850s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from airflow_provider_sagex3_cleo.documents import PurchaseOrder
from airflow_provider_sagex3_cleo.x12.set_rules import GTIN_LENGTHS, IDENTIFIER_KINDS, ITEM_REFERENCES, SetRules

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
    `terms`: the document's code of payment terms -> ITD; None sends no terms."""

    purpose: str = "00"
    order_type: str = "SA"
    drop_ship_type: str = "DS"
    seller_role: str | None = "SU"
    price_basis: str | None = None
    date_qualifier: str = "002"
    line_dates: bool = True
    currency: bool = True
    contact: bool = True
    vendor_reference: str | None = "IA"
    contract_reference: str | None = "CT"
    internal_reference: str | None = "IL"
    note_reference: str | None = None
    terms: Mapping[str, Terms] | None = None
    hash_total: bool = True
    amount_total: bool = False

    def type_of(self, order: PurchaseOrder) -> str:
        """The kind of order (element 92)."""
        return self.drop_ship_type if order.drop_ship else self.order_type
