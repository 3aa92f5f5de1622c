"""Where a finding is, in words: 'PO1 line 3, unit price' or 'level 4 (item), SN1, quantity shipped'."""

from __future__ import annotations

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["element_name", "path"]

#: Segments that open a line: their first element is its number.
LINES = frozenset({"PO1", "IT1", "POC"})


def path(view: SetView, finding: Finding) -> str:
    """The way from the heading to the place of a finding, '' where the segment is not in the set."""
    first = view.segments[0].position
    at = finding.position - first
    if not 0 <= at < len(view.segments):
        return ""
    segment = view.segments[at]
    parts = [*_around(view, at), _named(view, at)]
    if at == 0 and finding.segment != "ST":
        parts = []  # ST stands for the set
    if finding.segment and finding.segment != segment.elements[0]:
        parts.append(f"{finding.segment} missing" if finding.code == "segment-missing" else finding.segment)
    elif finding.element:
        parts.append(element_name(view.release, finding.element))
    return ", ".join(part for part in parts if part)


def _around(view: SetView, at: int) -> list[str]:
    """The loops that the segment stands in, the outermost first, without one that it opens itself."""
    here = view.states[at]
    openers = [state for state in view.structure.loops[here] if state != here]
    return [_named(view, next(n for n in range(at, -1, -1) if view.states[n] == state)) for state in openers]


def _named(view: SetView, at: int) -> str:
    """The segment with what tells it from others of its kind."""
    segment = view.segments[at]
    name = segment.elements[0]
    if name in LINES:
        number = element(segment, 1)
        return f"{name} line {number}" if number else f"{name} no. {view.places[name].index(at) + 1}"
    if name == "HL":
        kind = _meaning(view.release, segment, 3)
        return " ".join(x for x in ("level", element(segment, 1), f"({kind})" if kind else "") if x)
    if name in ("N1", "REF", "DTM", "N9", "SAC"):
        kind = _meaning(view.release, segment, 2 if name == "SAC" else 1)
        return f"{name} {kind}" if kind else name
    return name


def _meaning(release: str, segment: Segment, place: int) -> str:
    slots = standard.release(release).segments[segment.elements[0]].slots
    described, value = slots[place - 1].element, element(segment, place)
    codes = described.codes if isinstance(described, standard.Element) else {}
    return codes.get(value, value)


def element_name(release: str, place: str) -> str:
    """The name of an element written as PO104 or REF04-1; the place itself where there is no such element."""
    whole, _, component = place.partition("-")
    described = standard.release(release).segments.get(whole[:-2])
    number = int(whole[-2:]) if whole[-2:].isdecimal() else 0
    if described is None or not 0 < number <= len(described.slots):
        return place
    inner = described.slots[number - 1].element
    if component and isinstance(inner, standard.Composite) and int(component) <= len(inner.slots):
        inner = inner.slots[int(component) - 1].element
    return inner.name
