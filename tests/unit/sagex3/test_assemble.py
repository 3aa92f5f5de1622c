"""Header, quantity rows and price rows become one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import PageDrift, RequestRejected
from airflow_provider_sagex3_cleo.sagex3.assemble import graphql_record, rest_record
from airflow_provider_sagex3_cleo.sagex3.reader import Record, format_stamp, parse_stamp
from airflow_provider_sagex3_cleo.sagex3.spec import Column, load_specs

SPEC = load_specs()["purchase_orders"]
EARLY, LATE, LATEST = "2026-11-24T06:00:00Z", "2026-11-24T07:00:00Z", "2026-11-24T08:00:00Z"


def order(quantities: list[dict[str, Any]], prices: list[dict[str, Any]], **header: Any) -> Record:
    raw = {"POHNUM": "P1", "UPDDATTIM": EARLY, "PORDERQ": quantities, "PORDERP": prices, **header}
    return rest_record(SPEC)(raw)


def quantity(line: Any, sequence: Any = 1, **values: Any) -> dict[str, Any]:
    return {"POPLIN": line, "POQSEQ": sequence, "UPDDATTIM": EARLY, **values}


def price(line: Any, sequence: Any = 1, **values: Any) -> dict[str, Any]:
    return {"POPLIN": line, "POPSEQ": sequence, "UPDDATTIM": EARLY, **values}


def shown(columns: Mapping[str, Column]) -> dict[str, None]:
    """The optional columns, each empty."""
    return {name: None for name, column in columns.items() if column.optional}


def test_a_line_is_the_quantity_row_with_its_price_row() -> None:
    record = order([quantity(1000, QTYUOM=5, ITMREF="A ")], [price("1000", "1", NETPRI="2.50", ITMDES=" Bolt ")])
    (line,) = record.lines
    assert (line["POPLIN"], line["QTYUOM"], line["ITMREF"], line["NETPRI"], line["ITMDES"]) == (
        1000, "5", "A", "2.5", "Bolt",
    )  # fmt: skip


def test_lines_are_sorted_by_number_and_not_as_text() -> None:
    record = order([quantity(10000), quantity(2000), quantity("1000", 2), quantity(1000, 1)], [])
    assert [(line["POPLIN"], line["POQSEQ"]) for line in record.lines] == [(1000, 1), (1000, 2), (2000, 1), (10000, 1)]


def test_prices_meet_on_line_and_sequence_else_on_the_line_alone() -> None:
    rows = [quantity(1000, 1), quantity(1000, 2), quantity(2000, 7)]
    prices = [price(1000, 1, NETPRI=1), price(1000, 2, NETPRI=2), price(2000, 1, NETPRI=3)]
    assert [line["NETPRI"] for line in order(rows, prices).lines] == ["1", "2", "3"]


def test_a_price_that_could_belong_to_two_rows_is_not_guessed() -> None:
    record = order([quantity(1000, 9)], [price(1000, 1, NETPRI=1), price(1000, 2, NETPRI=2)])
    assert record.lines[0]["NETPRI"] is None


def test_the_records_stamp_is_the_latest_of_all_three_tables() -> None:
    assert order([quantity(1000)], [price(1000)]).stamp == parse_stamp(EARLY)
    moved = order([quantity(1000, UPDDATTIM=LATE)], [price(1000, UPDDATTIM=LATEST)])
    assert moved.stamp == parse_stamp(LATEST)
    assert moved.lines[0]["UPDDATTIM"] == LATEST
    alone = order([quantity(1000)], [price(1000), price(3000, UPDDATTIM=LATE)])  # a price row without a quantity row
    assert alone.stamp == parse_stamp(LATE)


def test_a_line_that_came_twice_is_there_once_and_never_with_two_contents() -> None:
    twice = [quantity(1000, QTYUOM=5)] * 2
    assert len(order(twice, [price(1000, NETPRI=1)] * 2).lines) == 1
    assert order(twice, [price(1000, 9, NETPRI=1)] * 2).lines[0]["NETPRI"] == "1"
    with pytest.raises(PageDrift, match=r"P1: one line came twice, with two contents \(value '1000~1'\)"):
        order([quantity(1000, QTYUOM=5), quantity(1000, QTYUOM=6)], [])


@pytest.mark.parametrize("missing", ["POHNUM", "UPDDATTIM", "PORDERQ", "PORDERP"])
def test_a_detail_without_key_stamp_or_lines_is_refused(missing: str) -> None:
    raw: dict[str, Any] = {"POHNUM": "P1", "UPDDATTIM": EARLY, "PORDERQ": [], "PORDERP": []}
    del raw[missing]
    with pytest.raises(RequestRejected, match=rf"purchase_orders\.{missing}"):
        rest_record(SPEC)(raw)


def test_a_graphql_node_gives_the_same_record() -> None:
    record = order(
        [quantity(1000, QTYUOM=5, LINCLEFLG=1, UPDDATTIM=LATE, **shown(SPEC.lines.columns))],
        [price(1000, NETPRI="2.50")], BPSNUM="S1", APPFLG=3, ORDDAT="2026-11-24", BETFCY=1, **shown(SPEC.columns),
    )  # fmt: skip
    node = {"id": "P1", "_updateStamp": "2026-11-24T06:00:00.000Z", "orderFromSupplier": {"code": {"code": "S1 "}},
            "signatureStatus": "inFull", "orderDate": "2026-11-24", "isIntersite": False, "buyer": None}  # fmt: skip
    line = {"lineNumber": 1000, "sequenceNumber": 1, "quantityInOrderUnitOrdered": "5.00", "netPrice": "2.5000",
            "isClosed": "no", "_updateStamp": LATE}  # fmt: skip
    assert graphql_record(SPEC)(node, [line]) == record


def test_a_record_survives_the_way_into_its_canonical_bytes_and_back() -> None:
    record = order([quantity(1000, ITMREF="Ä\ud800")], [price(1000)], CTY="Zürich \u2028")
    payload = record.canonical()
    assert Record.load(payload) == record
    assert Record.load(payload).canonical() == payload
    assert b" " not in order([quantity(1000)], [price(1000)]).canonical()


def test_a_fraction_of_a_second_is_kept() -> None:
    moment = parse_stamp("2026-11-24T06:00:00.250Z")
    assert moment is not None
    assert format_stamp(moment) == "2026-11-24T06:00:00.25Z"


def test_an_optional_column_that_the_detail_lacks_is_not_on_the_record() -> None:
    record = order([quantity(1000)], [price(1000, DISCRGVAL1="5")], TEX1=" Ring \r\n the bell ")
    (line,) = record.lines
    assert record.fields["TEX1"] == "Ring\n the bell"
    assert "TEX2" not in record.fields
    assert record.fields["PJTH"] is None  # not optional: as empty
    assert line["DISCRGVAL1"] == "5"
    assert not {"DISCRGVAL2", "LINTEX", "USEPLC"} & line.keys()
