"""What two files say differently, in business words: order of segments, delimiters and control numbers do not count.

Sets are matched by their document number, lines by their line number, parties, references, dates and charges by what
they are; numbers are compared as numbers. Nothing is passed over: what has no name is compared as it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from airflow_provider_sagex3_cleo.x12.fields import Field
from airflow_provider_sagex3_cleo.x12.reader import element, scan
from airflow_provider_sagex3_cleo.x12.totals import finite
from airflow_provider_sagex3_cleo.x12.tree import Node, node_of, tables_of, tree, walk

__all__ = ["Difference", "differences"]

#: The element that holds the number of a document, by the segment that begins its set.
NUMBERS = {"BEG": 3, "BCH": 3, "BAK": 3, "BCA": 3, "BIG": 2, "BSN": 2, "BGN": 2, "AK1": 2}
#: Elements that say nothing about the document: numbers of levels, of brackets.
SILENT = frozenset({"HL01", "HL02", "HL04", "ISA09", "ISA10", "ISA11", "ISA13", "ISA16", "GS04", "GS05", "GS06"})
BRACKETS = frozenset({"ST", "SE"})
LINES = frozenset({"PO1", "IT1", "POC"})
#: Segments of text, one a release, and the element that holds it: what else stands there is a label.
TEXTS = {"MSG": "MSG01", "MTX": "MTX02"}
#: What tells a level from others of its kind: segment and element inside it.
LEVELS = {"O": ("PRF", 1), "P": ("MAN", 2), "T": ("MAN", 2), "I": ("LIN", 1)}


class Difference(NamedTuple):
    """One difference: where, of which value, and what each file says; None where one says nothing."""

    where: str
    name: str
    first: str | None
    second: str | None

    def __str__(self) -> str:
        about = ", ".join(x for x in (self.where, self.name) if x)
        if self.first is None:
            return f"{about}: only in the second file: {self.second}"
        if self.second is None:
            return f"{about}: only in the first file: {self.first}"
        return f"{about}: {self.first} -> {self.second}"


def differences(first: bytes, second: bytes) -> list[Difference]:
    """All differences between two files; empty when they say the same.

    Raises:
        ReadFault: one of them is no X12."""
    found, others = _documents(first), _documents(second)
    if len(found) == len(others) == 1 and {set_id for set_id, _ in (*found, *others)} == {next(iter(found))[0]}:
        others = dict(zip(found, others.values(), strict=True))  # two versions of one document may differ in its number
    result: list[Difference] = []
    for key in dict.fromkeys([*found, *others]):
        where = " ".join(key).strip()
        if key not in others:
            result.append(Difference(where, "", "the document", None))
        elif key not in found:
            result.append(Difference(where, "", None, "the document"))
        else:
            result += _compared(found[key], others[key], where)
    return result


def _documents(data: bytes) -> dict[tuple[str, str], list[Node]]:
    """Each set by (set id, number): its envelope and its tree."""
    documents: dict[tuple[str, str], list[Node]] = {}
    for interchange in scan(data):
        for group in interchange.groups:
            tables = tables_of(interchange, group)
            for item in group.sets:
                nodes = tree(tables, item, interchange.separators)
                number = next((element(n.segment, NUMBERS[n.id]) for n in walk(nodes) if n.id in NUMBERS), "")
                key, again = (item.set_id, number), 1
                while key in documents:
                    again += 1
                    key = (item.set_id, f"{number} ({again})")
                brackets = [node_of(tables, x, interchange.separators) for x in (interchange.header, group.header)]
                documents[key] = [*brackets, *(n for n in nodes if n.id not in BRACKETS)]
    return documents


def _compared(first: Iterable[Node], second: Iterable[Node], where: str) -> Iterator[Difference]:
    """The differences between two lists of segments under one heading."""
    ours, theirs = _keyed(first), _keyed(second)
    for key in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(key), theirs.get(key)
        place = ", ".join(x for x in (where, key) if x)
        if one is None or other is None:
            yield Difference(place, "", _told(one), _told(other))
            continue
        values, others = _values(one), _values(other)
        for name in dict.fromkeys([*values, *others]):
            a, b = values.get(name), others.get(name)
            if a is None or b is None or not _same(a, b):
                said = a or b
                yield Difference(place, said.name if said else name, a and _said(a), b and _said(b))
        yield from _compared(one.inside, other.inside, place)


def _keyed(nodes: Iterable[Node]) -> dict[str, Node]:
    """Segments by what they are; a second one of the same kind is '... (2)'."""
    seen: Counter[str] = Counter()
    keyed: dict[str, Node] = {}
    for node in nodes:
        name = _called(node)
        seen[name] += 1
        keyed[name if seen[name] == 1 else f"{name} ({seen[name]})"] = node
    return keyed


def _called(node: Node) -> str:
    segment = node.segment
    if node.id in TEXTS:
        return "text"
    if node.id in ("ISA", "GS"):
        return node.id
    if node.id in LINES:
        return f"{node.id} line {element(segment, 1)}".strip()
    if node.id == "HL":
        code = element(segment, 3)
        inner, place = LEVELS.get(code, ("", 0))
        marked = next((element(x.segment, place) for x in node.inside if x.id == inner), "")
        meaning = next((x.meaning for x in node.fields if x.place == "HL03"), code)
        return f"{meaning or code} {marked}".strip()
    first = node.fields[0] if node.fields else None
    if first is None:
        return node.id
    if node.id == "SAC":
        return f"SAC {element(segment, 1)} {element(segment, 2)}".strip()
    if first.meaning and first.place.endswith("01"):  # a code says what the segment is about: PER buyer, AMT total
        return f"{node.id} {first.meaning}"
    if first.place.endswith("02"):  # what its qualifier says: REF bill of lading (BM), DTM shipped (011)
        return f"{node.id} {first.name}"
    return node.id


def _values(node: Node) -> dict[str, Field]:
    """The values of a segment by their place, or - where a qualifier says what they are - by that; a second one of the
    same kind is '... (2)'."""
    seen: Counter[str] = Counter()
    values: dict[str, Field] = {}
    for value in node.fields:
        if value.place in SILENT:
            continue
        if node.id in TEXTS:
            if value.place == TEXTS[node.id]:
                values["text"] = value
            continue
        name = value.name if value.qualified else value.place
        seen[name] += 1
        values[name if seen[name] == 1 else f"{name} ({seen[name]})"] = value
    return values


def _same(one: Field, other: Field) -> bool:
    if one.value == other.value:
        return True
    number: Decimal | None = finite(one.value) if one.number and other.number else None
    return number is not None and number == finite(other.value)


def _said(value: Field) -> str:
    return f"{value.value} ({value.meaning})" if value.meaning else value.value


def _told(node: Node | None) -> str | None:
    return None if node is None else ", ".join(map(str, node.fields)) or node.id
