"""Shipment: what a seller has sent to a customer, told before it arrives."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from airflow_provider_sagex3_cleo.documents.base import Business
from airflow_provider_sagex3_cleo.documents.order import ItemReferences, Party

__all__ = ["Pack", "PackedItem", "Shipment", "ShippedItem", "ShippedOrder"]


class ShippedItem(Business):
    """One shipped item of an order. Both quantities are counted in `unit`, the unit the customer ordered.

    `number` is the line's own number, once in an order; `order_line` the customer's; `unit` the code of the trading
    tables (X12 element 355)."""

    number: Annotated[int, Field(ge=1)]
    item: ItemReferences
    quantity: Annotated[Decimal, Field(gt=0)]
    unit: Annotated[str, Field(min_length=2, max_length=2)]
    ordered_quantity: Annotated[Decimal, Field(ge=0)] | None = None
    order_line: str | None = None
    lot: str | None = None


class PackedItem(Business):
    """How much of an order's item `number` is in a pack, in the item's unit."""

    number: Annotated[int, Field(ge=1)]
    quantity: Annotated[Decimal, Field(gt=0)]


class Pack(Business):
    """A carton or pallet with its own label. `sscc` is the GS1 number of 18 digits, check digit last."""

    sscc: Annotated[str, Field(min_length=1)]
    tracking_number: str | None = None
    items: Annotated[tuple[PackedItem, ...], Field(min_length=1)]


class ShippedOrder(Business):
    """What of one customer order is in the shipment. `packs`, where they are known, hold all of `items`."""

    number: Annotated[str, Field(min_length=1)]
    order_date: date | None = None
    release: str | None = None
    department: str | None = None
    vendor_number: str | None = None
    store: Party | None = None
    items: Annotated[tuple[ShippedItem, ...], Field(min_length=1)]
    packs: tuple[Pack, ...] = ()


class Shipment(Business):
    """A shipment as it is told: one delivery, or several of one load. Dates and times are those of the place it leaves.

    `carrier_mode` and `packaging` are codes of the trading tables (X12 elements 91 and 103), `weight_unit` of element
    355; `weight` is gross."""

    number: Annotated[str, Field(min_length=1)]
    ship_date: date
    ship_time: time | None = None
    expected_date: date | None = None
    ship_from: Party
    ship_to: Party
    bill_to: Party | None = None
    carrier_code: str | None = None
    carrier_name: str | None = None
    carrier_mode: str | None = None
    bill_of_lading: str | None = None
    tracking_numbers: tuple[str, ...] = ()
    weight: Annotated[Decimal, Field(gt=0)] | None = None
    weight_unit: str | None = None
    packages: Annotated[int, Field(ge=1)] | None = None
    packaging: str | None = None
    orders: Annotated[tuple[ShippedOrder, ...], Field(min_length=1)]
