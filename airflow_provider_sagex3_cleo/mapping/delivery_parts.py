"""Lines and packs of a delivery: quantities in the unit the customer ordered, goods by customer order, labels.

Source: docs/mapping-856.md; that SAUSTUCOE is the number of stock units in one SAU is in docs/assumptions.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from typing import Any

from airflow_provider_sagex3_cleo.documents import EXACT
from airflow_provider_sagex3_cleo.documents.shipment import Pack, PackedItem, ShippedItem
from airflow_provider_sagex3_cleo.errors import NotRepresentable, QuantityMismatch, ValueUnreadable
from airflow_provider_sagex3_cleo.mapping.order_lines import need_decimals, unit_code
from airflow_provider_sagex3_cleo.mapping.sold import Orders, sold_item, sold_line
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.tables import Tables

__all__ = ["Shipped", "packs_of", "shipped_line"]

_NO_ROUNDING = Context(prec=40, traps=[Inexact])


@dataclass(frozen=True)
class Shipped:
    """One line that ships something: its row, the line of the sales order, what is sent of it."""

    row: Row
    sold: Row
    item: ShippedItem


def shipped_line(number: int, row: Row, orders: Orders, agreement: Agreement, tables: Tables) -> Shipped | None:
    """One line as it is sent; None for one that ships nothing.

    Raises:
        FieldMissing, ValueUnreadable: the line is broken: no item, no quantity or a negative one.
        QuantityMismatch: the quantity is not exact in the ordered unit, or no coefficient converts it.
        UnknownItem, UnknownUnit: a table or the sales order lacks what the agreement asks for."""
    quantity = row.needed_number("QTY")
    if quantity < 0:
        raise ValueUnreadable("the quantity is negative", value=row.data["QTY"], **row.where("QTY"))
    if not quantity:
        return None
    sold = sold_line(row, orders)
    item = sold_item(row, sold, agreement, tables)
    own = row.needed("SAU")
    ordered = sold.text("SAU") or own
    if own != ordered:
        _agrees_with_stock(row, quantity)
    shipped = _in_ordered_unit(row, sold, quantity, own, "QTY")
    need_decimals(row, shipped, ordered, tables.known, "QTY")
    return Shipped(
        row,
        sold,
        ShippedItem(
            number=number,
            item=item,
            quantity=shipped,
            unit=unit_code(row, ordered, agreement, tables, "SAU"),
            ordered_quantity=sold.number("QTY") if sold.data.get("SOQSEQ") == row.data.get("SOQSEQ") else None,
            order_line=sold.text("LINORDNUM"),
        ),
    )


def _agrees_with_stock(row: Row, quantity: Decimal) -> None:
    """Raise where the line's quantity, in stock units, is not what left the stock."""
    stock, coefficient = row.number("QTYSTU"), row.number("SAUSTUCOE")
    if stock is not None and coefficient and EXACT.multiply(quantity, coefficient) != stock:
        raise QuantityMismatch(
            f"{quantity:f} {row.text('SAU')} x coefficient is {EXACT.multiply(quantity, coefficient):f}",
            value=row.data["QTYSTU"],
            expected="the quantity in stock units",
            **row.where("QTYSTU"),
        )


def _in_ordered_unit(row: Row, sold: Row, quantity: Decimal, unit: str, column: str) -> Decimal:
    """A quantity in the unit of the sales order's line, exact.

    Raises: QuantityMismatch."""
    ordered = sold.text("SAU") or row.needed("SAU")
    if unit == ordered:
        return quantity
    each, wanted = _stock_units(row, unit), _stock_units(sold, ordered)
    if each is None or wanted is None or row.text("STU") != sold.text("STU"):
        lacking = unit if each is None else ordered
        raise QuantityMismatch(
            f"shipped in {unit}, ordered in {ordered}, and no coefficient converts {lacking}",
            value=f"{quantity:f} {unit}",
            expected="SAUSTUCOE of the delivery's line and of the order's, for one stock unit",
            **row.where(column),
        )
    stock = EXACT.multiply(quantity, each)
    try:
        return _NO_ROUNDING.divide(stock, wanted)
    except Inexact:
        raise QuantityMismatch(
            f"{quantity:f} {unit} are {stock:f} stock units, which is no exact number of {ordered} ({wanted:f} each)",
            value=f"{quantity:f} {unit}",
            expected=f"a quantity that can be said in {ordered}",
            **row.where(column),
        ) from None


