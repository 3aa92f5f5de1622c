"""Lines of a purchase order: quantity, unit and exact price, item references, requested date.

Source: docs/mapping-850.md; QTYPUU = QTYUOM x UOMPUUCOE and the price per purchase unit are in docs/assumptions.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from airflow_provider_sagex3_cleo.documents import EXACT, ItemReferences
from airflow_provider_sagex3_cleo.errors import (
    FieldMissing,
    GateUnknown,
    PriceMismatch,
    QuantityMismatch,
    UnknownItem,
    UnknownUnit,
    ValueUnreadable,
)
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import GTIN_QUALIFIERS, ITEM_QUALIFIERS, Agreement
from airflow_provider_sagex3_cleo.partners.known import Known
from airflow_provider_sagex3_cleo.partners.tables import Item, Tables

__all__ = [
    "CLOSED",
    "TOLERANCE",
    "Ordered",
    "coefficient",
    "description_for",
    "gtin_for",
    "is_closed",
    "item_references",
    "line_rows",
    "need_decimals",
    "ordered",
    "priced",
    "references",
    "remaining",
    "requested_date",
    "unit_code",
    "units_of_the_price",
]

OPEN, CLOSED = 1, 2  # local menu 1 (no, yes) of CLEFLG and LINCLEFLG
TOLERANCE = Decimal("0.01")
_MICRO = Decimal("0.000001")
_RECEIVED_NOTHING, _RECEIVED_ALL = 1, 3  # of local menu 280, RCPFLG


def line_rows(record: str, lines: tuple[Mapping[str, Any], ...], column: str = "POPLIN") -> list[tuple[int, Row]]:
    """The lines with their numbers, in order.

    Raises:
        FieldMissing: a line has no number.
        ValueUnreadable: a number is not a whole one above zero, or stands twice."""
    rows: list[tuple[int, Row]] = []
    seen: set[int] = set()
    for position, data in enumerate(lines, 1):
        number = data.get(column)
        if number is None:
            raise FieldMissing("is empty", **Row(record, data, f"line at position {position} ").where(column))
        row = Row(record, data, f"line {number} ")
        if type(number) is not int or number < 1:
            raise ValueUnreadable("is no line number", value=number, **row.where(column))
        if number in seen:
            raise ValueUnreadable("the line number stands twice", value=number, **row.where(column))
        seen.add(number)
        rows.append((number, row))
    return rows


def is_closed(row: Row) -> bool:
    """Whether the line is closed.

    Raises:
        GateUnknown: the flag is neither 1 (open) nor 2 (closed)."""
    flag = row.data.get("LINCLEFLG")
    if flag == OPEN:
        return False
    if flag == CLOSED:
        return True
    raise GateUnknown("the state of the line is unknown", value=flag, expected="1 or 2", **row.where("LINCLEFLG"))


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a line asks for, as Sage X3 has it: `quantity` in `unit`, `price` per `price_unit`."""

    quantity: Decimal
    unit: str
    price: Decimal
    price_unit: str

    @property
    def one_unit(self) -> bool:
        return self.unit == self.price_unit


def ordered(row: Row) -> Ordered:
    """Quantity and price of a line.

    Raises:
        FieldMissing, ValueUnreadable: the line is broken: no quantity or not above zero, no price or a negative one."""
    quantity, price = row.needed_number("QTYUOM"), row.needed_number("NETPRI")
    if quantity <= 0:
        raise ValueUnreadable("the quantity is not above zero", value=row.data["QTYUOM"], **row.where("QTYUOM"))
    if price < 0:
        raise ValueUnreadable("the price is negative", value=row.data["NETPRI"], **row.where("NETPRI"))
    unit = row.needed("UOM")
    return Ordered(quantity, unit, price, row.text("PUU") or unit)


def coefficient(row: Row, line: Ordered) -> Decimal | None:
    """How many price units make one order unit, by the line's own coefficient; None where the line has none."""
    if line.one_unit:
        return Decimal(1)
    value = row.number("UOMPUUCOE")
    return value if value is not None and value > 0 else None


