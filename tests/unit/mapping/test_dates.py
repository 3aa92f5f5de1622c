"""Which date of Sage X3 goes out under which qualifier, in the heading and in lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import ValueUnreadable
from airflow_provider_sagex3_cleo.mapping.purchase_orders import to_document
from tests.unit.mapping.test_references import rows

Make = Callable[..., Any]


@pytest.fixture
def days(line: Make) -> list[dict[str, Any]]:
    """Two lines: requested on June 1 and 8, expected on June 2 and 10."""
    return [
        line(DEMRCPDAT="2026-06-01", EXTRCPDAT="2026-06-02"),
        line(POPLIN=2000, POQSEQ=2000, DEMRCPDAT="2026-06-08", EXTRCPDAT="2026-06-10"),
    ]


def told(found: list[str]) -> list[str]:
    return [row for row in found if row.startswith(("PO1", "DTM"))]


def test_ship_and_cancel_dates_follow_from_the_requested_one(
    order: Make, agreement: Make, book: Make, days: list[dict[str, Any]]
) -> None:
    wanted = agreement(
        dates={
            "ship": {"qualifier": "010", "days": -3, "lines": True},
            "cancel after": {"qualifier": "001", "days": 14, "of_lines": "latest"},
            "not before": {"qualifier": "064", "of_lines": "earliest"},
        }
    )
    assert [row[:16] for row in told(rows(order(lines=days), wanted, book()))] == [
        "DTM*001*20260622", "DTM*064*20260601", "PO1*1000*10*EA*2", "DTM*002*20260601", "DTM*010*20260529",
        "PO1*2000*10*EA*2", "DTM*002*20260608", "DTM*010*20260605",
    ]  # fmt: skip


def test_the_expected_and_the_order_date_can_be_sent_and_the_requested_one_left_out(
    order: Make, agreement: Make, book: Make, days: list[dict[str, Any]]
) -> None:
    wanted = agreement(
        date_qualifier=None,
        dates={
            "expected": {"qualifier": "067", "from": "expected", "heading": False, "lines": True},
            "order": {"qualifier": "004", "from": "order"},
        },
    )
    assert [row for row in told(rows(order(lines=days), wanted, book())) if row.startswith("DTM")] == [
        "DTM*004*20260504", "DTM*067*20260602", "DTM*067*20260610",
    ]  # fmt: skip


def test_a_line_without_a_date_has_none(order: Make, line: Make, agreement: Make, book: Make) -> None:
    lines = [line(DEMRCPDAT=None, EXTRCPDAT=None), line(POPLIN=2000)]
    wanted = agreement(dates={"ship": {"qualifier": "010", "lines": True, "of_lines": "earliest"}})
    found = told(rows(order(lines=lines, EXTRCPDAT=None), wanted, book()))
    assert [row for row in found if "010" in row[:7]] == ["DTM*010*20260601"] * 2


def test_days_that_lead_out_of_the_calendar_are_put_by(order: Make, line: Make, agreement: Make, book: Make) -> None:
    wanted = agreement(dates={"cancel after": {"qualifier": "001", "days": 14}})
    with pytest.raises(ValueUnreadable, match="end of the calendar"):
        to_document(order(lines=[line(DEMRCPDAT="9999-12-31")]), wanted, book())


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"dates": {"a": {"qualifier": "002"}}}, "two dates of a heading have the qualifier 002"),
        ({"dates": {"a": {"qualifier": "010", "lines": True}}, "schedules": "sch"}, "has no other dates"),
    ],
)
def test_what_cannot_be_meant_is_a_clash(keys: dict[str, Any], sentence: str, agreement: Make) -> None:
    assert any(sentence in said for _, said in agreement(**keys).clashes())
    assert not [said for _, said in agreement(dates={"a": {"qualifier": "010"}}, schedules="sch").clashes()]
