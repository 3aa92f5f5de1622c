"""One fault at a time in a right 850: each is found, by its own code and at its own place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from airflow_provider_sagex3_cleo.documents import OrderLine, Party, PurchaseOrder
from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, Terms, build
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from tests.support.x12 import Edit, change, drop, drop_all, insert, mutated, swap

# name -> (edit, code that must be found, segment or element it must name)
MUTANTS: dict[str, tuple[Edit, str, str]] = {
    "sender too wide": (change("*SENDER  ", "*SENDER   "), "isa-width", "ISA06"),
    "receiver qualifier unknown": (change("*01*123456789", "*XX*123456789"), "isa-code", "ISA07"),
    "usage unknown": (change("*0*T*", "*0*Q*"), "isa-code", "ISA15"),
    "interchange date impossible": (change("*261124*1030*", "*261324*1030*"), "element-date", "ISA09"),
    "interchange time impossible": (change("*261124*1030*", "*261124*2530*"), "element-time", "ISA10"),
    "interchange version unknown": (change("*00401*", "*00301*"), "isa-code", "ISA12"),
    "ISA11 a separator in 00401": (change("*U*00401", "*^*00401"), "isa11", "ISA11"),
    "component separator equals element separator": (change("*0*T*>", "*0*T**"), "delimiters", "ISA16"),
    "IEA02 differs": (change("IEA*1*000000417", "IEA*1*000000418"), "isa-control", "IEA02"),
    "IEA01 wrong": (change("IEA*1*", "IEA*2*"), "count-iea01", "IEA01"),
    "IEA missing": (drop("IEA"), "iea-missing", "ISA"),
    "GE02 differs": (change("GE*1*93", "GE*1*94"), "gs-control", "GE02"),
    "GE01 wrong": (change("GE*1*93", "GE*2*93"), "count-ge01", "GE01"),
    "GE missing": (drop("GE*"), "ge-missing", "IEA"),
    "GS missing": (drop("GS"), "group-missing", "ST"),
    "GS01 of another set": (change("GS*PO", "GS*FA"), "gs01", "GS01"),
    "GS04 too short": (change("*20261124*1030*93", "*261124*1030*93"), "element-too-short", "GS04"),
    "GS06 too long": (change("*1030*93*", "*1030*1234567890*"), "element-too-long", "GS06"),
    "GS08 without tables": (change("*X*004010", "*X*003010"), "release-unknown", "GS08"),
    "foreign character in an id": (change("*SENDERGS*", "*SEND\u00c9RGS*"), "character", "GS02"),
    "SE01 wrong": (change("SE*", "SE*1"), "count-se01", "SE01"),
    "SE02 differs": (change("*0001", "*0002"), "st-control", "SE02"),
    "SE missing": (drop("SE*"), "se-missing", "GE"),
    "set control number too short": (change("850*0001", "850*1"), "element-too-short", "ST02"),
    "segment between sets": (insert("GE*", "NTE*GEN*LATE"), "segment-outside", "NTE"),
    "BEG missing": (drop("BEG"), "segment-missing", "BEG"),
    "BEG twice": (insert("CUR", "BEG*00*SA*X**20261124"), "segment-over-max", "BEG"),
    "no lines at all": (drop_all("PO1", "PID"), "segment-missing", "PO1"),
    "CTT missing": (drop("CTT"), "segment-missing", "CTT"),
    "N1 loop after the lines": (insert("CTT", "N3*LOST ROAD"), "segment-order", "N3"),
    "DTM before BEG": (swap("BEG", "DTM"), "segment-order", "BEG"),
    "description before its line": (swap("PO1", "PID"), "segment-order", "PID"),
    "unknown segment": (insert("CTT", "ZZZ*1"), "segment-unknown", "ZZZ"),
    "segment of another set": (insert("DTM", "BIG*20261124*1"), "segment-unknown", "BIG"),
    "eleven header dates": (insert("N1*BY", *["DTM*001*20261201"] * 10), "segment-over-max", "DTM"),
    "three N3 in one party": (insert("N4", "N3*A", "N3*B"), "segment-over-max", "N3"),
    "CTT twice": (insert("SE*", "CTT*3"), "loop-over-max", "CTT"),
    "MTX in 004010": (insert("N1*BY", "N9*L1**NOTES", "MTX*GEN*TEXT"), "segment-unknown", "MTX"),
    "PO number missing": (change("*POH260000417*", "**"), "element-missing", "BEG03"),
    "PO number too long": (change("*POH260000417*", "*POH26000041700000000000*"), "element-too-long", "BEG03"),
    "order date impossible": (change("**20261124", "**20261131"), "element-date", "BEG05"),
    "29 February of a common year": (change("DTM*002*20261201", "DTM*002*20270229"), "element-date", "DTM02"),
    "order type not in use": (change("BEG*00*SA", "BEG*00*QQ"), "element-code", "BEG02"),
    "purpose too short": (change("BEG*00*", "BEG*0*"), "element-too-short", "BEG01"),
    "too many elements": (change("CUR*BY*USD", "CUR*BY*USD" + "*" * 20 + "X"), "element-too-many", "CUR22"),
    "quantity not a number": (change("PO1*1*11*", "PO1*1*1O*"), "element-type", "PO102"),
    "quantity with exponent": (change("PO1*1*11*", "PO1*1*11E0*"), "element-type", "PO102"),
    "quantity with plus": (change("PO1*1*11*", "PO1*1*+11*"), "element-type", "PO102"),
    "quantity of 16 digits": (change("PO1*1*11*", "PO1*1*1234567890123456*"), "element-too-long", "PO102"),
    "quantity missing": (change("PO1*1*11*EA", "PO1*1**EA"), "element-missing", "PO102"),
    "unit missing (allowed by the table, price kept)": (change("PO1*1*11*EA", "PO1*1*11*ZQ"), "element-code", "PO103"),
    "price of two points": (change("*EA*1.25", "*EA*1.2.5"), "element-type", "PO104"),
    "price missing under a basis": (change("*EA*1.25*", "*EA**PE"), "syntax", "PO105"),
    "product id without its qualifier": (change("*VP*VP-1", "**VP-1"), "syntax", "PO106"),
    "qualifier without product id": (change("*VP*VP-1*BP*BP1", "*VP*VP-1*BP"), "syntax", "PO108"),
    "identifier without its qualifier": (change("*92*IDBUY", "**IDBUY"), "syntax", "N103"),
    "party without name and identifier": (change("N1*BT*Example Accounts*92*IDACC", "N1*BT"), "syntax", "N102"),
    "reference without value": (change("REF*IA*V100", "REF*IA"), "syntax", "REF02"),
    "date without value": (change("DTM*002*20261201", "DTM*002"), "syntax", "DTM02"),
    "terms discount without days": (insert("DTM", "ITD*01*3*2"), "syntax", "ITD03"),
    "only blanks in an element": (change("REF*IA*V100", "REF*IA*   "), "element-blank", "REF02"),
    "empty elements at the end": (change("REF*IA*V100", "REF*IA*V100**"), "element-trailing", "REF04"),
    "accent in a name": (change("Example Tools", "Example T\u00f6ols"), "character", "N102"),
    "line end in a text": (change("Hex bolt", "Hex\nbolt"), "character", "PID05"),
    "tab in a text": (change("Hex bolt", "Hex\tbolt"), "character", "PID05"),
    "component separator in a text": (change("Hex bolt", "Hex>bolt"), "character", "PID05"),
    "control character in a text": (change("Hex bolt", "Hex\x1fbolt"), "character", "PID05"),
    "CTT01 wrong": (change("CTT*3", "CTT*4"), "ctt-lines", "CTT01"),
    "hash total wrong": (change("CTT*3*36", "CTT*3*37"), "ctt-hash", "CTT02"),
    "order total wrong": (change("AMT*TT*45", "AMT*TT*46"), "amt-total", "AMT02"),
    "a line lost": (drop("PO1*2*"), "ctt-lines", "CTT01"),
}  # fmt: skip

# Faults that change the number of segments would also break SE01: it is set right, so that one fault stays one.
KEEPS_SE01 = {"SE01 wrong", "SE missing", "segment between sets", "IEA missing", "GE missing", "GS missing"}


def mutate(name: str, data: bytes) -> bytes:
    return mutated(MUTANTS[name][0], data, keep_count=name in KEEPS_SE01)


@pytest.fixture
def right(make_order: Callable[..., PurchaseOrder], make_bytes: Callable[[PurchaseOrder, Rules850], bytes]) -> bytes:
    return make_bytes(make_order(), Rules850(amount_total=True))


def test_the_order_is_right_before_it_is_mutated(right: bytes) -> None:
    assert validate(right, own=True) == []
    assert len(MUTANTS) >= 30


@pytest.mark.parametrize("name", MUTANTS)
def test_a_single_fault_is_found(name: str, right: bytes) -> None:
    _, code, place = MUTANTS[name]
    findings = validate(mutate(name, right), own=True)
    assert [f for f in findings if f.code == code and place in (f.element, f.segment, f.found)], [
        str(f) for f in findings
    ]


def test_a_mutated_name_is_told_with_segment_number_and_byte_offset(right: bytes) -> None:
    data = mutate("order date impossible", right)
    [finding] = validate(data, own=True)
    assert (finding.segment, finding.position, finding.element) == ("BEG", 2, "BEG05")
    assert finding.offset is not None
    assert data[finding.offset :].startswith(b"BEG*00*SA*")
    assert finding.where == "ISA 000000417 GS 93 ST 0001"
    assert str(finding) == ("error element-date: BEG05: date is not a date (ISA 000000417 GS 93 ST 0001 segment 2)")


def test_codes_we_do_not_use_are_errors_in_our_output_and_warnings_in_files_of_others(right: bytes) -> None:
    data = mutate("order type not in use", right)
    assert [f.severity for f in validate(data, own=True)] == ["error"]
    assert [f.severity for f in validate(data)] == ["warning"]


def test_a_body_is_checked_as_strictly_as_its_bytes(make_order: Callable[..., PurchaseOrder]) -> None:
    rules = Rules850()
    body = build(make_order(), rules)
    assert validate_body(body, rules.delimiters) == validate_body(body) == []
    for edit, code in (
        (lambda rows: [("BEG", "00", "SA", "", "", "20261124"), *rows[1:]], "element-missing"),
        (lambda rows: [*rows[:1], *rows[2:1:-1], *rows[1:2], *rows[3:]], "segment-order"),
        (lambda rows: [*rows[:-1], ("CTT", "9")], "ctt-lines"),
        (lambda rows: [*rows[:1], ("REF", "IA", "A*B"), *rows[1:]], "character"),
        (lambda rows: [*rows[:1], ("REF", "IA", "A~B"), *rows[1:]], "character"),
        (lambda rows: [*rows[:1], ("REF", "IA", "A\x1eB"), *rows[1:]], "character"),
    ):
        broken = SetBody(body.set_id, body.functional_group, body.release, tuple(edit(list(body.segments))))
        assert code in {f.code for f in validate_body(broken, rules.delimiters)}


def test_29_february_of_a_leap_year_is_a_date(
    make_order: Callable[..., PurchaseOrder], make_line: Callable[..., OrderLine]
) -> None:
    order = make_order(order_date=date(2028, 2, 29), lines=(make_line(1, requested_date=date(2000, 2, 29)),))
    assert validate_body(build(order, Rules850())) == []


def test_terms_and_line_addresses_and_notes_are_right_in_both_releases(
    make_order: Callable[..., PurchaseOrder], make_line: Callable[..., OrderLine], make_party: Callable[..., Party]
) -> None:
    line = make_line(1, ship_to=make_party("X", "Example Site"), note="Call before delivery")
    order = make_order(lines=(line,), terms="N30", notes=("First", "Second"))
    terms = {"N30": Terms(discount_percent=Decimal(2), discount_days=10, net_days=30, description="2/10 N30")}
    for release, text in (("004010", ("MSG", "First")), ("005010", ("MTX", "GEN", "First"))):
        body = build(order, Rules850(release=release, note_reference="L1", terms=terms))
        assert validate_body(body) == []
        assert text in body.segments
        assert ("ITD", "01", "3", "2", "", "10", "", "30", "", "", "", "", "2/10 N30") in body.segments
