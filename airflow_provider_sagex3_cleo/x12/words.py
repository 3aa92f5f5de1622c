"""An interchange in words: one line a segment, elements named, codes explained, loops and levels indented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.fields import fields
from airflow_provider_sagex3_cleo.x12.model import RELEASES, Delimiters, Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, Separators, TransactionSet, is_bare, scan, scan_sets
from airflow_provider_sagex3_cleo.x12.structure import structure
from airflow_provider_sagex3_cleo.x12.tree import tables_of

__all__ = ["Line", "lines", "show"]

INDENT = "  "


class Line(NamedTuple):
    """One segment in words, or - with a finding - what is wrong with the segment of the line before."""

    level: int
    segment: str
    words: str
    finding: Finding | None = None

    def __str__(self) -> str:
        if self.finding:
            return f"{INDENT * self.level}^^^ {self.finding.severity} {self.finding.code}: {self.words}"
        return f"{INDENT * self.level}{self.segment:<3} {self.words}"


def show(data: bytes) -> Iterator[str]:
    """Yield the lines of a file in words, with or without envelope. What the tables do not know is shown as it stands.

    Raises:
        ReadFault: the file does not begin with a usable ISA or ST."""
    return map(str, lines(data))


def lines(data: bytes, findings: Iterable[Finding] = ()) -> Iterator[Line]:
    """The lines of a file, each finding after its segment; those that belong to no segment come last.

    Raises:
        ReadFault: the file does not begin with a usable ISA."""
    wrong: dict[int | None, list[Finding]] = {}
    for finding in findings:
        wrong.setdefault(finding.offset, []).append(finding)
    for level, segment, words in _told(data):
        yield Line(level, segment.elements[0], words)
        for finding in wrong.pop(segment.offset, ()):
            yield _complaint(level, finding)
    for rest in wrong.values():
        for finding in rest:
            yield _complaint(0, finding)


def _complaint(level: int, finding: Finding) -> Line:
    found = f", found {finding.found!r}" if finding.found and finding.found != finding.segment else ""
    expected = f", expected {finding.expected}" if finding.expected else ""
    return Line(level, finding.segment, f"{finding.message}{found}{expected}", finding)


def _told(data: bytes) -> Iterator[tuple[int, Segment, str]]:
    if is_bare(data):
        separators, group, _ = scan_sets(data, RELEASES[0], Delimiters.component)
        for item in group.sets:
            yield from _set(standard.release(RELEASES[0]), item, separators, 0)
        return
    for interchange in scan(data):
        tables, marks = tables_of(interchange), interchange.separators
        yield 0, interchange.header, _words(tables, interchange.header, marks)
        for ta1 in interchange.acknowledgments:
            yield 1, ta1, _words(tables, ta1, marks)
        for group in interchange.groups:
            inner = tables_of(interchange, group)
            yield 1, group.header, _words(inner, group.header, marks)
            for item in group.sets:
                yield from _set(inner, item, marks, 2)
            if group.trailer:
                yield 1, group.trailer, _words(inner, group.trailer, marks)
        if interchange.trailer:
            yield 0, interchange.trailer, _words(tables, interchange.trailer, marks)


def _set(
    tables: standard.Release, item: TransactionSet, separators: Separators, indent: int
) -> Iterator[tuple[int, Segment, str]]:
    levels = [0] * len(item.segments)
    if item.set_id in tables.sets:
        order = structure(tables.name, item.set_id)
        levels = [len(order.loops[state]) for state in order.check([s.elements[0] for s in item.segments])[1]]
    depths: dict[str, int] = {}  # HL01 -> how deep it lies in the tree of levels
    depth = 0
    for segment, level in zip(item.segments, levels, strict=True):
        if segment.elements[0] == "HL":
            number, parent = (*segment.elements[1:3], "", "")[:2]
            depth = depths[number] = depths.get(parent, -1) + 1
        yield indent + level + (depth if level else 0), segment, _words(tables, segment, separators)


def _words(tables: standard.Release, segment: Segment, separators: Separators) -> str:
    described = tables.segments.get(segment.elements[0])
    if described is None:
        return f"(not in our tables): {' | '.join(x for x in segment.elements[1:] if x)}"
    told = ", ".join(map(str, fields(tables, segment.elements, separators.component)))
    return f"{described.name}: {told}"
