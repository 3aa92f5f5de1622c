"""Agreements without newer keys go on saying what they said: the segments are pinned by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.pipeline.flows import flow_of
from airflow_provider_sagex3_cleo.x12 import SetBody
from tests.unit.mapping.test_invoices import BOOK, invoice
from tests.unit.mapping.test_invoices import agreement as invoice_agreement

Make = Callable[..., Any]

NEWER = {"PJTH": "PRJ-7", "TEX1": "Ring the bell.", "TEX2": "Thank you."}
NEWER_LINE = {"LINTEX": "Wrap it.", "USEPLC": "HALL 3", "DISCRGVAL1": "5", "GROPRI": "9"}

WISHES: dict[str, dict[str, Any]] = {
    "plain": {},
    "newer release": {"release": "005010"},
    "everything": {
        "release": "005010", "terms": "send", "payment_terms": {"NET30": {"net_days": 30}}, "bill_to": "invoice_site",
        "vendor_number": "V-1", "party": {"kind": "duns", "id": "123456789"}, "amount_total": True,
        "price_basis": "PE", "date_qualifier": "010", "split_text": True, "transliterate": True, "replacement": "/",
    },
    "little": {
        "currency": False, "contact": False, "line_dates": False, "line_descriptions": False, "hash_total": False,
        "seller_role": None, "internal_reference": None, "items": {"order": ["UP", "VP"]},
        "quantity_unit": "price",
    },
    "several places": {"line_ship_to": "n1", "sites": {"TX01": {"kind": "assigned_by_buyer", "id": "DC-9"}}},
}  # fmt: skip
ORDERS = {
    "plain": "84c9b0483ec8fc1e",
    "newer release": "bc0e9b907635ad9f",
    "everything": "c01f42c283485ba5",
    "little": "ad4a32cb76a30d59",
    "several places": "f9a1e60bd6bbeed3",
}
INVOICES = {
    "plain": "7355266c3df67cbc",
    "newer release": "443e9b4d31a29be9",
    "everything": "8337d68e2a0401b8",
    "little": "a0b3f23a7ed8d640",
}


def digest(body: SetBody) -> str:
    return hashlib.sha256(repr((body.release, body.segments)).encode()).hexdigest()[:16]


@pytest.mark.parametrize("wishes", sorted(ORDERS))
@pytest.mark.parametrize("newer", [False, True], ids=["as before", "newer columns filled"])
def test_an_order_is_written_as_before(
    wishes: str, newer: bool, order: Make, line: Make, second: Make, agreement: Make, book: Make
) -> None:
    more = NEWER_LINE if newer else {}
    elsewhere = {"PRHFCY": "TX01"} if wishes == "several places" else {}
    record = order(lines=[line(**more), second(**more, **elsewhere)], **(NEWER if newer else {}))
    wanted, flow = agreement(**WISHES[wishes]), flow_of("purchase_orders")
    written = flow.write(record, wanted, book(), flow.rules(wanted))
    assert not written.lost
    assert digest(written.body) == ORDERS[wishes]


@pytest.mark.parametrize("wishes", sorted(INVOICES))
def test_an_invoice_is_written_as_before(wishes: str) -> None:
    wanted, flow = invoice_agreement(**WISHES[wishes]), flow_of("sales_invoices")
    written = flow.write(invoice(), wanted, BOOK, flow.rules(wanted))
    assert not written.lost
    assert digest(written.body) == INVOICES[wishes]