def priced(row: Row, agreement: Agreement) -> tuple[Decimal, str, Decimal]:
    """Quantity, X3 unit and price per that unit as they are sent; checked against the line amount.

    NETPRI is per purchase unit. The agreement says whether the order unit (the price is converted) or the unit of the
    price is sent.

    Raises:
        FieldMissing, ValueUnreadable: as `ordered`.
        PriceMismatch: the conversion is not exact, or quantity x price is not LINAMT within 0.01."""
    line = ordered(row)
    quantity, unit, price = line.quantity, line.unit, line.price
    if not line.one_unit and agreement.quantity_unit == "price":
        quantity, unit = _quantity_in_price_unit(row, line), line.price_unit
    elif not line.one_unit:
        price = _price_per_order_unit(row, line)
    money = EXACT.multiply(quantity, price)
    amount = row.number("LINAMT")
    if amount is not None and EXACT.abs(EXACT.subtract(money, amount)) > TOLERANCE:
        raise PriceMismatch(
            f"quantity x price is {money:f} ({quantity:f} {unit} at {price:f})",
            value=row.data["LINAMT"],
            expected="the line amount within 0.01",
            **row.where("LINAMT"),
        )
    return quantity, unit, price


def units_of_the_price(row: Row, agreement: Agreement) -> Decimal:
    """How many units of the price make one of the unit that `priced` sends."""
    line = ordered(row)
    if agreement.quantity_unit == "price":
        return Decimal(1)
    return coefficient(row, line) or Decimal(1)


def _quantity_in_price_unit(row: Row, line: Ordered) -> Decimal:
    quantity = row.number("QTYPUU")
    if quantity is None or quantity <= 0:
        raise PriceMismatch(f"no quantity in {line.price_unit}", value=row.data.get("QTYPUU"), **row.where("QTYPUU"))
    return quantity


def _price_per_order_unit(row: Row, line: Ordered) -> Decimal:
    factor = coefficient(row, line)
    if factor is None:
        raise PriceMismatch(
            f"the price is per {line.price_unit} and the quantity in {line.unit}, and no coefficient converts them",
            value=row.data.get("UOMPUUCOE"),
            expected=f"how many {line.price_unit} make one {line.unit}",
            **row.where("UOMPUUCOE"),
        )
    in_price_unit, exact = row.number("QTYPUU"), EXACT.multiply(line.quantity, factor)
    if in_price_unit is not None and exact != in_price_unit:
        raise PriceMismatch(
            f"{line.quantity:f} {line.unit} x coefficient is {exact:f} {line.price_unit}, "
            f"so no exact price per {line.unit} exists",
            value=row.data["QTYPUU"],
            expected=f"{exact:f}",
            remedy="correct the coefficient in Sage X3, or set `quantity_unit: price` in the agreement",
            **row.where("QTYPUU"),
        )
    return EXACT.multiply(line.price, factor)


def remaining(row: Row, line: Ordered, header_received: Any) -> Decimal:
    """What is left of a closed line: the quantity that was received, in order units; the ordered one when all came.

    `header_received` is RCPFLG (menu 280), the answer where the line itself does not say.

    Raises:
        FieldMissing: neither line nor header says what was received."""
    received = row.number("RCPQTYPUU")
    if received is None and header_received in (_RECEIVED_NOTHING, _RECEIVED_ALL):
        return line.quantity if header_received == _RECEIVED_ALL else Decimal(0)
    if received is None:
        raise FieldMissing("is empty, so what was received of the closed line is unknown", **row.where("RCPQTYPUU"))
    if received <= 0:
        return Decimal(0)
    factor, in_price_unit = coefficient(row, line), row.number("QTYPUU")
    if in_price_unit is None and factor is not None:
        in_price_unit = EXACT.multiply(line.quantity, factor)
    if in_price_unit is None or in_price_unit <= 0:
        raise FieldMissing("is empty, so what was received cannot be compared", **row.where("QTYPUU"))
    if received >= in_price_unit:  # too much received is the receipt's business, not the order's
        return line.quantity
    share = EXACT.divide(EXACT.multiply(line.quantity, received), in_price_unit)
    return share.quantize(_MICRO, ROUND_HALF_EVEN, EXACT)  # it may be periodic


