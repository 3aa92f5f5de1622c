"""What an agreement says about its invoices, and the tables that only invoices need."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from airflow_provider_sagex3_cleo.partners.base import Name, Setting

__all__ = ["ChargeCode", "CreditNoteRules", "DiscountColumn", "InvoiceRules", "SacRules", "TaxCode"]

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

    def roles(self) -> list[str]:
        """The roles of the parties that are sent."""
        return [r for r in (self.remit_to_role, self.ship_to_role, self.bill_to_role, self.seller_role) if r]
