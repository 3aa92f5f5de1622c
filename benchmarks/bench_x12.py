"""How fast the X12 engine is: sets of 20 lines, one process, one core; and how the others stand against the 850."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from airflow_provider_sagex3_cleo.documents import ItemReferences, OrderLine, Party, PostalAddress, PurchaseOrder
from airflow_provider_sagex3_cleo.documents.invoice import AllowanceOrCharge, Invoice, InvoiceLine, PaymentTerms, Tax
from airflow_provider_sagex3_cleo.documents.shipment import Pack, PackedItem, Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.x12 import Envelope, Finding, SetBody, set_810, set_850, set_856
from airflow_provider_sagex3_cleo.x12.reader import read
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from airflow_provider_sagex3_cleo.x12.writer import write

__all__ = ["run"]

T = TypeVar("T")

LINES = 20
LEAST_RATIO = 0.6  # of the 850's speed, at the same number of lines
AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
ENVELOPE = Envelope("004010", "P", "ZZ", "SENDER", "01", "123456789", "SENDERGS", "RECEIVERGS")


@dataclass(frozen=True)
class _Family:
    """One set: its name, its module, its rules, and the n-th document."""

    name: str
    module: Any
    rules: Any
    document: Callable[[int], Any]

    def body(self, document: Any) -> SetBody:
        body: SetBody = self.module.build(document, self.rules)
        _right(validate_body(body, self.rules.delimiters))
        return body

    def compared(self, pair: tuple[Any, bytes]) -> None:
        document, data = pair
        _right(self.module.compare(document, self.rules, read(data)[0].groups[0].sets[0]))


def run(documents: int) -> list[dict[str, object]]:
    """One row a measure: name, documents, documents per second (wall clock), CPU milliseconds per document.

    Below them, for each other set, a row with the ratio of its speed to that of the 850 (CPU, lines for lines)."""
    rows: list[dict[str, object]] = []
    spent: dict[str, float] = {}
    for family in FAMILIES:
        given = [family.document(n) for n in range(documents)]
        files = [_write(family.module.build(document, family.rules)) for document in given]
        measured = [
            _measure(family, "model -> validated bytes", given, lambda document, f=family: _write(f.body(document))),
            _measure(family, "read + validate", files, lambda data: _right(validate(data, own=True))),
            _measure(family, "read + compare with the document", list(zip(given, files, strict=True)), family.compared),
        ]
        spent[family.name] = sum(cpu for _, cpu in measured)
        rows += [row for row, _ in measured]
    first = FAMILIES[0].name
    for family in FAMILIES[1:]:
        ratio = spent[first] / spent[family.name] if spent[family.name] else 1.0
        rows.append(
            {
                "name": f"x12 {family.name} against {first}, line for line",
                "ratio": round(ratio, 2),
                "least_ratio": LEAST_RATIO,
                "ok": ratio >= LEAST_RATIO,
            }
        )
    return rows


def _measure(
    family: _Family, name: str, items: list[T], work: Callable[[T], object]
) -> tuple[dict[str, object], float]:
    work(items[0])  # the tables are read once a process
    wall, cpu = time.perf_counter(), time.process_time()
    for item in items:
        work(item)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    row: dict[str, object] = {
        "name": f"x12 {family.name}, {LINES} lines: {name}",
        "documents": len(items),
        "documents_per_s": round(len(items) / wall),
        "cpu_ms_per_document": round(cpu / len(items) * 1000, 3),
    }
    return row, cpu


def _right(findings: list[Finding]) -> None:
    if findings:
        raise AssertionError(str(findings[0]))


def _write(body: SetBody) -> bytes:
    return write([body], ENVELOPE, isa=1, gs=1, st=["0001"], at=AT)


def _party(code: str, name: str) -> Party:
    address = PostalAddress(
        lines=("1 Example Road", "Unit 4"), city="Springfield", state="OH", postal_code="45501", country="US"
    )
    return Party(code=code, name=name, identifier_kind="duns4", identifier="1234567890123", address=address)


def _item(n: int, i: int) -> ItemReferences:
    return ItemReferences(
        buyer=f"BP{n}-{i}", vendor=f"VP-{i}", gtin="012345678905", description=f"Hex bolt M{i} zinc plated"
    )


def _order(n: int) -> PurchaseOrder:
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
            for i in range(1, LINES + 1)
        ),
    )


def _invoice(n: int) -> Invoice:
    lines = tuple(
        InvoiceLine(
            number=1000 * i,
            item=_item(n, i),
            quantity=Decimal(i + n % 7),
            unit="EA",
            unit_price=Decimal("1.25") + i,
            amount=Decimal(i + n % 7) * (Decimal("1.25") + i),
            order_line=str(i),
        )
        for i in range(1, LINES + 1)
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
        lines=lines,
        total=sum((line.amount for line in lines), freight + tax),
    )


def _shipment(n: int, packs: tuple[Pack, ...] = ()) -> Shipment:
    items = tuple(
        ShippedItem(number=i, item=_item(n, i), quantity=Decimal(i), unit="EA", ordered_quantity=Decimal(i + 1))
        for i in range(1, LINES + 1)
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


def _packed(n: int) -> Shipment:
    """Four lines a carton."""
    cartons = [range(first, first + 4) for first in range(1, LINES + 1, 4)]
    return _shipment(
        n,
        tuple(
            Pack(sscc=_sscc(n * 10 + m), items=tuple(PackedItem(number=i, quantity=Decimal(i)) for i in carton))
            for m, carton in enumerate(cartons)
        ),
    )


def _sscc(n: int) -> str:
    digits = f"{n:017d}"
    return f"{digits}{-sum(int(d) * (1 if at % 2 else 3) for at, d in enumerate(digits)) % 10}"


FAMILIES = (
    _Family("850", set_850, set_850.Rules850(amount_total=True), _order),
    _Family("810", set_810, set_810.Rules810(order_line_reference="LI"), _invoice),
    _Family("856", set_856, set_856.Rules856(), _shipment),
    _Family("856 with packs", set_856, set_856.Rules856(), _packed),
)


if __name__ == "__main__":
    for row in run(1000):
        print(row)
