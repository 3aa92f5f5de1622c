"""What an 856 says about itself: a tree of levels that is one, counts, and labels that are numbers of GS1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import element
from airflow_provider_sagex3_cleo.x12.totals import (
    count_findings,
    date_findings,
    finite,
    hash_findings,
    party_findings,
)
from airflow_provider_sagex3_cleo.x12.values import checked_by_gs1
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["total_findings"]

# BSN05 -> the levels above each level. Pallets (tare, T) stand above the orders or below them, as guides differ.
ABOVE: Mapping[str, Mapping[str, str]] = {
    "0001": {"S": "", "T": "SO", "O": "ST", "P": "OT", "Q": "P", "I": "PQT"},
    "0002": {"S": "", "T": "S", "O": "ST", "I": "O", "P": "I", "Q": "P"},
    "0003": {"S": "", "T": "S", "P": "ST", "O": "P", "I": "O"},
    "0004": {"S": "", "O": "S", "I": "O"},
}

# Label -> its digits. Source: GS1, application identifier 00 and 18 digits.
LABELS: Mapping[str, int] = {"GM": 20, "AA": 18}

# What our own levels must have.
CONTENT: Mapping[str, tuple[str, ...]] = {"O": ("PRF",), "P": ("MAN",), "I": ("LIN", "SN1")}


def total_findings(view: SetView) -> Iterator[Finding]:
    """The levels are a tree, CTT01 counts them (or, as some want, the items), CTT02 is the sum of SN102."""
    beginning = view.first("BSN")
    yield from _tree(view, ABOVE.get(element(beginning, 5) if beginning else ""))
    kinds = view.column("HL", 3)
    yield from count_findings(view, "HL", (len(kinds), kinds.count("I")))
    yield from hash_findings(view, "SN1")
    yield from party_findings(view, "HL")
    yield from date_findings(view, "HL")
    yield from _labels(view)
    for n, quantity in zip(view.places.get("SN1", ()), map(finite, view.column("SN1", 2)), strict=True):
        if quantity is not None and quantity <= 0:
            message = "SN102: nothing is shipped"
            yield view.finding(view.segments[n], "quantity-sign", 2, message, "more than 0", custom=True)
    if view.own:
        yield from _content(view)


def _tree(view: SetView, above: Mapping[str, str] | None) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    numbers, above_each, codes, below_each = (view.column("HL", place) for place in (1, 2, 3, 4))
    parents = frozenset(above_each)
    levels = zip(view.places.get("HL", ()), numbers, above_each, codes, below_each, strict=True)
    for n, (at, number, parent, code, below) in enumerate(levels, 1):
        if number != str(n):
            yield _wrong(view, at, "hl-number", 1, "HL01 does not run from 1 without gaps", str(n))
        if n == 1:
            if parent:
                yield _wrong(view, at, "hl-parent", 2, "the first level has a level above it", "nothing")
            if code != "S":
                yield _wrong(view, at, "hl-level", 3, "the first level is not the shipment", "S")
        elif parent not in seen:
            yield _wrong(view, at, "hl-parent", 2, "HL02 is no level that stands before", "an earlier HL01")
        elif above is not None and not _stands_right(code, seen[parent], above, view.own):
            expected = " or ".join(above.get(code, "")) or "a level of this order"
            yield _wrong(view, at, "hl-level", 3, f"{code} stands below {seen[parent]}, against BSN05", expected)
        if below and (below == "1") != (number in parents):
            yield _wrong(view, at, "hl-children", 4, "HL04 is not true", "1" if number in parents else "0")
        seen[number] = code


def _wrong(view: SetView, at: int, code: str, place: int, message: str, expected: str) -> Finding:
    return view.finding(view.segments[at], code, place, message, expected)


def _stands_right(code: str, parent: str, above: Mapping[str, str], own: bool) -> bool:
    """Whether a level may stand there; files of others may have levels that BSN05 does not speak of."""
    if code in above and parent in above:
        return parent in above[code]
    return not own


def _labels(view: SetView) -> Iterator[Finding]:
    """Labels under GM and AA are SSCC: their digits, the last one the check digit, and none is used twice."""
    seen: set[str] = set()
    for mark in view.all("MAN"):
        kind, label = element(mark, 1), element(mark, 2)
        digits = LABELS.get(kind, 0)
        if not digits or not label:
            continue
        if not (len(label) == digits and label.isascii() and label.isdecimal()):
            message = f"the label of MAN*{kind} is not its number of digits"
            yield view.finding(mark, "man-sscc", 2, message, f"{digits} digits")
        elif not checked_by_gs1(label[-18:]):
            message = "the last digit of the label is not its check digit"
            yield view.finding(mark, "man-sscc", 2, message, "an SSCC", custom=True)
        elif label[-18:] in seen:
            yield view.finding(mark, "man-sscc", 2, "two packs have one label", "a label of its own", custom=True)
        seen.add(label[-18:])


def _content(view: SetView) -> Iterator[Finding]:
    """Our own orders have a PRF, packs a label, items a LIN and an SN1 of one line number."""
    starts, rows = view.places.get("HL", ()), view.rows
    for start, end in zip(starts, (*starts[1:], len(rows)), strict=False):
        inside = {row[0]: n for n, row in enumerate(rows[start + 1 : end], start + 1)}
        code = view.value(start, 3)
        for name in CONTENT.get(code, ()):
            if name not in inside:
                level = view.segments[start]
                yield Finding(
                    "error", "segment-missing", f"{name} is missing", name, level.position,
                    expected=f"{name} in level {code}", offset=level.offset, where=view.where,
                )  # fmt: skip
        if "LIN" in inside and "SN1" in inside:
            line = view.value(inside["LIN"], 1)
            if view.value(inside["SN1"], 1) != line:
                yield _wrong(view, inside["SN1"], "line-number", 1, "LIN01 and SN101 are different lines", line)
