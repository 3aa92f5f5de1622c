"""What a segment is and what its values are called, so that two files can be laid side by side whatever their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from airflow_provider_sagex3_cleo.x12.fields import Field
from airflow_provider_sagex3_cleo.x12.reader import element
from airflow_provider_sagex3_cleo.x12.totals import finite
from airflow_provider_sagex3_cleo.x12.tree import Node

__all__ = ["BEGINNINGS", "LINES", "keyed", "said", "same", "told", "values"]

#: Segments that begin a document, and the element that holds its number.
BEGINNINGS = {"BEG": 3, "BCH": 3, "BAK": 3, "BCA": 3, "BIG": 2, "BSN": 2, "BGN": 2, "AK1": 2, "TRN": 2}
#: Elements that say nothing about the document: numbers of levels, of brackets.
SILENT = frozenset({"HL01", "HL02", "HL04", "ISA09", "ISA10", "ISA11", "ISA13", "ISA16", "GS04", "GS05", "GS06"})
LINES = frozenset({"PO1", "IT1", "POC"})
#: Segments that are the only one of their kind where they stand, whatever code they begin with.
ALONE = frozenset({"ISA", "GS", "BPR", *BEGINNINGS})
#: Segments that are told from others of their kind by these elements.
TOLD_BY = {"SAC": (1, 2), "SDQ": (1, 2), "ENT": (1,), "ADX": (2, 3, 4), "RMR": (1, 2), "SCH": (5, 6)}
#: Segments that are told from others by a value that has a qualifier: the paid invoice, the day of a schedule.
TOLD_BY_VALUE = frozenset({"RMR", "SCH"})
#: Segments of text, one a release, and the element that holds it: what else stands there is a label.
TEXTS = {"MSG": "MSG01", "MTX": "MTX02"}
#: What tells a level from others of its kind: segment and element inside it.
LEVELS = {"O": ("PRF", 1), "P": ("MAN", 2), "T": ("MAN", 2), "I": ("LIN", 1)}


def keyed(nodes: Iterable[Node]) -> dict[str, Node]:
    """Segments by what they are; a second one of the same kind is '... (2)'."""
    seen: Counter[str] = Counter()
    found: dict[str, Node] = {}
    for node in nodes:
        name = _called(node)
        if node.id == "SDQ" and name in found:  # ten places a segment: what does not fit goes on in the next
            more = [x for x in node.fields if x.place > "SDQ02"]  # unit and kind are the same, by the name
            found[name] = replace(found[name], fields=[*found[name].fields, *more])
            continue
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name} ({seen[name]})"] = node
    return found


def _called(node: Node) -> str:
    segment = node.segment
    if node.id in TEXTS:
        return "text"
    if node.id in ALONE:
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
    value = next((x for x in node.fields if x.qualified), None) if node.id in TOLD_BY_VALUE else None
    if value is not None:
        return f"{node.id} {value.name} {value.value}"
    if node.id in TOLD_BY:
        return " ".join(filter(None, [node.id, *(element(segment, place) for place in TOLD_BY[node.id])]))
    if first.meaning and first.place.endswith("01"):  # a code says what the segment is about: PER buyer, AMT total
        return f"{node.id} {first.meaning}"
    if first.place.endswith("02"):  # what its qualifier says: REF bill of lading (BM), DTM shipped (011)
        return f"{node.id} {first.name}"
    return node.id


def values(node: Node) -> dict[str, Field]:
    """The values of a segment by their place, or - where a qualifier says what they are - by that; a second one of the
    same kind is '... (2)'."""
    seen: Counter[str] = Counter()
    found: dict[str, Field] = {}
    place = ""  # the destination that the next quantity of an SDQ is for
    for value in node.fields:
        if value.place in SILENT:
            continue
        if node.id in TEXTS:
            if value.place == TEXTS[node.id]:
                found["text"] = value
            continue
        if node.id == "SDQ" and value.place > "SDQ02":
            if value.number:
                value = value._replace(name=f"quantity for {place}", qualified=True)
            else:
                place = value.value
                continue
        name = value.name if value.qualified else value.place
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name} ({seen[name]})"] = value
    return found


def same(one: Field, other: Field) -> bool:
    """Whether two values say the same: equal as they stand, or as numbers."""
    if one.value == other.value:
        return True
    number: Decimal | None = finite(one.value) if one.number and other.number else None
    return number is not None and number == finite(other.value)


def said(value: Field) -> str:
    """A value with its meaning."""
    return f"{value.value} ({value.meaning})" if value.meaning else value.value


def told(node: Node | None) -> str | None:
    """All that a segment says; None for none."""
    return None if node is None else ", ".join(map(str, node.fields)) or node.id
