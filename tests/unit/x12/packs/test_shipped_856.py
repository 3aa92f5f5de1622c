"""Real ship notices of our own writer under the shipped pack of a retailer: what conforms passes, each rule is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.documents import ItemReferences, Party
from airflow_provider_sagex3_cleo.documents.shipment import Pack, PackedItem, Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.partners import find_pack
from airflow_provider_sagex3_cleo.x12 import Envelope, Finding, SetBody, has_errors
from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.packs import compiled
from airflow_provider_sagex3_cleo.x12.set_856 import Rules856, build
from airflow_provider_sagex3_cleo.x12.validator import validate
from airflow_provider_sagex3_cleo.x12.writer import write
from benchmarks.edits import Edit, change, drop, insert, mutated

PACK = compiled(find_pack("example-retailer-856", None))
SSCC = "061234500000000001"
ENVELOPE = Envelope("004010", "T", "ZZ", "SENDER", "01", "123456789", "SENDERGS", "RECVGS")


def party(code: str, kind: str = "assigned_by_buyer", identifier: str = "") -> Party:
    return Party(code=code, name=f"Example {code}", identifier_kind=kind, identifier=identifier or f"ID{code}")


def shipment(*, packed: bool = True, **more: Any) -> Shipment:
    item = ShippedItem(
        number=1,
        item=ItemReferences(buyer="BP1", vendor="VP-1", description="Hex bolt M1"),
        quantity=Decimal(12),
        unit="EA",
    )
    pack = Pack(sscc=SSCC, items=(PackedItem(number=1, quantity=Decimal(12)),))
    order = ShippedOrder(
        number="4500012345", order_date=date(2026, 11, 3), store=party("STORE"), items=(item,),
        packs=(pack,) if packed else (),
    )  # fmt: skip
    values: dict[str, Any] = {
        "number": "SHP26000033", "ship_date": date(2026, 11, 24), "ship_from": party("WHS", "duns", "123456789"),
        "ship_to": party("STO"), "carrier_code": "EXPC", "carrier_mode": "M", "bill_of_lading": "BOL77",
        "orders": (order,),
    }  # fmt: skip
    return Shipment(**{**values, **more})


def of_order(**values: Any) -> Callable[[Shipment], Shipment]:
    """Another value of the shipped order."""
    return lambda given: given.model_copy(update={"orders": (given.orders[0].model_copy(update=values),)})


def of_item(**values: Any) -> Callable[[Shipment], Shipment]:
    """Another value of the shipped item."""
    return lambda given: of_order(items=(given.orders[0].items[0].model_copy(update=values),))(given)


def of_shipment(**values: Any) -> Callable[[Shipment], Shipment]:
    return lambda given: given.model_copy(update=values)


def judged(
    release: str,
    given: Shipment,
    rules: dict[str, Any] | None = None,
    envelope: dict[str, str] | None = None,
    edit: Edit | None = None,
) -> list[Finding]:
    """What the pack finds in the file that is written."""
    body: SetBody = build(given, Rules856(release=release, **(rules or {})))
    given_ids = {name: value.format(release=release) for name, value in (envelope or {}).items()}
    around = replace(ENVELOPE, **{"release": release, **given_ids})
    data = write([body], around, isa=417, gs=93, st=["0001"], at=datetime(2026, 11, 24, tzinfo=UTC))
    findings = validate(mutated(edit, data) if edit else data, own=True, pack=PACK)
    return findings if edit is None else [f for f in findings if f.code.startswith("pack-")]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("packed", [True, False])
def test_a_notice_that_conforms_has_no_finding(release: str, packed: bool) -> None:
    assert judged(release, shipment(packed=packed)) == []
    assert judged(release, shipment(packed=packed), envelope={"version": "{release}VICS"}) == []


# How each rule is broken, by the document, the agreement, or - what our writer never does - by hand; the value found.
Broken = tuple[dict[str, Any], str, str]
BROKEN: dict[str, Broken] = {
    "sender-qualifier": ({"envelope": {"sender_qualifier": "14"}}, "ISA05", "14"),
    "group-version": ({"envelope": {"version": "{release}UCS"}}, "GS08", "{release}UCS"),
    "store-qualifier": ({"document": of_shipment(ship_to=party("STO", "assigned_by_seller"))}, "N103", "91"),
    "store-number": ({"document": of_shipment(ship_to=party("STO", identifier="9" * 14))}, "N104", "9" * 14),
    "short-descriptions": (
        {"document": of_item(item=ItemReferences(buyer="BP1", description="X" * 61))}, "PID05", "X" * 61,
    ),
    "purpose": ({"rules": {"purpose": "05"}}, "BSN01", "05"),
    "structure": ({"edit": change("*0000*0001", "*0000*0002")}, "BSN05", "0002"),
    "number": ({"document": of_shipment(number="S" * 21)}, "BSN02", "S" * 21),
    "carrier": ({"document": of_shipment(carrier_code=None, carrier_mode=None)}, "TD5", ""),
    "scac": ({"edit": change("*2*EXPC*", "*2*EXP1*")}, "TD503", "EXP1"),
    "bill-of-lading": ({"document": of_shipment(bill_of_lading=None)}, "REF", ""),
    "shipped-on": ({"rules": {"ship_date_qualifier": "017", "expected_date_qualifier": None}}, "DTM", ""),
    "ship-to": ({"rules": {"ship_to_role": None}}, "N1", ""),
    "order": ({"edit": drop("PRF")}, "PRF", ""),
    "order-date": ({"document": of_order(order_date=None)}, "PRF04", ""),
    "label": ({"rules": {"sscc_mark": "AA"}}, "MAN", ""),
    "label-length": ({"edit": change(f"MAN*GM*00{SSCC}", f"MAN*GM*{SSCC}")}, "MAN02", SSCC),
    "item": ({"edit": drop("LIN")}, "LIN", ""),
    "units": ({"document": of_item(unit="YD")}, "SN103", "YD"),
    "no-charges": ({"edit": insert("PID", "SAC*C*D240***1250*******06")}, "SAC", "C D240 1250 06"),
    "line-count": ({"edit": drop("CTT")}, "CTT", ""),
}  # fmt: skip


def test_each_rule_of_the_pack_is_broken_once() -> None:
    assert set(BROKEN) == {rule.id for rule in PACK.pack.rules}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("rule", BROKEN)
def test_a_notice_that_breaks_one_rule_is_told_that_rules_sentence(rule: str, release: str) -> None:
    how, place, value = BROKEN[rule]
    how = dict(how)
    document: Callable[[Shipment], Shipment] = how.pop("document", lambda given: given)
    findings = judged(release, document(shipment()), **how)
    said = next(r for r in PACK.pack.rules if r.id == rule)
    [finding] = [f for f in findings if f.code.startswith("pack-")]
    assert (finding.code, finding.severity) == (f"pack-{rule}", said.severity)
    assert finding.message == (said.says or "").rstrip(".")
    assert (finding.element or finding.segment, finding.found) == (place, value.format(release=release))
    assert has_errors(findings) == (said.severity == "error")
