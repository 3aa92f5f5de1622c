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
from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.reader import read
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850
from airflow_provider_sagex3_cleo.x12.set_860 import Rules860, build, compare
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from tests.support.x12 import broken, dates, examples, file_of
from tests.unit.x12.test_round_trip import LABELS, lines, orders, rules_850


@st.composite
def changes(draw: st.DrawFn) -> OrderChange:
    """From one order to another of the same number, supplier and (in part) lines."""
    small = st.integers(1, 10**6).map(Decimal)

    def numbered(count: int) -> tuple[OrderLine, ...]:
        return tuple(
            draw(lines).model_copy(update={"number": n * 1000, "quantity": draw(small)}) for n in range(1, count + 1)
        )

    base = draw(orders)
    base = base.model_copy(update={"lines": numbered(draw(st.integers(1, 3)))})
    other = draw(orders)
    kept = {"number": base.number, "supplier": base.supplier}
    now: PurchaseOrder | None = other.model_copy(update={**kept, "lines": numbered(draw(st.integers(1, 4)))})
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


def built(change: OrderChange, rules: Rules860) -> SetBody:
    """The body; examples whose change cannot be said to this partner are left out."""
    try:
        return build(change, rules)
    except NotRepresentable as held:
        assume(not held)
        raise


@examples(100)
@given(change=changes(), rules=rules_860)
def test_every_value_of_a_change_is_read_back_from_its_bytes(change: OrderChange, rules: Rules860) -> None:
    body = built(change, rules)
    assert validate_body(body, rules.delimiters) == []
    assert SetBody.load(body.dump()) == body
    data = file_of(body, rules)
    assert validate(data, own=True) == []
    [interchange] = read(data)
    [item] = interchange.groups[0].sets
    assert compare(change, rules, item) == []


@examples(100)
@given(change=changes(), rules=rules_860, data=st.data())
def test_no_element_can_change_and_no_segment_vanish_unnoticed(
    change: OrderChange, rules: Rules860, data: st.DataObject
) -> None:
    changed = broken(built(change, rules), data, LABELS)
    assert changed is None or validate_body(changed, rules.delimiters) or compare(change, rules, changed)
