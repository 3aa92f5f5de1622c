"""Change -> bytes -> read again: every value is there, and none can change unnoticed."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents import OrderLine, PurchaseOrder
from airflow_provider_sagex3_cleo.documents.order_change import OrderChange
from airflow_provider_sagex3_cleo.errors import NotRepresentable
from airflow_provider_sagex3_cleo.mapping.order_difference import difference
from airflow_provider_sagex3_cleo.x12 import set_860
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850
from airflow_provider_sagex3_cleo.x12.set_860 import Rules860
from tests.support.round_trips import notices_what_is_broken, read_again
from tests.support.x12 import dates, long_run, maybe, parties
from tests.unit.x12.test_round_trip import lines, orders_with, rules_850

small = st.integers(1, 10**6).map(Decimal)
other_headings = st.fixed_dictionaries(
    {},
    optional={
        "order_date": dates,
        "currency": st.sampled_from(["USD", "EUR"]),
        "ship_to": parties,
        "requested_date": maybe(dates),
        "terms": maybe(st.just("NET30")),
        "notes": st.just(("Changed by phone",)),
    },
)


@st.composite
def changes(draw: st.DrawFn) -> OrderChange:
    """From one order to another of the same number and supplier: each line stays, changes, goes or is new."""

    def numbered(number: int) -> OrderLine:
        return draw(lines).model_copy(update={"number": number, "quantity": draw(small)})

    before = [numbered(n * 1000) for n in range(1, draw(st.integers(1, 3)) + 1)]
    after = []
    for line in before:
        match draw(st.sampled_from(["same", "counted", "other", "gone"])):
            case "same":
                after.append(line)
            case "counted":
                after.append(line.model_copy(update={"quantity": draw(small)}))
            case "other":
                after.append(numbered(line.number))
    if not after or draw(st.booleans()):
        after.append(numbered(4000))
    base = draw(orders_with(st.just(tuple(before))))
    now: PurchaseOrder | None = base.model_copy(update={**draw(other_headings), "lines": tuple(after)})
    if draw(st.integers(0, 4)) == 0:
        now = None
    received = draw(st.dictionaries(st.sampled_from([1000, 2000, 3000]), small | st.just(Decimal(0))))
    sequence, change_date = draw(st.integers(1, 999)), draw(dates)
    try:
        change = difference(base, now, received, sequence=sequence, change_date=change_date)
    except NotRepresentable:  # a line with discounts that is cut
        change = None
    assume(change is not None)
    assert change is not None
    return change


rules_860 = st.builds(
    lambda shared, own: Rules860(
        **{f.name: getattr(shared, f.name) for f in fields(Rules850) if f.name != "purpose"}, **own
    ),
    rules_850,
    st.fixed_dictionaries(
        {
            "purpose": st.sampled_from(["04", "05"]),
            "change_type": st.sampled_from([None, "CP"]),
            "lines": st.sampled_from(["changed", "all"]),
            "quantity": st.sampled_from(["new", "difference"]),
            "cancel_lines": st.booleans(),
            "line_ship_to": st.booleans(),
            "accepted_codes": st.sampled_from([(), ("AI", "DI", "NC", "CA")]),
        }
    ),
)


def sayable(said: tuple[OrderChange, Rules860]) -> bool:
    """Whether the change can be said to this partner."""
    try:
        set_860.build(*said)
    except NotRepresentable:
        return False
    return True


said_changes = st.tuples(changes(), rules_860).filter(sayable)


@long_run(500)
@given(said=said_changes)
def test_every_value_of_a_change_is_read_back_from_its_bytes(said: tuple[OrderChange, Rules860]) -> None:
    read_again(set_860, *said)


@long_run(100)
@given(said=said_changes, data=st.data())
def test_no_element_can_change_and_no_segment_vanish_unnoticed(
    said: tuple[OrderChange, Rules860], data: st.DataObject
) -> None:
    notices_what_is_broken(set_860, *said, data)
