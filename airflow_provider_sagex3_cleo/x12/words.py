"""An interchange in words: one line a segment, elements named, codes explained, loops and levels indented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.envelope import release_of
from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.reader import Interchange, TransactionSet, scan
from airflow_provider_sagex3_cleo.x12.structure import structure

__all__ = ["show"]

INDENT = "  "
QUALIFIERS = ("kind of ", "meaning of ", "role of ")  # how the tables name elements that qualify the next one


def show(data: bytes) -> Iterator[str]:
    """Yield the lines of a file in words. What the tables do not know is shown as it stands.

    Raises:
        ReadFault: the file does not begin with a usable ISA."""
    for interchange in scan(data):
        release = next(
            (r for r in RELEASES if standard.release(r).isa12 == interchange.header.elements[12]), RELEASES[0]
        )
        tables = standard.release(release)
        yield _line(tables, interchange.header.elements, interchange, 0)
        for ta1 in interchange.acknowledgments:
            yield _line(tables, ta1.elements, interchange, 1)
        for group in interchange.groups:
            inner = standard.release(release_of(group) or release)
            yield _line(inner, group.header.elements, interchange, 1)
            for item in group.sets:
                yield from _set(inner, item, interchange)
            if group.trailer:
                yield _line(inner, group.trailer.elements, interchange, 1)
        if interchange.trailer:
            yield _line(tables, interchange.trailer.elements, interchange, 0)


def _set(tables: standard.Release, item: TransactionSet, interchange: Interchange) -> Iterator[str]:
    rows = [segment.elements for segment in item.segments]
    levels = [0] * len(rows)
    if item.set_id in tables.sets:
        order = structure(tables.name, item.set_id)
        levels = [len(order.loops[state]) for state in order.check([row[0] for row in rows])[1]]
    depths: dict[str, int] = {}  # HL01 -> how deep it lies in the tree of levels
    depth = 0
    for row, level in zip(rows, levels, strict=True):
        if row[0] == "HL":
            number, parent = (*row[1:3], "", "")[:2]
            depth = depths[number] = depths.get(parent, -1) + 1
        yield _line(tables, row, interchange, 2 + level + (depth if level else 0))


def _line(tables: standard.Release, row: Sequence[str], interchange: Interchange, level: int) -> str:
    segment = tables.segments.get(row[0])
    if segment is None:
        return f"{INDENT * level}{row[0]:<3} (not in our tables): {' | '.join(x for x in row[1:] if x)}"
    parts: list[str] = []
    said_by = ""  # a qualifier in words, which names the value after it
    for place, value in enumerate(row[1:], 1):
        value = value.strip()
        slot = segment.slots[place - 1].element if place <= len(segment.slots) else None
        if said_by and value and isinstance(slot, standard.Element):
            parts[-1] = f"{said_by} {_plain(slot, value)}"
            said_by = ""
        elif value:
            parts.append(_element(slot, value, interchange.separators.component))
            said_by = _qualifier(slot, value)
        else:
            said_by = ""
    return f"{INDENT * level}{row[0]:<3} {segment.name}: {', '.join(parts)}"


def _qualifier(slot: standard.Element | standard.Composite | None, value: str) -> str:
    """'vendor part number (VP)' for an element that says what the next one is; '' for any other."""
    if isinstance(slot, standard.Element) and slot.name.startswith(QUALIFIERS) and value in slot.codes:
        return f"{slot.codes[value]} ({value})"
    return ""


def _element(slot: standard.Element | standard.Composite | None, value: str, component: str) -> str:
    if slot is None:
        return f"(no such element) {value}"
    if isinstance(slot, standard.Composite):
        parts = zip(value.split(component), slot.slots, strict=False)
        return " / ".join(_element(inner.element, part, component) for part, inner in parts if part)
    meaning = slot.codes.get(value)
    return f"{slot.name} {_plain(slot, value)}" + (f" ({meaning})" if meaning else "")


def _plain(element: standard.Element, value: str) -> str:
    """Dates with dashes and implied points made explicit; anything odd as it stands."""
    if element.type == "DT" and len(value) in (6, 8) and value.isdecimal():
        return f"{value[:-4]}-{value[-4:-2]}-{value[-2:]}"
    if element.type == "N2" and value.lstrip("-").isdecimal():
        return f"{int(value) / 100:.2f}"
    return value
