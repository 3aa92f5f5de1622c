"""Parsers by other people read our files and see the same segments.

pyx12 counts levels, too; ansi-x12 judges the envelope; x12-doctor counts and compares numbers; x12-edi-tools knows the
customary delimiters alone and sorts segments by their id."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.x12 import Delimiters, SetBody, set_810, set_850, set_856, set_860
from airflow_provider_sagex3_cleo.x12.set_rules import SetRules
from tests.support.x12 import file_of, long_run
from tests.unit.x12.test_change_round_trip import said_changes
from tests.unit.x12.test_invoice_round_trip import invoices, rules_810
from tests.unit.x12.test_round_trip import orders, rules_850
from tests.unit.x12.test_shipment_round_trip import rules_856, shipments

Row = tuple[str, ...]


def by_pyx12(data: bytes) -> list[Row]:
    """The segments that pyx12 reads; a complaint of its reader fails the test."""
    x12file = pytest.importorskip("pyx12.x12file", reason="NOT TESTED: pyx12 is not installed (extra `test`)")
    reader = x12file.X12Reader(io.StringIO(data.decode()))
    rows: list[Row] = []
    for segment in reader:
        rows.append((segment.get_seg_id(), *(x.format(reader.subele_term) for x in segment.elements)))
    assert reader.pop_errors() == []
    return rows


def by_ansi_x12(data: bytes) -> list[Row]:
    """The segments that ansi-x12 reads; it judges the envelope itself."""
    x12 = pytest.importorskip("x12", reason="NOT TESTED: ansi-x12 is not installed (extra `test`)")
    document = x12.tokenize_x12(data)
    x12.parse_x12_interchange(document)
    return [(segment.tag, *(x.decode() for x in segment.elements)) for segment in document]


def by_x12_doctor(data: bytes) -> list[Row]:
    """The segments that x12-doctor reads; what it finds wrong with an envelope fails the test."""
    doctor = pytest.importorskip("x12doctor", reason="NOT TESTED: x12-doctor is not installed (extra `test`)")
    text = data.decode()
    assert [f for f in doctor.diagnose(text).findings if f.severity == "error" and f.code.startswith("A")] == []
    return [(segment.id, *segment.elements) for segment in doctor.tokenize(text).segments]


def by_x12_edi_tools(data: bytes) -> dict[str, list[Row]]:
    """The segments that x12-edi-tools reads, by their id."""
    parser = pytest.importorskip(
        "x12_edi_tools.x12_parser", reason="NOT TESTED: x12-edi-tools is not installed (extra `test`)"
    )
    found = parser.X12Parser().parse(data.decode())
    return {name: [(segment.id, *segment.elements) for segment in given] for name, given in found.items()}


bodies = (
    st.tuples(orders, rules_850).map(lambda x: (set_850.build(*x), x[1]))
    | st.tuples(invoices(), rules_810).map(lambda x: (set_810.build(*x), x[1]))
    | st.tuples(shipments(), rules_856).map(lambda x: (set_856.build(*x), x[1]))
    | said_changes.map(lambda x: (set_860.build(*x), x[1]))
)


@pytest.mark.parametrize("parse", [by_pyx12, by_ansi_x12, by_x12_doctor], ids=["pyx12", "ansi-x12", "x12-doctor"])
@long_run(60)
@given(item=bodies)
def test_another_parser_sees_the_same_segments(
    parse: Callable[[bytes], list[Row]], item: tuple[SetBody, object]
) -> None:
    body, rules = item
    rows = parse(file_of(body, rules))  # type: ignore[arg-type]
    start = next(n for n, row in enumerate(rows) if row[0] == "ST") + 1
    assert tuple(rows[start : start + len(body.segments)]) == body.segments
    assert [row[0] for row in rows[start + len(body.segments) :]] == ["SE", "GE", "IEA"]


@long_run(60)
@given(item=bodies)
def test_a_parser_that_sorts_by_id_sees_the_same_segments(item: tuple[SetBody, SetRules]) -> None:
    body, rules = item
    usual = Delimiters()
    taken = {c for row in body.segments for value in row for c in value} & set(usual.reserved(body.release))
    if taken:
        return  # the body was made for other delimiters, and holds these
    found = by_x12_edi_tools(file_of(body, replace(rules, delimiters=usual)))
    for name, rows in found.items():
        if name not in {"ISA", "GS", "ST", "SE", "GE", "IEA"}:
            assert rows == [row for row in body.segments if row[0] == name]
    assert {row[0] for row in body.segments} <= set(found)
