"""What two files say differently, in business words: order of segments, delimiters and control numbers do not count.

Sets are matched by their document number, lines by their line number, parties, references, dates and charges by what
they are; numbers are compared as numbers. Nothing is passed over: what has no name is compared as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from airflow_provider_sagex3_cleo.x12.fields import Field
from airflow_provider_sagex3_cleo.x12.naming import BEGINNINGS, LINES, keyed, said, same, told, values
from airflow_provider_sagex3_cleo.x12.reader import element, scan
from airflow_provider_sagex3_cleo.x12.tree import Node, node_of, tables_of, tree, walk

__all__ = ["Difference", "differences"]

BRACKETS = frozenset({"ST", "SE"})
#: Segments that say one thing by another code when there is one on each side: the status of an ordered line.
STATUS = frozenset({"ACK"})
ORDER, CHANGE = "850", "860"
CANCELLED = frozenset({"01", "03"})  # BCH01
ADDED, GONE = "AI", "DI"  # POC02

Key = tuple[str, str]  # set id, number of the document
Documents = dict[Key, list[Node]]


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
        if key in found and key in others:
            result += _compared(found[key], others[key], where)
        else:
            result += _alone(key, found, others, where)
    return result


def _documents(data: bytes) -> Documents:
    """Each set by (set id, number): its envelope and its tree."""
    documents: Documents = {}
    for interchange in scan(data):
        for group in interchange.groups:
            tables = tables_of(interchange, group)
            for item in group.sets:
                nodes = tree(tables, item, interchange.separators)
                number = next((element(n.segment, BEGINNINGS[n.id]) for n in walk(nodes) if n.id in BEGINNINGS), "")
                key, again = (item.set_id, number), 1
                while key in documents:
                    again += 1
                    key = (item.set_id, f"{number} ({again})")
                brackets = [node_of(tables, x, interchange.separators) for x in (interchange.header, group.header)]
                documents[key] = [*brackets, *(n for n in nodes if n.id not in BRACKETS)]
    return documents


def _compared(first: Iterable[Node], second: Iterable[Node], where: str) -> Iterator[Difference]:
    """The differences between two lists of segments under one heading."""
    ours, theirs = keyed(first), keyed(second)
    for name in STATUS:
        alone = [[key for key in one if key not in other and one[key].id == name]
                 for one, other in ((ours, theirs), (theirs, ours))]  # fmt: skip
        if len(alone[0]) == len(alone[1]) == 1:
            ours = {name if key == alone[0][0] else key: node for key, node in ours.items()}
            theirs = {name if key == alone[1][0] else key: node for key, node in theirs.items()}
    for key in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(key), theirs.get(key)
        place = ", ".join(x for x in (where, key) if x)
        if one is None or other is None:
            yield Difference(place, "", told(one), told(other))
            continue
        yield from _valued(values(one), values(other), place)
        yield from _compared(one.inside, other.inside, place)


def _valued(first: Mapping[str, Field], second: Mapping[str, Field], place: str) -> Iterator[Difference]:
    """The differences between the values of two segments."""
    for name in dict.fromkeys([*first, *second]):
        one, other = first.get(name), second.get(name)
        if one is None or other is None or not same(one, other):
            found = one or other
            yield Difference(place, found.name if found else name, one and said(one), other and said(other))


def _alone(key: Key, first: Documents, second: Documents, where: str) -> Iterator[Difference]:
    """A document that only one file has. A change is held against its order, where only the other file has that."""
    there = second if key in first else first
    here = first if key in first else second
    set_id, number = key
    counterpart = ({ORDER: CHANGE, CHANGE: ORDER}.get(set_id, ""), number)
    if counterpart not in there or counterpart in here:
        yield Difference(
            where, "", "the document" if here is first else None, None if here is first else "the document"
        )
    elif set_id == CHANGE:  # the order's turn has nothing to add
        for found in _changed(there[counterpart], here[key], where):
            yield found if here is second else found._replace(first=found.second, second=found.first)


def _changed(order: Sequence[Node], change: Sequence[Node], where: str) -> Iterator[Difference]:
    """What a change says anew of its order, line by line: what it does not repeat stays as it was."""
    was, beginning = _beginning(order), _beginning(change)
    if beginning.get("purpose") in CANCELLED:
        yield Difference(where, "", "the order, which is cancelled", None)
        return
    lines = {element(node.segment, 1): node for node in order if node.id == "PO1"}
    for name in ("order type", "order date"):
        if was.get(name) != beginning.get(name):
            yield Difference(where, name, was.get(name), beginning.get(name))
    yield from _compared(*_shared(_heading(order), _heading(change)), where)
    for node in change:
        if node.id != "POC":
            continue
        number, code = element(node.segment, 1), element(node.segment, 2)
        meaning = next((x.meaning for x in node.fields if x.place == "POC02"), "")
        place = f"{where}, line {number} ({meaning or code})"
        line = lines.get(number)
        if line is None or code in (ADDED, GONE):
            yield Difference(place, "", told(line), None if code == GONE else told(node))
            continue
        yield from _valued(_by_name(line), _by_name(node), place)
        yield from _compared(*_shared(line.inside, node.inside), place)


def _beginning(nodes: Iterable[Node]) -> dict[str, str]:
    """The values of the segment that begins a document, by their names."""
    return {value.name: value.value for node in nodes if node.id in BEGINNINGS for value in node.fields}


def _heading(nodes: Iterable[Node]) -> list[Node]:
    """What 850 and 860 say alike, but for the lines: no envelope, no beginning, no count of lines."""
    found: list[Node] = []
    for node in nodes:
        if node.id == "CTT":
            found += node.inside
        elif node.id not in LINES and node.id not in ("ISA", "GS", *BEGINNINGS):
            found.append(node)
    return found


def _shared(order: Iterable[Node], change: Iterable[Node]) -> tuple[list[Node], list[Node]]:
    """The segments that the change has, and those of the order that they are about."""
    there = keyed(change)
    return [node for key, node in keyed(order).items() if key in there], list(change)


def _by_name(line: Node) -> dict[str, Field]:
    """The values of PO1 or POC: they have other places, but the same names. Number and code are said in the heading."""
    return {value.name: value for value in values(line).values() if value.place not in ("PO101", "POC01", "POC02")}
