"""Purchase order change: what a supplier is told when an order it already has becomes another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from airflow_provider_sagex3_cleo.documents.base import Business
from airflow_provider_sagex3_cleo.documents.order import OrderLine, PurchaseOrder

__all__ = ["HeaderAspect", "LineAspect", "LineChange", "OrderChange"]

HeaderAspect = Literal["order_date", "currency", "terms", "ship_to", "requested_date"]
LineAspect = Literal["added", "deleted", "item", "quantity", "unit", "unit_price", "requested_date", "ship_to"]


class LineChange(Business):
    """One line of a changed order: what counts from now on, and what of it is new.

    `line` is the line as it stands after the change (a deleted one: as it stood). `before` is the line the supplier
    knows; an added one has none. `left_to_receive` is what is still to come, in `line.unit`; nothing for a deleted
    line. `changes` is empty for a line that stays as it was."""

    line: OrderLine
    before: OrderLine | None
    left_to_receive: Annotated[Decimal, Field(ge=0)]
    changes: tuple[LineAspect, ...] = ()


class OrderChange(Business):
    """One step from the order a supplier knows to the order as it is now.

    `sequence` counts the changes of one order from 1. `order` is the order as it stands after the change, with all its
    lines (a cancelled one: as it stood), so it is what the next change begins with. `lines` has every line of `order`
    and the deleted ones, by number."""

    purpose: Literal["change", "cancellation"]
    sequence: Annotated[int, Field(ge=1)]
    change_date: date
    order: PurchaseOrder
    header_changes: tuple[HeaderAspect, ...] = ()
    lines: Annotated[tuple[LineChange, ...], Field(min_length=1)]
