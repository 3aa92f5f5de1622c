"""Orders and interchanges for the tests of the X12 engine; all companies are invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.documents import (
    Contact,
    ItemReferences,
    OrderLine,
    Party,
    PostalAddress,
    PurchaseOrder,
)
from airflow_provider_sagex3_cleo.x12 import Envelope
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, build
from airflow_provider_sagex3_cleo.x12.writer import write

AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
REFERENCE = Path(__file__).parents[4] / "shared" / "reference"


def party(code: str, name: str, **more: Any) -> Party:
    values: dict[str, Any] = {
        "identifier_kind": "assigned_by_buyer",
        "identifier": f"ID{code}",
        "address": PostalAddress(
            lines=("1 Example Road", "Unit 4"), city="Springfield", state="OH", postal_code="45501", country="US"
        ),
    }
    return Party(code=code, name=name, **{**values, **more})


def order_line(number: int, **more: Any) -> OrderLine:
    values: dict[str, Any] = {
        "item": ItemReferences(buyer=f"BP{number}", vendor=f"VP-{number}", description=f"Hex bolt M{number}"),
        "quantity": Decimal(10 + number),
        "unit": "EA",
        "unit_price": Decimal("1.25"),
        "requested_date": date(2026, 12, 2),
    }
    return OrderLine(number=number, **{**values, **more})


def purchase_order(**more: Any) -> PurchaseOrder:
    values: dict[str, Any] = {
        "number": "POH260000417",
        "order_date": date(2026, 11, 24),
        "currency": "USD",
        "buyer": party("BUY", "Example Hardware Supply", contact=Contact(name="Pat Example", phone="555-0100")),
        "supplier": party("SUP", "Example Tools"),
        "ship_to": party("WHS", "Example Warehouse"),
        "bill_to": party("ACC", "Example Accounts"),
        "requested_date": date(2026, 12, 1),
        "vendor_number": "V100",
        "contract": "C-7",
        "internal_reference": "REQ-9",
        "lines": (order_line(1), order_line(2), order_line(3)),
    }
    return PurchaseOrder(**{**values, **more})


def envelope_of(rules: Rules850) -> Envelope:
    return Envelope(
        rules.release, "T", "ZZ", "SENDER", "01", "123456789", "SENDERGS", "RECVGS", None, False, rules.delimiters
    )


def interchange(order: PurchaseOrder, rules: Rules850) -> bytes:
    return write([build(order, rules)], envelope_of(rules), isa=417, gs=93, st=["0001"], at=AT)


@pytest.fixture
def make_order() -> Callable[..., PurchaseOrder]:
    return purchase_order


@pytest.fixture
def make_line() -> Callable[..., OrderLine]:
    return order_line


@pytest.fixture
def make_party() -> Callable[..., Party]:
    return party


@pytest.fixture
def make_bytes() -> Callable[[PurchaseOrder, Rules850], bytes]:
    return interchange


@pytest.fixture
def make_envelope() -> Callable[[Rules850], Envelope]:
    return envelope_of


@pytest.fixture
def reference() -> Path:
    """The folder of wire facts beside the repository; a test that needs it says so when it is not there."""
    if not (REFERENCE / "x12_tables.json").exists():
        pytest.skip(f"NOT TESTED: no reference folder at {REFERENCE}")
    return REFERENCE
