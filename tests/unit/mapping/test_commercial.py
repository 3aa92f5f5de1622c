"""What counts as a change of an order, and what never does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import FieldMissing
from airflow_provider_sagex3_cleo.mapping.purchase_orders import Fingerprint, commercial

Make = Callable[..., Any]


@pytest.fixture
def content(agreement: Make, book: Make) -> Callable[[Any], Fingerprint]:
    def make(record: Any) -> Fingerprint:
        found, fingerprint = commercial(record, agreement(), book())
        assert found == fingerprint.hash
        return fingerprint

    return make


def test_the_hash_is_the_same_for_the_same_content_and_comes_with_it(order: Make, content: Make) -> None:
    assert content(order()).hash == content(order()).hash
    assert content(order()).changes(content(order())) == ()


@pytest.mark.parametrize(
    "columns",
    [
        {"PRNFLG": 2}, {"APPFLG": 1}, {"APPFLG": 4}, {"RCPFLG": 2}, {"INVFLG": 3}, {"REVNUM": 4}, {"BUY": "XX"},
        {"ORDREF": "other"}, {"BPRNAM0": "New name"}, {"CTY": "Elsewhere"}, {"TOTORD": "1"},
        {"UPDDATTIM": "2027-01-01T00:00:00Z"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_commercial_in_the_header_changes_nothing(order: Make, content: Make, columns: Any) -> None:
    assert content(order(**columns)) == content(order())


def test_receipts_and_edited_texts_of_a_line_change_nothing(order: Make, line: Make, content: Make) -> None:
    was = content(order(lines=[line()]))
    for columns in ({"RCPQTYPUU": "4"}, {"RCPQTYPUU": "10"}, {"ITMDES": "x"}, {"ITMREFBPS": "y"}, {"LINREVNUM": 3},
                    {"EXTRCPDAT": "2026-09-09"}, {"NETPRI": "2.50"}, {"QTYUOM": "10.0"}):  # fmt: skip
        assert content(order(lines=[line(**columns)])) == was


def test_closing_a_fully_received_order_changes_nothing(order: Make, line: Make, second: Make, content: Make) -> None:
    was = content(order())
    received = [line(RCPQTYPUU="10"), second(RCPQTYPUU="12")]
    assert content(order(lines=received, CLEFLG=2, RCPFLG=3)) == was
    assert content(order(lines=[{**row, "LINCLEFLG": 2} for row in received], CLEFLG=2, RCPFLG=3)) == was
    too_much = [line(RCPQTYPUU="11", LINCLEFLG=2), second(RCPQTYPUU="13", LINCLEFLG=2)]
    assert content(order(lines=too_much)) == was


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"NETPRI": "2.6"}, "line 1000: price 2.5 -> 2.6"),
        ({"QTYUOM": "12"}, "line 1000: quantity 10 -> 12"),
        ({"DEMRCPDAT": "2026-06-08"}, "line 1000: requested date 2026-06-01 -> 2026-06-08"),
        ({"UOM": "BOX", "PUU": "BOX"}, "line 1000: unit UN -> BOX"),
        ({"ITMREF": "ITM00009"}, "line 1000: item ITM00001 -> ITM00009"),
        ({"PRHFCY": "TX01"}, "line 1000: ship to NJ01/DOCK -> TX01/DOCK"),
    ],
)
def test_a_change_of_a_line_is_a_change_and_is_said(
    order: Make, line: Make, content: Make, columns: Any, sentence: str
) -> None:
    was, now = content(order(lines=[line()])), content(order(lines=[line(**columns)]))
    assert was.hash != now.hash
    assert was.changes(now) == (sentence,)


def test_lines_that_come_and_go_are_changes(order: Make, line: Make, second: Make, content: Make) -> None:
    one, two = content(order(lines=[line()])), content(order(lines=[line(), second()]))
    assert one.changes(two) == ("line 2000 is new",)
    assert two.changes(one) == ("line 2000 is gone",)


def test_a_change_of_the_header_is_a_change(order: Make, content: Make) -> None:
    was = content(order())
    assert was.changes(content(order(CUR="CAD", PTE="NET60"))) == (
        "order: currency USD -> CAD",
        "order: terms NET30 -> NET60",
    )
    assert was.changes(content(order(BPAADD="HQ1"))) == ("order: supplier address ORD -> HQ1",)


def test_a_line_closed_with_nothing_received_is_gone(order: Make, line: Make, second: Make, content: Make) -> None:
    was, now = content(order()), content(order(lines=[line(LINCLEFLG=2), second()]))
    assert was.changes(now) == ("line 1000 is gone",)
    assert not now.cancelled


def test_a_line_closed_in_part_is_cut_to_what_was_received(
    order: Make, line: Make, second: Make, content: Make
) -> None:
    now = content(order(lines=[line(LINCLEFLG=2, RCPQTYPUU="4"), second(LINCLEFLG=2, RCPQTYPUU="6")]))
    assert content(order()).changes(now) == ("line 1000: quantity 10 -> 4", "line 2000: quantity 1 -> 0.5")


def test_an_order_closed_with_nothing_received_is_cancelled(order: Make, content: Make) -> None:
    now = content(order(CLEFLG=2))
    assert now.cancelled
    assert content(order()).changes(now) == ("nothing of the order is left",)


def test_where_lines_do_not_say_what_was_received_the_header_does_or_the_order_is_refused(
    order: Make, line: Make, content: Make
) -> None:
    lines = [line(LINCLEFLG=2, RCPQTYPUU=None)]
    assert content(order(lines=lines, RCPFLG=3)) == content(order(lines=[line()], RCPFLG=3))
    assert content(order(lines=lines, RCPFLG=1)).cancelled
    with pytest.raises(FieldMissing, match="line 1000 RCPQTYPUU: is empty, so what was received"):
        content(order(lines=lines, RCPFLG=2))


def test_tables_and_agreements_change_nothing(order: Make, agreement: Make, book: Make) -> None:
    was, _ = commercial(order(), agreement(), book())
    other = agreement(units={"UN": "PC"}, quantity_unit="price", release="005010", items={"order": ["BP"]})
    assert commercial(order(), other, book(items={}, sites={}, units={}))[0] == was


@given(
    quantity=st.integers(1, 10_000),
    coefficient=st.integers(1, 48),
    received=st.integers(0, 600_000),
    closed=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_what_is_left_is_never_more_than_ordered_nor_less_than_received(
    quantity: int, coefficient: int, received: int, closed: bool
) -> None:
    from airflow_provider_sagex3_cleo.mapping.order_lines import Ordered, remaining
    from airflow_provider_sagex3_cleo.mapping.values import Row

    row = Row("PO-1", {
        "UOM": "BOX", "PUU": "UN", "UOMPUUCOE": str(coefficient), "QTYPUU": str(quantity * coefficient),
        "RCPQTYPUU": str(received),
    })  # fmt: skip
    left = remaining(row, Ordered(Decimal(quantity), "BOX", Decimal(1), "UN"), None)
    assert left == min(Decimal(quantity), (Decimal(received) / coefficient).quantize(Decimal("0.000001")))
