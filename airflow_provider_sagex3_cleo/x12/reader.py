"""Bytes -> interchanges, groups, sets, segments, with any delimiters, each segment with its number and byte offset.

Several interchanges, groups and sets in one file, line ends and indentation between segments are accepted. What a
segment holds is not judged here: that is the validator's work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12.model import Finding, has_errors

__all__ = [
    "Group",
    "Interchange",
    "ReadFault",
    "Segment",
    "Separators",
    "TransactionSet",
    "element",
    "is_bare",
    "read",
    "scan",
    "scan_sets",
    "segments",
    "sets",
]

ISA_ELEMENTS = 16
_BRACKETS = ("ISA", "GS", "GE", "IEA")
_BLANKS = " \r\n\t\x00\x1a\ufeff"
#: The first segment of a file without envelope gives its delimiters away, but for the one inside composites.
_BARE = re.compile(
    rf"(?:\xef\xbb\xbf)?[{_BLANKS}]*(?P<st>ST)(?P<mark>[^\w\s])\d{{3}}(?P=mark)\w{{4,9}}(?:(?P=mark)\w*)?(?P<end>\W)",
    re.ASCII,
)


class ReadFault(e.Quarantine):
    """The envelope is broken: not an interchange, cut off, or segments outside their brackets.

    `findings` has every fault, not only the first."""

    default_remedy = "ask the sender for the file again"

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message, system="X12", field=findings[0].code)
        self.findings = findings


class Segment(NamedTuple):
    """One segment: its id and elements, its number (in the set; envelope segments: in the file), its byte offset.

    `offset` is None where there are no bytes yet."""

    elements: tuple[str, ...]
    position: int
    offset: int | None


class Separators(NamedTuple):
    """The delimiters found in an ISA. `repetition` is None where ISA11 is not one (004010)."""

    segment: str
    element: str
    component: str
    repetition: str | None


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """ST to SE, both included. `complete` is False when SE is missing."""

    set_id: str
    control: str
    segments: tuple[Segment, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Group:
    """GS to GE. `version` is GS08."""

    header: Segment
    sets: tuple[TransactionSet, ...]
    trailer: Segment | None

    @property
    def functional_id(self) -> str:
        return element(self.header, 1)

    @property
    def control(self) -> str:
        return element(self.header, 6)

    @property
    def version(self) -> str:
        return element(self.header, 8)


@dataclass(frozen=True, slots=True)
class Interchange:
    """ISA to IEA. `acknowledgments` are its TA1 segments; `findings` are faults of the envelope's brackets."""

    header: Segment
    separators: Separators
    acknowledgments: tuple[Segment, ...]
    groups: tuple[Group, ...]
    trailer: Segment | None
    findings: tuple[Finding, ...]

    @property
    def control(self) -> str:
        return element(self.header, 13)


def element(segment: Segment, place: int) -> str:
    """The element at `place` (from 1), '' when absent."""
    return segment.elements[place] if place < len(segment.elements) else ""


def read(data: bytes) -> list[Interchange]:
    """All interchanges of a file, in order.

    Raises:
        ReadFault: a bracket is broken; `findings` has all faults."""
    interchanges = scan(data)
    findings = [f for interchange in interchanges for f in interchange.findings]
    if has_errors(findings):
        raise ReadFault([f for f in findings if f.severity == "error"])
    return interchanges


def scan(data: bytes) -> list[Interchange]:
    """Like `read`, but broken brackets are told in `Interchange.findings` and reading goes on.

    Raises:
        ReadFault: the file does not begin with a usable ISA."""
    text = data.decode("latin-1")  # one byte, one character: offsets stay true; foreign bytes are the validator's
    interchanges: list[Interchange] = []
    at = _skip(text, 3 if data.startswith(b"\xef\xbb\xbf") else 0)
    count = 0
    while at < len(text):
        interchange, at, count = _interchange(text, at, count)
        interchanges.append(interchange)
        at = _skip(text, at)
    if not interchanges:
        raise ReadFault([Finding("error", "isa-missing", "the file is empty", expected="ISA")])
    return interchanges


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def _interchange(text: str, start: int, count: int) -> tuple[Interchange, int, int]:
    """The interchange that begins at `start`, where it ends, and how many segments the file has had so far."""
    separators = _separators(text, start)
    term, sep = re.escape(separators.segment), re.escape(separators.element)
    end = re.compile(rf"{term}\s*(?:IEA{sep}[^{term}]*|(?=ISA{sep}))").search(text, start)
    stop = end.end() if end else len(text)
    builder = _Builder([])
    count = builder.add_all(text, start, stop, separators, count)
    return builder.finish(separators), stop + (text[stop : stop + 1] == separators.segment), count


