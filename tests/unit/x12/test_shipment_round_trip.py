"""Shipment -> 856 -> read by other means: the tree of levels is right and every value is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents.shipment import Pack, PackedItem, Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.x12 import set_856
from airflow_provider_sagex3_cleo.x12.set_856 import Rules856
from tests.support.round_trips import notices_what_is_broken, read_again
from tests.support.x12 import (
    dates,
    delimiters,
    ids,
    items,
    long_run,
    maybe,
    padded,
    parties,
    plain_rows,
    words,
)

quantities = st.integers(1, 10**6).map(Decimal) | st.decimals("0.01", "9999", places=2)


def with_check_digit(body: int) -> str:
    digits = f"{body:017d}"
    total = sum(int(d) * weight for d, weight in zip(digits, [3, 1] * 9, strict=False))
    return f"{digits}{-total % 10}"


ssccs = st.integers(0, 10**17 - 1).map(with_check_digit)


@st.composite
def orders(draw: st.DrawFn, *, packed: bool) -> ShippedOrder:
    """An order; with packs, each item is spread over one or two of them."""
    shipped = [
        ShippedItem(
            number=number,
            item=draw(items),
            quantity=draw(quantities) + 1,
            unit=draw(st.sampled_from(["EA", "CA"])),
            ordered_quantity=draw(maybe(quantities)),
            order_line=draw(ids(20)),
            lot=draw(maybe(ids(20))),
        )
        for number in draw(st.lists(st.integers(1, 9999), min_size=1, max_size=3, unique=True))
    ]
    packs: list[Pack] = []
    if packed:
        first = [PackedItem(number=i.number, quantity=i.quantity - 1) for i in shipped]
        second = [PackedItem(number=i.number, quantity=Decimal(1)) for i in shipped]
        for content in (first, second):
            packs.append(Pack(sscc=draw(ssccs), tracking_number=draw(maybe(ids(48))), items=tuple(content)))
    return ShippedOrder(
        number=draw(ids(22)),
        order_date=draw(maybe(dates)),
        release=draw(maybe(ids(30))),
        department=draw(maybe(ids(10))),
        vendor_number=draw(maybe(ids(30))),
        store=draw(maybe(parties)),
        items=tuple(shipped),
        packs=tuple(packs),
    )


@st.composite
def shipments(draw: st.DrawFn) -> Shipment:
    shipped_on = draw(dates)
    weight = draw(maybe(st.integers(1, 10**6).map(Decimal)))
    packed = draw(st.booleans())
    shipped = draw(
        st.lists(orders(packed=packed), min_size=1, max_size=2)
        .map(tuple)
        .filter(lambda given: len({p.sscc for o in given for p in o.packs}) == sum(len(o.packs) for o in given))
    )
    return Shipment(
        number=draw(ids(30)),
        ship_date=shipped_on,
        ship_time=draw(maybe(st.times().map(lambda t: time(t.hour, t.minute)))),
        expected_date=draw(maybe(st.dates(shipped_on))),
        ship_from=draw(parties),
        ship_to=draw(parties),
        bill_to=draw(maybe(parties)),
        carrier_code=draw(maybe(ids(4))),
        carrier_name=draw(maybe(words(35))),
        carrier_mode=draw(maybe(st.sampled_from(["M", "U", "LT"]))),
        bill_of_lading=draw(maybe(ids(30))),
        tracking_numbers=draw(st.lists(ids(30), max_size=2).map(tuple)),
        weight=weight,
        weight_unit=None if weight is None else draw(st.sampled_from(["LB", "KG"])),
        packages=draw(maybe(st.integers(1, 10**6))),
        packaging=draw(maybe(st.sampled_from(["CTN", "PLT94"]))),
        orders=shipped,
    )


rules_856 = st.builds(
    Rules856,
    release=st.sampled_from(["004010", "005010"]),
    delimiters=delimiters,
    item_order=st.permutations(["VP", "BP", "UP", "EN", "UK"]).map(tuple),
    packs=st.sampled_from(["never", "known"]),
    children=st.booleans(),
    count=st.sampled_from(["levels", "items"]),
    hash_total=st.booleans(),
    bill_to_role=st.sampled_from(["BT", None]),
    store_role=st.sampled_from(["BY", "Z7", None]),
    expected_date_qualifier=st.sampled_from(["017", "067", None]),
    tracking_reference=st.sampled_from(["CN", "2I", None]),
    packaging=st.sampled_from([None, "CTN25"]),
    carrier_stage=st.sampled_from(["B", None]),
    line_id=st.sampled_from(["shipment", "order"]),
    ordered_quantities=st.booleans(),
    lots=st.booleans(),
    sscc_mark=st.sampled_from(["GM", "AA"]),
    pack_tracking_mark=st.sampled_from(["CP", None]),
    line_descriptions=st.booleans(),
)


def contents(shipment: Shipment, packed: bool) -> Iterator[tuple[str, str]]:
    """(path of level codes, what stands there) of every level, from the document alone."""
    yield "S", shipment.number
    for order in shipment.orders:
        yield "SO", order.number
        if packed:
            by_number = {item.number: item for item in order.items}
            for pack in order.packs:
                yield "SOP", pack.sscc
                for packed_item in pack.items:
                    yield "SOPI", f"{by_number[packed_item.number].item.buyer} {packed_item.quantity.normalize():f}"
        else:
            for item in order.items:
                yield "SOI", f"{item.item.buyer} {item.quantity.normalize():f}"


def told(rows: list[list[str]]) -> Iterator[tuple[str, str]]:
    """The same from the rows: each level's path is found by following HL02 upwards."""
    above: dict[str, str] = {}
    starts = [n for n, row in enumerate(rows) if row[0] == "HL"]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        level = padded(rows[start])
        above[level[1]] = above.get(level[2], "") + level[3]
        found = {row[0]: padded(row) for row in reversed(rows[start:end])}
        match level[3]:
            case "S":
                said = padded(rows[0])[2]
            case "O":
                said = found["PRF"][1]
            case "P":
                said = found["MAN"][2][-18:]
            case _:
                line, sent = found["LIN"], found["SN1"]
                by_qualifier = dict(zip(line[2::2], line[3::2], strict=False))  # a number may spell a qualifier
                said = f"{by_qualifier['BP']} {Decimal(sent[2]).normalize():f}"
        yield above[level[1]], said


