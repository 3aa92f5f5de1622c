"""Walking a list by (stamp, key): conditions, order, repeats, ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import PageLoop, RequestRejected
from airflow_provider_sagex3_cleo.sagex3.keyset import Bounds, KeyWalk, Listed, Row, literal, make_row
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs

SPEC = load_specs()["purchase_orders"]
T = datetime(2026, 11, 24, 6, 33, 54, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LONG = Bounds(SPEC, None, None, "cursor")
SHORT = Bounds(SPEC, T, T + timedelta(hours=1), "cursor")


def row(key: str, seconds: int = 0) -> Row:
    return Row((key,), T + seconds * SECOND)


def walk(*answers: tuple[Sequence[Row], bool], bounds: Bounds = LONG, cap: int = 100) -> tuple[list[list[str]], int]:
    """The keys of each page, and how many answers were asked for."""
    asked = 0

    def listed() -> Iterator[Listed]:
        nonlocal asked
        for rows, more in answers:
            asked += 1
            yield Listed(rows, T, more)

    pages = list(KeyWalk("PORDER", cap, 1, bounds).read(listed()))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    return [[each.key for each in page.rows] for page in pages], asked


def test_the_next_page_begins_after_stamp_and_key() -> None:
    bounds = Bounds(SPEC, T, T + SECOND, "cursor")
    assert bounds.first() == "UPDDATTIM ge @2026-11-24T06:33:54Z@ and UPDDATTIM lt @2026-11-24T06:33:55Z@"
    key = {"POHNUM": "text", "POPLIN": "int", "POQSEQ": "int"}
    at = "@2026-11-24T06:33:54Z@"
    assert bounds.after(key, Row(("P'1", "1000", "2"), T)) == (
        f"(UPDDATTIM gt {at} or (UPDDATTIM eq {at} and (POHNUM gt 'P''1' or (POHNUM eq 'P''1' and "
        "(POPLIN gt 1000 or (POPLIN eq 1000 and POQSEQ gt 2))))))"
        " and UPDDATTIM lt @2026-11-24T06:33:55Z@"
    )


def test_without_a_lower_bound_rows_without_a_stamp_are_left_out() -> None:
    assert LONG.first() == "UPDDATTIM ge @1900-01-01T00:00:00Z@"


def test_business_dates_are_plain_days_and_the_order_stays_that_of_stamps() -> None:
    bounds = Bounds(SPEC, T, T + timedelta(days=2), "business_date")
    assert bounds.first() == (
        "UPDDATTIM ge @1900-01-01T00:00:00Z@ and ORDDAT ge @2026-11-24@ and ORDDAT lt @2026-11-26@"
    )


@pytest.mark.parametrize(
    ("value", "kind", "written"), [("12", "int", "12"), ("x", "int", "'x'"), ("12", "text", "'12'")]
)
def test_numbers_stand_bare_and_texts_in_quotes(value: str, kind: str, written: str) -> None:
    assert literal(value, kind) == written


def test_the_end_of_a_long_window_is_proven_by_an_empty_answer() -> None:
    assert walk(([row("A")], False), ([], False)) == ([["A"]], 2)
    assert walk(([row("A")], False), ([row("B")], False), ([], False)) == ([["A"], ["B"]], 3)


def test_one_short_page_of_a_short_window_is_the_whole_list() -> None:
    assert walk(([row("A")], False), bounds=SHORT) == ([["A"]], 1)
    assert walk(([row("A")], True), ([], False), bounds=SHORT) == ([["A"]], 2)


def test_an_empty_list_is_one_page_with_the_servers_clock() -> None:
    assert walk(([], False)) == ([[]], 1)


def test_rows_that_come_twice_are_given_once() -> None:
    pages, _ = walk(([row("A"), row("A"), row("B")], True), ([row("B"), row("C", 1)], True), ([], False))
    assert pages == [["A", "B"], ["C"]]


def test_a_page_with_nothing_new_stops_the_walk() -> None:
    with pytest.raises(PageLoop, match="PORDER: the same page came again"):
        walk(([row("A")], True), ([row("A")], True))


def test_stamps_that_go_backwards_stop_the_walk() -> None:
    with pytest.raises(RequestRejected, match="do not come in the order asked for"):
        walk(([row("A", 5), row("B", 4)], True))


def test_too_many_pages_stop_the_walk() -> None:
    with pytest.raises(PageLoop, match="more than 2 pages"):
        walk(*(([row("A", n)], True) for n in range(9)), cap=2)


def test_an_answer_without_a_clock_is_refused() -> None:
    with pytest.raises(RequestRejected, match="no Date header"):
        list(KeyWalk("PORDER", 9, 1, LONG).read([Listed([], None, False)]))


@pytest.mark.parametrize(("values", "stamp", "missing"), [([None], "2026-11-24T06:33:54Z", "POHNUM"), (["A"], "", "T")])
def test_a_row_without_key_or_stamp_names_the_column(values: list[str | None], stamp: str, missing: str) -> None:
    with pytest.raises(RequestRejected, match=rf"PORDER\.{missing}: the list does not show this column"):
        make_row("PORDER", values, stamp, ("POHNUM",), "T")


@settings(max_examples=120, deadline=None)
@given(
    table=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=60, unique=True),
    size=st.integers(1, 7),
    doubled=st.booleans(),
)
def test_every_row_is_given_once_and_in_order_whatever_stamps_and_page_size(
    table: list[tuple[int, int]], size: int, doubled: bool
) -> None:
    rows = [Row((f"P{key:03}",), T + stamp * SECOND) for stamp, key in sorted(table)]
    walker = KeyWalk("PORDER", 1000, 1, LONG)

    def server() -> Iterator[Listed]:
        while True:
            place = walker.position
            left = [r for r in rows if place is None or (r.stamp, r.parts) > (place.stamp, place.parts)]
            page = left[:size]
            yield Listed([r for r in page for _ in range(1 + doubled)], T, len(left) > size)

    listed = [each for page in walker.read(server()) for each in page.rows]
    assert [(each.key, each.stamp) for each in listed] == [(r.parts[0], r.stamp) for r in rows]
