"""Bytes -> interchanges, groups, sets, segments, with any delimiters, each segment with its number and byte offset.

`read` and `scan` take a file, `interchanges` and `walk` a stream. Several interchanges, groups and sets in one file are
accepted. What a segment holds is not judged here: that is the validator's work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO, NamedTuple

from airflow_provider_sagex3_cleo.x12.model import Finding, has_errors
from airflow_provider_sagex3_cleo.x12.tokens import ReadFault, Separators, Tokens, readable

__all__ = [
    "Group",
    "Interchange",
    "PlacedSet",
    "ReadFault",
    "Segment",
    "Separators",
    "TransactionSet",
    "element",
    "interchanges",
    "is_bare",
    "read",
    "scan",
    "scan_sets",
    "segments",
    "sets",
    "walk",
]

_BRACKETS = ("ISA", "GS", "GE", "IEA")
#: The first segment of a file without envelope gives its delimiters away, but for the one inside composites.
_BARE = re.compile(
    r"(?:\xef\xbb\xbf)?[ \r\n\t\x00\x1a]*"
    r"(?P<st>ST)(?P<mark>[^\w\s])\d{3}(?P=mark)\w{4,9}(?:(?P=mark)\w*)?(?P<end>\W)",
    re.ASCII,
)


class Segment(NamedTuple):
    """One segment: its id and elements, its number (in the set; envelope segments: in the file), its byte offset.

    `offset` is None where there are no bytes yet."""

    elements: tuple[str, ...]
    position: int
    offset: int | None


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


class PlacedSet(NamedTuple):
    """A set with what stands around it: its ISA, its delimiters, its group (as far as GS says)."""

    isa: Segment
    separators: Separators
    group: Group
    item: TransactionSet


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
    found = scan(data)
    findings = [f for interchange in found for f in interchange.findings]
    if has_errors(findings):
        raise ReadFault([f for f in findings if f.severity == "error"])
    return found


def scan(data: bytes) -> list[Interchange]:
    """Like `read`, but broken brackets are told in `Interchange.findings` and reading goes on.

    Raises:
        ReadFault: the file does not begin with a usable ISA, or something else follows an interchange."""
    return list(interchanges(BytesIO(data)))


def interchanges(stream: BinaryIO) -> Iterator[Interchange]:
    """The interchanges of a stream, whole, one at a time; broken brackets as in `scan`.

    Raises:
        ReadFault: as `scan`, after the interchanges before it were given."""
    return (piece for piece in _pieces(stream, whole=True) if isinstance(piece, Interchange))


def walk(stream: BinaryIO) -> Iterator[PlacedSet | Interchange]:
    """Each set as soon as it has ended, then the interchange around it, in which sets keep only their ST.

    Memory holds a block of the stream and the largest set, however long the file is.

    Raises:
        ReadFault: as `interchanges`."""
    return _pieces(stream, whole=False)


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
    builder = _Builder(separators, whole=True, enveloped=False)
    offset = found.start("st")
    chunks = text[offset:].split(separators.segment)
    for count, chunk in enumerate(chunks, 1):
        raw = chunk.lstrip()
        if raw:
            place = offset + len(chunk) - len(raw)
            builder.add(tuple(readable(raw.rstrip("\r\n")).split(separators.element)), count, place)
            if count == len(chunks):
                message = "the last segment has no terminator: the file may be cut off"
                found_here, expected = raw.strip()[-20:], repr(separators.segment)
                builder.findings.append(
                    Finding("error", "segment-unterminated", message, raw[:3], count, "", found_here, expected, place)
                )
        offset += len(chunk) + 1
    builder.close_set(False)
    return separators, Group(Segment(("GS", *[""] * 7, release), 0, None), tuple(builder.sets), None), builder.findings


def _pieces(stream: BinaryIO, *, whole: bool) -> Iterator[PlacedSet | Interchange]:
    tokens = Tokens(stream)
    begun = False
    while (separators := tokens.begin()) is not None:
        begun = True
        builder = _Builder(separators, whole)
        while (block := tokens.block()) is not None:
            count = tokens.count - len(block) + 1
            for position, (elements, offset) in enumerate(block, count):
                builder.add(elements, position, offset)
            if builder.ended:
                yield from builder.ended
                builder.ended.clear()
        interchange = builder.finish(tokens.findings)
        yield from builder.ended
        tokens.findings = []
        yield interchange
    if not begun:
        raise ReadFault([Finding("error", "isa-missing", "the file is empty", expected="ISA")])


class _Builder:
    """Puts segments into their brackets and notes each bracket that is missing.

    Unless `whole`, sets go to `ended`, and only their ST is kept in their group. Unless `enveloped`, sets stand alone
    and the brackets of an envelope are faults."""

    def __init__(self, separators: Separators, whole: bool, enveloped: bool = True) -> None:
        self.separators, self.whole, self.enveloped = separators, whole, enveloped
        self.ended: list[PlacedSet] = []
        self.findings: list[Finding] = []
        self.header: Segment | None = None
        self.trailer: Segment | None = None
        self.acknowledgments: list[Segment] = []
        self.groups: list[Group] = []
        self.group: Segment | None = None
        self.sets: list[TransactionSet] = []
        self.rows: list[Segment] | None = None

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
        item = TransactionSet(element(rows[0], 1), element(rows[0], 2), tuple(rows), complete)
        if not self.whole:
            assert self.header is not None
            assert self.group is not None
            self.ended.append(PlacedSet(self.header, self.separators, Group(self.group, (), None), item))
            item = replace(item, segments=item.segments[:1])
        self.sets.append(item)
        self.rows = None

    def close_group(self, trailer: Segment | None, at: Segment) -> None:
        self.close_set(False, at)
        if self.group is None:
            return
        if trailer is None:
            self.fault("ge-missing", "the group has no GE", at, "GE")
        self.groups.append(Group(self.group, tuple(self.sets), trailer))
        self.group, self.sets = None, []

    def finish(self, between: list[Finding]) -> Interchange:
        """The interchange. `between` are faults of what stands between its segments."""
        assert self.header is not None
        self.close_set(False)
        if self.group is not None:
            self.close_group(None, self.group)
        if self.trailer is None:
            self.fault("iea-missing", "the interchange has no IEA", self.header, "IEA")
        return Interchange(
            self.header, self.separators, tuple(self.acknowledgments), tuple(self.groups), self.trailer,
            (*self.findings, *between),
        )  # fmt: skip

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


def segments(source: bytes | BinaryIO) -> Iterator[tuple[Separators, Segment]]:
    """Every segment of a file, one at a time, with the delimiters of its interchange; memory does not grow.

    `position` counts in the file. Brackets are not looked at, and a last segment without a terminator is left out.

    Raises:
        ReadFault: the file, or what follows an IEA, does not begin with a usable ISA."""
    tokens = Tokens(BytesIO(source) if isinstance(source, bytes) else source)
    begun = False
    while (separators := tokens.begin()) is not None:
        begun = True
        while (block := tokens.block()) is not None:
            first = tokens.count - len(block) + 1
            if any(finding.code == "segment-unterminated" for finding in tokens.findings):
                block.pop()  # cut off: nobody knows what it was
            tokens.findings = []
            for count, (elements, offset) in enumerate(block, first):
                yield separators, Segment(elements, count, offset)
    if not begun:
        raise ReadFault([Finding("error", "isa-missing", "the file is empty", expected="ISA")])
