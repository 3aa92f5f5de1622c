"""Texts that are too long: held, cut or split, by kind, and what was changed is told."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import ItemReferences, PostalAddress, PurchaseOrder
from airflow_provider_sagex3_cleo.documents.charges import AllowanceOrCharge
from airflow_provider_sagex3_cleo.x12 import SetBody
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850, build, compare
from airflow_provider_sagex3_cleo.x12.validator import validate_body
from tests.support.x12 import examples, words
from tests.unit.x12.conftest import purchase_order

Make = Callable[..., Any]
LONG = "Example Hardware Supply of the Greater Springfield Area, Northern Warehouse " * 5


@pytest.fixture
def long_order(make_order: Make, make_line: Make, make_party: Make) -> PurchaseOrder:
    """An order whose texts are all too long."""
    address = PostalAddress(lines=(LONG,), city=LONG, state="OH", postal_code="45501", country="US")
    line = make_line(1, item=ItemReferences(buyer="BP1", description=LONG), note=LONG)
    charge = AllowanceOrCharge(kind="charge", code="D240", amount=Decimal(1), description=LONG)
    return make_order(
        ship_to=make_party("WHS", LONG, address=address), lines=(line,), notes=(LONG,), allowances=(charge,)
    )


CUT = {"name": "cut", "address": "cut", "city": "cut", "description": "cut", "notes": "cut"}


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_every_text_can_be_cut_and_every_cut_is_told(release: str, long_order: PurchaseOrder) -> None:
    rules = Rules850(release=release, note_reference="L1", too_long=CUT)
    body = build(long_order, rules)
    assert validate_body(body) == []
    assert compare(long_order, rules, body) == []
    cut = {told.split(":")[0] for told in body.mended}
    notes = set() if release == "005010" else {"notes", "lines[0].note"}
    assert cut == notes | {
        "ship_to.name", "ship_to.address.lines", "ship_to.address.city", "lines[0].item.description",
        "allowances.description",
    }  # fmt: skip
    assert "ship_to.address.city: cut from 379 to 30 characters" in body.mended
    assert SetBody.load(body.dump()) == body


@pytest.mark.parametrize(
    ("kind", "field", "place"),
    [
        ("name", "ship_to.name", "N102"),
        ("address", "ship_to.address.lines", "N301"),
        ("city", "ship_to.address.city", "N401"),
        ("description", "allowances.description", "SAC15"),
        ("notes", "notes", "MSG01"),
    ],
)
def test_a_kind_without_a_policy_is_held_and_the_remedy_names_it(
    kind: str, field: str, place: str, long_order: PurchaseOrder
) -> None:
    rules = Rules850(note_reference="L1", too_long={k: p for k, p in CUT.items() if k != kind})
    with pytest.raises(e.NotRepresentable, match=place) as held:
        build(long_order, rules)
    assert held.value.where["field"] == field
    assert f"too_long: {{{kind}: cut}}" in held.value.remedy


def test_one_kind_is_split_while_another_is_held(make_order: Make, make_line: Make) -> None:
    order = make_order(lines=(make_line(1, item=ItemReferences(buyer="B", description=LONG)),))
    rules = Rules850(too_long={"description": "split"})
    assert " ".join(row[5] for row in build(order, rules).segments if row[0] == "PID") == LONG.strip()
    with pytest.raises(e.NotRepresentable, match="N102"):
        build(order.model_copy(update={"buyer": order.buyer.model_copy(update={"name": LONG})}), rules)


def test_an_identifier_is_never_cut(make_order: Make) -> None:
    with pytest.raises(e.NotRepresentable, match="REF02") as held:
        build(make_order(vendor_number="9" * 31), Rules850(too_long=CUT))
    assert "too_long" not in held.value.remedy


def test_characters_that_were_replaced_are_told_too(make_order: Make) -> None:
    body = build(make_order(notes=("Größe 5",)), Rules850(note_reference="L1", transliterate=True))
    assert body.mended == ("notes: characters replaced",)


@pytest.mark.parametrize("policy", [{"address": "split"}, {"city": "split"}, {"number": "cut"}, {"name": "shrink"}])
def test_a_policy_that_cannot_be_is_a_fault_of_the_rules(policy: dict[str, str]) -> None:
    with pytest.raises(e.SettingFault, match="no policy"):
        Rules850(too_long=policy)


@examples(60)
@given(text=words(400), policy=st.sampled_from(["cut", "split"]))
def test_cut_or_split_the_set_is_right_and_says_as_much_of_the_text_as_fits(text: str, policy: str) -> None:
    order = purchase_order(notes=(text,))
    rules = Rules850(note_reference="L1", too_long={"notes": policy})
    try:
        body = build(order, rules)
    except e.NotRepresentable:  # no single blank to split at
        assert policy == "split"
        return
    assert validate_body(body) == []
    assert compare(order, rules, body) == []
