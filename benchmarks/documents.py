"""Made-up documents to measure and to break: the n-th order, invoice and shipment, changes, and right files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from airflow_provider_sagex3_cleo.documents import (
    Contact,
    ItemReferences,
    OrderLine,
    Party,
    PostalAddress,
    PurchaseOrder,
)
from airflow_provider_sagex3_cleo.documents.invoice import AllowanceOrCharge, Invoice, InvoiceLine, PaymentTerms, Tax
from airflow_provider_sagex3_cleo.documents.order_change import OrderChange
from airflow_provider_sagex3_cleo.documents.shipment import Pack, PackedItem, Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.mapping.order_difference import difference
from airflow_provider_sagex3_cleo.x12 import Envelope, SetBody, set_810, set_850, set_856, set_860
from airflow_provider_sagex3_cleo.x12.writer import write

__all__ = ["LINES", "SETS", "changed", "clean", "example", "invoice", "order", "packed", "shipment", "written"]

LINES = 20
SETS = ("850", "810", "856", "860")
AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)


def order(n: int, lines: int = LINES) -> PurchaseOrder:
    return PurchaseOrder(
        number=f"POH2600{n:06d}",
        order_date=date(2026, 11, 24),
        currency="USD",
        buyer=_party("BUY", "Example Hardware Supply"),
        supplier=_party("SUP", "Example Tools"),
        ship_to=_party("WHS", "Example Warehouse"),
        bill_to=_party("ACC", "Example Accounts"),
        requested_date=date(2026, 12, 1),
        vendor_number="V100",
        lines=tuple(
            OrderLine(
                number=1000 * i,
                item=_item(n, i),
                quantity=Decimal(i + n % 7),
                unit="EA",
                unit_price=Decimal("1.25") + i,
                requested_date=date(2026, 12, 2),
            )
            for i in range(1, lines + 1)
        ),
    )


def changed(before: PurchaseOrder) -> OrderChange:
    """A change of an order of three lines or more: more of the first, the second deleted, another day for the last, of
    which some has come, and a new line."""
    first, _, *rest = before.lines
    last = rest.pop().model_copy(update={"requested_date": date(2026, 12, 9)})
    new = last.model_copy(update={"number": last.number + 1000, "item": _item(0, 9)})
    lines = (first.model_copy(update={"quantity": first.quantity + 4}), *rest, last, new)
    now = before.model_copy(update={"lines": lines})
    change = difference(before, now, {last.number: Decimal(1)}, sequence=1, change_date=date(2026, 11, 30))
    assert change is not None
    return change


def invoice(n: int, lines: int = LINES) -> Invoice:
    invoiced = tuple(
        InvoiceLine(
            number=1000 * i,
            item=_item(n, i),
            quantity=Decimal(i + n % 7),
            unit="EA",
            unit_price=Decimal("1.25") + i,
            amount=Decimal(i + n % 7) * (Decimal("1.25") + i),
            order_line=str(i),
        )
        for i in range(1, lines + 1)
    )
    freight, tax = Decimal("12.50"), Decimal("40.00")
    return Invoice(
        number=f"INV2600{n:06d}",
        invoice_date=date(2026, 11, 24),
        currency="USD",
        order_number=f"PO{n}",
        order_date=date(2026, 11, 3),
        seller=_party("OWN", "Example Distribution"),
        bill_to=_party("ACC", "Example Accounts"),
        ship_to=_party("STO", "Example Store"),
        remit_to=_party("BNK", "Example Lockbox"),
        vendor_number="V100",
        terms=PaymentTerms(net_days=30),
        ship_date=date(2026, 11, 23),
        bill_of_lading="BOL77",
        carrier_code="EXPC",
        allowances=(AllowanceOrCharge(kind="charge", code="D240", amount=freight),),
        taxes=(Tax(kind="ST", rate=Decimal(7), amount=tax),),
        lines=invoiced,
        total=sum((line.amount for line in invoiced), freight + tax),
    )


def shipment(n: int, lines: int = LINES, packs: tuple[Pack, ...] = ()) -> Shipment:
    items = tuple(
        ShippedItem(number=i, item=_item(n, i), quantity=Decimal(i), unit="EA", ordered_quantity=Decimal(i + 1))
        for i in range(1, lines + 1)
    )
    return Shipment(
        number=f"SHP2600{n:06d}",
        ship_date=date(2026, 11, 24),
        expected_date=date(2026, 11, 27),
        ship_from=_party("WHS", "Example Warehouse"),
        ship_to=_party("STO", "Example Store"),
        carrier_code="EXPC",
        carrier_mode="M",
        bill_of_lading="BOL77",
        tracking_numbers=("PRO1",),
        weight=Decimal("125.5"),
        weight_unit="LB",
        packages=4,
        packaging="CTN25",
        orders=(ShippedOrder(number=f"PO{n}", order_date=date(2026, 11, 3), items=items, packs=packs),),
    )


def packed(n: int, lines: int = LINES, each: int = 4) -> Shipment:
    """A shipment with `each` lines a carton."""
    cartons = [range(first, min(first + each, lines + 1)) for first in range(1, lines + 1, each)]
    packs = tuple(
        Pack(sscc=_sscc(n * 10 + m), items=tuple(PackedItem(number=i, quantity=Decimal(i)) for i in carton))
        for m, carton in enumerate(cartons)
    )
    return shipment(n, lines, packs)


def example(set_id: str, release: str, lines: int = 3) -> tuple[Any, Any, Any]:
    """(module, document, rules) of a set that uses much of what it has: terms, notes, contacts, charges, packs."""
    if set_id in ("850", "860"):
        terms = {"N30": set_850.Terms(discount_percent=Decimal(2), discount_days=10, net_days=30)}
        ordered = order(0, lines)
        buyer = ordered.buyer.model_copy(update={"contact": Contact(name="Pat Example", phone="555-0100")})
        more = {"terms": "N30", "notes": ("Deliver at gate 3",), "buyer": buyer, "contract": "C-7"}
        ordered = ordered.model_copy(update=more)
        said: dict[str, Any] = {"release": release, "amount_total": True, "note_reference": "L1", "terms": terms}
        if set_id == "850":
            return set_850, ordered, set_850.Rules850(**said)
        return set_860, changed(ordered), set_860.Rules860(**said)
    if set_id == "810":
        invoiced = invoice(0, lines).model_copy(update={"notes": ("Thank you",)})
        return set_810, invoiced, set_810.Rules810(release=release, order_line_reference="LI", note_reference="L1")
    return set_856, packed(0, lines, each=2), set_856.Rules856(release=release)


def clean(set_id: str, release: str, lines: int = 3) -> bytes:
    """A right file with the set of `example`."""
    module, document, rules = example(set_id, release, lines)
    return written(module.build(document, rules))


def written(body: SetBody) -> bytes:
    """A file with this one set."""
    envelope = Envelope(body.release, "T", "ZZ", "SENDER", "01", "123456789", "SENDERGS", "RECVGS")
    return write([body], envelope, isa=417, gs=93, st=["0001"], at=AT)


def _party(code: str, name: str) -> Party:
    address = PostalAddress(
        lines=("1 Example Road", "Unit 4"), city="Springfield", state="OH", postal_code="45501", country="US"
    )
    return Party(code=code, name=name, identifier_kind="duns4", identifier="1234567890123", address=address)


def _item(n: int, i: int) -> ItemReferences:
    return ItemReferences(
        buyer=f"BP{n}-{i}", vendor=f"VP-{i}", gtin="012345678905", description=f"Hex bolt M{i} zinc plated"
    )


def _sscc(n: int) -> str:
    digits = f"0612345{n:010d}"
    return f"{digits}{-sum(int(d) * (1 if at % 2 else 3) for at, d in enumerate(digits)) % 10}"
