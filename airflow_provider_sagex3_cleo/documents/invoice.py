"""Invoice: what a seller asks a customer to pay. Credit notes are invoices of another kind, with positive amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from airflow_provider_sagex3_cleo.documents.base import Business
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.documents.order import Destination, ItemReferences, Party, Reference, add_up

__all__ = ["AllowanceOrCharge", "Invoice", "InvoiceLine", "PaymentTerms", "Tax"]


class Tax(Business):
    """One tax: `kind` and `code` come from the tax table; `rate` is in percent; amounts in the invoice's currency."""

    kind: Annotated[str, Field(min_length=1)]
    code: str | None = None
    jurisdiction: str | None = None
    rate: Decimal | None = None
    base: Decimal | None = None
    amount: Decimal
    exempt: bool = False


class PaymentTerms(Business):
    """When to pay. `due_date` where the terms are more than plain net days."""

    description: str | None = None
    net_days: int | None = None
    due_date: date | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None


class InvoiceLine(Business):
    """One invoiced item. `unit_price` is per `unit`; `amount` is the line excluding tax, allowances included.

    Quantity x unit price plus charges minus allowances is the amount: a net price comes without them. `note` may have
    several lines. `ship_to` is the line's own place; `destinations`, where there are any, add up to `quantity`, and the
    line then has no `ship_to`."""

    number: Annotated[int, Field(ge=1)]
    item: ItemReferences
    quantity: Annotated[Decimal, Field(gt=0)]
    unit: Annotated[str, Field(min_length=2, max_length=2)]
    unit_price: Annotated[Decimal, Field(ge=0)]
    amount: Decimal
    order_line: str | None = None
    allowances: tuple[AllowanceOrCharge, ...] = ()
    taxes: tuple[Tax, ...] = ()
    references: tuple[Reference, ...] = ()
    note: str | None = None
    ship_to: Party | None = None
    destinations: tuple[Destination, ...] = ()

    @model_validator(mode="after")
    def _destinations_add_up(self) -> InvoiceLine:
        add_up(self.destinations, self.quantity)
        return self


class Invoice(Business):
    """An invoice as it is sent. `total` includes tax and is the ERP's own; dates are calendar dates without a zone.

    `taxes` are all taxes of the invoice, which those of the lines say again; without any, those of the lines count."""

    number: Annotated[str, Field(min_length=1)]
    kind: Literal["invoice", "credit_note"] = "invoice"
    invoice_date: date
    currency: Annotated[str, Field(min_length=3, max_length=3)]
    order_number: str | None = None
    order_date: date | None = None
    release: str | None = None
    original_invoice: str | None = None
    seller: Party
    bill_to: Party
    ship_to: Party | None = None
    remit_to: Party | None = None
    vendor_number: str | None = None
    department: str | None = None
    store: str | None = None
    terms: PaymentTerms | None = None
    ship_date: date | None = None
    bill_of_lading: str | None = None
    carrier_code: str | None = None
    allowances: tuple[AllowanceOrCharge, ...] = ()
    taxes: tuple[Tax, ...] = ()
    notes: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    lines: Annotated[tuple[InvoiceLine, ...], Field(min_length=1)]
    total: Decimal

    @property
    def distributed(self) -> bool:
        """Whether lines say themselves how much of them went where; then the invoice has no place for all of it."""
        return any(line.destinations for line in self.lines)
