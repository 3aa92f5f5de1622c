"""What the engine works out once and remembers changes no verdict."""

from __future__ import annotations

import pytest
from badx12 import Parser

from airflow_provider_sagex3_cleo.x12 import Delimiters, SetBody, second_opinion
from airflow_provider_sagex3_cleo.x12.model import RELEASES, Finding
from airflow_provider_sagex3_cleo.x12.reader import read
from airflow_provider_sagex3_cleo.x12.segments import MARK, REMEMBERED, doubts, segment_rules
from airflow_provider_sagex3_cleo.x12.structure import structure
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from benchmarks.documents import SETS, clean
from benchmarks.mutants import mutants


def line(number: int, quantity: str = "5") -> str:
    return MARK.join(("PO1", str(number), quantity, "EA", "1.25", "", "VP", f"V-{number}"))


def test_more_segments_than_are_remembered_are_judged_all_the_same() -> None:
    doubtful = doubts("004010")
    many = [line(number) for number in range(1, REMEMBERED + 500)]
    assert doubtful.among(many) == set()
    assert doubtful.among([line(1), line(2, "five"), line(3, " 5")]) == {line(2, "five"), line(3, " 5")}
    assert doubtful.among([line(2, "five")]) == {line(2, "five")}  # wrong is never taken for known
    assert doubtful.among(many) == set()


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("set_id", SETS)
def test_a_segment_that_is_right_at_a_glance_has_no_fault(set_id: str, release: str) -> None:
    described = segment_rules(release)
    seen = 0
    for data in (clean(set_id, release), *(mutant.of(clean(set_id, release)) for mutant in mutants(set_id, release))):
        for row in (chunk.split("*") for chunk in data.decode("latin-1").split("~")):
            rule = described.get(row[0])
            if rule is not None and row[0] != "ISA" and rule.right(MARK.join(row)):
                assert list(rule.faults(row, ">")) == []
                seen += 1
    assert seen > 1000


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("set_id", SETS)
def test_a_body_is_judged_as_the_bytes_that_it_becomes(set_id: str, release: str) -> None:
    def said(findings: list[Finding]) -> list[tuple[object, ...]]:
        return [(f.severity, f.code, f.position, f.element, f.found, f.expected, f.path) for f in findings if f.path]

    def body(data: bytes) -> SetBody:
        rows = read(data)[0].groups[0].sets[0].segments[1:-1]
        return SetBody(set_id, "", release, tuple(row.elements for row in rows))

    right = clean(set_id, release)
    assert validate_body(body(right), Delimiters()) == []
    for was, now in ((b"*EA*", b"*XX*"), (b"20261124", b"20261324"), (b"*BP0-1*", b"* BP0-1*"), (b"~CTT*", b"~CTT*9")):
        broken = right.replace(was, now)
        found = said(validate_body(body(broken), Delimiters()))
        assert found == said(validate(broken, own=True))
        assert found or broken == right


def test_what_may_come_ten_times_in_a_line_may_come_ten_times_in_each() -> None:
    def over(*turns: int) -> list[tuple[int, str]]:
        ids = ["ST", "BEG", *(name for times in turns for name in ("PO1", *["DTM"] * times)), "CTT", "SE"]
        faults, states = structure("004010", "850").check(ids)
        assert len(states) == len(ids)
        return [(fault.at, fault.code) for fault in faults]

    assert over(10, 10, 0, 10) == []
    assert over(10, 11, 10) == [(2 + 11 + 11, "segment-over-max")]
    assert over(11, 0, 12) == [(2 + 11, "segment-over-max"), (2 + 12 + 1 + 11, "segment-over-max")]


@pytest.mark.parametrize("set_id", ["850", "810"])
def test_a_price_larger_than_any_arithmetic_is_a_finding_and_stops_nothing(set_id: str) -> None:
    broken = clean(set_id, "004010").replace(b"*2.25*", b"*1E999999*")
    assert "element-type" in {finding.code for finding in validate(broken)}


@pytest.mark.parametrize("set_id", SETS)
def test_badx12_reads_the_same_when_it_is_not_asked_whether_each_segment_is_a_bracket(set_id: str) -> None:
    text = clean(set_id, "004010").decode()
    plain, ours = Parser().parse_document(text), second_opinion._parser()().parse_document(text)
    assert list(second_opinion._theirs(ours)) == list(second_opinion._theirs(plain))
