"""Purchase order: what a buyer asks a supplier to deliver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from airflow_provider_sagex3_cleo.documents.base import EXACT, Business
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge, net_of

__all__ = [
    "Contact",
    "Destination",
    "ItemReferences",
    "NamedDate",
    "OrderLine",
    "Party",
    "PostalAddress",
    "PurchaseOrder",
    "Reference",
    "ScheduledQuantity",
    "add_up",
]

Code = Annotated[str, Field(min_length=1, max_length=80)]


class PostalAddress(Business):
    """Where a party is. `country` is ISO 3166-1 alpha-2 or alpha-3; empty parts are None."""

    lines: tuple[str, ...] = ()
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Contact(Business):
    """A person or desk to ask."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


class Party(Business):
    """A business partner or one of our own sites in its role.

    `code` is the ERP's code (a label, never sent by itself); `identifier` with `identifier_kind` is what the
    trading partner knows it by (kinds: 'duns', 'duns4', 'gln', 'assigned_by_seller', 'assigned_by_buyer', 'mutual')."""

    code: Code
    name: str | None = None
    name2: str | None = None
    identifier_kind: str | None = None
    identifier: str | None = None
    address: PostalAddress | None = None
    contact: Contact | None = None


class ItemReferences(Business):
    """What an item is called by each side. At least one of the references the agreement asks for is there."""

    buyer: str | None = None
    vendor: str | None = None
    gtin: str | None = None
    manufacturer: str | None = None
    description: str | None = None


class Reference(Business):
    """A further reference; `name` is what the agreement calls it ('contract', 'project'), `value` what is sent."""

    name: Annotated[str, Field(min_length=1)]
    value: Annotated[str, Field(min_length=1)]


class NamedDate(Business):
    """A further date; `name` is what the agreement calls it ('ship', 'cancel after')."""

    name: Annotated[str, Field(min_length=1)]
    day: date


class Destination(Business):
    """How much of a line goes to one place, in the line's unit; the partner knows the place by its identifier.

    `number` is that of the ERP's line that it is: a line of the order may stand for several."""

    ship_to: Party
    quantity: Annotated[Decimal, Field(gt=0)]
    number: Annotated[int, Field(ge=1)]


class ScheduledQuantity(Business):
    """How much of a line is wanted on one day, in the line's unit; `number` as in a destination."""

    requested_date: date
    quantity: Annotated[Decimal, Field(gt=0)]
    number: Annotated[int, Field(ge=1)]


def add_up(parts: Sequence[Destination | ScheduledQuantity], quantity: Decimal) -> None:
    """Raises: ValueError where there are parts of a line, and they are not all of it."""
    if parts and sum((part.quantity for part in parts), Decimal(0)) != quantity:
        raise ValueError("the parts of the line do not add up to its quantity")


class OrderLine(Business):
    """One ordered item. `quantity` is counted in `unit`; `unit_price` is per `unit`, in the order's currency.

    Quantity x unit price plus charges minus allowances is what the line costs: a net price comes without them.
    `number` is the line's own number (from the ERP's line, never renumbered); `unit` is the code of the trading
    tables (X12 element 355); `note` may have several lines. `destinations` and `schedule`, where there are
    any, add up to `quantity`; the line then has no `ship_to`, or no `requested_date`, of its own."""

    number: Annotated[int, Field(ge=1)]
    item: ItemReferences
    quantity: Annotated[Decimal, Field(gt=0)]
    unit: Annotated[str, Field(min_length=2, max_length=2)]
    unit_price: Annotated[Decimal, Field(ge=0)]
    requested_date: date | None = None
    ship_to: Party | None = None
    note: str | None = None
    references: tuple[Reference, ...] = ()
    dates: tuple[NamedDate, ...] = ()
    allowances: tuple[AllowanceOrCharge, ...] = ()
    destinations: tuple[Destination, ...] = ()
    schedule: tuple[ScheduledQuantity, ...] = ()

    @model_validator(mode="after")
    def _splits_add_up(self) -> OrderLine:
        add_up(self.destinations, self.quantity)
        add_up(self.schedule, self.quantity)
        return self


class PurchaseOrder(Business):
    """A purchase order as it is sent. Document dates are calendar dates without a zone."""

    number: Annotated[str, Field(min_length=1)]
    revision: int | None = None
    order_date: date
    currency: Annotated[str, Field(min_length=3, max_length=3)]
    drop_ship: bool = False
    buyer: Party
    supplier: Party
    ship_to: Party
    bill_to: Party | None = None
    requested_date: date | None = None
    internal_reference: str | None = None
    contract: str | None = None
    vendor_number: str | None = None
    terms: str | None = None
    notes: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[NamedDate, ...] = ()
    allowances: tuple[AllowanceOrCharge, ...] = ()
    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1)]

    @property
    def distributed(self) -> bool:
        """Whether lines say themselves how much of them goes where; then the order has no place for all of it."""
        return any(line.destinations for line in self.lines)

    @property
    def total(self) -> Decimal:
        """Sum of quantity x unit price over all lines, with all charges and without all allowances; exact."""
        total = net_of(self.allowances)
        for line in self.lines:
            total = EXACT.fma(line.quantity, line.unit_price, total)
            if line.allowances:
                total = EXACT.add(total, net_of(line.allowances))
        return total
