"""Document -> bytes -> read again: every value is there, whatever the release and the delimiters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents import (
    Contact,
    ItemReferences,
    OrderLine,
    Party,
    PostalAddress,
    PurchaseOrder,
)
from airflow_provider_sagex3_cleo.x12 import Delimiters, Envelope, SetBody
from airflow_provider_sagex3_cleo.x12.reader import read
from airflow_provider_sagex3_cleo.x12.second_opinion import badx12
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, Terms, build, compare, read_back
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from airflow_provider_sagex3_cleo.x12.writer import write

SIGNS = "~*>^|:!<;}\x1d\x1c\x1f\x15"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
GTINS = ("012345678905", "4012345678901", "14012345678908")


def words(most: int) -> st.SearchStrategy[str]:
    """Text that fits `most` characters and holds no delimiter, with blanks inside."""
    return st.text(LETTERS + " .,/()&'-", min_size=2, max_size=most).map(str.strip).filter(lambda x: len(x) >= 2)


def ids(most: int) -> st.SearchStrategy[str]:
    return st.text(LETTERS + "-.", min_size=2, max_size=most)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


dates = st.dates(date(1950, 1, 1), date(2099, 12, 31))
addresses = st.builds(
    PostalAddress,
    lines=st.lists(words(55), max_size=4).map(tuple),
    city=maybe(words(30)),
    state=maybe(st.sampled_from(["OH", "CA", "NY"])),
    postal_code=maybe(st.text("0123456789", min_size=3, max_size=15)),
    country=maybe(st.sampled_from(["US", "CA", "DEU"])),
)
parties = st.builds(
    Party,
    code=ids(8),
    name=words(60),
    name2=maybe(words(60)),
    identifier_kind=st.sampled_from(["duns", "duns4", "gln", "assigned_by_seller", "assigned_by_buyer", "mutual"]),
    identifier=maybe(ids(80)),
    address=maybe(addresses),
    contact=maybe(st.builds(Contact, name=maybe(words(60)), phone=maybe(ids(80)), email=maybe(ids(60)))),
)
quantities = st.decimals("0.001", "9999999999", places=3) | st.integers(1, 10**10).map(Decimal)
lines = st.builds(
    OrderLine,
    number=st.integers(1, 10**9),
    item=st.builds(
        ItemReferences,
        buyer=ids(48),
        vendor=maybe(ids(48)),
        gtin=maybe(st.sampled_from(GTINS)),
        manufacturer=maybe(ids(48)),
        description=maybe(words(80)),
    ),
    quantity=quantities,
    unit=st.sampled_from(["EA", "CA", "KG", "DZ"]),
    unit_price=st.decimals("0", "99999", places=6),
    requested_date=maybe(dates),
    ship_to=maybe(parties),
    note=maybe(words(200)),
)
orders = st.builds(
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
    lines=st.lists(lines, min_size=1, max_size=4).map(tuple),
)
delimiters = st.permutations(SIGNS).map(lambda x: Delimiters(x[0], x[1], x[2], x[3]))
TERMS = {
    "NET30": Terms(discount_percent=Decimal("2.50"), discount_days=10, net_days=30, description="2.5 in 10, net 30")
}
rules_850 = st.builds(
    Rules850,
    release=st.sampled_from(["004010", "005010"]),
    delimiters=delimiters,
    seller_role=st.sampled_from(["SU", "SE", "VN", None]),
    item_order=st.permutations(["VP", "BP", "UP", "EN", "UK", "MG"]).map(tuple),
    price_basis=st.sampled_from([None, "PE"]),
    note_reference=st.sampled_from([None, "L1"]),
    terms=st.sampled_from([None, TERMS]),
    hash_total=st.booleans(),
    amount_total=st.booleans(),
    currency=st.booleans(),
    contact=st.booleans(),
    line_dates=st.booleans(),
    line_descriptions=st.booleans(),
)


LABELS = {("N9", 3), ("MTX", 1)}  # the title and the kind of a note: labels, not values of the order


def envelope_for(rules: Rules850) -> Envelope:
    return Envelope(
        rules.release, "P", "ZZ", "SENDER", "14", "0123456789", "SNDGS", "RCVGS", None, False, rules.delimiters
    )


@settings(max_examples=120, deadline=None)
@given(order=orders, rules=rules_850)
def test_every_value_of_an_order_is_read_back_from_its_bytes(order: PurchaseOrder, rules: Rules850) -> None:
    body = build(order, rules)
    assert validate_body(body, rules.delimiters) == []
    assert SetBody.load(body.dump()) == body
    data = write([body], envelope_for(rules), isa=1, gs=1, st=["0001"], at=datetime(2026, 11, 24, 23, 59, tzinfo=UTC))
    assert validate(data, own=True) == []
    [interchange] = read(data)
    [group] = interchange.groups
    [item] = group.sets
    assert compare(order, rules, item) == []
    read_order = read_back(item)
    assert read_order.number == order.number
    assert [line.quantity for line in read_order.lines] == [line.quantity for line in order.lines]
    assert [line.unit_price for line in read_order.lines] == [line.unit_price for line in order.lines]
    assert interchange.separators[:3] == (
        rules.delimiters.segment,
        rules.delimiters.element,
        rules.delimiters.component,
    )


@settings(max_examples=15, deadline=None)
@given(order=orders, rules=rules_850)
def test_badx12_sees_the_same_segments(order: PurchaseOrder, rules: Rules850) -> None:
    data = write(
        [build(order, rules)], envelope_for(rules), isa=7, gs=7, st=["0007"], at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    )
    assert badx12(data) == []


@pytest.mark.parametrize("release", ["004010", "005010"])
@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("number", {"number": "POH260000418"}),
        ("order_date", {"order_date": date(2026, 11, 25)}),
        ("currency", {"currency": "CAD"}),
        ("drop_ship", {"drop_ship": True}),
        ("requested_date", {"requested_date": date(2026, 12, 9)}),
        ("references", {"vendor_number": "V101"}),
        ("references", {"contract": None}),
        ("references", {"internal_reference": "REQ-10"}),
        ("parties", {"bill_to": None}),
    ],
)
def test_a_changed_value_of_the_order_is_found_by_comparison(
    release: str, field: str, change: dict, make_order: Callable[..., PurchaseOrder]
) -> None:
    rules = Rules850(release=release)
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
    ],
)
def test_a_changed_value_of_a_line_is_found_by_comparison(
    field: str, change: dict, make_order: Callable[..., PurchaseOrder], make_line: Callable[..., OrderLine]
) -> None:
    rules = Rules850(hash_total=False)
    sent = build(make_order(lines=(make_line(1),)), rules)
    line = make_line(1).model_copy(update=change)
    findings = compare(make_order(lines=(line,)), rules, sent)
    assert [f.element for f in findings if f.element != "hash total"] == [f"lines[0].{field}"]


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


@settings(max_examples=150, deadline=None)
@given(order=orders, rules=rules_850, data=st.data())
def test_no_element_can_change_and_no_segment_vanish_unnoticed(
    order: PurchaseOrder, rules: Rules850, data: st.DataObject
) -> None:
    body = build(order, rules)
    rows = list(body.segments)
    at = data.draw(st.integers(0, len(rows) - 1))
    places = [n for n, value in enumerate(rows[at]) if n and value]
    if data.draw(st.booleans()):
        row = list(rows[at])
        place = data.draw(st.sampled_from(places))
        if (row[0], place) in LABELS:
            return
        row[place] = data.draw(st.sampled_from([f"{row[place]}7", "", f"7{row[place]}", row[place][:-1]]))
        rows[at] = tuple(row)
    else:
        del rows[at]
    changed = SetBody(body.set_id, body.functional_group, body.release, tuple(rows))
    assert validate_body(changed, rules.delimiters) or compare(order, rules, changed)
