"""Published interchanges: the clean ones are clean, the faulty ones are reported for their documented reason."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.x12 import Finding, has_errors, set_810, set_856, set_860, show
from airflow_provider_sagex3_cleo.x12.reader import scan, sets
from airflow_provider_sagex3_cleo.x12.set_850 import read_back
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_stream

CLEAN = (
    "850_4010_01_clean.edi",
    "850_5010_02_napa_padded.edi",
    "810_4010_01_order.txt",
    "810_4010_02_energy.txt",
    "856_4010_01_tick_separator.txt",
    "856_4010_02_vics_pick_pack.txt",
    "856_4010_04_crossdock.edi",
    "856_4010_05_fisher_padded.edi",
    "820_4010_01_ach.txt",
    "855_4010_01_two_sets.txt",
    "860_4010_01_two_changes.x12",
    "997_4010_01_rejected.edi",
    "997_4010_02_accepted.edi",
)

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
    "810_4010_03_walmart.txt": [
        ("segment-unterminated", "IEA"),
        ("isa-code", "ISA12"),
        ("segment-missing", "TDS"),
        ("segment-order", "TDS"),
        ("segment-order", "CAD"),
    ],
    "810_4010_04_two_sets.edi": [
        ("tds-sum", "TDS01"),
        ("element-too-short", "GS04"),
        ("release-unknown", "GS08"),
    ],
    "810_5010_01_stores.edi": [],
    "810_5010_02_tds_units.edi": [("tds-sum", "TDS01")],
    "856_5010_01_small.edi": [("count-se01", "SE01")],
    "856_5010_02_pick_pack.edi": [
        ("isa-width", "ISA06"),
        ("isa-width", "ISA08"),
        ("count-se01", "SE01"),
        ("element-too-long", "PO403"),
    ],
    "860_5010_01_small.edi": [],
    "997_4010_03_contradicts.txt": [("isa11", "ISA11"), ("element-too-short", "GS04"), ("ak9-verdict", "AK901")],
    "997_5010_01_invalid.edi": [("element-too-long", "AK101"), ("element-type", "AK402")],
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
    assert ("isa11", "ISA11") in map(place, validate((samples / "860_5010_01_small.edi").read_bytes()))
    assert ("isa-code", "ISA07") in map(place, validate((samples / "850_5010_01_napa_as_published.edi").read_bytes()))


def test_all_samples_are_covered_here(reference: Path) -> None:
    assert {path.name for path in (reference / "x12_samples").glob("*_*.*")} == {*CLEAN, *FAULTY}


def test_values_are_read_from_a_published_order(reference: Path) -> None:
    data = (reference / "x12_samples" / "850_4010_01_clean.edi").read_bytes()
    [(_, group, item)] = sets(scan(data))
    order = read_back(item)
    assert (group.version, order.number, str(order.order_date)) == ("004010", "A99999-01", "1997-02-14")
    assert order.parties["ST"].name == "BUYSNACKS PORT"
    assert [str(line.quantity) for line in order.lines] == ["16", "13", "32", "51", "9", "85", "1"]
    assert order.lines[0].items == {"CB": "000111111", "UA": "002840022222"}


def test_the_usual_mistake_of_whole_units_in_tds_is_named_with_what_it_should_be(reference: Path) -> None:
    [finding] = [
        f
        for f in validate((reference / "x12_samples" / "810_5010_02_tds_units.edi").read_bytes())
        if f.code == "tds-sum"
    ]
    assert (finding.found, finding.expected) == ("130", "5000")


def test_values_are_read_from_a_published_invoice(reference: Path) -> None:
    [(_, _, item)] = sets(scan((reference / "x12_samples" / "810_4010_01_order.txt").read_bytes()))
    invoice = set_810.read_back(item)
    assert (invoice.number, invoice.order_number, str(invoice.total)) == ("3323399", "981903", "56358.00")
    assert invoice.parties["RI"].name == "Tempur-Pedic"
    assert [str(line.unit_price) for line in invoice.lines][:2] == ["1305", "767"]
    assert invoice.lines[0].items == {"SK": "10190150", "VC": "10190150"}


def test_levels_are_read_from_a_published_ship_notice(reference: Path) -> None:
    [(_, group, item)] = sets(scan((reference / "x12_samples" / "856_4010_02_vics_pick_pack.txt").read_bytes()))
    shipment = set_856.read_back(item)
    assert (group.version, shipment.structure) == ("004010VICS", "0001")
    assert [(level.number, level.parent, level.code) for level in shipment.levels] == [
        ("1", "", "S"),
        ("2", "1", "O"),
        ("3", "2", "P"),
        ("4", "3", "I"),
    ]
    assert shipment.levels[2].marks == [("GM", "00007121610006156802")]
    assert shipment.levels[3].items["UP"] == "883932284904"


def test_values_are_read_from_published_order_changes(reference: Path) -> None:
    [(_, _, item)] = sets(scan((reference / "x12_samples" / "860_5010_01_small.edi").read_bytes()))
    change = set_860.read_back(item)
    assert (change.purpose, change.number, change.sequence, str(change.order_date)) == (
        "01",
        "PO123",
        "1",
        "2020-01-01",
    )
    [line] = change.changed
    assert (line.number, line.code, line.quantity, line.left, line.unit) == ("1", "CA", 5, 10, "EA")
    assert line.items == {"VN": "ABC"}
    heads = [
        set_860.read_back(item)
        for _, _, item in sets(scan((reference / "x12_samples" / "860_4010_01_two_changes.x12").read_bytes()))
    ]
    assert [(head.number, str(head.change_date), head.lines) for head in heads] == [
        ("PO001", "2023-11-14", []),
        ("PO002", "2023-11-14", []),
    ]


def test_a_set_without_tables_is_named_and_its_envelope_is_still_checked(reference: Path) -> None:
    data = (reference / "x12_samples" / "860_4010_01_two_changes.x12").read_bytes()
    other = data.replace(b"ST*860*", b"ST*846*").replace(b"GS*PC*", b"GS*IB*").replace(b"SE*", b"SE*1", 1)
    assert {"set-not-checked", "count-se01"} <= {f.code for f in validate(other)}


def test_a_stream_gives_the_findings_of_the_file(reference: Path) -> None:
    for path in sorted((reference / "x12_samples").glob("*_*.*")):
        data = path.read_bytes()
        assert Counter(validate_stream(BytesIO(data))) == Counter(validate(data)), path.name


def test_every_sample_can_be_shown_in_words(reference: Path) -> None:
    for path in sorted((reference / "x12_samples").glob("*_*.*")):
        lines = list(show(path.read_bytes()))
        assert lines[0].startswith("ISA Interchange header"), path.name
        assert len(lines) > 5, path.name
