"""Loads: the shipments of several deliveries that leave together become one.

Source: trading practice, docs/decisions/shipments.md; no public page of Sage X3 says what a load is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from airflow_provider_sagex3_cleo.documents.shipment import Pack, PackedItem, Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.errors import NotRepresentable

__all__ = ["line_numbers", "together"]

N = TypeVar("N", int, Decimal)

#: What deliveries of one load must have in common, and the columns it comes from.
_COMMON: Mapping[str, str] = {
    "ship_date": "SHIDAT",
    "expected_date": "ARVDAT",
    "ship_from": "STOFCY",
    "ship_to": "BPAADD",
    "carrier_code": "BPTNUM",
    "carrier_name": "BPTNUM",
    "carrier_mode": "BPTNUM",
    "bill_of_lading": "BOLNUM",
}


def together(number: str, load: str, parts: Mapping[str, Shipment]) -> Shipment:
    """One shipment of all deliveries of a load.

    Lines are numbered anew from 1 in the order of the deliveries; goods of one customer order come together. Weight and
    packages are sums, and unknown where one delivery has none; the ship time is the latest.

    Args:
        number: what the partner knows the shipment by.
        load: the load's number, for people.
        parts: the shipments by delivery, in their order; one at least.

    Raises:
        NotRepresentable: the deliveries differ in what a shipment has once, naming each with its value."""
    shipments = list(parts.values())
    first = shipments[0]
    common = {name: _one(load, column, parts, name) for name, column in _COMMON.items()}
    weighed = all(each.weight is not None for each in shipments)
    unit = _one(load, "WEU", parts, "weight_unit") if weighed else None
    times = [each.ship_time for each in shipments if each.ship_time is not None]
    return Shipment(
        **{
            **dict(first),
            **common,
            "number": number,
            "ship_time": max(times, default=None),
            "tracking_numbers": tuple(dict.fromkeys(each for s in shipments for each in s.tracking_numbers)),
            "weight": _total([each.weight for each in shipments]),
            "weight_unit": unit,
            "packages": _total([each.packages for each in shipments]),
            "orders": _orders(load, parts),
        }
    )


def line_numbers(parts: Mapping[str, Shipment]) -> dict[str, tuple[int, int]]:
    """The first and the last line number that each delivery has in the shipment of its load."""
    found, last = {}, 0
    for delivery, shipment in parts.items():
        count = sum(len(order.items) for order in shipment.orders)
        found[delivery] = (last + 1, last + count)
        last += count
    return found


def _one(load: str, column: str, parts: Mapping[str, Shipment], name: str) -> Any:
    """The value that all deliveries have which have one."""
    values = {delivery: value for delivery, s in parts.items() if (value := getattr(s, name)) is not None}
    if len({repr(value) for value in values.values()}) > 1:
        told = "; ".join(f"{delivery}: {_shown(value)}" for delivery, value in values.items())
        raise NotRepresentable(
            f"the deliveries of load {load} differ in {name.replace('_', ' ')}, which one shipment has once",
            system="sagex3", record=load, field=column, value=told,
            remedy="make them equal in Sage X3, or take one of them off the load",
        )  # fmt: skip
    return next(iter(values.values()), None)


def _shown(value: Any) -> str:
    return value.code if hasattr(value, "code") else str(value)


def _total(values: Sequence[N | None]) -> N | None:
    """The sum; None where one is unknown."""
    known = [value for value in values if value is not None]
    return sum(known[1:], start=known[0]) if len(known) == len(values) else None


def _orders(load: str, parts: Mapping[str, Shipment]) -> tuple[ShippedOrder, ...]:
    """The customer orders in the order they are met, each with its goods of all deliveries."""
    found: dict[str, list[ShippedOrder]] = {}
    last = 0
    for shipment in parts.values():
        numbers: dict[int, int] = {}
        for item in sorted((item for order in shipment.orders for item in order.items), key=lambda item: item.number):
            last += 1
            numbers[item.number] = last
        for order in shipment.orders:
            found.setdefault(order.number, []).append(_numbered(order, numbers))
    return tuple(_joined(load, orders) for orders in found.values())


def _numbered(order: ShippedOrder, numbers: Mapping[int, int]) -> ShippedOrder:
    """The order with other line numbers."""

    def anew(item: ShippedItem | PackedItem) -> dict[str, int]:
        return {"number": numbers[item.number]}

    return order.model_copy(
        update={
            "items": tuple(item.model_copy(update=anew(item)) for item in order.items),
            "packs": tuple(
                pack.model_copy(update={"items": tuple(item.model_copy(update=anew(item)) for item in pack.items)})
                for pack in order.packs
            ),
        }
    )


def _joined(load: str, orders: Sequence[ShippedOrder]) -> ShippedOrder:
    days = list(dict.fromkeys(order.order_date for order in orders if order.order_date is not None))
    if len(days) > 1:
        raise NotRepresentable(
            f"sales orders in load {load} have one customer's order number and different days",
            system="sagex3", record=load, field="SORDER.ORDDAT", value=", ".join(map(str, days)),
            remedy=f"correct the customer's order number {orders[0].number} on one of them",
        )  # fmt: skip
    packs: list[Pack] = [pack for order in orders for pack in order.packs]
    if packs and any(not order.packs for order in orders):
        packs = []  # judged as an order without packs, by what the agreement says of them
    return orders[0].model_copy(
        update={
            "order_date": days[0] if days else None,
            "items": tuple(item for order in orders for item in order.items),
            "packs": tuple(packs),
        }
    )
