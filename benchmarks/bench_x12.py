"""How fast the X12 engine is: 850s of 20 lines, one process, one core."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from airflow_provider_sagex3_cleo.documents import ItemReferences, OrderLine, Party, PostalAddress, PurchaseOrder
from airflow_provider_sagex3_cleo.x12 import Envelope, Finding, SetBody
from airflow_provider_sagex3_cleo.x12.reader import read
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, build, compare
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from airflow_provider_sagex3_cleo.x12.writer import write

__all__ = ["run"]

T = TypeVar("T")

LINES = 20
AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
RULES = Rules850(amount_total=True)
ENVELOPE = Envelope("004010", "P", "ZZ", "SENDER", "01", "123456789", "SENDERGS", "RECEIVERGS")


def run(documents: int) -> list[dict[str, object]]:
    """One row a measure: name, documents, documents per second (wall clock), CPU milliseconds per document."""
    orders = [_order(n) for n in range(documents)]
    files = [_write(build(order, RULES)) for order in orders]
    return [
        _measure("model -> validated bytes", orders, lambda order: _write(_validated(order))),
        _measure("read + validate", files, lambda data: _right(validate(data, own=True))),
        _measure("read + compare with the document", list(zip(orders, files, strict=True)), _compared),
    ]


def _measure(name: str, items: list[T], work: Callable[[T], object]) -> dict[str, object]:
    work(items[0])  # the tables are read once a process
    wall, cpu = time.perf_counter(), time.process_time()
    for item in items:
        work(item)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "name": f"x12 850, {LINES} lines: {name}",
        "documents": len(items),
        "documents_per_s": round(len(items) / wall),
        "cpu_ms_per_document": round(cpu / len(items) * 1000, 3),
    }


def _validated(order: PurchaseOrder) -> SetBody:
    body = build(order, RULES)
    _right(validate_body(body, RULES.delimiters))
    return body


def _right(findings: list[Finding]) -> None:
    if findings:
        raise AssertionError(str(findings[0]))


def _write(body: SetBody) -> bytes:
    return write([body], ENVELOPE, isa=1, gs=1, st=["0001"], at=AT)


def _compared(pair: tuple[PurchaseOrder, bytes]) -> None:
    order, data = pair
    _right(compare(order, RULES, read(data)[0].groups[0].sets[0]))


def _party(code: str, name: str) -> Party:
    address = PostalAddress(
        lines=("1 Example Road", "Unit 4"), city="Springfield", state="OH", postal_code="45501", country="US"
    )
    return Party(code=code, name=name, identifier_kind="duns4", identifier="1234567890123", address=address)


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
                item=ItemReferences(
                    buyer=f"BP{n}-{i}", vendor=f"VP-{i}", gtin="012345678905", description=f"Hex bolt M{i} zinc plated"
                ),
                quantity=Decimal(i + n % 7),
                unit="EA",
                unit_price=Decimal("1.25") + i,
                requested_date=date(2026, 12, 2),
            )
            for i in range(1, LINES + 1)
        ),
    )


if __name__ == "__main__":
    for row in run(1000):
        print(row)
