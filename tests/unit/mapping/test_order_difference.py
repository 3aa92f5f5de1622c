"""What becomes of an order the supplier has: each rule of the trade by its name."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest

from airflow_provider_sagex3_cleo.documents import (
    ItemReferences,
    OrderLine,
    Party,
    PurchaseOrder,
)
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.documents.order_change import HeaderAspect, LineAspect, OrderChange
from airflow_provider_sagex3_cleo.errors import NotRepresentable
from airflow_provider_sagex3_cleo.mapping.commercial import Fingerprint, LinePrint
from airflow_provider_sagex3_cleo.mapping.order_difference import difference

DAY, LATER = date(2026, 12, 2), date(2026, 12, 9)
HERE, THERE = Party(code="NJ01", name="Example Warehouse"), Party(code="OH01", name="Example Depot")


def line(number: int, **more: Any) -> OrderLine:
    values: dict[str, Any] = {
        "item": ItemReferences(buyer=f"BP{number}", vendor=f"VP{number}", description=f"Item {number}"),
        "quantity": Decimal(10),
        "unit": "EA",
        "unit_price": Decimal("1.25"),
        "requested_date": DAY,
    }
    return OrderLine(number=number, **{**values, **more})


def order(*lines: OrderLine, **more: Any) -> PurchaseOrder:
    values: dict[str, Any] = {
        "number": "POH260000417",
        "order_date": date(2026, 11, 24),
        "currency": "USD",
        "buyer": Party(code="BUY", name="Example Hardware Supply"),
        "supplier": Party(code="SUP", name="Example Tools"),
        "ship_to": HERE,
        "requested_date": DAY,
        "lines": lines or (line(1000), line(2000)),
    }
    return PurchaseOrder(**{**values, **more})


def changed(
    base: PurchaseOrder, now: PurchaseOrder | None, received: dict[int, Decimal] | None = None
) -> OrderChange | None:
    return difference(base, now, received or {}, sequence=1, change_date=date(2026, 11, 30))


def said(change: OrderChange | None) -> dict[int, tuple[str, ...]]:
    """The lines that are different, and how."""
    assert change is not None
    return {each.line.number: each.changes for each in change.lines if each.changes}


def test_the_same_order_is_no_change() -> None:
    assert changed(order(), order()) is None


def test_a_receipt_by_itself_is_no_change() -> None:
    assert changed(order(), order(), {1000: Decimal(4)}) is None


@pytest.mark.parametrize(
    "beside",
    [
        {"revision": 3},
        {"internal_reference": "REQ-10"},
        {"vendor_number": "V101"},
        {"notes": ("call first",)},
        {"ship_to": HERE.model_copy(update={"name": "Example Warehouse East"})},
        {"lines": (line(1000, item=ItemReferences(buyer="BP1000", gtin="4012345678901")), line(2000))},
        {"lines": (line(1000, note="with care"), line(2000))},
    ],
    ids=lambda values: next(iter(values)),
)
def test_texts_references_and_corrected_tables_are_no_change(beside: dict[str, Any]) -> None:
    assert changed(order(), order(**beside)) is None


@pytest.mark.parametrize(
    ("values", "how"),
    [
        ({"quantity": Decimal(12)}, ("quantity",)),
        ({"unit_price": Decimal("1.30")}, ("unit_price",)),
        ({"requested_date": LATER}, ("requested_date",)),
        ({"unit": "CA"}, ("unit",)),
        ({"item": ItemReferences(buyer="BP9")}, ("item",)),
        ({"ship_to": THERE}, ("ship_to",)),
        ({"quantity": Decimal(8), "unit_price": Decimal(2), "requested_date": LATER},
         ("quantity", "unit_price", "requested_date")),
    ],
)  # fmt: skip
def test_what_changes_in_a_line_is_named_and_the_other_lines_are_left_alone(
    values: dict[str, Any], how: tuple[str, ...]
) -> None:
    now = order(line(1000), line(2000, **values))
    change = changed(order(), now)
    assert said(change) == {2000: how}
    assert change is not None
    assert (change.purpose, change.header_changes, change.order) == ("change", (), now)
    assert change.lines[1].before == line(2000)


def test_a_new_line_is_added_under_its_own_number_and_none_is_renumbered() -> None:
    change = changed(order(line(1000), line(3000)), order(line(1000), line(2000), line(3000)))
    assert said(change) == {2000: ("added",)}
    assert change is not None
    assert [each.number for each in change.order.lines] == [1000, 2000, 3000]


def test_a_line_that_is_gone_with_nothing_received_is_deleted() -> None:
    change = changed(order(), order(line(1000)))
    assert said(change) == {2000: ("deleted",)}
    assert change is not None
    assert [each.number for each in change.order.lines] == [1000]


def test_a_closed_line_is_cut_to_what_was_received() -> None:
    change = changed(order(), order(line(1000)), {2000: Decimal(4)})
    assert said(change) == {2000: ("quantity",)}
    assert change is not None
    assert (change.order.lines[1].quantity, change.lines[1].left_to_receive) == (4, 0)


@pytest.mark.parametrize("received", [Decimal(10), Decimal(11)])
def test_a_closed_line_that_came_whole_is_no_change(received: Decimal) -> None:
    assert changed(order(), order(line(1000)), {2000: received}) is None


def test_a_line_that_was_never_told_and_is_gone_again_is_no_change() -> None:
    assert changed(order(), order(), {3000: Decimal(5)}) is None


def test_an_order_closed_with_nothing_received_is_cancelled() -> None:
    change = changed(order(), None)
    assert change is not None
    assert (change.purpose, change.order) == ("cancellation", order())
    assert said(change) == {1000: ("deleted",), 2000: ("deleted",)}


def test_an_order_closed_after_a_part_came_is_cut_and_not_cancelled() -> None:
    base = order(line(1000), line(2000), line(3000))
    change = changed(base, None, {1000: Decimal(10), 2000: Decimal(3)})
    assert said(change) == {2000: ("quantity",), 3000: ("deleted",)}
    assert change is not None
    assert change.purpose == "change"
    assert [(each.number, each.quantity) for each in change.order.lines] == [(1000, 10), (2000, 3)]


def test_an_order_closed_after_all_of_it_came_is_no_change() -> None:
    assert changed(order(), None, {1000: Decimal(10), 2000: Decimal(10)}) is None


def test_what_is_left_to_receive_is_the_quantity_less_what_came_and_never_below_nothing() -> None:
    now = order(line(1000, quantity=Decimal(12)), line(2000, quantity=Decimal(3)))
    change = changed(order(), now, {1000: Decimal("4.5"), 2000: Decimal(5)})
    assert change is not None
    assert [each.left_to_receive for each in change.lines] == [Decimal("7.5"), 0]


@pytest.mark.parametrize(
    ("values", "name"),
    [({"order_date": LATER}, "order_date"), ({"currency": "CAD"}, "currency"), ({"terms": "NET30"}, "terms")],
)
def test_a_change_of_the_heading_is_a_change_without_lines(values: dict[str, Any], name: str) -> None:
    change = changed(order(), order(**values))
    assert said(change) == {}
    assert change is not None
    assert change.header_changes == (name,)


def test_an_order_that_moves_to_another_place_says_so_in_heading_and_lines() -> None:
    change = changed(order(), order(ship_to=THERE))
    assert said(change) == {1000: ("ship_to",), 2000: ("ship_to",)}
    assert change is not None
    assert change.header_changes == ("ship_to",)


def test_a_heading_that_only_follows_from_the_lines_left_is_no_change() -> None:
    base = order(line(1000), line(2000, ship_to=THERE, requested_date=LATER), requested_date=None)
    now = order(line(2000, requested_date=LATER), ship_to=THERE, requested_date=LATER)
    assert changed(base, now, {1000: Decimal(10)}) is None


def test_a_line_says_its_place_itself_when_the_heading_moves_away_from_it() -> None:
    base = order(line(1000), line(2000))
    now = order(line(1000), line(2000, ship_to=HERE), ship_to=THERE)
    assert said(changed(base, now)) == {1000: ("ship_to",), 2000: ("ship_to",)}


def test_day_and_place_of_what_has_come_are_past() -> None:
    moved = line(2000, requested_date=LATER, ship_to=THERE)
    assert changed(order(), order(line(1000), moved), {2000: Decimal(10)}) is None
    change = changed(order(), order(line(1000, quantity=Decimal(12)), moved), {2000: Decimal(10)})
    assert said(change) == {1000: ("quantity",)}
    assert change is not None
    assert change.order.lines[1] == line(2000)


def test_more_of_a_line_that_was_done_with_says_day_and_place_anew() -> None:
    now = order(line(1000), line(2000, quantity=Decimal(15)))
    assert said(changed(order(), now, {2000: Decimal(10)})) == {2000: ("quantity", "requested_date", "ship_to")}


@pytest.mark.parametrize(
    ("values", "field"),
    [({"number": "POH260000418"}, "number"), ({"supplier": Party(code="OTHER", name="Example Bolts")}, "supplier")],
)
def test_another_supplier_or_number_is_another_order_and_is_held(values: dict[str, Any], field: str) -> None:
    with pytest.raises(NotRepresentable, match=f"the {field} of the order is another one") as caught:
        changed(order(), order(**values))
    assert caught.value.where["field"] == field


def discount(percent: str, amount: str) -> dict[str, Any]:
    given = AllowanceOrCharge(kind="allowance", code="C310", percent=Decimal(percent), amount=Decimal(amount))
    return {"allowances": (given,)}


def test_another_discount_is_another_price_and_its_amount_follows_from_the_quantity() -> None:
    base = order(line(1000), line(2000, **discount("10", "1.25")))
    assert said(changed(base, order(line(1000), line(2000, **discount("8", "1.00"))))) == {2000: ("unit_price",)}
    more = line(2000, quantity=Decimal(20), **discount("10", "2.50"))
    assert said(changed(base, order(line(1000), more))) == {2000: ("quantity",)}


def test_a_line_with_discounts_that_is_cut_is_held_because_their_amount_is_not_known() -> None:
    base = order(line(1000), line(2000, **discount("10", "1.25")))
    assert said(changed(base, order(line(1000)))) == {2000: ("deleted",)}
    assert changed(base, order(line(1000)), {2000: Decimal(10)}) is None
    with pytest.raises(NotRepresentable, match="a line with discounts is cut to what came"):
        changed(base, order(line(1000)), {2000: Decimal(4)})


def test_two_lines_of_one_number_are_refused() -> None:
    with pytest.raises(ValueError, match="two lines of one number"):
        changed(order(), order(line(1000), line(1000)))


def test_the_next_change_begins_with_the_order_of_the_last() -> None:
    first = changed(order(), order(line(1000)), {2000: Decimal(4)})
    assert first is not None
    assert changed(first.order, order(line(1000)), {2000: Decimal(4)}) is None
    reopened = changed(first.order, order(), {2000: Decimal(4)})
    assert said(reopened) == {2000: ("quantity", "requested_date", "ship_to")}


def test_documents_differ_in_what_the_fingerprint_of_their_records_holds() -> None:
    lines = {field.name for field in fields(LinePrint)} - {"number"}
    assert lines == {name.removeprefix("unit_") for name in get_args(LineAspect)} - {"added", "deleted"}
    heading = {field.name for field in fields(Fingerprint)} - {"lines", "supplier", "supplier_address"}
    assert heading == set(get_args(HeaderAspect)) - lines
