"""An item for several places or days: one line with SDQ or SCH where the agreement wants that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from airflow_provider_sagex3_cleo.documents import Destination, ItemReferences, OrderLine, Party
from airflow_provider_sagex3_cleo.errors import UnmappedValue
from airflow_provider_sagex3_cleo.mapping.purchase_orders import to_document
from tests.unit.mapping.test_references import rows

Make = Callable[..., Any]
STORES = {
    f"ST{n:02d}": {"name": f"Example Store {n}", "party": {"kind": "assigned_by_buyer", "id": f"{100 + n}"}}
    for n in range(1, 13)
}


def told(found: list[str], *segments: str) -> list[str]:
    return [row for row in found if row.split("*")[0] in segments]


@pytest.fixture
def stores(line: Make) -> Callable[..., list[dict[str, Any]]]:
    """Lines of one item, ten pieces for each of so many stores."""
    return lambda count, **columns: [
        line(POPLIN=1000 * n, POQSEQ=1000 * n, PRHFCY=f"ST{n:02d}", FCYADD=None, **columns) for n in range(1, count + 1)
    ]


def test_an_item_for_several_stores_is_one_line_with_its_quantity_by_store(
    order: Make, agreement: Make, book: Make, stores: Make
) -> None:
    found = rows(order(lines=stores(3)), agreement(line_ship_to="sdq"), book(sites=STORES))
    assert told(found, "PO1", "SDQ", "CTT") == [
        "PO1*1000*30*EA*2.5**VP*HW-1001*BP*ITM00001", "SDQ*EA*92*101*10*102*10*103*10", "CTT*1*30",
    ]  # fmt: skip
    assert not told(found, "N1")[2:]  # the buyer and the supplier: no place for all of it


def test_ten_stores_fit_one_segment_and_each_kind_of_id_has_its_own(
    order: Make, agreement: Make, book: Make, stores: Make
) -> None:
    wanted = agreement(line_ship_to="sdq", sites={"ST12": {"kind": "gln", "id": "0012345000065"}})
    found = told(rows(order(lines=stores(12)), wanted, book(sites=STORES)), "SDQ")
    assert [(row.split("*")[2], len(row.split("*"))) for row in found] == [("92", 23), ("92", 5), ("UL", 5)]
    assert found[-1] == "SDQ*EA*UL*0012345000065*10"


def test_lines_that_differ_in_more_than_the_place_stay_apart(
    order: Make, agreement: Make, book: Make, stores: Make
) -> None:
    lines = stores(3)
    lines[1] |= {"NETPRI": "3", "LINAMT": "30"}
    found = told(rows(order(lines=lines), agreement(line_ship_to="sdq"), book(sites=STORES)), "PO1", "SDQ")
    assert [row[:10] for row in found] == ["PO1*1000*2", "SDQ*EA*92*", "PO1*2000*1", "SDQ*EA*92*"]
    assert found[1] == "SDQ*EA*92*101*10*103*10"


def test_two_lines_for_one_store_are_added(order: Make, agreement: Make, book: Make, stores: Make) -> None:
    lines = stores(3)
    lines[2]["PRHFCY"] = "ST01"
    found = told(rows(order(lines=lines), agreement(line_ship_to="sdq"), book(sites=STORES)), "SDQ")
    assert found == ["SDQ*EA*92*101*20*102*10"]


def test_an_order_for_one_place_names_it_in_the_heading(order: Make, agreement: Make, book: Make, stores: Make) -> None:
    found = rows(order(lines=stores(1)), agreement(line_ship_to="sdq"), book(sites=STORES))
    assert "N1*ST*Example Store 1*92*101" in found
    assert not told(found, "SDQ")


def test_a_store_without_an_id_holds_the_order(order: Make, agreement: Make, book: Make, stores: Make) -> None:
    sites = {**STORES, "ST02": {"name": "Example Store 2"}}
    with pytest.raises(UnmappedValue, match="by their ids") as held:
        to_document(order(lines=stores(3)), agreement(line_ship_to="sdq"), book(sites=sites))
    assert held.value.where["value"] == "ST02"


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_an_item_on_several_days_is_one_line_with_its_quantity_by_day(
    release: str, order: Make, line: Make, agreement: Make, book: Make
) -> None:
    lines = [
        line(POPLIN=1000 * n, POQSEQ=1000 * n, DEMRCPDAT=day) for n, day in enumerate(("2026-06-01", "2026-06-15"), 1)
    ]
    found = rows(order(lines=lines), agreement(schedules="sch", release=release), book())
    assert told(found, "PO1", "SCH", "DTM", "CTT") == [
        "PO1*1000*20*EA*2.5**VP*HW-1001*BP*ITM00001", "SCH*10*EA***002*20260601", "SCH*10*EA***002*20260615",
        "CTT*1*20",
    ]  # fmt: skip


def test_a_line_without_a_date_has_no_schedule_and_stays_apart(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    none = {"DEMRCPDAT": None, "EXTRCPDAT": None}
    lines = [line(POPLIN=1000 * n, POQSEQ=1000 * n, **(none if n > 1 else {})) for n in (1, 2, 3)]
    found = rows(order(lines=lines, EXTRCPDAT=None), agreement(schedules="sch"), book())
    assert [row[:9] for row in told(found, "PO1", "SCH")] == ["PO1*1000*", "SCH*10*EA", "PO1*2000*", "PO1*3000*"]


def test_places_and_days_together_are_a_clash(agreement: Make) -> None:
    assert [key for key, _ in agreement(schedules="sch", line_ship_to="sdq").clashes()] == ["schedules"]


def test_parts_that_do_not_add_up_are_no_line() -> None:
    part = Destination(ship_to=Party(code="X", identifier="7"), quantity=Decimal(3), number=1)
    with pytest.raises(ValidationError, match="do not add up"):
        OrderLine(number=1, item=ItemReferences(buyer="A"), quantity=Decimal(4), unit="EA", unit_price=Decimal(1),
                  destinations=(part,))  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_lines=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["ITM00001", "ITM00002"]), st.integers(1, 99)),
        min_size=1,
        max_size=12,
    )
)
def test_no_piece_is_lost_between_the_lines_of_sage_x3_and_their_split(
    order: Make, line: Make, agreement: Make, book: Make, given_lines: list[tuple[int, str, int]]
) -> None:
    lines = [
        line(POPLIN=n, POQSEQ=n, ITMREF=item, PRHFCY=f"ST{store:02d}", FCYADD=None, QTYUOM=str(pieces),
             QTYPUU=str(pieces), LINAMT=str(Decimal("2.5") * pieces))
        for n, (store, item, pieces) in enumerate(given_lines, 1)
    ]  # fmt: skip
    wanted: Counter[tuple[str, str]] = Counter()
    for store, item, pieces in given_lines:
        wanted[item, f"{100 + store}"] += pieces
    made = to_document(order(lines=lines), agreement(line_ship_to="sdq"), book(sites=STORES))
    found: Counter[tuple[str, str]] = Counter()
    for each in made.lines:
        for place, pieces in [(part.ship_to, part.quantity) for part in each.destinations] or [
            (made.ship_to, each.quantity)
        ]:
            found[str(each.item.buyer), str(place.identifier)] += int(pieces)
    assert found == wanted
    if made.distributed:
        assert len(made.lines) == len({item for _, item, _ in given_lines})
