"""Changes of lines that stand for several of Sage X3: the supplier's line keeps its number, its parts are told anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.documents import Destination, ItemReferences, OrderLine, Party, ScheduledQuantity
from airflow_provider_sagex3_cleo.documents.order_change import OrderChange
from airflow_provider_sagex3_cleo.errors import NotRepresentable
from tests.unit.mapping.test_order_difference import DAY, HERE, LATER, THERE, changed, discount, line, order, said

SAME = ItemReferences(buyer="BP-SAME", vendor="VP-SAME")


def by_place(number: int, parts: dict[int, tuple[Party, int]], **more: Any) -> OrderLine:
    """A line split over places: number of the line of Sage X3 -> place and quantity."""
    split = tuple(Destination(ship_to=where, quantity=Decimal(q), number=n) for n, (where, q) in parts.items())
    quantity = sum(part.quantity for part in split)
    return line(number, **{"item": SAME, "quantity": quantity, "destinations": split, **more})


def by_day(number: int, parts: dict[int, tuple[date, int]], **more: Any) -> OrderLine:
    """A line split over days."""
    split = tuple(ScheduledQuantity(requested_date=day, quantity=Decimal(q), number=n) for n, (day, q) in parts.items())
    quantity = sum(part.quantity for part in split)
    return line(number, **{"item": SAME, "quantity": quantity, "requested_date": None, "schedule": split, **more})


def split_of(change: OrderChange | None, number: int) -> list[tuple[str, int]]:
    """Where, or when, how much of a line is wanted after the change."""
    assert change is not None
    found = next(each.line for each in change.lines if each.line.number == number)
    return [(part.ship_to.code, int(part.quantity)) for part in found.destinations] or [
        (f"{part.requested_date:%m%d}", int(part.quantity)) for part in found.schedule
    ]


PLACES = by_place(2000, {2000: (HERE, 4), 3000: (THERE, 6)})
DAYS = by_day(2000, {2000: (DAY, 4), 3000: (LATER, 6)})


@pytest.mark.parametrize("split", [PLACES, DAYS])
def test_a_split_line_that_stays_as_it_is_is_no_change_and_another_price_is_one_of_all_its_parts(
    split: OrderLine,
) -> None:
    base = order(by_place(1000, {1000: (HERE, 1)}) if split.destinations else line(1000), split)
    assert changed(base, base, {2000: Decimal(4), 3000: Decimal(1)}) is None
    dearer = split.model_copy(update={"unit_price": Decimal(2)})
    change = changed(base, order(base.lines[0], dearer), {2000: Decimal(4), 3000: Decimal(1)})
    assert said(change) == {2000: ("unit_price",)}
    assert change is not None
    assert change.lines[1].left_to_receive == 5


@pytest.mark.parametrize(
    ("now", "how", "split"),
    [
        (by_place(2000, {2000: (HERE, 4), 3000: (THERE, 9)}), ("quantity", "ship_to"), [("NJ01", 4), ("OH01", 9)]),
        (by_place(2000, {2000: (HERE, 4), 3000: (HERE, 6)}), ("ship_to",), [("NJ01", 4), ("NJ01", 6)]),
        (by_place(2000, {2000: (HERE, 4), 3000: (THERE, 6), 4000: (HERE, 1)}), ("quantity", "ship_to"),
         [("NJ01", 4), ("OH01", 6), ("NJ01", 1)]),
        (by_day(2000, {2000: (DAY, 5), 3000: (LATER, 5)}), ("requested_date",), [("1202", 5), ("1209", 5)]),
        (by_day(2000, {2000: (LATER, 4), 3000: (LATER, 6)}), ("requested_date",), [("1209", 4), ("1209", 6)]),
    ],
)  # fmt: skip
def test_another_split_is_said_with_all_its_parts(
    now: OrderLine, how: tuple[str, ...], split: list[tuple[str, int]]
) -> None:
    change = changed(order(PLACES if now.destinations else DAYS), order(now))
    assert said(change) == {2000: how}
    assert split_of(change, 2000) == split


def test_more_of_a_line_with_one_place_or_day_is_a_quantity_alone() -> None:
    for make, where in ((by_place, HERE), (by_day, DAY)):
        base, now = order(make(1000, {1000: (where, 4)})), order(make(1000, {1000: (where, 6)}))
        assert said(changed(base, now)) == {1000: ("quantity",)}


@pytest.mark.parametrize(("base", "make", "where"), [(PLACES, by_place, THERE), (DAYS, by_day, LATER)])
def test_a_line_keeps_its_number_when_its_first_part_goes(base: OrderLine, make: Any, where: Any) -> None:
    label = "OH01" if base.destinations else "1209"
    first = "NJ01" if base.destinations else "1202"
    rest = order(make(3000, {3000: (where, 6)}))
    aspect = "ship_to" if base.destinations else "requested_date"
    change = changed(order(base), rest)
    assert said(change) == {2000: ("quantity", aspect)}
    assert split_of(change, 2000) == [(label, 6)]
    # What came of the part that is closed stays: nothing of it is left, and it is no less either.
    assert changed(order(base), rest, {2000: Decimal(4)}) is None
    change = changed(order(base), rest, {2000: Decimal(3), 3000: Decimal(1)})
    assert said(change) == {2000: ("quantity", aspect)}
    assert split_of(change, 2000) == [(label, 6), (first, 3)]
    assert change is not None
    assert change.lines[0].left_to_receive == 5
    assert changed(change.order, rest, {2000: Decimal(3), 3000: Decimal(2)}) is None


def test_a_split_line_that_is_closed_is_cut_part_by_part_or_deleted() -> None:
    base = order(line(1000), DAYS)
    assert said(changed(base, order(line(1000)))) == {2000: ("deleted",)}
    change = changed(base, order(line(1000)), {2000: Decimal(5), 3000: Decimal(1)})
    assert said(change) == {2000: ("quantity",)}
    assert split_of(change, 2000) == [("1202", 4), ("1209", 1)]


def test_a_part_at_another_price_goes_on_as_a_line_of_its_own_and_the_number_stays_with_its_part() -> None:
    base = order(DAYS)
    dearer = {"unit_price": Decimal(2)}
    first, second = by_day(2000, {2000: (DAY, 4)}), by_day(3000, {3000: (LATER, 6)})
    change = changed(base, order(first, second.model_copy(update=dearer)))
    assert said(change) == {2000: ("quantity", "requested_date"), 3000: ("added",)}
    change = changed(base, order(first.model_copy(update=dearer), second))
    assert said(change) == {2000: ("quantity", "unit_price", "requested_date"), 3000: ("added",)}
    with pytest.raises(NotRepresentable, match="of which some came, has another item, unit, price or split now"):
        changed(base, order(first, second.model_copy(update=dearer)), {3000: Decimal(1)})
    with pytest.raises(NotRepresentable, match="of which some came, has another item, unit, price or split now"):
        changed(base, order(second.model_copy(update=dearer)), {2000: Decimal(1)})


def test_lines_that_have_become_alike_stay_the_two_that_the_supplier_knows() -> None:
    base = order(by_day(1000, {1000: (DAY, 4)}), by_day(2000, {2000: (LATER, 6)}, unit_price=Decimal(2)))
    now = order(by_day(1000, {1000: (DAY, 4), 2000: (LATER, 6), 3000: (LATER, 1)}))
    change = changed(base, now)
    assert said(change) == {1000: ("quantity", "requested_date"), 2000: ("unit_price",)}
    assert split_of(change, 1000) == [("1202", 4), ("1209", 1)]


def test_an_order_that_is_split_over_places_stays_so_with_one_place_and_becomes_so_with_two() -> None:
    split, plain = order(PLACES), order(*(line(n, item=SAME, quantity=Decimal(q)) for n, q in ((2000, 4), (3000, 6))))
    change = changed(split, plain)
    assert said(change) == {2000: ("ship_to",)}
    assert change is not None
    assert (change.header_changes, split_of(change, 2000)) == ((), [("NJ01", 4), ("NJ01", 6)])
    moved = order(by_place(2000, {2000: (HERE, 4), 3000: (THERE, 6)}), ship_to=THERE)
    change = changed(plain, moved)
    assert said(change) == {2000: ("ship_to",), 3000: ("ship_to",)}
    assert change is not None
    assert change.header_changes == ()


def test_of_a_part_that_came_wholly_day_and_place_are_past() -> None:
    moved = order(by_place(2000, {2000: (THERE, 4), 3000: (THERE, 6)}))
    assert changed(order(PLACES), moved, {2000: Decimal(4)}) is None
    more = order(by_place(2000, {2000: (THERE, 5), 3000: (THERE, 6)}))
    assert split_of(changed(order(PLACES), more, {2000: Decimal(4)}), 2000) == [("OH01", 5), ("OH01", 6)]


def test_a_split_line_with_discounts_is_not_taken_apart() -> None:
    base = order(DAYS.model_copy(update=discount("10", "1.25")))
    with pytest.raises(NotRepresentable, match="a line with discounts is cut to what came"):
        changed(base, order(by_day(3000, {3000: (LATER, 6)}, **discount("10", "0.75"))), {2000: Decimal(1)})
    apart = order(by_day(2000, {2000: (DAY, 4)}), by_day(3000, {3000: (LATER, 6)}, unit_price=Decimal(2)))
    now = order(by_day(2000, {2000: (DAY, 4), 3000: (LATER, 6)}, **discount("10", "1.25")))
    with pytest.raises(NotRepresentable, match="a split line with discounts is taken apart"):
        changed(apart, now)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (by_place(1000, {1000: (THERE, 4), 2000: (HERE, 6)}), [("NJ01", 4), ("NJ01", 6)]),
        (by_day(1000, {1000: (LATER, 4), 2000: (DAY, 6)}), [("1202", 4), ("1202", 6)]),
    ],
    ids=["places", "days"],
)
def test_a_line_that_came_wholly_stays_where_and_when_it_was_when_it_becomes_a_part(
    now: OrderLine, expected: list[tuple[str, int]]
) -> None:
    plain = line(1000, item=SAME, quantity=Decimal(4), requested_date=DAY)
    change = changed(order(plain), order(now), {1000: Decimal(4)})
    assert split_of(change, 1000) == expected
