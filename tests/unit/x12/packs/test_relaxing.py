"""What a partner takes against the standard passes, as a note with the partner's reason."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.errors import NotRepresentable
from airflow_provider_sagex3_cleo.partners.packs import find_pack
from airflow_provider_sagex3_cleo.x12 import SetBody, has_errors
from airflow_provider_sagex3_cleo.x12.packs import compiled
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, build
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from benchmarks.edits import change, insert, mutated
from tests.support.packs import pack_of, rule
from tests.unit.x12.conftest import interchange, order_line, purchase_order

REASON = "So is our custom"
RELEASES = ("004010", "005010")


def allowing(**allow: object) -> dict[str, object]:
    return rule("custom", allow=allow, reason=REASON)


def noted(data: bytes, *rules: dict[str, object]) -> list[tuple[str, str, str]]:
    found = validate(data, own=True, pack=pack_of(*rules))
    return [(f.severity, f.code, f.message) for f in found]


@pytest.fixture
def data() -> bytes:
    return interchange(purchase_order(), Rules850())


def test_an_extra_code_is_noted_with_its_reason(data: bytes) -> None:
    other = mutated(change("*EA*", "*P3*"), data)
    assert has_errors(validate(other, own=True))
    assert noted(other, allowing(codes={"PO103": "P3"})) == [("note", "pack-custom", REASON)]
    assert [f.severity for f in validate(other, pack=pack_of(allowing(codes={"PO103": "P3"})))] == ["note"]


def test_another_code_and_the_same_code_elsewhere_are_faults_still(data: bytes) -> None:
    for edit in (change("*EA*", "*Q3*"), change("N1*BY", "N1*P3")):
        assert [s for s, _, _ in noted(mutated(edit, data), allowing(codes={"PO103": "P3"}))] == ["error"]


def test_a_longer_element_is_noted_and_a_still_longer_one_is_a_fault(data: bytes) -> None:
    long, longer = (mutated(change("*POH260000417*", f"*{'P' * n}*"), data) for n in (30, 31))
    rules = allowing(length={"BEG03": "1-30"})
    assert noted(long, rules) == [("note", "pack-custom", REASON)]
    assert [(s, c) for s, c, _ in noted(longer, rules)] == [("error", "element-too-long")]


def test_a_segment_where_the_standard_has_none_is_noted_only_after_those_named(data: bytes) -> None:
    rules = allowing(segment="MSG", after=["PER", "MSG"])
    assert noted(mutated(insert("DTM", "MSG*HELLO", "MSG*AGAIN"), data), rules) == [("note", "pack-custom", REASON)] * 2
    assert [c for _, c, _ in noted(mutated(insert("N1*BY", "MSG*LATE"), data), rules)] == ["segment-order"]


def test_what_stands_in_an_allowed_segment_is_checked_all_the_same(data: bytes) -> None:
    found = noted(mutated(insert("DTM", "MSG*"), data), allowing(segment="MSG", after="PER"))
    assert {s for s, _, _ in found} == {"note", "error"}


def test_u_in_isa11_of_a_later_interchange_is_noted() -> None:
    later = interchange(purchase_order(), Rules850(release="005010"))
    custom = later.replace(b"*^*00501*", b"*U*00501*")
    assert [f.code for f in validate(custom, own=True)] == ["isa11"]
    assert noted(custom, allowing(isa11="U")) == [("note", "pack-custom", REASON)]


def test_segments_in_another_order_are_noted_as_long_as_all_are_there(data: bytes) -> None:
    rules = allowing(order=["CUR", "REF", "PER"])
    swapped = data.replace(b"CUR*BY*USD~", b"").replace(b"DTM*002*20261201~", b"CUR*BY*USD~DTM*002*20261201~", 1)
    assert has_errors(validate(swapped, own=True))
    assert noted(swapped, rules) == [("note", "pack-custom", REASON)]


def test_the_published_example_of_the_retailer_passes_but_for_what_is_wrong_with_it(reference: Path) -> None:
    data = (reference / "x12_samples" / "810_4010_03_walmart.txt").read_bytes()
    pack = compiled(find_pack("example-retailer-810", None))
    codes = {f.code for f in validate(data) if f.severity == "error"}
    assert {"segment-order", "segment-missing"} <= codes
    left = {f.code for f in validate(data, pack=pack) if f.severity == "error" and not f.code.startswith("pack-")}
    assert left == codes - {"segment-order", "segment-missing"}


def test_a_message_in_the_heading_passes_under_the_pack_of_the_distributor(reference: Path) -> None:
    data = (reference / "x12_samples" / "850_4010_04_msg_in_header.txt").read_bytes()
    pack = compiled(find_pack("example-distributor-850", None))
    assert "segment-order" in {f.code for f in validate(data)}
    found = validate(data, pack=pack)
    assert "segment-order" not in {f.code for f in found}
    assert "Our customers send MSG in the heading; the standard has it in N9 only" in {
        f.message for f in found if f.severity == "note"
    }


@pytest.mark.parametrize("release", RELEASES)
def test_the_writer_writes_what_the_partner_takes_and_nothing_more(release: str) -> None:
    pack = pack_of(allowing(codes={"PO103": "P3"}), rule("long", reason=REASON, allow={"length": {"BEG03": "1-30"}}))
    order = purchase_order(number="P" * 30, lines=(order_line(1, unit="P3"),))
    body = build(order, Rules850(release=release, relaxed=pack.relaxed(release)))
    assert body.segments[[row[0] for row in body.segments].index("PO1")][:4] == ("PO1", "1", "11", "P3")
    assert [f.severity for f in validate_body(body, pack=pack)] == ["note", "note"]
    assert has_errors(validate_body(body))
    with pytest.raises(NotRepresentable, match="not a code in use"):
        build(
            purchase_order(lines=(order_line(1, unit="Q3"),)), Rules850(release=release, relaxed=pack.relaxed(release))
        )
    with pytest.raises(NotRepresentable, match="31 characters"):
        build(purchase_order(number="P" * 31), Rules850(release=release, relaxed=pack.relaxed(release)))


def test_totals_are_judged_whatever_is_allowed(data: bytes) -> None:
    order = purchase_order(lines=(order_line(1, quantity=Decimal(4)),))
    rows = [row if row[0] != "CTT" else ("CTT", "1", "5") for row in build(order, Rules850()).segments]
    found = validate_body(SetBody("850", "PO", "004010", tuple(rows)), pack=pack_of(allowing(codes={"PO103": "P3"})))
    assert [f.code for f in found] == ["ctt-hash"]
