"""What may stand in a segment: number of elements, mandatory ones, types, lengths, codes, syntax notes.

Each segment's rules become one regular expression and a few look-ups, made once; only a segment that fails them is
looked at element by element, to say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment
from airflow_provider_sagex3_cleo.x12.standard import Composite, Element, Note, Slot

__all__ = ["MARK", "Doubts", "ElementFault", "SegmentRules", "doubts", "element_findings", "segment_rules"]

MARK = "\x1f"  # joins the elements of a segment for the quick check
REMEMBERED = 4096  # segments, about half a megabyte

_ANY = rf"[^{MARK}]"
# 29 February is left to the slow way.
_DATE8 = r"\d{4}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d\d{0,2})?"
_NUMBERS = {"R": re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII), "N": re.compile(r"-?\d+", re.ASCII)}
_IS_TIME = re.compile(_TIME, re.ASCII)
_LENIENT = frozenset({"element-code", "element-padded", "element-trailing", "segment-empty"})


@dataclass(frozen=True, slots=True)
class ElementFault:
    """A fault in one element: `place` in the usual notation (PO103), the finding's code, what was and should be."""

    place: str
    code: str
    message: str
    found: str
    expected: str


def _pattern(element: Element) -> str:
    """A regular expression that accepts only right values; a few right ones are left to the slow way."""
    low, high = element.min, element.max
    match element.type:
        case "R":
            return rf"-?(?:\d{{{low},{high}}}|(?=[\d.]{{{low + 1},{high + 1}}}(?![\d.]))\d*\.\d*)"
        case "N0" | "N2":
            return rf"-?\d{{{low},{high}}}"
        case "DT" if high == 8:
            return _DATE8
        case "TM" if low == 4 and high == 8:
            return _TIME
        case _:
            return rf"(?! ){_ANY}{{{low},{high}}}(?<! )"


class SegmentRules:
    """The rules of one segment in one release.

    The pattern takes a segment apart: it gives the codes that stand in it, and of elements that a syntax note is about
    whether they are there. Few such forms occur, so each is judged once."""

    def __init__(self, segment: standard.Segment) -> None:
        self.segment = segment
        self._right_form = lru_cache(maxsize=1024)(self._judge_form)

    @cached_property
    def _watched(self) -> list[tuple[int, Mapping[str, str]]]:
        """(place, its codes) of each element that codes or notes look at: one for each group of the pattern."""
        noted = {place for note in self.segment.notes for place in note.at}
        elements = [(n, slot.element) for n, slot in enumerate(self.segment.slots, 1)]
        return [(n, x.codes) for n, x in elements if isinstance(x, Element) and (x.codes or n in noted)]

    @cached_property
    def _match(self) -> Callable[[str], re.Match[str] | None]:
        """The pattern, compiled when it is first asked for: few of a release's segments come in a run."""
        watched = {place for place, _ in self._watched}
        pattern, needed = "", False
        for place, slot in reversed([*enumerate(self.segment.slots, 1)]):
            value = ""
            if isinstance(slot.element, Element):
                value = _pattern(slot.element)
                if place in watched:
                    value = f"({value})" if slot.element.codes else f"{value}()"
            needed = needed or slot.required == "M"
            pattern = MARK + (value if slot.required == "M" else f"(?:{value})?") + pattern
            pattern = pattern if needed else f"(?:{pattern})?"
        return re.compile(rf"{re.escape(self.segment.id)}(?={MARK}){pattern}(?<!{MARK})", re.ASCII).fullmatch

    def right(self, joined: str) -> bool:
        """True when nothing is wrong with this segment, its elements joined by MARK.

        False may also mean 'look closer' (composites, 29 February)."""
        found = self._match(joined)
        return found is not None and self._right_form(found.groups())

    def _judge_form(self, form: tuple[str | None, ...]) -> bool:
        there = [False] * (len(self.segment.slots) + 1)
        for (place, codes), value in zip(self._watched, form, strict=True):
            there[place] = value is not None
            if codes and value is not None and value not in codes:
                return False
        return all(_keeps(note, there) for note in self.segment.notes)

    def faults(self, elements: Sequence[str], component: str | None) -> Iterator[ElementFault]:
        """Everything that is wrong with this segment, element by element. `component` is the component separator."""
        segment = self.segment
        if not any(elements[1:]):
            yield ElementFault(segment.id, "segment-empty", "no element is there", "", "at least one element")
        yield from _slots(segment.id, "", segment.slots, elements, component)
        if len(elements) > 1 and not elements[-1]:
            yield ElementFault(
                f"{segment.id}{len(elements) - 1:02d}",
                "element-trailing",
                "an empty element ends the segment",
                "",
                "nothing",
            )
        yield from _noted(segment.id, segment.notes, elements, 2)


@cache
def segment_rules(release: str) -> dict[str, SegmentRules]:
    """The rules of all segments of a release, made once."""
    return {name: SegmentRules(segment) for name, segment in standard.release(release).segments.items()}


