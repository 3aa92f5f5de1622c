"""The values of a segment with their names: what stands in it, said for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from airflow_provider_sagex3_cleo.x12 import standard

__all__ = ["Field", "fields"]

QUALIFIERS = ("kind of ", "meaning of ", "role of ")  # how the tables name elements that qualify the next one


class Field(NamedTuple):
    """One value: where it stands (PO104), what it is called, its text for people, and what it means if it is a code.

    A value that the element before qualifies is called what that says: 'vendor part number (VP)'. `number` is True for
    values that count, where 2.50 is 2.5."""

    place: str
    name: str
    value: str
    meaning: str
    number: bool = False
    qualified: bool = False

    def __str__(self) -> str:
        return f"{self.name} {self.value}" + (f" ({self.meaning})" if self.meaning else "")


def fields(tables: standard.Release, row: Sequence[str], component: str) -> Iterator[Field]:
    """The values of a segment that are there, qualifiers taken together with what they qualify.

    In a segment that the tables do not know, each value stands for itself; what they do not expect is named so."""
    described = tables.segments.get(row[0])
    slots = described.slots if described else ()
    waiting: Field | None = None  # a qualifier whose value comes next
    for n, raw in enumerate(row[1:], 1):
        value, place = raw.strip(), f"{row[0]}{n:02d}"
        slot = slots[n - 1].element if n <= len(slots) else None
        if waiting is not None and value and isinstance(slot, standard.Element):
            yield Field(place, f"{waiting.meaning} ({waiting.value})", _plain(slot, value), "", _counts(slot), True)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if not value:
            continue
        if isinstance(slot, standard.Composite):
            yield from _components(slot, place, value, component)
        elif slot is None:
            yield Field(place, "(no such element)" if described else place, value, "")
        else:
            found = Field(place, slot.name, _plain(slot, value), slot.codes.get(value, ""), _counts(slot))
            if slot.name.startswith(QUALIFIERS) and found.meaning:
                waiting = found
            else:
                yield found
    if waiting is not None:
        yield waiting


def _components(slot: standard.Composite, place: str, value: str, component: str) -> Iterator[Field]:
    for n, part in enumerate(value.split(component), 1):
        inner = slot.slots[n - 1].element if n <= len(slot.slots) else None
        if part and isinstance(inner, standard.Element):
            yield Field(f"{place}-{n}", inner.name, _plain(inner, part), inner.codes.get(part, ""), _counts(inner))
        elif part:
            yield Field(f"{place}-{n}", "(no such element)", part, "")


def _counts(element: standard.Element) -> bool:
    return element.type in ("R", "N0", "N2")


def _plain(element: standard.Element, value: str) -> str:
    """Dates with dashes and implied points made explicit; anything odd as it stands."""
    if element.type == "DT" and len(value) in (6, 8) and value.isdecimal():
        return f"{value[:-4]}-{value[-4:-2]}-{value[-2:]}"
    if element.type == "N2" and value.lstrip("-").isdecimal():
        return f"{int(value) / 100:.2f}"
    return value
