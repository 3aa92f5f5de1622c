"""Document -> bytes -> read again: every value is there, whatever the release and the delimiters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents import (
    Destination,
    ItemReferences,
    NamedDate,
    OrderLine,
    Party,
    PostalAddress,
    PurchaseOrder,
    Reference,
    ScheduledQuantity,
)
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.x12 import set_850
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, Terms, build, compare, read_back
from tests.support.round_trips import notices_what_is_broken, read_again
from tests.support.x12 import (
    charges,
    dates,
    delimiters,
    ids,
    items,
    long_run,
    maybe,
    parties,
    quantities,
    references,
    words,
)


def named_dates(*names: str) -> st.SearchStrategy[tuple[NamedDate, ...]]:
    each = [maybe(st.builds(NamedDate, name=st.just(name), day=dates)) for name in names]
    return st.tuples(*each).map(lambda found: tuple(x for x in found if x))


lines = st.builds(
    OrderLine,
    number=st.integers(1, 10**9),
    item=items,
    quantity=quantities,
    unit=st.sampled_from(["EA", "CA", "KG", "DZ"]),
    unit_price=st.decimals("0", "99999", places=6),
    requested_date=maybe(dates),
    ship_to=maybe(parties),
    note=maybe(words(200)),
    references=references("place", "customer order"),
    allowances=st.lists(charges, max_size=2).map(tuple),
    dates=named_dates("ship"),
)
known_places = st.builds(
    Party, code=ids(8), identifier_kind=st.sampled_from(["duns", "gln", "assigned_by_buyer"]), identifier=ids(80)
)


@st.composite
def split_lines(draw: st.DrawFn) -> OrderLine:
    """A line as it is, or with its quantity split over places or days."""
    line = draw(lines)
    amounts = draw(st.lists(st.decimals("0.01", "99999", places=2), min_size=1, max_size=13))
    splits: dict[str, dict[str, Any]] = {
        "none": {},
        "places": {
            "destinations": tuple(
                Destination(ship_to=draw(known_places), quantity=q, number=n) for n, q in enumerate(amounts, 1)
            ),
            "ship_to": None,
            "quantity": sum(amounts),
        },
        "days": {
            "schedule": tuple(
                ScheduledQuantity(requested_date=draw(dates), quantity=q, number=n) for n, q in enumerate(amounts, 1)
            ),
            "requested_date": None,
            "quantity": sum(amounts),
        },
    }
    return line.model_copy(update=splits[draw(st.sampled_from(sorted(splits)))])


def orders_with(their_lines: st.SearchStrategy[tuple[OrderLine, ...]]) -> st.SearchStrategy[PurchaseOrder]:
    return st.builds(
        PurchaseOrder,
        number=ids(22),
        order_date=dates,
        currency=st.sampled_from(["USD", "EUR", "CAD"]),
        drop_ship=st.booleans(),
        buyer=parties,
        supplier=parties,
        ship_to=parties,
        bill_to=maybe(parties),
        requested_date=maybe(dates),
        internal_reference=maybe(ids(30)),
        contract=maybe(ids(30)),
        vendor_number=maybe(ids(30)),
        terms=maybe(st.just("NET30")),
        notes=st.lists(words(200), max_size=3).map(tuple),
        references=references("project", "department"),
        dates=named_dates("ship", "cancel after"),
        allowances=st.lists(charges, max_size=2).map(tuple),
        lines=their_lines,
    )


orders = orders_with(
    st.lists(split_lines(), min_size=1, max_size=4, unique_by=lambda line: line.number).map(tuple),
)
TERMS = {
    "NET30": Terms(discount_percent=Decimal("2.50"), discount_days=10, net_days=30, description="2.5 in 10, net 30")
}
rules_850 = st.builds(
    Rules850,
    release=st.sampled_from(["004010", "005010"]),
    delimiters=delimiters,
    buyer_role=st.sampled_from(["BY", "OB", None]),
    seller_role=st.sampled_from(["SU", "SE", "VN", None]),
    ship_to_role=st.sampled_from(["ST", "BS", None]),
    bill_to_role=st.sampled_from(["BT", None]),
    references=st.sampled_from([{}, {"project": "JB"}, {"department": "DP", "project": "JB"}]),
    line_references=st.sampled_from([{}, {"place": "19", "customer order": "CO"}]),
    item_order=st.permutations(["VP", "BP", "UP", "EN", "UK", "MG"]).map(tuple),
    price_basis=st.sampled_from([None, "PE"]),
    note_reference=st.sampled_from([None, "L1"]),
    date_qualifier=st.sampled_from(["002", "063", None]),
    dates=st.sampled_from([{}, {"ship": "010"}, {"ship": "010", "cancel after": "001"}]),
    split_text=st.booleans(),
    too_long=st.dictionaries(st.sampled_from(["name", "description", "notes", "address"]), st.just("cut")),
    allowance_method=st.sampled_from(["02", None]),
    charge_method=st.sampled_from(["06", None]),
    percent_basis=st.sampled_from(["1", None]),
    terms=st.sampled_from([None, TERMS]),
    hash_total=st.booleans(),
    amount_total=st.booleans(),
    currency=st.booleans(),
    contact=st.booleans(),
    line_dates=st.booleans(),
    line_descriptions=st.booleans(),
)


DEPOT = Party(code="D", identifier_kind="gln", identifier="0012345000065")


@long_run(500)
@given(order=orders, rules=rules_850)
def test_every_value_of_an_order_is_read_back_from_its_bytes(order: PurchaseOrder, rules: Rules850) -> None:
    item, _ = read_again(set_850, order, rules)
    read_order = read_back(item)
    assert read_order.number == order.number
    assert [line.quantity for line in read_order.lines] == [line.quantity for line in order.lines]
    assert [line.unit_price for line in read_order.lines] == [line.unit_price for line in order.lines]


@pytest.mark.parametrize("release", ["004010", "005010"])
@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("number", {"number": "POH260000418"}),
        ("order_date", {"order_date": date(2026, 11, 25)}),
        ("currency", {"currency": "CAD"}),
        ("drop_ship", {"drop_ship": True}),
        ("requested_date", {"requested_date": date(2026, 12, 9)}),
        ("requested_date", {"dates": (NamedDate(name="ship", day=date(2026, 12, 9)),)}),
        ("references", {"vendor_number": "V101"}),
        ("references", {"contract": None}),
        ("references", {"internal_reference": "REQ-10"}),
        ("references", {"references": (Reference(name="project", value="PRJ-8"),)}),
        ("parties", {"bill_to": None}),
        ("allowances", {"allowances": (AllowanceOrCharge(kind="allowance", code="C310", amount=Decimal(1)),)}),
    ],
)
def test_a_changed_value_of_the_order_is_found_by_comparison(
    release: str, field: str, change: dict, make_order: Callable[..., PurchaseOrder]
) -> None:
    rules = Rules850(release=release, references={"project": "JB"}, dates={"ship": "010"})
    findings = compare(make_order(**change), rules, build(make_order(), rules))
    assert [(f.code, f.element) for f in findings] == [("value-differs", field)]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("number", {"number": 2}),
        ("quantity", {"quantity": Decimal("11.001")}),
        ("unit", {"unit": "CA"}),
        ("unit_price", {"unit_price": Decimal("1.250001")}),
        ("item", {"item": ItemReferences(buyer="BP1", vendor="VP-9", description="Hex bolt M1")}),
        ("item.description", {"item": ItemReferences(buyer="BP1", vendor="VP-1", description="Hex bolt")}),
        ("requested_date", {"requested_date": None}),
        ("ship_to", {"ship_to": Party(code="X", name="Example Site")}),
        ("references", {"references": (Reference(name="place", value="HALL 3"),)}),
        ("allowances", {"allowances": (AllowanceOrCharge(kind="charge", code="D240", amount=Decimal(1)),)}),
        ("destinations", {"destinations": (Destination(ship_to=DEPOT, quantity=Decimal(11), number=1),)}),
        (
            "schedule",
            {"schedule": (ScheduledQuantity(requested_date=date(2026, 12, 9), quantity=Decimal(11), number=1),)},
        ),
    ],
)
def test_a_changed_value_of_a_line_is_found_by_comparison(
    field: str, change: dict, make_order: Callable[..., PurchaseOrder], make_line: Callable[..., OrderLine]
) -> None:
    rules = Rules850(hash_total=False, line_references={"place": "19"})
    sent = build(make_order(lines=(make_line(1),)), rules)
    line = make_line(1).model_copy(update=change)
    findings = compare(make_order(lines=(line,)), rules, sent)
    assert [f.element for f in findings if f.element not in ("hash total", "parties")] == [f"lines[0].{field}"]


def test_every_part_of_a_party_is_compared(
    make_order: Callable[..., PurchaseOrder], make_party: Callable[..., Party]
) -> None:
    rules = Rules850()
    sent = build(make_order(), rules)
    other = PostalAddress(lines=("2 Example Road",), city="Shelbyville", state="IL", postal_code="45502", country="CA")
    changed = make_party("WHS", "Example Depot", identifier="OTHER", address=other)
    found = {f.element for f in compare(make_order(ship_to=changed), rules, sent)}
    assert found == {
        "ship_to.name", "ship_to.identifier", "ship_to.address.lines", "ship_to.address.city", "ship_to.address.state",
        "ship_to.address.postal_code", "ship_to.address.country",
    }  # fmt: skip


@long_run(150)
@given(order=orders, rules=rules_850, data=st.data())
def test_no_element_can_change_and_no_segment_vanish_unnoticed(
    order: PurchaseOrder, rules: Rules850, data: st.DataObject
) -> None:
    notices_what_is_broken(set_850, order, rules, data)
