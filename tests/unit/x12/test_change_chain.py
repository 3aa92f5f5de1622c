"""An 850 and its 860s, applied by an interpreter that knows nothing of our code, are the order as it is now.

`make test-long` tries more lives of an order."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Literal

from hypothesis import event, given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import NotRepresentable
from airflow_provider_sagex3_cleo.mapping.order_difference import difference
from airflow_provider_sagex3_cleo.x12 import set_850
from airflow_provider_sagex3_cleo.x12.reader import read
from airflow_provider_sagex3_cleo.x12.second_opinion import badx12
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, Terms
from airflow_provider_sagex3_cleo.x12.set_860 import Rules860, build, compare
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from tests.support.changing_orders import Known, LivingOrder, day, left, line_values, rounds
from tests.support.partner_orders import HeldOrder
from tests.support.x12 import delimiters, file_of, long_run
from tests.unit.x12.test_other_parsers import by_ansi_x12, by_pyx12

ITD = {"NET30": Terms(net_days=30), "NET60": Terms(net_days=60)}
FEW = ("AI", "DI", "NC", "CA")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[LivingOrder, Rules850, Rules860]:
    """A new order, and how its supplier wants 850 and 860."""
    split = draw(st.sampled_from(["", "", "places", "days"]))
    order = LivingOrder(
        one_day=split == "places" or (split != "days" and draw(st.booleans())),
        one_place=split == "days" or (split != "places" and draw(st.booleans())),
        split=split,
    )
    for values in draw(st.lists(line_values, min_size=1, max_size=4)):
        order.edit("add", values)
    shared = {
        "release": draw(st.sampled_from(["004010", "005010"])),
        "delimiters": draw(delimiters),
        "terms": ITD,
        "item_order": ("BP", "VP"),
        "line_dates": not order.one_day or draw(st.booleans()),
        "price_basis": draw(st.sampled_from([None, "PE"])),
        "amount_total": draw(st.booleans()),
    }
    rules = Rules860(
        **shared,
        lines=draw(st.sampled_from(["changed", "all"])),
        quantity=draw(st.sampled_from(["new", "difference"])),
        cancel_lines=draw(st.booleans()),
        line_ship_to=not order.one_place or draw(st.booleans()),
        codes=draw(st.sampled_from([{}, {"date": "RS"}])),
        accepted_codes=draw(st.sampled_from([(), FEW])),
    )
    return order, Rules850(**shared), rules


@long_run(150)
@given(world=worlds(), history=rounds)
def test_an_850_and_its_860s_are_the_order_as_it_is_now(
    world: tuple[LivingOrder, Rules850, Rules860], history: list[list[tuple]]
) -> None:
    order, rules_850, rules = world
    sent = order.document()
    assert sent is not None
    supplier, known, base, sequence = HeldOrder(rules.quantity), Known.first(order), sent, 0
    supplier.take_order(file_of(set_850.build(sent, rules_850), rules_850))
    holds(supplier, known, set(known.lines), order)
    for edits in history:
        for edit in edits:
            order.edit(*edit)
        was, known = known, known.later(order)
        try:
            change = difference(base, order.document(), order.received(), sequence=sequence + 1, change_date=day(3))
        except NotRepresentable as held:
            if not order.split or "a part of a split line, of which some came, has another item" not in str(held):
                raise
            event(f"held: split over {order.split}")
            return
        assert change is not None or holds_the_same(was, known, order)
        assert change is None or not was.same(known)
        if change is None:
            continue
        sequence, base = sequence + 1, change.order
        event(f"860 number {sequence}, a {change.purpose}" + (f", split over {order.split}" if order.split else ""))
        body = build(change, rules)
        assert validate_body(body, rules.delimiters) == []
        assert compare(change, rules, body) == []
        data = file_of(body, rules)
        right_for_everybody(data, body.segments)
        supplier.apply(data)
        if change.purpose == "cancellation":
            assert supplier.cancelled
            return
        holds(supplier, known, supplier.mentioned & supplier.lines.keys(), order)
        if rules.lines == "all":
            assert supplier.mentioned >= supplier.lines.keys()


def right_for_everybody(data: bytes, segments: tuple[tuple[str, ...], ...]) -> None:
    assert validate(data, own=True) == []
    assert badx12(data) == []
    [interchange] = read(data)
    assert interchange.groups[0].sets[0].set_id == "860"
    for parse in (by_pyx12, by_ansi_x12):
        rows = parse(data)
        start = next(n for n, row in enumerate(rows) if row[0] == "ST") + 1
        assert tuple(rows[start : start + len(segments)]) == segments


def holds(supplier: HeldOrder, known: Known, mentioned: set[int], order: LivingOrder) -> None:
    """The supplier holds what it must know; day and place count as long as something is to come."""
    terms, currency, order_date = known.heading
    assert not supplier.cancelled
    assert (supplier.currency, supplier.order_date) == (currency, f"{day(order_date):%Y%m%d}")
    assert supplier.terms[6] == terms.removeprefix("NET")
    if order.split:
        holds_split(supplier, known, mentioned, order.split)
        return
    assert supplier.lines.keys() == known.lines.keys()
    for number, line in known.lines.items():
        held = supplier.lines[number]
        assert (held.quantity, held.unit, held.price) == (line.quantity, line.unit, line.price)
        assert held.items == {"BP": f"BP{line.item}", "VP": f"VP-{line.item}"}
        if left(line):
            assert supplier.day_of(number) == f"{day(line.day):%Y%m%d}"
            assert supplier.place_of(number) == f"S{line.place}0"
        if supplier.changes and number in mentioned:
            assert held.left == left(line)


def holds_split(supplier: HeldOrder, known: Known, mentioned: set[int], over: Literal["places", "days"]) -> None:
    """The supplier's lines need not be those of Sage X3: as much of an item at its price goes to each place or day."""
    held: Counter[tuple[int, str, Decimal, str]] = Counter()
    open_: Counter[tuple[int, str, Decimal, str]] = Counter()
    for number, line in supplier.lines.items():
        item = int(line.items["BP"].removeprefix("BP"))
        assert not line.split or sum(line.split.values()) == line.quantity
        where = line.split or {supplier.place_of(number) or "": line.quantity}
        for each, quantity in where.items():
            held[item, line.unit, line.price, each if all_split(supplier) else ""] += quantity
        open_[item, line.unit, line.price, ""] += line.left or Decimal(0)
    assert held == known.split(over if all_split(supplier) else "")
    if supplier.changes and mentioned == supplier.lines.keys():
        assert +open_ == +Counter(known.split("", of=left))


def all_split(supplier: HeldOrder) -> bool:
    """Whether its lines say themselves where or when, so that no heading does."""
    return all(line.split for line in supplier.lines.values())


def holds_the_same(was: Known, now: Known, order: LivingOrder) -> bool:
    """Whether a supplier that knew the one need not be told the other."""
    if not order.split:
        return was.same(now)
    return (was.heading, was.cancelled, was.split(order.split)) == (now.heading, now.cancelled, now.split(order.split))
