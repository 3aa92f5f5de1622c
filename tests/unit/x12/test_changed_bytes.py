"""Any bytes of a file of ours may change on the way: it is found, it is harmless, or no rule could know it.

Three things look at a file. The validator knows rules; the comparison knows the document; the ledger knows the bytes.
What only the ledger's hash can tell is another right value in the envelope (a sender, a date), another label, and a
legal value in an element for which the document has nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.x12 import set_810, set_850, set_856, set_860
from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.reader import Interchange, read
from airflow_provider_sagex3_cleo.x12.set_rules import SetRules
from airflow_provider_sagex3_cleo.x12.validator import validate
from benchmarks.documents import SETS, clean, example
from tests.support.round_trips import LABELS
from tests.support.x12 import file_of, long_run
from tests.unit.x12.test_change_round_trip import said_changes
from tests.unit.x12.test_invoice_round_trip import invoices, rules_810
from tests.unit.x12.test_round_trip import orders, rules_850
from tests.unit.x12.test_shipment_round_trip import rules_856, shipments

Rows = list[Sequence[str]]

# Values of the envelope that may be another right value. Control numbers and counts are not among them.
ENVELOPE = {("ISA", n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16)} | {
    ("GS", n) for n in (2, 3, 4, 5, 8)
}


@st.composite
def edited(draw: st.DrawFn, right: bytes) -> bytes:
    """The file with one byte changed, gone or new, or a stretch of them."""
    at = draw(st.integers(0, len(right) - 1))
    marks = [right[3:4], right[104:105], right[105:106]]
    likely = st.sampled_from([*marks, *(bytes([c]) for c in b"^ \n0123456789AEIOX-.")])
    gone = draw(st.sampled_from([0, 1, 1, 1, 2, 3, 30]))
    new = draw(st.one_of(st.just(b""), likely, likely, st.binary(min_size=1, max_size=3)))
    return right[:at] + new + right[at + gone :]


def rows_of(interchange: Interchange) -> Rows:
    rows: Rows = [interchange.header.elements, *(s.elements for s in interchange.acknowledgments)]
    for group in interchange.groups:
        rows.append(group.header.elements)
        rows += [segment.elements for item in group.sets for segment in item.segments]
        rows += [group.trailer.elements] if group.trailer else []
    return [*rows, interchange.trailer.elements] if interchange.trailer else rows


def same(one: str, other: str) -> bool:
    """Equal as text, or as numbers: 2.50 is 2.5."""
    try:
        return one == other or Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def differing(before: Rows, after: Rows) -> set[tuple[str, int, str]]:
    """The places whose values differ, with the value that was there; one impossible place where segments differ."""
    if [row[0] for row in before] != [row[0] for row in after]:
        return {("", 0, "other segments")}
    return {
        (row[0], n, was)
        for row, other in zip(before, after, strict=True)
        for n in range(max(len(row), len(other)))
        if not same(was := row[n] if n < len(row) else "", other[n] if n < len(other) else "")
    }


def found_or_harmless(right: bytes, changed: bytes, module: ModuleType, document: Any, rules: SetRules) -> bool:
    """Whether the change is found, says the same, or is one that no rule could know."""
    if validate(changed, own=True):
        return True
    [before], [after] = read(right), read(changed)
    differences = differing(rows_of(before), rows_of(after))
    places = {(name, n) for name, n, _ in differences}
    if places <= ENVELOPE:  # none at all: everything it says is the same
        return len(places) <= 3  # a stretch of bytes reaches over neighbours only
    beside = all((name, n) in LABELS or not was for name, n, was in differences)
    return beside or bool(module.compare(document, rules, after.groups[0].sets[0]))


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("set_id", SETS)
@long_run(500)
@given(data=st.data())
def test_a_change_is_found_or_harmless_or_no_rule_could_know_it(set_id: str, release: str, data: st.DataObject) -> None:
    right = clean(set_id, release)
    assert found_or_harmless(right, data.draw(edited(right)), *example(set_id, release))


SAID = {
    "850": (set_850, st.tuples(orders, rules_850)),
    "810": (set_810, st.tuples(invoices(), rules_810)),
    "856": (set_856, st.tuples(shipments(), rules_856)),
    "860": (set_860, said_changes),
}


@pytest.mark.parametrize("set_id", SAID)
@long_run(100)
@given(data=st.data())
def test_so_it_is_in_any_file_under_any_agreement(set_id: str, data: st.DataObject) -> None:
    module, said = SAID[set_id]
    document, rules = data.draw(said)
    right = file_of(module.build(document, rules), rules)
    for _ in range(3):  # a document costs more to make than to change
        assert found_or_harmless(right, data.draw(edited(right)), module, document, rules)