class Doubts:
    """Finds the segments of one release that must be looked at element by element.

    Addresses, dates and units come again and again: what was right once is right, as long as it is remembered."""

    def __init__(self, described: Mapping[str, SegmentRules]) -> None:
        self._described = described
        self._right: set[str] = set()

    def among(self, joined: Iterable[str]) -> set[str]:
        """Those segments, each joined by MARK, that are wrong, unknown, or not seen to be right at a glance."""
        fresh = set(joined) - self._right
        doubtful = {line for line in fresh if not self._is_right(line)}
        if len(self._right) > REMEMBERED:
            self._right.clear()
        self._right |= fresh - doubtful
        return doubtful

    def _is_right(self, joined: str) -> bool:
        rule = self._described.get(joined.partition(MARK)[0])
        return rule is not None and rule.right(joined)


@cache
def doubts(release: str) -> Doubts:
    """What finds doubtful segments of a release, made once."""
    return Doubts(segment_rules(release))


def element_findings(faults: Iterable[ElementFault], segment: Segment, *, own: bool, where: str) -> Iterator[Finding]:
    """The faults of one read segment as findings. A code we do not use is an error only in our own output."""
    for fault in faults:
        lenient = not own and fault.code in _LENIENT
        yield Finding(
            "warning" if lenient else "error", fault.code, f"{fault.place}: {fault.message}", segment.elements[0],
            segment.position, fault.place, fault.found, fault.expected, segment.offset, where,
        )  # fmt: skip


def _keeps(note: Note, elements: Sequence[str] | Sequence[bool]) -> bool:
    count = len(elements)
    there = [place < count and bool(elements[place]) for place in note.at]
    match note.kind:
        case "P":
            return all(there) or not any(there)
        case "R":
            return any(there)
        case "E":
            return sum(there) <= 1
        case "C":
            return not there[0] or all(there)
        case _:  # L
            return not there[0] or any(there[1:])


_SAYS = {
    "P": "all of {0} or none",
    "R": "at least one of {0}",
    "E": "at most one of {0}",
    "C": "{1} whenever {2} is there",
    "L": "one of {1} whenever {2} is there",
}


def _noted(prefix: str, notes: tuple[Note, ...], elements: Sequence[str], width: int) -> Iterator[ElementFault]:
    for note in notes:
        if not _keeps(note, elements):
            names = [f"{prefix}{place:0{width}d}" for place in note.at]
            expected = _SAYS[note.kind].format(", ".join(names), ", ".join(names[1:]), names[0])
            there = [n for n, p in zip(names, note.at, strict=True) if p < len(elements) and elements[p]]
            found = " ".join(there) or "none"
            yield ElementFault(names[0], "syntax", f"syntax note {note} is broken", found, expected)


def _slots(
    name: str, dash: str, slots: tuple[Slot, ...], elements: Sequence[str], component: str | None
) -> Iterator[ElementFault]:
    for n, slot in enumerate(slots, 1):
        place = f"{name}{dash}{n}" if dash else f"{name}{n:02d}"
        value = elements[n] if n < len(elements) else ""
        if not value:
            if slot.required == "M":
                yield ElementFault(place, "element-missing", f"{slot.element.name} is missing", "", slot.element.name)
        elif isinstance(slot.element, Composite):
            parts = ["", *(value.split(component) if component else [value])]
            yield from _slots(place, "-", slot.element.slots, parts, None)
            yield from _noted(f"{place}-", slot.element.notes, parts, 1)
        else:
            yield from _value(place, slot.element, value)
    for n in range(len(slots) + 1, len(elements)):
        if elements[n]:
            place = f"{name}{dash}{n}" if dash else f"{name}{n:02d}"
            yield ElementFault(
                place, "element-too-many", "the element does not exist", elements[n], f"at most {len(slots)}"
            )


def _value(place: str, element: Element, value: str) -> Iterator[ElementFault]:
    name, kind = element.name, element.type
    size = len(value)
    if kind in ("R", "N0", "N2"):
        if _NUMBERS[kind[0]].fullmatch(value) is None:
            expected = "digits, a point, a leading minus" if kind == "R" else "digits and a leading minus"
            yield ElementFault(place, "element-type", f"{name} is not a number of type {kind}", value, expected)
            return
        size = sum(c.isdigit() for c in value)
    elif not value.strip():
        yield ElementFault(place, "element-blank", f"{name} holds only blanks", value, "a value or nothing")
        return
    elif value != value.strip(" "):
        yield ElementFault(place, "element-padded", f"{name} has blanks around it", value, value.strip(" "))
        value = value.strip(" ")
        size = len(value)
    wanted = f"{element.min} to {element.max}" if element.min != element.max else f"{element.min}"
    if size > element.max:
        yield ElementFault(place, "element-too-long", f"{name} is too long ({size})", value, wanted)
    elif size < element.min:
        yield ElementFault(place, "element-too-short", f"{name} is too short ({size})", value, wanted)
    elif kind == "DT" and not _is_date(value):
        yield ElementFault(place, "element-date", f"{name} is not a date", value, "CCYYMMDD" if size == 8 else "YYMMDD")
    elif kind == "TM" and _IS_TIME.fullmatch(value) is None:
        yield ElementFault(place, "element-time", f"{name} is not a time", value, "HHMM, HHMMSS or more")
    elif element.codes and value not in element.codes:
        yield ElementFault(
            place, "element-code", f"{name} is not a code in use here", value, f"element {element.number}"
        )


def _is_date(value: str) -> bool:
    if not (value.isascii() and value.isdigit()):
        return False
    try:
        datetime.strptime(value if len(value) == 8 else f"20{value}", "%Y%m%d")  # noqa: DTZ007 - a calendar date
    except ValueError:
        return False
    return True
