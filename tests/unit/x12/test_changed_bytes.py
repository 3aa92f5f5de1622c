"""Any bytes of a file of ours may change on the way: it is found, it is harmless, or no rule could know it.

Three things look at a file. The validator knows rules; the comparison knows the document; the ledger knows the bytes.
What only the ledger's hash can tell is another right value in the envelope (a sender, a date), another label, and a
legal value in an element for which the document has nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.reader import Interchange, read
from airflow_provider_sagex3_cleo.x12.validator import validate
from benchmarks.documents import SETS, clean, example
from tests.support.x12 import examples

Rows = list[Sequence[str]]

# Titles and kinds of notes: labels that say nothing about the document.
LABELS = {("N9", 3), ("MTX", 1)}
# Values of the envelope that may be another right value. Control numbers and counts are not among them.
ENVELOPE = {("ISA", n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16)} | {
    ("GS", n) for n in (2, 3, 4, 5, 8)
}


@st.composite
def edits(draw: st.DrawFn, size: int) -> tuple[int, int, bytes]:
    """Where, how many bytes go, and what comes instead: one byte changed, gone or new, or a stretch of them."""
    at = draw(st.integers(0, size - 1))
    likely = st.sampled_from([bytes([c]) for c in b"~*>^ \n0123456789AEIOX-."])
    gone = draw(st.sampled_from([0, 1, 1, 1, 2, 3, 30]))
    new = draw(st.one_of(st.just(b""), likely, likely, st.binary(min_size=1, max_size=3)))
    return at, gone, new


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


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("set_id", SETS)
@examples(500)
@given(data=st.data())
def test_a_change_is_found_or_harmless_or_no_rule_could_know_it(set_id: str, release: str, data: st.DataObject) -> None:
    right = clean(set_id, release)
    at, gone, new = data.draw(edits(len(right)))
    changed = right[:at] + new + right[at + gone :]
    if validate(changed, own=True):
        return
    [before], [after] = read(right), read(changed)
    differences = differing(rows_of(before), rows_of(after))
    if not differences:
        return  # harmless: everything it says is the same
    places = {(name, n) for name, n, _ in differences}
    if places <= ENVELOPE:
        assert len(places) <= 3  # a stretch of bytes reaches over neighbours only
        return
    module, document, rules = example(set_id, release)
    beside = all((name, n) in LABELS or not was for name, n, was in differences)
    assert beside or module.compare(document, rules, after.groups[0].sets[0])
