"""What an 856 says about itself: a tree of levels that is one, counts, and labels of the right length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.totals import count_findings, hash_findings, off

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


def total_findings(segments: Sequence[Segment], own: bool, where: str) -> Iterator[Finding]:
    """The levels are a tree, CTT01 counts them (or, as some want, the items), CTT02 is the sum of SN102."""
    levels = [s for s in segments if s.elements[0] == "HL"]
    structure = next((element(s, 5) for s in segments if s.elements[0] == "BSN"), "")
    yield from _tree(levels, ABOVE.get(structure), own, where)
    items = sum(element(s, 3) == "I" for s in levels)
    yield from count_findings(segments, "HL", (len(levels), items), own, where)
    yield from hash_findings(segments, "SN1", where)
    for segment in segments:
        if segment.elements[0] == "MAN":
            digits, mark = LABELS.get(element(segment, 1), 0), element(segment, 2)
            if digits and not (len(mark) == digits and mark.isascii() and mark.isdecimal()):
                message = f"the label of MAN*{element(segment, 1)} is not its number of digits"
                yield off(segment, "man-sscc", 2, message, f"{digits} digits", where)
    if own:
        yield from _content(segments, where)


def _tree(levels: Sequence[Segment], above: Mapping[str, str] | None, own: bool, where: str) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    parents = {element(level, 2) for level in levels}
    for n, level in enumerate(levels, 1):
        number, parent, code, below = (element(level, place) for place in (1, 2, 3, 4))
        if number != str(n):
            yield off(level, "hl-number", 1, "HL01 does not run from 1 without gaps", str(n), where)
        if n == 1:
            if parent:
                yield off(level, "hl-parent", 2, "the first level has a level above it", "nothing", where)
            if code != "S":
                yield off(level, "hl-level", 3, "the first level is not the shipment", "S", where)
        elif parent not in seen:
            yield off(level, "hl-parent", 2, "HL02 is no level that stands before", "an earlier HL01", where)
        elif above is not None and not _stands_right(code, seen[parent], above, own):
            expected = " or ".join(above.get(code, "")) or "a level of this order"
            yield off(level, "hl-level", 3, f"{code} stands below {seen[parent]}, against BSN05", expected, where)
        if below and (below == "1") != (number in parents):
            yield off(level, "hl-children", 4, "HL04 is not true", "1" if number in parents else "0", where)
        seen[number] = code


def _stands_right(code: str, parent: str, above: Mapping[str, str], own: bool) -> bool:
    """Whether a level may stand there; files of others may have levels that BSN05 does not speak of."""
    if code in above and parent in above:
        return parent in above[code]
    return not own


def _content(segments: Sequence[Segment], where: str) -> Iterator[Finding]:
    """Our own orders have a PRF, packs a label, items a LIN and an SN1."""
    starts = [n for n, s in enumerate(segments) if s.elements[0] == "HL"]
    for start, end in zip(starts, [*starts[1:], len(segments)], strict=True):
        level = segments[start]
        inside = {s.elements[0] for s in segments[start:end]}
        for name in CONTENT.get(element(level, 3), ()):
            if name not in inside:
                yield Finding(
                    "error", "segment-missing", f"{name} is missing", name, level.position,
                    expected=f"{name} in level {element(level, 3)}", offset=level.offset, where=where,
                )  # fmt: skip