def _stock_units(row: Row, unit: str) -> Decimal | None:
    """How many stock units make one of `unit`, by the coefficient of a line; None where it does not say."""
    if unit == row.text("STU"):
        return Decimal(1)
    value = row.number("SAUSTUCOE") if unit == row.text("SAU") else None
    return value if value is not None and value > 0 else None


def packs_of(
    head: Row, related: Mapping[str, Mapping[str, Mapping[str, Any]]], goods: Sequence[tuple[str, Shipped]], *,
    always: bool,
) -> dict[str, list[Pack]]:  # fmt: skip
    """The packs by customer order, in the order of their numbers; none where none is known by an SSCC.

    Args:
        related: what is attached to the delivery: `packs` (SPACK) and `pack_items` (SPACKD).
        goods: the lines with the customer order each belongs to.
        always: packs without an SSCC are an error even where no pack has one.

    Raises:
        NotRepresentable: a pack without SSCC beside others with one, an empty pack, or one over two orders.
        FieldMissing, ValueUnreadable, QuantityMismatch: contents that cannot be read or converted."""
    labels = {key: Row(head.record, row, f"pack {row.get('PACNUM')} ") for key, row in related.get("packs", {}).items()}
    if not always and not any(row.text("SCCCOD") for row in labels.values()):
        return {}
    inside: dict[tuple[str | None, str | None], list[Row]] = {}
    for data in related.get("pack_items", {}).values():
        row = Row(head.record, data, f"pack {data.get('PACNUM')} ")
        inside.setdefault(_place(row), []).append(row)
    line_of = {shipped.item.number: (order, shipped) for order, shipped in goods}
    found: dict[str, list[Pack]] = {}
    for label in sorted(labels.values(), key=_place_text):
        order, pack = _pack(label, inside.pop(_place(label), []), line_of)
        found.setdefault(order, []).append(pack)
    if inside:
        row = next(iter(inside.values()))[0]
        raise NotRepresentable(
            "contents of a pack that is not there", value=row.text("PACNUM"), expected="a row of SPACK",
            remedy="correct the packing in Sage X3", **row.where("PACNUM"),
        )  # fmt: skip
    return found


def _place(row: Row) -> tuple[str | None, str | None]:
    return row.text("PACNUM"), row.text("PACSEQ")


def _place_text(row: Row) -> tuple[int, str, str]:
    """Sorts pack numbers as people count: 2 before 10."""
    number, sequence = (text or "" for text in _place(row))
    return len(number), number, sequence


def _pack(
    label: Row, contents: Sequence[Row], line_of: Mapping[int, tuple[str, Shipped]]
) -> tuple[str, Pack]:  # fmt: skip
    """One pack and the customer order it belongs to."""
    code = label.text("SCCCOD")
    if code is None:
        raise NotRepresentable(
            "the pack has no SSCC", expected="18 digits, the last one the check digit",
            remedy="number it in Sage X3, or set `packs: never` in the agreement if the partner does without",
            **label.where("SCCCOD"),
        )  # fmt: skip
    quantities: dict[int, Decimal] = {}
    orders: dict[str, None] = {}
    for row in contents:
        number = row.whole("VCRLIN")
        if number is None or number not in line_of:
            raise NotRepresentable(
                "the pack holds a line that the delivery does not ship", value=number,
                remedy="correct the packing in Sage X3", **row.where("VCRLIN"),
            )  # fmt: skip
        order, shipped = line_of[number]
        quantity = row.needed_number("QTY")
        if quantity < 0:
            raise ValueUnreadable("the quantity is negative", value=row.data["QTY"], **row.where("QTY"))
        if quantity:
            unit = row.text("SAU") or shipped.row.needed("SAU")
            share = _in_ordered_unit(shipped.row, shipped.sold, quantity, unit, "QTY")
            quantities[number] = quantities.get(number, Decimal(0)) + share
            orders[order] = None
    if len(orders) != 1:
        raise NotRepresentable(
            f"the pack holds goods of several customer orders: {', '.join(orders)}" if orders else "the pack is empty",
            value=code, expected="goods of one customer order in each pack", remedy="correct the packing in Sage X3",
            **label.where("SCCCOD"),
        )  # fmt: skip
    items = tuple(PackedItem(number=number, quantity=quantity) for number, quantity in quantities.items())
    return next(iter(orders)), Pack(sscc=code, items=items)
