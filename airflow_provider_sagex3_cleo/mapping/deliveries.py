"""Deliveries: from a record of Sage X3 to what routing needs, the gate, and the shipment that is told.

Source of the gate: a delivery is final when it is validated, which issues its stock; loans, deliveries between own
sites and returned ones are told to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from airflow_provider_sagex3_cleo.documents import Party
from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.documents.shipment import Shipment, ShippedOrder
from airflow_provider_sagex3_cleo.errors import (
    AgreementIncomplete,
    FieldMissing,
    NoLines,
    UnmappedValue,
    ValueUnreadable,
)
from airflow_provider_sagex3_cleo.mapping.common import mapped, need_active, need_complete
from airflow_provider_sagex3_cleo.mapping.delivery_parts import Shipped, packs_of, shipped_line
from airflow_provider_sagex3_cleo.mapping.gates import Gate, judged, strongest
from airflow_provider_sagex3_cleo.mapping.order_lines import line_rows, unit_code
from airflow_provider_sagex3_cleo.mapping.ourselves import our_vendor_number
from airflow_provider_sagex3_cleo.mapping.places import SHIP_TO, header_party, our_site
from airflow_provider_sagex3_cleo.mapping.sold import Orders
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners.agreement import SHIPMENT_ROLES, Agreement
from airflow_provider_sagex3_cleo.partners.book import Book
from airflow_provider_sagex3_cleo.partners.shipping import Carrier
from airflow_provider_sagex3_cleo.partners.tables import Tables
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec_types import EntitySpec

__all__ = ["ROLES", "DeliveryFacts", "commercial", "facts", "gate", "to_document"]

ROLES = SHIPMENT_ROLES
_REASONS = {
    ("CFMFLG", "wait"): "not validated yet in Sage X3",
    ("SDHCAT", "never"): "a loan or a delivery to a subcontractor",
    ("BETFCY", "never"): "between own sites",
    ("RTNSTA", "never"): "all of it came back",
}
_LATER = {"packed": ("PACFLG", "not packed yet"), "printed": ("PRNNDE", "packing slip not printed yet")}
_YES = "2"  # local menu 1
_COMMERCIAL = ("SHIDAT", "BPCORD", "BPAADD", "BPDADDLIG0", "BPDCTY", "BPDSAT", "BPDPOSCOD", "BPDCRY")
_COMMERCIAL_LINE = ("SDDLIN", "ITMREF", "QTY", "SAU", "SOHNUM", "SOPLIN")
_NEEDED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "carrier_code": ("BPTNUM",),
    "carrier_name": ("BPTNUM",),
    "carrier_mode": ("BPTNUM",),
    "bill_of_lading": ("BOLNUM",),
    "weight": ("GROWEI", "WEU"),
    "packages": ("PACNBR",),
    "expected_date": ("ARVDAT", "DLVDAT"),
    "ship_time": ("SHIHOU",),
}


@dataclass(frozen=True)
class DeliveryFacts:
    """What finding the agreement needs. `ship_date` is None where Sage X3 has none: the book refuses it then."""

    number: str
    company: str | None
    site: str | None
    customer: str
    address: str | None
    ship_date: date | None


def facts(record: Record) -> DeliveryFacts:
    """Facts of one record.

    Raises:
        FieldMissing: the delivery has no customer.
        ValueUnreadable: the shipping date is none."""
    row = Row(record.key, record.fields)
    return DeliveryFacts(
        number=record.key,
        company=row.text("CPY"),
        site=row.text("SALFCY"),
        customer=row.needed("BPCORD"),
        address=row.text("BPAADD"),
        ship_date=row.day("SHIDAT"),
    )


def gate(record: Record, spec: EntitySpec, agreement: Agreement | None = None) -> Gate:
    """The verdict on a record as it was landed, with the reason.

    Args:
        spec: the entity, with the meaning of each status value.
        agreement: says what a shipment waits for once it is validated (`when`).

    Raises:
        AgreementIncomplete: it waits for a column that is not read."""
    found = judged(record, spec, _REASONS)
    if not found and agreement is not None and agreement.shipment.when in _LATER:
        column, words = _LATER[agreement.shipment.when]
        value = Row(record.key, record.fields).read(column)
        if value != _YES:
            found["wait"] = f"{words} ({column} {value})"
    return strongest(found, "validated")


def commercial(record: Record, agreement: Agreement) -> str:
    """SHA-256 (hex) of the commercial content: goods, day, place, packs where they are told, what the agreement needs.

    Other details of the transport may be entered after the delivery was validated and told, and change nothing."""
    names = [*_COMMERCIAL, *(name for need in agreement.shipment.needs for name in _NEEDED_COLUMNS.get(need, ()))]
    content: dict[str, Any] = {name: record.fields.get(name) for name in names}
    content["lines"] = [{name: line.get(name) for name in _COMMERCIAL_LINE} for line in record.lines]
    if agreement.shipment.packs != "never":
        packs, contents = (record.related.get(name, {}) for name in ("packs", "pack_items"))
        content["packs"] = {key: row.get("SCCCOD") for key, row in packs.items()}
        content["pack_items"] = {key: (row.get("QTY"), row.get("SAU")) for key, row in contents.items()}
    if "tracking_numbers" in agreement.shipment.needs:
        content["tracking"] = _tracking(record, Row(record.key, record.fields), agreement)
    return content_hash(content)


def to_document(record: Record, agreement: Agreement, book: Book) -> Shipment:
    """The shipment as it is told.

    Raises:
        Hold: a table, the agreement or a decision is missing; see the classes of `errors`.
        Quarantine: the record is broken in Sage X3."""
    return mapped(record, lambda: _document(record, agreement, book))


def _document(record: Record, agreement: Agreement, book: Book) -> Shipment:
    head, tables = Row(record.key, record.fields), book.tables
    need_complete(record, agreement)
    _need_read(record, head, agreement)
    need_active(record, agreement, tables)
    ship_date = head.day("SHIDAT")
    if ship_date is None:
        raise FieldMissing("is empty", **head.where("SHIDAT"))
    goods = _goods(record, agreement, tables)
    carrier = _carrier(record, head, agreement, tables)
    weight = head.number("GROWEI")
    packages = head.whole("PACNBR")
    return Shipment(
        number=record.key,
        ship_date=ship_date,
        ship_time=_time(head, "SHIHOU"),
        expected_date=head.day("ARVDAT") or head.day("DLVDAT") if "ARVDAT" in head.data else None,
        ship_from=our_site(head, "STOFCY", head.needed("STOFCY"), None, agreement, tables).party,
        ship_to=_ship_to(head, agreement, tables),
        carrier_code=carrier.scac,
        carrier_name=carrier.name,
        carrier_mode=carrier.mode,
        bill_of_lading=head.text("BOLNUM"),
        tracking_numbers=_tracking(record, head, agreement),
        weight=weight or None,
        weight_unit=unit_code(head, unit, agreement, tables, "WEU") if weight and (unit := head.text("WEU")) else None,
        packages=packages or None,
        orders=_orders(record, head, goods, agreement, our_vendor_number(agreement, tables)),
    )


def _need_read(record: Record, head: Row, agreement: Agreement) -> None:
    """Raises: AgreementIncomplete where the agreement needs what the record was read without."""
    for need in agreement.shipment.needs:
        for column in _NEEDED_COLUMNS.get(need, ()):
            head.read(column)
    if agreement.shipment.packs == "always" and not {"packs", "pack_items"} <= record.related.keys():
        raise AgreementIncomplete(
            "the agreement asks for packs, which are not read",
            expected="rows of SPACK and SPACKD, which GraphQL does not show",
            remedy=f"read deliveries by REST, or set `packs: known` or `never` in agreement {agreement.id}",
            **head.where("packs"),
        )


def _goods(record: Record, agreement: Agreement, tables: Tables) -> list[Shipped]:
    """The lines that ship something.

    Raises:
        NoLines: none does."""
    orders = _sales_orders(record)
    rows = line_rows(record.key, record.lines, "SDDLIN")
    goods = [line for number, row in rows if (line := shipped_line(number, row, orders, agreement, tables)) is not None]
    if not goods:
        what = "no line of the delivery ships anything" if rows else "the delivery has no lines"
        raise NoLines(what, system="sagex3", record=record.key, field="lines")
    return goods


def _sales_orders(record: Record) -> Orders:
    return record.related.get("sales_orders", {})


def _orders(
    record: Record, head: Row, goods: Sequence[Shipped], agreement: Agreement, vendor_number: str | None
) -> tuple[ShippedOrder, ...]:
    """The goods by customer order, in the order of the lines.

    Raises:
        AgreementIncomplete: a line whose sales order has no customer's order number.
        ValueUnreadable: the day of an order is none."""
    by_order: dict[str, list[Shipped]] = {}
    days: dict[str, date | None] = {}
    for line in goods:
        number = line.row.text("SOHNUM")
        sold = Row(record.key, _sales_orders(record).get(number or "", {}), f"sales order {number} ")
        customer_number = sold.text("CUSORDREF")
        if customer_number is None:
            raise AgreementIncomplete(
                "no customer's order number, which a shipment must name",
                expected="SORDER.CUSORDREF of the line's sales order",
                remedy="enter it on the sales order, then save the delivery in Sage X3 again so that it is read anew",
                **line.row.where("SOHNUM"),
            )
        by_order.setdefault(customer_number, []).append(line)
        days.setdefault(customer_number, sold.day("ORDDAT"))
    packs: Mapping[str, Sequence[Any]] = {}
    if agreement.shipment.packs != "never":
        named = [(order, line) for order, lines in by_order.items() for line in lines]
        packs = packs_of(head, record.related, named, always=agreement.shipment.packs == "always")
    return tuple(
        ShippedOrder(
            number=order,
            order_date=days[order],
            vendor_number=vendor_number,
            items=tuple(line.item for line in lines),
            packs=tuple(packs.get(order, ())),
        )
        for order, lines in by_order.items()
    )


def _ship_to(head: Row, agreement: Agreement, tables: Tables) -> Party:
    """The place that goods go to, by the id the customer has for it."""
    own = agreement.party if agreement.role == "ship_to" else None
    return header_party(head, SHIP_TO, agreement.addresses.get(head.needed("BPAADD")) or own, tables)


def _carrier(record: Record, head: Row, agreement: Agreement, tables: Tables) -> Carrier:
    """The carrier as partners know it: by the agreement, by the common table, else by the SCAC of the bill of lading.

    Raises:
        UnmappedValue: the delivery names a carrier that nobody knows."""
    code = head.text("BPTNUM")
    if code is None:
        return Carrier()
    known = agreement.carriers.get(code) or tables.carriers.get(code)
    if known is None and (scac := _bill(record).text("SCAC")):
        return Carrier(scac=scac)
    if known is None:
        raise UnmappedValue(
            "the carrier has no entry",
            value=code,
            expected="its SCAC",
            remedy=f"add {code} under `carriers` in tables.yaml, or in agreement {agreement.id}",
            **head.where("BPTNUM"),
        )
    return known


def _bill(record: Record) -> Row:
    """The bill of lading; empty where there is none."""
    number, bill = next(iter(record.related.get("bills_of_lading", {}).items()), ("", {}))
    return Row(record.key, bill, f"bill of lading {number} ")


def _tracking(record: Record, head: Row, agreement: Agreement) -> tuple[str, ...]:
    """The tracking number from the agreement's column, of the delivery or else of its bill of lading.

    Raises:
        AgreementIncomplete: neither has such a column."""
    name = agreement.shipment.tracking_field
    if name is None:
        return ()
    bill = _bill(record)
    needed = "tracking_numbers" in agreement.shipment.needs and "bills_of_lading" not in record.related
    if name not in head.data and name not in bill.data and (bill.data or name != "PRONUM" or needed):
        raise AgreementIncomplete(
            "is read neither of the delivery nor of its bill of lading",
            expected="a column of the entity specification; GraphQL shows no bill of lading",
            remedy=f"add {name} under `columns` of deliveries in the entity specification, "
            f"or correct `tracking_field` in agreement {agreement.id}",
            **head.where(name),
        )
    found = head.text(name) or bill.text(name)
    return () if found is None else (found,)


def _time(head: Row, column: str) -> time | None:
    """An hour of four digits, HHMM; None where it is empty or 0000, which means that nobody entered one.

    Raises:
        ValueUnreadable: something else stands there."""
    text = head.text(column)
    if text is None or text == "0000":
        return None
    if not re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9]", text):
        raise ValueUnreadable("is no time", value=text, expected="HHMM", **head.where(column))
    return time(int(text[:2]), int(text[2:]))