def is_bare(data: bytes) -> bool:
    """Whether the file begins with a transaction set, without an envelope."""
    return _BARE.match(data[:100].decode("latin-1")) is not None


def scan_sets(data: bytes, release: str, component: str) -> tuple[Separators, Group, list[Finding]]:
    """The sets of a file without envelope: delimiters, the sets in a group that is not in the file, what is broken.

    Args:
        release, component: what such a file does not say: its release, and the separator inside composites.

    Raises:
        ValueError: the file is not such a one (`is_bare`)."""
    text = data.decode("latin-1")
    found = _BARE.match(text)
    if found is None:
        raise ValueError("the file does not begin with ST: ask is_bare first")
    separators = Separators(found["end"], found["mark"], component, None)
    builder = _Builder([], enveloped=False)
    builder.add_all(text, found.start("st"), len(text), separators, 0)
    builder.close_set(False)
    return separators, Group(Segment(("GS", *[""] * 7, release), 0, None), tuple(builder.sets), None), builder.findings


def _separators(text: str, start: int) -> Separators:
    """The delimiters that the ISA at `start` declares, whatever the widths of its elements.

    Raises:
        ReadFault: no ISA there, or it is cut off."""
    found = text[start : start + 20]
    if not text.startswith("ISA", start) or len(text) < start + 4:
        raise ReadFault([Finding("error", "isa-missing", "no ISA where one must begin", found=found, offset=start)])
    mark, at = text[start + 3], start + 3
    for _ in range(ISA_ELEMENTS - 1):
        at = text.find(mark, at + 1)
        if at < 0 or at > start + 200:
            raise ReadFault(
                [Finding("error", "isa-cut", "ISA has fewer than 16 elements", "ISA", 1, found=found, offset=start)]
            )
    if at + 2 >= len(text):
        raise ReadFault([Finding("error", "isa-cut", "ISA is cut off", "ISA", 1, found=found, offset=start)])
    elements = text[start : at + 2].split(mark)
    eleventh = elements[11]
    repetition = eleventh if len(eleventh) == 1 and not eleventh.isalnum() and eleventh != " " else None
    return Separators(text[at + 2], mark, text[at + 1], repetition if elements[12] > "00401" else None)