def agrees(shipment: Shipment, rules: Rules856, rows: list[list[str]]) -> None:
    """Read the rows in plain ways and look for the shipment in them."""
    packed = rules.packs == "known" and all(order.packs for order in shipment.orders)
    beginning = padded(rows[0])
    assert beginning[2:4] == [shipment.number, f"{shipment.ship_date:%Y%m%d}"]
    assert beginning[5] == ("0001" if packed else "0004")
    assert list(told(rows)) == list(contents(shipment, packed))
    levels = [padded(row) for row in rows if row[0] == "HL"]
    assert [level[1] for level in levels] == [str(n) for n in range(1, len(levels) + 1)]
    assert levels[0][2] == ""
    parents = {level[2] for level in levels}
    if rules.children:
        assert all((level[4] == "1") == (level[1] in parents) for level in levels)
    count = padded(rows[-1])
    assert int(count[1]) == (len(levels) if rules.count == "levels" else sum(level[3] == "I" for level in levels))
    if count[2]:
        assert int(count[2]) == sum(item.quantity for order in shipment.orders for item in order.items)
    assert [row[2] for row in rows if row[:2] == ["DTM", "011"]] == [f"{shipment.ship_date:%Y%m%d}"]
    names = {row[1]: padded(row)[2] for row in rows if row[0] == "N1"}
    assert (names["SF"], names["ST"]) == (shipment.ship_from.name, shipment.ship_to.name)
    if rules.tracking_reference:
        found = [row[2] for row in rows if row[:2] == ["REF", rules.tracking_reference]]
        assert found == list(shipment.tracking_numbers)
    weights = [Decimal(row[7]) for row in map(padded, rows) if row[0] == "TD1" and row[7]]
    assert weights == ([shipment.weight] if shipment.weight is not None else [])


@long_run(500)
@given(shipment=shipments(), rules=rules_856)
def test_every_value_of_a_shipment_is_read_from_its_bytes_by_other_means(shipment: Shipment, rules: Rules856) -> None:
    _, data = read_again(set_856, shipment, rules)
    agrees(shipment, rules, plain_rows(data))


@long_run(200)
@given(shipment=shipments(), rules=rules_856, data=st.data())
def test_no_element_can_change_and_no_segment_vanish_unnoticed(
    shipment: Shipment, rules: Rules856, data: st.DataObject
) -> None:
    notices_what_is_broken(set_856, shipment, rules, data)
