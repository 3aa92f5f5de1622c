"""One fault at a time in a right 850, 810, 856 or 860: each is found, by its own code and at its own place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest

from airflow_provider_sagex3_cleo.documents import OrderLine, Party, PurchaseOrder
from airflow_provider_sagex3_cleo.x12 import Finding, SetBody, findings_json
from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.reader import element
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, Terms, build
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from airflow_provider_sagex3_cleo.x12.view import SetView
from benchmarks.documents import SETS, clean
from benchmarks.mutants import KINDS, Mutant, mutants

CASES = [(set_id, release, mutant) for set_id in SETS for release in RELEASES for mutant in mutants(set_id, release)]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("set_id", SETS)
def test_the_files_are_right_before_they_are_broken(set_id: str, release: str) -> None:
    assert validate(clean(set_id, release), own=True) == []
    names = [mutant.name for mutant in mutants(set_id, release)]
    assert len(names) == len(set(names)) >= 140
    assert {mutant.kind for mutant in mutants(set_id, release)} == set(KINDS)


@pytest.mark.parametrize(
    ("set_id", "release", "mutant"),
    CASES,
    ids=[f"{set_id}-{release}-{mutant.name}" for set_id, release, mutant in CASES],
)
def test_a_single_fault_is_found(set_id: str, release: str, mutant: Mutant) -> None:
    findings = validate(mutant.of(clean(set_id, release)), own=True)
    found = [(f.severity, f.code) for f in findings if mutant.place in (f.element, f.segment, f.found)]
    assert (mutant.severity, mutant.code) in found, [str(f) for f in findings]


def test_most_faults_are_found_in_files_of_others_too() -> None:
    missed = [m.name for s, r, m in CASES if not validate(m.of(clean(s, r)))]
    # What only our own files promise: a number of lines, and what levels hold.
    assert set(missed) == {
        "CTT missing", "order without its number", "pack without its label", "item without its references",
        "item and quantity of different lines", "levels against BSN05",
    }  # fmt: skip


def broken(name: str) -> bytes:
    """The 850 of 004010 with the fault of that name."""
    return next(m for m in mutants("850", "004010") if m.name == name).of(clean("850", "004010"))


def test_a_finding_says_where_it_is_in_words_by_number_and_by_byte() -> None:
    data = broken("price of two points")
    [finding] = validate(data, own=True)
    assert (finding.segment, finding.position, finding.element) == ("PO1", 23, "PO104")
    assert (finding.found, finding.expected) == ("2.2.5", "digits, a point, a leading minus")
    assert finding.offset is not None
    assert data[finding.offset :].startswith(b"PO1*1000*")
    assert finding.path == "PO1 line 1000, unit price"
    assert finding.where == "ISA 000000417 GS 93 ST 0001"
    assert str(finding) == (
        "error element-type: PO104: unit price is not a number of type R "
        "(PO1 line 1000, unit price; ISA 000000417 GS 93 ST 0001 segment 23 byte 711)"
    )
    assert findings_json([finding]) == [
        {
            "code": "element-type",
            "severity": "error",
            "segment": "PO1",
            "element": "PO104",
            "found": "2.2.5",
            "expected": "digits, a point, a leading minus",
            "message": str(finding).removeprefix("error element-type: "),
        }
    ]


@pytest.mark.parametrize(
    ("set_id", "name", "path"),
    [
        ("850", "order date impossible", "BEG, order date"),
        ("850", "city of one letter", "N1 buyer, N4, city"),
        ("850", "two cities in a line's party", "PO1 line 3000, N1 ship to, N4"),
        ("850", "CTT01 wrong", "CTT, number of lines"),
        ("856", "shipped unit missing", "level 4 (item), SN1, unit"),
        ("810", "charge code not in use", "SAC D999, allowance or charge code"),
    ],
)
def test_the_path_names_the_loops_around_the_place(set_id: str, name: str, path: str) -> None:
    mutant = next(m for m in mutants(set_id, "004010") if m.name == name)
    assert path in {f.path for f in validate(mutant.of(clean(set_id, "004010")), own=True)}


def test_several_faults_of_one_file_are_all_told() -> None:
    data = clean("850", "004010").replace(b"BEG*00*SA", b"BEG*0*QQ").replace(b"CTT*3*6", b"CTT*4*7")
    assert [f.element for f in validate(data, own=True)] == ["BEG01", "BEG02", "CTT01", "CTT02"]


def test_rules_from_outside_are_asked_after_the_own_checks_and_get_a_path() -> None:
    def no_discount(view: SetView) -> Iterator[Finding]:
        for terms in view.all("ITD"):
            assert view.gs is None or element(view.gs, 1) == "PO"
            yield view.finding(terms, "partner-rule", 3, "we give no discount", "nothing")

    [finding] = validate(clean("850", "004010"), own=True, rules=[no_discount])
    assert (finding.code, finding.element, finding.found) == ("partner-rule", "ITD03", "2")
    assert finding.path == "ITD, discount percent"
    body = SetBody("850", "PO", "004010", (("BEG", "00", "SA", "1", "", "20261124"), ("ITD", "01", "3", "2", "", "10")))
    assert "partner-rule" in {f.code for f in validate_body(body, rules=[no_discount])}


def test_codes_we_do_not_use_are_errors_in_our_output_and_warnings_in_files_of_others() -> None:
    data = broken("order type not in use")
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
