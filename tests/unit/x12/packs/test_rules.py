"""Every kind of rule: a document that keeps it has no finding, one that breaks it has the partner's sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.documents.shipment import Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.x12 import SetBody, set_856
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, Terms, build
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body, validate_stream
from tests.support.packs import SAYS, findings, pack_of, rule
from tests.unit.x12.conftest import interchange, order_line, party, purchase_order

ORDER = build(purchase_order(), Rules850())  # three lines; N1 BY, SU, ST, BT; REF IA, CT, IL
DROP_SHIP = build(purchase_order(drop_ship=True), Rules850())
TERMS = build(purchase_order(terms="N30"), Rules850(terms={"N30": Terms(net_days=30)}))


def shipment() -> SetBody:
    item = ShippedItem(number=1, item=order_line(1).item, quantity=Decimal(4), unit="EA")
    order = ShippedOrder(number="PO1", order_date=date(2026, 11, 3), items=(item,))
    return set_856.build(
        Shipment(
            number="SHP1", ship_date=date(2026, 11, 24), ship_from=party("WHS", "Example Warehouse"),
            ship_to=party("STO", "Example Store"), carrier_code="EXPC", carrier_mode="M", bill_of_lading="B7",
            orders=(order,),
        ),
        set_856.Rules856(),
    )  # fmt: skip


# the rule when it is kept, the rule when it is broken, (segment or element, found, expected, place in words)
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, str, str, str]]] = {
    "a required segment": (
        {"require": "CUR"}, {"require": "FOB"}, ("FOB", "", "FOB", "FOB"),
    ),
    "a required segment with a qualifier": (
        {"require": "REF", "where": {"REF01": "IA"}, "in": "set"},
        {"require": "REF", "where": {"REF01": "DP"}, "in": "set"},
        ("REF", "", "REF with REF01 DP", "REF"),
    ),
    "a segment required in each turn of a loop": (
        {"require": "PID", "in": "PO1"},
        {"require": "PO4", "in": "PO1"},
        ("PO4", "", "PO4", "PO1 line 1, PO4"),
    ),
    "a segment of the heading does not count for the lines": (
        {"require": "REF", "in": "set"},
        {"require": "REF", "in": "PO1"},
        ("REF", "", "REF", "PO1 line 1, REF"),
    ),
    "a segment required in the loop of one party": (
        {"require": "N4", "in": "N1", "where": {"N101": "ST"}},
        {"require": "PER", "in": "N1", "where": {"N101": "ST"}},
        ("PER", "", "PER", "N1 ship to, PER"),
    ),
    "a required element": (
        {"require": "N104", "where": {"N101": "ST"}},
        {"require": "PO105"},
        ("PO105", "", "a value", "PO1 line 1, price basis"),
    ),
    "a forbidden segment": (
        {"forbid": "FOB"}, {"forbid": "CUR"}, ("CUR", "BY USD", "no CUR", "CUR"),
    ),
    "a segment forbidden with one qualifier": (
        {"forbid": "N1", "where": {"N101": "VN"}},
        {"forbid": "N1", "where": {"N101": "SU"}},
        ("N1", "SU Example Tools 92 IDSUP", "no N1 with N101 SU", "N1 supplier"),
    ),
    "a segment forbidden in a loop": (
        {"forbid": "DTM", "in": "PO1/N9"},
        {"forbid": "DTM", "in": "PO1"},
        ("DTM", "002 20261202", "no DTM", "PO1 line 1, DTM delivery requested"),
    ),
    "a forbidden element": (
        {"forbid": "BEG06"}, {"forbid": "N103"}, ("N103", "92", "nothing", "N1 buyer, kind of identifier"),
    ),
    "a fixed value": (
        {"equals": {"BEG02": "SA"}}, {"equals": {"BEG02": "NE"}}, ("BEG02", "SA", "NE", "BEG, order type"),
    ),
    "a fixed value of one party": (
        {"equals": {"N104": "IDST"}, "where": {"N101": "VN"}},
        {"equals": {"N104": "IDST"}, "where": {"N101": "ST"}},
        ("N104", "IDWHS", "IDST", "N1 ship to, identifier"),
    ),
    "allowed codes": (
        {"codes": {"PO103": ["EA", "BX"]}},
        {"codes": {"PO103": ["CA", "BX", "DZ"]}},
        ("PO103", "EA", "CA, BX or DZ", "PO1 line 1, unit"),
    ),
    "a length": (
        {"length": {"BEG03": "1-12"}}, {"length": {"BEG03": "1-11"}},
        ("BEG03", "POH260000417", "1 to 11 characters", "BEG, purchase order number"),
    ),
    "a least length": (
        {"length": {"PID05": "8-"}}, {"length": {"PID05": "20-"}},
        ("PID05", "Hex bolt M1", "20 or more characters", "PO1 line 1, PID, description"),
    ),
    "a length of a number, whose point does not count": (
        {"length": {"PO104": "3"}}, {"length": {"PO104": "1-2"}},
        ("PO104", "1.25", "1 to 2 digits", "PO1 line 1, unit price"),
    ),
    "a form": (
        {"pattern": {"BEG03": "POH[0-9]{9}"}}, {"pattern": {"BEG03": "PO[0-9]+"}},
        ("BEG03", "POH260000417", "the form PO[0-9]+", "BEG, purchase order number"),
    ),
    "the number of lines": (
        {"count": {"PO1": "1-3"}},
        {"count": {"PO1": "1-2"}},
        ("PO1", "3", "1 to 2 PO1", "PO1 line 3"),
    ),
    "the most of a segment with a qualifier": (
        {"count": {"REF": "0-1"}, "where": {"REF01": "IA"}, "in": "set"},
        {"count": {"REF": "0-1"}, "where": {"REF01": ["IA", "CT"]}, "in": "set"},
        ("REF", "2", "0 to 1 REF with REF01 IA or CT", "REF contract"),
    ),
    "the least of a segment in a loop": (
        {"count": {"PID": "1-"}, "in": "PO1"},
        {"count": {"PID": "2-"}, "in": "PO1"},
        ("PID", "1", "2 or more PID", "PO1 line 1, PID"),
    ),
    "if an element has a value, a segment is required": (
        {"if": {"BEG02": "DS"}, "require": "FOB"},
        {"if": {"BEG02": ["NE", "SA"]}, "require": "FOB"},
        ("FOB", "", "FOB", "FOB"),
    ),
    "if a segment is there, another is forbidden": (
        {"if": {"FOB": "present"}, "forbid": "CUR"},
        {"if": {"REF": "present"}, "forbid": "CUR"},
        ("CUR", "BY USD", "no CUR", "CUR"),
    ),
    "if a segment is absent, another is required": (
        {"if": {"DTM": "absent"}, "require": "FOB"},
        {"if": {"FOB": "absent"}, "require": "ITD"},
        ("ITD", "", "ITD", "ITD"),
    ),
    "if an element is there, its neighbour is required": (
        {"if": {"PO105": "present"}, "require": "PO110"},
        {"if": {"PO108": "present"}, "require": "PO110"},
        ("PO110", "", "a value", "PO1 line 1, kind of product id"),
    ),
    "if an element is there, another has a fixed value": (
        {"if": {"N104": "absent"}, "equals": {"N103": "1"}},
        {"if": {"N104": "present"}, "equals": {"N103": "1"}},
        ("N103", "92", "1", "N1 buyer, kind of identifier"),
    ),
    "a condition inside the same turn of a loop": (
        {"if": {"DTM": "absent"}, "require": "PO4", "in": "PO1"},
        {"if": {"DTM": "present"}, "require": "PO4", "in": "PO1"},
        ("PO4", "", "PO4", "PO1 line 1, PO4"),
    ),
    "a condition in the heading on each line": (
        {"if": {"BEG02": "NE"}, "require": "PO4", "in": "PO1"},
        {"if": {"BEG02": "SA"}, "require": "PO4", "in": "PO1"},
        ("PO4", "", "PO4", "PO1 line 1, PO4"),
    ),
    "a condition of the set is not met by a loop inside it": (
        {"if": {"DTM01": "002", "REF01": "DP"}, "require": "FOB", "in": "set"},
        {"if": {"DTM01": "002", "REF01": "IA"}, "require": "FOB", "in": "set"},
        ("FOB", "", "FOB", "FOB"),
    ),
    "two conditions on one segment": (
        {"if": {"REF01": "IA", "REF02": "V999"}, "require": "FOB"},
        {"if": {"REF01": "IA", "REF02": "V100"}, "require": "FOB"},
        ("FOB", "", "FOB", "FOB"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_that_keeps_a_rule_has_no_finding(kind: str) -> None:
    assert findings(ORDER, rule(**KINDS[kind][0])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_that_breaks_a_rule_has_the_partners_sentence_and_the_place(kind: str) -> None:
    _, broken, (name, found, expected, words) = KINDS[kind]
    first = findings(ORDER, rule("the-rule", **broken))[0]
    assert (first.element or first.segment, first.found, first.expected) == (name, found, expected)
    assert (first.severity, first.code) == ("error", "pack-the-rule")
    assert (first.message, first.path) == (SAYS, words)


def test_each_line_that_breaks_a_rule_is_found_at_its_own_segment() -> None:
    found = findings(ORDER, rule(codes={"PO103": "BX"}))
    at = [n for n, row in enumerate(ORDER.segments, 2) if row[0] == "PO1"]
    assert [(f.position, f.path) for f in found] == [(n, f"PO1 line {line}, unit") for line, n in enumerate(at, 1)]


def test_one_rule_may_speak_of_several_places() -> None:
    found = findings(ORDER, rule(require=["PO105", "PO110", "FOB"]))
    assert [f.element or f.segment for f in found] == ["PO105"] * 3 + ["PO110"] * 3 + ["FOB"]


def test_a_rule_of_severity_warning_warns() -> None:
    assert [f.severity for f in findings(ORDER, rule(require="FOB", severity="warning"))] == ["warning"]


def test_a_rule_of_one_release_is_silent_in_the_other() -> None:
    later = rule(require="FOB", releases="005010")
    assert findings(ORDER, later) == []
    assert len(findings(build(purchase_order(), Rules850(release="005010")), later)) == 1


def test_a_drop_shipment_is_told_from_an_order_to_stock() -> None:
    only = rule(if_={"BEG02": "DS"}, require="PER", in_="N1", where={"N101": "ST"})
    assert findings(ORDER, only) == []
    assert [(f.path, f.message) for f in findings(DROP_SHIP, only)] == [("N1 ship to, PER", SAYS)]


def test_levels_of_a_ship_notice_have_their_own_rules() -> None:
    body = shipment()
    kept = [
        rule("carrier", require="TD5", in_="HL", where={"HL03": "S"}),
        rule("to", require="N1", in_="HL", where={"HL03": "S", "N101": "ST"}),
        rule("order", require="PRF", in_="HL", where={"HL03": "O"}),
        rule("item", require=["LIN", "SN1"], in_="HL", where={"HL03": "I"}),
    ]
    assert findings(body, *kept) == []
    (found,) = findings(body, rule(require="MAN", in_="HL", where={"HL03": "I"}))
    assert (found.path, found.message) == ("level 3 (item), MAN", SAYS)
    (found,) = findings(body, rule(require="N1", in_="HL", where={"HL03": "S", "N101": "BT"}))
    assert found.expected == "N1 with N101 BT"


def test_the_envelope_has_rules_that_only_a_file_can_break() -> None:
    pack = pack_of(
        rule("receiver", equals={"GS03": "RECVGS"}),
        rule("sender", pattern={"ISA06": "SENDER"}),
        rule("test-sender", if_={"ISA15": "T"}, equals={"GS02": "SENDERTEST"}),
        rule("qualifier", codes={"ISA05": ["01", "12"]}),
    )
    assert validate_body(ORDER, pack=pack) == []
    found = validate(interchange(purchase_order(), Rules850()), own=True, pack=pack)
    assert [(f.code, f.element, f.found, f.expected) for f in found] == [
        ("pack-test-sender", "GS02", "SENDERGS", "SENDERTEST"),
        ("pack-qualifier", "ISA05", "ZZ", "01 or 12"),
    ]
    assert (found[0].path, found[0].message) == ("GS, sender (application)", SAYS)
    assert found[0].where == "ISA 000000417"


def test_what_is_wrong_with_the_isa_is_told_once_for_all_groups() -> None:
    data = interchange(purchase_order(), Rules850())
    body, trailer = data[106:].rsplit(b"IEA", 1)
    two = data[:106] + body + body.replace(b"*93*", b"*94*").replace(b"*93~", b"*94~") + b"IEA*2" + trailer[2:]
    pack = pack_of(rule("i", codes={"ISA05": "01"}), rule("g", pattern={"GS06": "9[0-3]"}))
    assert [(f.code, f.found) for f in validate(two, own=True, pack=pack)] == [("pack-i", "ZZ"), ("pack-g", "94")]


def test_a_file_of_another_set_is_passed_over_with_a_warning() -> None:
    data = interchange(purchase_order(), Rules850())
    (found,) = validate(
        data, own=True, pack=pack_of(rule(require="BIG"), rule("e", equals={"GS03": "NO"}), set_id="810")
    )
    assert (found.severity, found.code, found.expected) == ("warning", "pack", "810 in 004010 or 005010")
    (found,) = validate(data, own=True, pack=pack_of(rule(require="FOB"), releases="005010"))
    assert found.message == "pack p is for 850 in 005010: not applied"


def test_findings_of_the_standard_stay_beside_those_of_the_pack() -> None:
    rows = tuple(row for row in TERMS.segments if row[0] != "CTT")
    body = SetBody("850", "PO", "004010", rows)
    codes = [f.code for f in validate_body(body, pack=pack_of(rule(require="CTT"), rule("t", forbid="ITD")))]
    assert codes == [*(f.code for f in validate_body(body)), "pack-r", "pack-t"]


def test_a_stream_and_sets_without_envelope_are_judged_as_a_whole_file_is() -> None:
    pack = pack_of(
        rule(codes={"PO103": "BX"}), rule("custom", allow={"codes": {"PO103": "P3"}}, reason="So is our custom.")
    )
    data = interchange(purchase_order(), Rules850()).replace(b"*EA*", b"*P3*", 1)
    found = validate(data, pack=pack)
    assert {f.severity for f in found} == {"error", "note"}
    assert list(validate_stream(BytesIO(data), pack=pack)) == found
    bare = data[data.index(b"ST*") : data.index(b"GE*")]
    assert [(f.severity, f.code, f.path) for f in validate(bare, pack=pack)] == [
        (f.severity, f.code, f.path) for f in found
    ]
