"""The 860 as it is written: what stands where, and what is held because the partner could not be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.documents import (
    Destination,
    ItemReferences,
    OrderLine,
    Party,
    PurchaseOrder,
    ScheduledQuantity,
)
from airflow_provider_sagex3_cleo.documents.order_change import OrderChange
from airflow_provider_sagex3_cleo.errors import NotRepresentable, SettingFault
from airflow_provider_sagex3_cleo.mapping.order_difference import difference
from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.set_850 import Terms
from airflow_provider_sagex3_cleo.x12.set_860 import Rules860, build, compare
from airflow_provider_sagex3_cleo.x12.validator import validate_body

ON = date(2026, 11, 30)
LATER = date(2026, 12, 9)
TEN = Decimal(10)
MakeOrder = Callable[..., PurchaseOrder]
MakeLine = Callable[..., OrderLine]


@pytest.fixture
def orders(make_order: MakeOrder, make_line: MakeLine) -> Callable[..., PurchaseOrder]:
    """Orders of lines 1000 and 2000, ten of each; `number=values` changes a line, None leaves it out."""

    def make(lines: Mapping[int, dict[str, Any] | None] | None = None, **heading: Any) -> PurchaseOrder:
        wanted: dict[int, dict[str, Any] | None] = {1000: {}, 2000: {}, **(lines or {})}
        made = [make_line(n, **{"quantity": TEN, **more}) for n, more in sorted(wanted.items()) if more is not None]
        return make_order(lines=tuple(made), **heading)

    return make


def changed(base: PurchaseOrder, now: PurchaseOrder | None, received: dict[int, Decimal] | None = None) -> OrderChange:
    change = difference(base, now, received or {}, sequence=3, change_date=ON)
    assert change is not None
    return change


def written(change: OrderChange, rules: Rules860) -> SetBody:
    body = build(change, rules)
    assert validate_body(body, rules.delimiters) == []
    assert compare(change, rules, body) == []
    return body


def rows(body: SetBody, *names: str) -> list[str]:
    return ["*".join(row) for row in body.segments if row[0] in names]


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_a_change_names_order_change_and_days_under_the_heading_of_the_order(
    release: str, orders: Callable[..., PurchaseOrder]
) -> None:
    body = written(changed(orders(), orders({2000: {"quantity": Decimal(12)}})), Rules860(release=release))
    assert (body.set_id, body.functional_group) == ("860", "PC")
    assert rows(body, "BCH") == ["BCH*04*SA*POH260000417**3*20261124*****20261130"]
    assert rows(body, "POC", "CTT") == [
        "POC*2000*QI*12*12*EA*1.25**VP*VP-2000*BP*BP2000",
        "CTT*1*12",
    ]
    assert [row[0] for row in body.segments].index("CUR") < [row[0] for row in body.segments].index("POC")
    assert "N1*ST*Example Warehouse*92*IDWHS" in rows(body, "N1")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"quantity": Decimal(12)}, "QI"),
        ({"quantity": Decimal(8)}, "QD"),
        ({"unit_price": Decimal(2)}, "PC"),
        ({"requested_date": LATER}, "CT"),
        ({"quantity": Decimal(8), "unit_price": Decimal(2)}, "PQ"),
        ({"quantity": Decimal(8), "requested_date": LATER}, "RQ"),
        ({"quantity": Decimal(8), "unit_price": Decimal(2), "requested_date": LATER}, "PR"),
        ({"unit_price": Decimal(2), "requested_date": LATER}, "CA"),
        ({"unit": "CA"}, "CA"),
        ({"item": ItemReferences(buyer="BP9", vendor="VP-9")}, "RE"),
        ({"item": ItemReferences(buyer="BP9", vendor="VP-9"), "quantity": Decimal(8)}, "RE"),
        (None, "DI"),
    ],
)
def test_each_kind_of_change_has_its_code_and_another_by_agreement(
    values: dict[str, Any] | None, code: str, orders: Callable[..., PurchaseOrder]
) -> None:
    change = changed(orders(), orders({2000: values}))
    [poc] = [row for row in written(change, Rules860()).segments if row[0] == "POC"]
    assert (poc[1], poc[2]) == ("2000", code)
    few = Rules860(accepted_codes=("AI", "DI", "CA"))
    [poc] = [row for row in written(change, few).segments if row[0] == "POC"]
    assert poc[2] == ("DI" if values is None else "CA")


def test_another_code_for_a_kind_of_change_is_written_by_agreement(orders: Callable[..., PurchaseOrder]) -> None:
    change = changed(orders(), orders({2000: {"requested_date": LATER}}))
    assert rows(written(change, Rules860(codes={"date": "RS"})), "POC", "DTM")[1:] == [
        "POC*2000*RS*10*10*EA*1.25**VP*VP-2000*BP*BP2000",
        "DTM*002*20261209",
    ]


def test_a_change_the_partner_has_no_code_for_is_held(orders: Callable[..., PurchaseOrder]) -> None:
    change = changed(orders(), orders({3000: {}}))
    with pytest.raises(NotRepresentable, match="the partner takes no code for this change of the line") as caught:
        build(change, Rules860(accepted_codes=("DI", "CA")))
    assert caught.value.where["field"] == "line 3000"


def test_a_kind_of_change_that_does_not_exist_is_a_fault_of_the_settings() -> None:
    with pytest.raises(SettingFault, match="not a kind of change"):
        Rules860(codes={"colour": "CA"})


def test_the_whole_order_is_listed_by_agreement_and_what_stays_is_marked(orders: Callable[..., PurchaseOrder]) -> None:
    change = changed(orders(), orders({2000: None, 3000: {}}), {1000: Decimal(4)})
    assert [row.split("*VP")[0] for row in rows(written(change, Rules860(lines="all")), "POC", "CTT")] == [
        "POC*1000*NC*10*6*EA*1.25*",
        "POC*2000*DI*0*0*EA*1.25*",
        "POC*3000*AI*10*10*EA*1.25*",
        "CTT*3*20",
    ]


@pytest.mark.parametrize(
    ("values", "accepted", "start"),
    [
        ({"quantity": Decimal(12)}, (), "POC*2000*QI*2*8*EA"),
        ({"quantity": Decimal(8)}, (), "POC*2000*QD*2*4*EA"),
        ({"quantity": Decimal(8)}, ("CA",), "POC*2000*CA*-2*4*EA"),
        ({"quantity": Decimal(8), "unit_price": Decimal(2)}, (), "POC*2000*PQ*-2*4*EA"),
        ({"unit_price": Decimal(2)}, (), "POC*2000*PC*0*6*EA"),
    ],
)
def test_the_difference_stands_in_poc03_by_agreement_with_a_sign_unless_the_code_says_it(
    values: dict[str, Any], accepted: tuple[str, ...], start: str, orders: Callable[..., PurchaseOrder]
) -> None:
    change = changed(orders(), orders({2000: values}), {2000: Decimal(4)})
    body = written(change, Rules860(quantity="difference", accepted_codes=accepted))
    assert rows(body, "POC")[0].startswith(start)
    assert rows(body, "CTT") == (["CTT*1"] if "*-" in start else [f"CTT*1*{start.split('*')[3]}"])


def test_a_cancellation_is_a_heading_and_lists_its_lines_by_agreement(orders: Callable[..., PurchaseOrder]) -> None:
    change = changed(orders(), None)
    assert rows(written(change, Rules860()), "BCH", "POC", "CTT") == [
        "BCH*01*SA*POH260000417**3*20261124*****20261130",
        "CTT*0",
    ]
    rules = Rules860(cancel_lines=True, cancel_purpose="03", change_type="CP")
    assert [row[:18] for row in rows(written(change, rules), "BCH", "POC", "CTT")] == [
        "BCH*03*CP*POH26000",
        "POC*1000*DI*0*0*EA",
        "POC*2000*DI*0*0*EA",
        "CTT*2*0",
    ]


def test_a_change_of_terms_is_said_by_the_heading_alone(orders: Callable[..., PurchaseOrder]) -> None:
    terms = {"NET30": Terms(net_days=30), "NET60": Terms(net_days=60)}
    body = written(changed(orders(terms="NET30"), orders(terms="NET60")), Rules860(terms=terms, amount_total=True))
    assert rows(body, "ITD", "POC", "CTT", "AMT") == ["ITD*01*3*****60", "CTT*0", "AMT*TT*25"]


@pytest.mark.parametrize(
    ("now", "rules", "field"),
    [
        ({"currency": "CAD"}, Rules860(currency=False), "currency"),
        ({"terms": "NET60"}, Rules860(), "terms"),
        ({"terms": None}, Rules860(terms={"NET30": Terms()}), "terms"),
        ({"ship_to": Party(code="EAST", name="Example Depot")}, Rules860(ship_to_role=None), "ship_to"),
    ],
)
def test_a_change_of_the_heading_that_is_not_sent_to_this_partner_is_held(
    now: dict[str, Any], rules: Rules860, field: str, orders: Callable[..., PurchaseOrder]
) -> None:
    with pytest.raises(NotRepresentable, match="this agreement's heading does not say it") as caught:
        build(changed(orders(terms="NET30"), orders(**{"terms": "NET30", **now})), rules)
    assert caught.value.where["field"] == field


def test_one_day_for_all_lines_is_said_by_the_heading_where_lines_have_no_dates(
    orders: Callable[..., PurchaseOrder],
) -> None:
    same: dict[int, dict[str, Any]] = {1000: {"requested_date": LATER}, 2000: {"requested_date": LATER}}
    change = changed(orders(requested_date=date(2026, 12, 2)), orders(same, requested_date=LATER))
    body = written(change, Rules860(line_dates=False))
    assert rows(body, "DTM", "POC") == ["DTM*002*20261209"]


@pytest.mark.parametrize("added", [False, True])
def test_lines_on_several_days_are_held_where_lines_have_no_dates(
    added: bool, orders: Callable[..., PurchaseOrder]
) -> None:
    other: dict[str, Any] = {"requested_date": LATER}
    now = orders({3000: other} if added else {2000: other}, requested_date=None)
    with pytest.raises(NotRepresentable, match="lines are wanted on several days"):
        build(changed(orders(requested_date=date(2026, 12, 2)), now), Rules860(line_dates=False))


def test_a_new_day_is_held_where_the_agreement_sends_no_day(orders: Callable[..., PurchaseOrder]) -> None:
    with pytest.raises(NotRepresentable, match="the agreement does not send it"):
        build(changed(orders(), orders({2000: {"requested_date": LATER}})), Rules860(date_qualifier=None))


def test_a_date_that_is_taken_away_is_held(orders: Callable[..., PurchaseOrder]) -> None:
    now = orders({2000: {"requested_date": None}}, requested_date=None)
    with pytest.raises(NotRepresentable, match="cannot take a date away"):
        build(changed(orders(), now), Rules860())


def test_a_new_place_is_said_by_the_heading_or_line_by_line_by_agreement(
    orders: Callable[..., PurchaseOrder], make_party: Callable[..., Party]
) -> None:
    change = changed(orders(), orders(ship_to=make_party("EAST", "Example Depot")))
    place = "N1*ST*Example Depot*92*IDEAST"
    assert [row for row in rows(written(change, Rules860()), "N1", "POC") if row.startswith(("N1*ST", "POC"))] == [
        place
    ]
    found = rows(written(change, Rules860(line_ship_to=True)), "N1", "POC")
    assert [row[:12] for row in found if row.startswith(("N1*ST", "POC"))] == [
        place[:12], "POC*1000*CA*", place[:12], "POC*2000*CA*", place[:12],
    ]  # fmt: skip


def split(line: dict[str, int], where: str) -> dict[str, Any]:
    """A line of one item over places or days: place or day -> quantity, a line of Sage X3 each."""
    parts = list(enumerate(line.items(), 2000))
    values: dict[str, Any] = {"quantity": Decimal(sum(line.values())), "unit_price": Decimal("1.25")}
    if where == "places":
        given = {"identifier_kind": "assigned_by_buyer", "name": "Example Store"}
        return values | {"destinations": tuple(
            Destination(ship_to=Party(code=place, identifier=place, **given), quantity=Decimal(q), number=n)
            for n, (place, q) in parts
        )}  # fmt: skip
    return values | {"requested_date": None, "schedule": tuple(
        ScheduledQuantity(requested_date=date.fromisoformat(day), quantity=Decimal(q), number=n)
        for n, (day, q) in parts
    )}  # fmt: skip


@pytest.mark.parametrize("release", ["004010", "005010"])
@pytest.mark.parametrize("quantity", ["new", "difference"])
def test_a_line_split_over_days_or_places_is_said_with_all_its_parts(
    release: str, quantity: Any, orders: Callable[..., PurchaseOrder]
) -> None:
    rules = Rules860(release=release, quantity=quantity)
    base = orders({1000: None, 2000: split({"2026-12-01": 4, "2026-12-08": 6}, "days")})
    later = orders({1000: None, 2000: split({"2026-12-01": 4, "2026-12-15": 8}, "days")})
    body = written(changed(base, later, {2000: Decimal(1)}), rules)
    assert [row.split("*EA*1.25")[0] for row in rows(body, "POC", "SCH", "DTM", "CTT")] == [
        "DTM*002*20261201",
        f"POC*2000*RQ*{12 if quantity == 'new' else 2}*11",
        "SCH*4*EA***002*20261201",
        "SCH*8*EA***002*20261215",
        f"CTT*1*{12 if quantity == 'new' else 2}",
    ]
    base = orders({1000: None, 2000: split({"S1": 4, "S2": 6}, "places")})
    moved = orders({1000: None, 2000: split({"S1": 7, "S3": 3}, "places")})
    body = written(changed(base, moved), rules)
    assert [row.split("*EA*1.25")[0] for row in rows(body, "POC", "SDQ", "N1")] == [
        "N1*BY*Example Hardware Supply*92*IDBUY",
        "N1*SU*Example Tools*92*IDSUP",
        "N1*BT*Example Accounts*92*IDACC",
        f"POC*2000*CA*{10 if quantity == 'new' else 0}*10",
        "SDQ*EA*92*S1*7*S3*3",
    ]


def test_more_to_receive_than_nine_digits_is_held(orders: Callable[..., PurchaseOrder]) -> None:
    with pytest.raises(NotRepresentable, match="10 digits") as caught:
        build(changed(orders(), orders({2000: {"quantity": Decimal(10**9)}})), Rules860())
    assert caught.value.where["field"] == "line 2000.left_to_receive"


def test_totals_of_somebody_elses_860_are_checked(orders: Callable[..., PurchaseOrder]) -> None:
    body = written(changed(orders(), orders({2000: {"quantity": Decimal(12)}})), Rules860())

    def findings(**elements: str) -> list[tuple[str, str]]:
        edited = []
        for row in body.segments:
            values = list(row)
            for place, value in elements.items():
                if values[0] == place[:3]:
                    values[int(place[3:])] = value
            edited.append(tuple(values))
        return [(f.code, f.element) for f in validate_body(SetBody("860", "PC", "004010", tuple(edited)))]

    assert findings(CTT01="2") == [("ctt-lines", "CTT01")]
    assert findings(CTT02="13") == [("ctt-hash", "CTT02")]
    assert findings(POC04="-1") == [("poc-left", "POC04")]
    assert ("element-missing", "POC03") in findings(POC03="")
    assert findings(POC05="XX") == [("element-code", "POC05-1")]


@pytest.mark.parametrize(
    ("field", "update"),
    [
        ("sequence", {"sequence": 4}),
        ("change_date", {"change_date": date(2026, 12, 1)}),
        ("purpose", {"purpose": "cancellation"}),
    ],
)
def test_a_changed_value_of_the_change_is_found_by_comparison(
    field: str, update: dict[str, Any], orders: Callable[..., PurchaseOrder]
) -> None:
    change = changed(orders(terms="NET30"), orders(terms="NET60"))
    rules = Rules860(terms={"NET60": Terms(net_days=60)})
    body = build(change, rules)
    assert [f.element for f in compare(change.model_copy(update=update), rules, body)] == [field]


def test_a_changed_value_of_a_line_is_found_by_comparison(orders: Callable[..., PurchaseOrder]) -> None:
    body = build(changed(orders(), orders({2000: {"quantity": Decimal(12)}})), Rules860())
    other = changed(orders(), orders({2000: {"quantity": Decimal(13), "unit_price": Decimal(2)}}), {2000: Decimal(5)})
    assert [f.element for f in compare(other, Rules860(), body)] == [
        "line 2000.change", "line 2000.quantity", "line 2000.left_to_receive", "line 2000.unit_price", "hash total",
    ]  # fmt: skip
