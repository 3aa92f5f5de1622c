"""Parsers by other people read our files and see the same segments: pyx12 (which also counts levels) and ansi-x12."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.x12 import SetBody, set_810, set_850, set_856
from tests.support.x12 import examples, file_of
from tests.unit.x12.test_invoice_round_trip import invoices, rules_810
from tests.unit.x12.test_round_trip import orders, rules_850
from tests.unit.x12.test_shipment_round_trip import rules_856, shipments

Row = tuple[str, ...]


def by_pyx12(data: bytes) -> list[Row]:
    """The segments that pyx12 reads; a complaint of its reader fails the test."""
    x12file = pytest.importorskip("pyx12.x12file", reason="NOT TESTED: pyx12 is not installed (extra `test`)")
    reader = x12file.X12Reader(io.StringIO(data.decode("ascii")))
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
    return [(segment.tag, *(x.decode("ascii") for x in segment.elements)) for segment in document]


bodies = (
    st.tuples(orders, rules_850).map(lambda x: (set_850.build(*x), x[1]))
    | st.tuples(invoices(), rules_810).map(lambda x: (set_810.build(*x), x[1]))
    | st.tuples(shipments(), rules_856).map(lambda x: (set_856.build(*x), x[1]))
)


@pytest.mark.parametrize("parse", [by_pyx12, by_ansi_x12], ids=["pyx12", "ansi-x12"])
@examples(60)
@given(item=bodies)
def test_another_parser_sees_the_same_segments(
    parse: Callable[[bytes], list[Row]], item: tuple[SetBody, object]
) -> None:
    body, rules = item
    rows = parse(file_of(body, rules))  # type: ignore[arg-type]
    start = next(n for n, row in enumerate(rows) if row[0] == "ST") + 1
    assert tuple(rows[start : start + len(body.segments)]) == body.segments
    assert [row[0] for row in rows[start + len(body.segments) :]] == ["SE", "GE", "IEA"]