class _Builder:
    """Puts segments into their brackets and notes each bracket that is missing."""

    def __init__(self, findings: list[Finding], *, enveloped: bool = True) -> None:
        self.findings, self.enveloped = findings, enveloped
        self.header: Segment | None = None
        self.trailer: Segment | None = None
        self.acknowledgments: list[Segment] = []
        self.groups: list[Group] = []
        self.group: Segment | None = None
        self.sets: list[TransactionSet] = []
        self.rows: list[Segment] | None = None

    def add_all(self, text: str, start: int, stop: int, separators: Separators, count: int) -> int:
        """Take up the segments between two places; how many segments the file has had by then."""
        offset, chunks = start, text[start:stop].split(separators.segment)
        for chunk in chunks:
            raw = chunk.lstrip()
            if raw:
                count += 1
                elements = tuple(raw.rstrip("\r\n").split(separators.element))
                self.add(elements, count, offset + len(chunk) - len(raw))
            offset += len(chunk) + 1
        if stop >= len(text) and chunks[-1].strip():
            self.findings.append(
                Finding(
                    "error", "segment-unterminated", "the last segment has no terminator: the file may be cut off",
                    segment=chunks[-1].strip()[:3], position=count, found=chunks[-1].strip()[-20:],
                    expected=repr(separators.segment), offset=offset - len(chunks[-1]) - 1,
                )
            )  # fmt: skip
        return count

    def add(self, elements: tuple[str, ...], count: int, offset: int) -> None:
        name, rows = elements[0], self.rows
        if rows is not None and name not in ("ST", "GS", "GE", "IEA"):
            rows.append(Segment(elements, len(rows) + 1, offset))
            if name == "SE":
                self.close_set(True)
            return
        segment = Segment(elements, count, offset)
        if name in _BRACKETS and not self.enveloped:
            self.close_set(False, segment)
            self.fault("segment-outside", f"{name} in a file that began without an envelope", segment, "ST")
        elif name == "ISA":
            self.header = segment
        elif name == "GS":
            self.close_group(None, segment)
            self.group = segment
        elif name == "ST":
            self.close_set(False, segment)
            if self.group is None and self.enveloped:
                self.fault("group-missing", "a transaction set stands outside any group", segment, "GS before it")
                self.group = Segment(("GS",), count, offset)
            self.rows = [Segment(elements, 1, offset)]
        elif name == "GE":
            self.close_set(False, segment)
            if self.group is None:
                self.fault("group-missing", "GE without GS", segment, "GS before it")
            self.close_group(segment, segment)
        elif name == "IEA":
            self.close_group(None, segment)
            self.trailer = segment
        elif name == "TA1" and self.group is None and not self.groups:
            self.acknowledgments.append(segment)
        else:
            self.fault("segment-outside", f"{name} stands outside any transaction set", segment, "ST before it")

    def close_set(self, complete: bool, at: Segment | None = None) -> None:
        if self.rows is None:
            return
        rows = self.rows
        if not complete:
            self.fault("se-missing", "the transaction set has no SE", at or rows[0], "SE")
        self.sets.append(TransactionSet(element(rows[0], 1), element(rows[0], 2), tuple(rows), complete))
        self.rows = None

    def close_group(self, trailer: Segment | None, at: Segment) -> None:
        self.close_set(False, at)
        if self.group is None:
            return
        if trailer is None:
            self.fault("ge-missing", "the group has no GE", at, "GE")
        self.groups.append(Group(self.group, tuple(self.sets), trailer))
        self.group, self.sets = None, []

    def finish(self, separators: Separators) -> Interchange:
        assert self.header is not None
        self.close_group(None, self.header)
        if self.trailer is None:
            self.fault("iea-missing", "the interchange has no IEA", self.header, "IEA")
        return Interchange(
            self.header, separators, tuple(self.acknowledgments), tuple(self.groups), self.trailer, tuple(self.findings)
        )

    def fault(self, code: str, message: str, at: Segment, expected: str) -> None:
        self.findings.append(
            Finding(
                "error",
                code,
                message,
                at.elements[0],
                at.position,
                found=at.elements[0],
                expected=expected,
                offset=at.offset,
            )
        )


def sets(interchanges: list[Interchange]) -> Iterator[tuple[Interchange, Group, TransactionSet]]:
    """Every transaction set with what encloses it."""
    for interchange in interchanges:
        for group in interchange.groups:
            for item in group.sets:
                yield interchange, group, item


def segments(data: bytes) -> Iterator[tuple[Separators, Segment]]:
    """Every segment of a file, one at a time, with the delimiters of its interchange; memory does not grow.

    `position` counts in the file. Brackets are not looked at, and what stands after the last terminator is left out.

    Raises:
        ReadFault: the file, or what follows an IEA, does not begin with a usable ISA."""
    text = data.decode("latin-1")
    at, count = _skip(text, 3 if data.startswith(b"\xef\xbb\xbf") else 0), 0
    if at >= len(text):
        raise ReadFault([Finding("error", "isa-missing", "the file is empty", expected="ISA")])
    marks: Separators | None = None
    while at < len(text):
        if marks is None or text.startswith("ISA" + marks.element, at):
            marks = _separators(text, at)
        end = text.find(marks.segment, at)
        if end < 0:
            return
        count += 1
        elements = tuple(text[at:end].rstrip("\r\n").split(marks.element))
        yield marks, Segment(elements, count, at)
        at = _skip(text, end + 1)
        if elements[0] == "IEA":
            marks = None
