"""What an agreement says about its invoices, and the tables that only invoices need."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from airflow_provider_sagex3_cleo.partners.base import Name, Setting
from airflow_provider_sagex3_cleo.partners.ordering import NoteRules

__all__ = [
    "ChargeCode",
    "CreditNoteRules",
    "DiscountColumn",
    "InvoiceRules",
    "SacRules",
    "TaxCode",
    "invoice_clashes",
]

Code2 = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
Reference = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")] | None
Role = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")] | None


class ChargeCode(Setting):
    """An invoice element of Sage X3 as the partner knows it: what it does to the total, and its SAC02."""

    kind: Literal["allowance", "charge"]
    code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{3}$")]
    description: Annotated[Name, Field(max_length=80)] | None = None


class DiscountColumn(ChargeCode):
    """One of the discount columns of a line (DISCRGVAL1 to 9): a percentage or an amount per unit of the price, of the
    gross price or of what the columns before it left."""

    value: Literal["percent", "amount"] = "percent"
    of: Literal["gross", "remaining"] = "remaining"


class SacRules(Setting):
    """How the partner wants the SAC of an 850; as the keys of the same names are in `invoice` for an 810.

    `footer_allowance`, `footer_charge`: SAC02 of what an order's total has less, or more, than its lines."""

    allowance_method: Code2 | None = "02"
    charge_method: Code2 | None = "06"
    percent_basis: Annotated[str, Field(pattern=r"^[A-Z0-9]$")] | None = None
    footer_allowance: Annotated[str, Field(pattern=r"^[A-Z][0-9]{3}$")] | None = None
    footer_charge: Annotated[str, Field(pattern=r"^[A-Z][0-9]{3}$")] | None = None


class TaxCode(Setting):
    """A tax code of Sage X3 as the partner knows it: TXI01, its rate in percent, where it is levied."""

    kind: Code2
    rate: Annotated[Decimal, Field(ge=0, lt=100)] | None = None
    jurisdiction: Annotated[Name, Field(max_length=10)] | None = None
    exempt: bool = False


class CreditNoteRules(Setting):
    """How the partner wants credit notes: BIG07, the sign of quantities and amounts, and the qualifier of the REF that
    names the credited invoice (none: it is not named)."""

    type: Code2 = "CR"
    amounts: Literal["positive", "negative"] = "positive"
    reference: Reference = "OI"


class InvoiceRules(Setting):
    """How a partner wants its 810s. docs/agreements.md explains every key."""

    type: Code2 | None = None
    credit_notes: CreditNoteRules | None = None
    debit_notes: Literal["hold", "send"] = "hold"
    several_orders: Literal["hold", "first", "none"] = "hold"
    order_number: Literal["required", "optional"] = "required"
    other_currencies: bool = False
    currency_role: Role = "SE"
    remit_to_role: Role = "RI"
    ship_to_role: Role = "ST"
    bill_to_role: Role = "BT"
    seller_role: Role = "SE"
    line_id: Literal["invoice", "order"] = "invoice"
    order_line_reference: Reference = None
    terms_kind: Code2 = "01"
    terms_basis: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,2}$")] = "3"
    allowance_method: Code2 | None = "02"
    charge_method: Code2 | None = "06"
    percent_basis: Annotated[str, Field(pattern=r"^[A-Z0-9]$")] | None = None
    tax_base: bool = False
    jurisdiction_list: Code2 | None = None
    note_segment: Literal["MSG", "NTE"] = "MSG"
    line_note_reference: Reference = None

    def roles(self) -> list[str]:
        """The roles of the parties that are sent."""
        return [r for r in (self.remit_to_role, self.ship_to_role, self.bill_to_role, self.seller_role) if r]


def invoice_clashes(
    rules: InvoiceRules, notes: NoteRules, line_ship_to: str, addresses: Collection[str]
) -> Iterator[tuple[str, str]]:
    """What an agreement of invoices asks for and cannot have.

    Args:
        addresses: the places that the customer has ids for."""
    roles = rules.roles()
    if len(set(roles)) < len(roles):
        yield "invoice", f"two parties have the same role: {' '.join(roles)}"
    if notes.qualifier and notes.lines and "lines" in notes.model_fields_set and not rules.line_note_reference:
        yield "notes", "a line of an 810 has no N9: `invoice: line_note_reference` says where its text goes"
    if rules.line_note_reference and not notes.lines:
        yield "invoice", "`line_note_reference` is for the texts of lines, and `notes` leaves them out"
    if line_ship_to != "hold" and not addresses:
        yield "line_ship_to", f"`{line_ship_to}` names places by their ids, and `addresses` has none"
