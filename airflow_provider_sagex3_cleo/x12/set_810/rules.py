"""What an agreement says about its 810s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from airflow_provider_sagex3_cleo.x12.set_rules import OTHER_DECIMALS, SetRules, one_party_a_role

__all__ = ["OTHER_DECIMALS", "CreditNotes", "Rules810"]


@dataclass(frozen=True)
class CreditNotes:
    """How a credit note is said: BIG07, the sign of its quantities and amounts, and where the credited invoice stands.

    `reference` is the qualifier of the REF with the original invoice, which must then be known; None leaves it out."""

    type: str = "CR"
    amounts: Literal["positive", "negative"] = "positive"
    reference: str | None = "OI"


@dataclass(frozen=True)
class Rules810(SetRules):
    """How the partner wants its 810. The defaults are what most guides ask for.

    `invoice_type`: BIG07 of an invoice. `credit_notes`: None holds credit notes.
    `currency_role`: who the CUR speaks for; None sends no CUR.
    The `..._role` of a party: element 98; None leaves the party out. `remit_to_role` RI is in both releases, RE only in
    004010.
    `line_id`: IT101 is the line number of the invoice, or the customer's own order line.
    `order_line_reference`: qualifier of a REF in each line with the customer's order line.
    `carrier_mode`: CAD01; None sends no CAD, and the bill of lading stands in a REF instead.
    `allowance_method`, `charge_method`: SAC12. `percent_basis`: SAC06; None leaves percentages out (the amount counts).
    `line_taxes`: taxes of lines are sent; always when the invoice itself has none. `tax_base`: TXI08 is sent.
    `jurisdiction_list`: TXI04; None leaves jurisdictions out.
    `note_reference`: qualifier of the notes (N901, or NTE01 of each NTE, as `note_segment` says); None sends no notes.
    `line_note_reference`: REF01 of the texts of a line (which has no N9 and no NTE), REF03; None sends none.
    `other_currencies`: the partner reads N2 amounts of currencies without two decimals as hundredths as well."""

    invoice_type: str | None = None
    credit_notes: CreditNotes | None = None
    currency_role: str | None = "SE"
    remit_to_role: str | None = "RI"
    ship_to_role: str | None = "ST"
    bill_to_role: str | None = "BT"
    seller_role: str | None = "SE"
    vendor_reference: str | None = "IA"
    department_reference: str | None = "DP"
    store_reference: str | None = "ST"
    bill_of_lading_reference: str | None = "BM"
    order_line_reference: str | None = None
    line_id: Literal["invoice", "order"] = "invoice"
    price_basis: str | None = None
    terms: bool = True
    terms_kind: str = "01"
    terms_basis: str = "3"
    ship_date_qualifier: str | None = "011"
    carrier_mode: str | None = "M"
    allowance_method: str | None = "02"
    charge_method: str | None = "06"
    percent_basis: str | None = None
    line_taxes: bool = False
    tax_base: bool = False
    jurisdiction_list: str | None = None
    note_reference: str | None = None
    note_segment: Literal["MSG", "NTE"] = "MSG"
    line_note_reference: str | None = None
    other_currencies: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        one_party_a_role("810", self.remit_to_role, self.ship_to_role, self.bill_to_role, self.seller_role)

    @property
    def line_role(self) -> str:
        """N101 of a line's own ship-to, which is always named."""
        return self.ship_to_role or "ST"
