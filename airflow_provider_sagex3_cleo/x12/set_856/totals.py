"""What an 856 says about itself: a tree of levels that is one, counts, and labels that are numbers of GS1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
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
    levels, beginning = view.all("HL"), view.first("BSN")
    yield from _tree(view, levels, ABOVE.get(element(beginning, 5) if beginning else ""))
    items = sum(element(s, 3) == "I" for s in levels)
    yield from count_findings(view, "HL", (len(levels), items))
    yield from hash_findings(view, "SN1")
    yield from party_findings(view, "HL")
    yield from date_findings(view, "HL")
    yield from _labels(view)
    for shipped in view.all("SN1"):
        quantity = finite(element(shipped, 2))
        if quantity is not None and quantity <= 0:
            yield view.finding(shipped, "quantity-sign", 2, "SN102: nothing is shipped", "more than 0", custom=True)
    if view.own:
        yield from _content(view)


def _tree(view: SetView, levels: Sequence[Segment], above: Mapping[str, str] | None) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    parents = {element(level, 2) for level in levels}
    for n, level in enumerate(levels, 1):
        number, parent, code, below = (element(level, place) for place in (1, 2, 3, 4))
        if number != str(n):
            yield view.finding(level, "hl-number", 1, "HL01 does not run from 1 without gaps", str(n))
        if n == 1:
            if parent:
                yield view.finding(level, "hl-parent", 2, "the first level has a level above it", "nothing")
            if code != "S":
                yield view.finding(level, "hl-level", 3, "the first level is not the shipment", "S")
        elif parent not in seen:
            yield view.finding(level, "hl-parent", 2, "HL02 is no level that stands before", "an earlier HL01")
        elif above is not None and not _stands_right(code, seen[parent], above, view.own):
            expected = " or ".join(above.get(code, "")) or "a level of this order"
            yield view.finding(level, "hl-level", 3, f"{code} stands below {seen[parent]}, against BSN05", expected)
        if below and (below == "1") != (number in parents):
            yield view.finding(level, "hl-children", 4, "HL04 is not true", "1" if number in parents else "0")
        seen[number] = code


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
    for level, *rest in view.parts("HL"):
        inside = {s.elements[0]: s for s in rest}
        for name in CONTENT.get(element(level, 3), ()):
            if name not in inside:
                yield Finding(
                    "error", "segment-missing", f"{name} is missing", name, level.position,
                    expected=f"{name} in level {element(level, 3)}", offset=level.offset, where=view.where,
                )  # fmt: skip
        if "LIN" in inside and "SN1" in inside and element(inside["LIN"], 1) != element(inside["SN1"], 1):
            message = "LIN01 and SN101 are different lines"
            yield view.finding(inside["SN1"], "line-number", 1, message, element(inside["LIN"], 1))
