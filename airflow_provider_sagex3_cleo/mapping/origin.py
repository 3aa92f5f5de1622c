"""Backwards through the mapping table: from a place in a transaction set to the column of Sage X3 it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from airflow_provider_sagex3_cleo.mapping.table import MappingRow

__all__ = ["Origin", "origin", "qualified"]

#: Segments whose first element says what the second one is, with the segment that carries it for those after it.
_QUALIFIED = {"REF": "REF", "DTM": "DTM", "N1": "N1", "N2": "N1", "N3": "N1", "N4": "N1", "MAN": "MAN"}
_PAIRS_FROM = {"LIN": 2}  # qualifier and item number in turns from here on ...
_PAIRS = 6  # ... and from PO106 on in the others
_SUMMARY = ("TDS", "CTT")  # whichever comes first opens the summary of a set


@dataclass(frozen=True)
class Origin:
    """Where a value came from. `line` is the document line's number, `sent` what stood there, `row` its way.

    `fits` is False where another segment stands at that position: then nothing else is known."""

    fits: bool
    line: str | None = None
    sent: str | None = None
    row: MappingRow | None = None


def origin(
    table: Sequence[MappingRow],
    segments: Sequence[Sequence[str]],
    position: int,
    segment: str,
    element: int | None,
    *,
    line: str = "PO1",
) -> Origin:
    """The origin of one element of a set, or of a segment (`element` None) where it comes from one place only.

    Args:
        segments: the set without ST, as it was sent.
        position: as partners count, ST being 1.
        line: the segment that opens a line, with the line's number in its first element."""
    at = position - 2
    if not 0 <= at < len(segments) or segments[at][0] != segment:
        return Origin(False)
    own = segments[at]
    opened = next((row for row in reversed(segments[: at + 1]) if row[0] in (line, "HL")), None)
    if opened is not None and opened[0] == "HL":
        opened = None  # a level of another kind, or the head of this line's own
    number = opened[1] if opened is not None and len(opened) > 1 else None
    if any(row[0] in _SUMMARY for row in segments[: at + 1]):
        opened = number = None  # the summary belongs to no line
    sent = own[element] if element is not None and element < len(own) else None
    place, qualifier = _place(segments[: at + 1], own, segment, element, line)
    rows = [
        (row, qualifiers)
        for row in table
        for qualifiers in [_names(row.element, segment, place)]
        if qualifiers is not None and row.field.startswith("lines.") == (opened is not None)
    ]
    exact = [row for row, qualifiers in rows if qualifier in qualifiers]
    found = exact or ([row for row, _ in rows] if len(rows) == 1 else [])
    return Origin(True, number, sent, found[0] if len(found) == 1 else None)


def qualified(
    table: Sequence[MappingRow], segment: str, qualifiers: Sequence[str], *, in_line: bool
) -> MappingRow | None:
    """The one way that leads to a segment with one of these qualifiers (REF with IA), None where it is not one."""
    rows = [
        row
        for row in table
        if row.field.startswith("lines.") == in_line and set(qualifiers) & (_names(row.element, segment, None) or set())
    ]
    return rows[0] if len(rows) == 1 else None


def _place(
    before: Sequence[Sequence[str]], own: Sequence[str], segment: str, element: int | None, line: str
) -> tuple[int | None, str]:
    """The element's number as the table writes it (None: any) and what qualifies it."""
    if segment in _QUALIFIED:
        carrier = next((row for row in reversed(before) if row[0] == _QUALIFIED[segment]), ())
        return None, carrier[1] if len(carrier) > 1 else ""
    first = _PAIRS_FROM.get(segment, _PAIRS)
    if segment == line and element is not None and element >= first:
        at = element if element % 2 == 0 else element - 1
        return first + 1, own[at] if at < len(own) else ""
    return element, ""


def _names(words: str, segment: str, element: int | None) -> frozenset[str] | None:
    """The qualifiers of a table entry such as 'N1 to N4 (ST)' or 'PO107 (VP, VN)'; None where it is another place."""
    places, _, qualifiers = words.partition(" (")
    for place in re.split(r", ", places):
        first, _, last = place.partition(" to ")
        match = re.fullmatch(r"([A-Z][A-Z0-9]{1,2}?)(\d\d)?", first)
        if last and first[:-1] == last[:-1] == segment[:-1] and first <= segment <= last:
            break
        if match and match[1] == segment and (match[2] is None or element is None or int(match[2]) == element):
            break
    else:
        return None
    return frozenset(re.findall(r"\w+", qualifiers))
