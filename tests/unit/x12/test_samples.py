"""Published interchanges: the clean ones are clean, the faulty ones are reported for their documented reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.x12 import Finding, has_errors, show
from airflow_provider_sagex3_cleo.x12.reader import scan, sets
from airflow_provider_sagex3_cleo.x12.set_850 import read_back
from airflow_provider_sagex3_cleo.x12.validator import validate

CLEAN = ("850_4010_01_clean.edi", "850_5010_02_napa_padded.edi")

# file -> what its source documents as wrong: (code, element or segment), each as often as given
FAULTY: dict[str, list[tuple[str, str]]] = {
    "850_4010_03_adobe_tlp.txt": [("segment-unterminated", "IEA"), ("amt-total", "AMT02")],
    "850_4010_04_msg_in_header.txt": [("segment-order", "MSG")],
    "850_4010_06_edifabric_invalid.txt": [
        ("isa-code", "ISA12"),
        ("gs01", "GS01"),
        ("count-se01", "SE01"),
        ("element-too-long", "PO103"),
    ],
    "850_4010_07_syntax_errors.edi": [
        ("isa-code", "ISA12"),
        ("syntax", "PO106"),
        ("syntax", "PO405"),
        ("syntax", "PO406"),
    ],
    "850_5010_01_napa_as_published.edi": [("isa-width", f"ISA{n:02d}") for n in (2, 4, 6, 8)],
    "850_5010_04_aafes.edi": [("character", "MTX02")],
    "850_5010_05_retail_sdq.edi": [("ctt-hash", "CTT02")],
    "850_5010_06_dropship_U.edi": [],
}


def place(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.element or finding.segment


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_sample_has_no_error(name: str, reference: Path) -> None:
    findings = validate((reference / "x12_samples" / name).read_bytes())
    assert not has_errors(findings), [str(f) for f in findings]


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_sample_is_reported_for_its_documented_faults_and_no_other(name: str, reference: Path) -> None:
    findings = validate((reference / "x12_samples" / name).read_bytes())
    assert sorted(place(f) for f in findings if f.severity == "error") == sorted(FAULTY[name])


def test_isa11_u_in_a_00501_interchange_and_odd_qualifiers_are_warnings(reference: Path) -> None:
    samples = reference / "x12_samples"
    assert ("isa11", "ISA11") in map(place, validate((samples / "850_5010_06_dropship_U.edi").read_bytes()))
    assert ("isa-code", "ISA07") in map(place, validate((samples / "850_5010_01_napa_as_published.edi").read_bytes()))


def test_all_850_samples_are_covered_here(reference: Path) -> None:
    assert {p.name for p in (reference / "x12_samples").glob("850*")} == {*CLEAN, *FAULTY}


def test_values_are_read_from_a_published_order(reference: Path) -> None:
    data = (reference / "x12_samples" / "850_4010_01_clean.edi").read_bytes()
    [(_, group, item)] = sets(scan(data))
    order = read_back(item)
    assert (group.version, order.number, str(order.order_date)) == ("004010", "A99999-01", "1997-02-14")
    assert order.parties["ST"].name == "BUYSNACKS PORT"
    assert [str(line.quantity) for line in order.lines] == ["16", "13", "32", "51", "9", "85", "1"]
    assert order.lines[0].items == {"CB": "000111111", "UA": "002840022222"}


def test_sets_without_tables_are_named_and_their_envelope_is_still_checked(reference: Path) -> None:
    for path in sorted((reference / "x12_samples").glob("8[156]*")):
        findings = validate(path.read_bytes())
        if not path.name.startswith("850"):
            assert "set-not-checked" in {f.code for f in findings}, path.name
    wrong = validate((reference / "x12_samples" / "856_5010_01_small.edi").read_bytes())
    assert {"count-se01", "isa11"} <= {f.code for f in wrong}


def test_every_sample_can_be_shown_in_words(reference: Path) -> None:
    for path in sorted((reference / "x12_samples").glob("*_*.*")):
        lines = list(show(path.read_bytes()))
        assert lines[0].startswith("ISA Interchange header"), path.name
        assert len(lines) > 5, path.name