def requested_date(row: Row, head: Row) -> date | None:
    """The day the goods are wanted: requested, else expected on the line, else expected on the order.

    Raises:
        ValueUnreadable: a date is none."""
    return row.day("DEMRCPDAT") or row.day("EXTRCPDAT") or head.day("EXTRCPDAT")


def unit_code(row: Row, unit: str, agreement: Agreement, tables: Tables, column: str = "UOM") -> str:
    """X12 code of an X3 unit: the agreement's, else the common table's.

    Raises:
        UnknownUnit: neither has it."""
    code = agreement.units.get(unit) or tables.units.get(unit)
    if code is None:
        raise UnknownUnit(
            "the unit has no X12 code",
            value=unit,
            expected="a code of X12 element 355",
            remedy=f"add {unit} under `units` in tables.yaml, or in agreement {agreement.id}",
            **row.where(column),
        )
    return code


def need_decimals(row: Row, quantity: Decimal, unit: str, known: Known, column: str) -> None:
    """Raises: QuantityMismatch where the quantity has more decimals than Sage X3 allows its unit. Nothing is known of
    any unit unless the tables say `unit_decimals: hold`."""
    most = known.decimals.get(unit)
    if most is not None and EXACT.remainder(EXACT.scaleb(quantity, most), Decimal(1)):
        raise QuantityMismatch(
            f"{quantity.normalize(EXACT):f} {unit} has more decimals than the unit allows in Sage X3",
            value=f"{quantity:f} {unit}",
            expected=f"{most} decimals at most",
            **row.where(column),
        )


def gtin_for(item: Item | None, agreement: Agreement) -> str | None:
    """The item's GTIN where one of the agreement's qualifiers carries its length (UP takes 12 digits, EN 13 ...)."""
    gtin = item.gtin if item else None
    return gtin if gtin and GTIN_QUALIFIERS.get(len(gtin)) in agreement.items.order else None


def item_references(row: Row, agreement: Agreement, tables: Tables) -> ItemReferences:
    """What both sides call the item.

    Raises:
        FieldMissing: the line has no item.
        UnknownItem: a reference the agreement requires, or any usable one, is missing."""
    code = row.needed("ITMREF")
    entry = tables.items.get(code)
    vendor = row.text("ITMREFBPS") or (entry.vendor.get(agreement.partner) if entry else None)
    return references(
        row,
        agreement,
        buyer=code,
        vendor=vendor,
        gtin=gtin_for(entry, agreement),
        manufacturer=entry.manufacturer if entry else None,
        description=description_for(row, tables),
        remedy="enter the supplier's item number in Sage X3, or add the item to the items table (tables.yaml)",
    )


def description_for(row: Row, tables: Tables) -> str | None:
    """The description on the line, else that of the product where `descriptions_from` of the tables asks for it."""
    return row.text("ITMDES") or tables.known.descriptions.get(row.needed("ITMREF"))


def references(
    row: Row, agreement: Agreement, *, remedy: str, description: str | None, **found: str | None
) -> ItemReferences:
    """What both sides call the item: all that was found of `buyer`, `vendor`, `gtin` and `manufacturer`.

    The agreement's own table (`item_numbers`) goes before all of it.

    Raises:
        UnknownItem: a reference the agreement requires, or any usable one, is missing."""
    number = agreement.item_numbers.get(row.text("ITMREF") or "")
    if number is not None:  # written down for this very partner: more certain than what a record or table says
        own = "vendor" if agreement.role in ("supplier", "pay_to") else "buyer"
        found[ITEM_QUALIFIERS[number.qualifier] if number.qualifier else own] = number.id
    missing = [name for name in agreement.items.required if not found[name]]
    if missing or not any(found[ITEM_QUALIFIERS[qualifier]] for qualifier in agreement.items.order):
        wanted = missing or dict.fromkeys(ITEM_QUALIFIERS[qualifier] for qualifier in agreement.items.order)
        raise UnknownItem(
            f"the item has no reference of kind {', '.join(wanted)}",
            value=row.text("ITMREF"),
            expected=f"what agreement {agreement.id} asks for (qualifiers {', '.join(agreement.items.order)})",
            remedy=remedy,
            **row.where("ITMREF"),
        )
    return ItemReferences(description=description, **found)
