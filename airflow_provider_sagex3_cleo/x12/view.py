"""One transaction set as checks and rules see it, and what a rule is.

A rule says what the tables cannot: what segments promise about each other, or what one partner wants. It is a function
from a view to findings, so that a sequence of rules can be made from data and handed to the validator."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from airflow_provider_sagex3_cleo.x12.model import Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, Separators, element
from airflow_provider_sagex3_cleo.x12.structure import Structure

__all__ = ["Rule", "SetView"]


@dataclass(frozen=True, slots=True)
class SetView:
    """A set from ST to SE, with the place of each segment in its structure, and the ISA and GS around it.

    `rows` are the elements of `segments`. `own`: it is our output, nothing customary but wrong is tolerated. `isa` and
    `gs` are None for a body that has no envelope yet, its unknown `separators` are ''. `places` maps segment ids to
    indices in `segments`; `states` are those of `structure`."""

    set_id: str
    release: str
    rows: Sequence[Sequence[str]]
    segments: Sequence[Segment]
    structure: Structure
    states: Sequence[int]
    places: Mapping[str, Sequence[int]]
    separators: Separators
    own: bool
    where: str
    isa: Segment | None = None
    gs: Segment | None = None

    def all(self, name: str) -> list[Segment]:
        """All segments of that id, in order."""
        return [self.segments[n] for n in self.places.get(name, ())]

    def first(self, name: str) -> Segment | None:
        """The first segment of that id."""
        found = self.places.get(name)
        return self.segments[found[0]] if found else None

    def value(self, index: int, place: int) -> str:
        """The element at `place` of the segment at `index`, '' where it is absent."""
        row = self.rows[index]
        return row[place] if place < len(row) else ""

    def column(self, name: str, place: int) -> list[str]:
        """The element at `place` of all segments of that id, '' where it is absent."""
        rows = self.rows
        found = [rows[n] for n in self.places.get(name, ())]
        return [row[place] if place < len(row) else "" for row in found]

    def level(self, index: int) -> int:
        """How many loops the segment at an index of `segments` is in."""
        return self.structure.levels[self.states[index]]

    def by_part(self, name: str, opener: str, *, direct: bool = False) -> Iterator[list[Segment]]:
        """The segments of one id that share a part with others: the heading, or one from an `opener` to the next one.

        Args:
            direct: only those that stand in the heading or the part itself, in no loop of it."""
        places, starts = self.places.get(name, ()), self.places.get(opener, ())
        stands = [bisect_right(starts, n) for n in places]
        if len(set(stands)) == len(stands):  # as mostly: none shares its part
            return
        parts: dict[int, list[int]] = {}
        levels, states = self.structure.levels, self.states
        for n, part in zip(places, stands, strict=True):
            if not direct or levels[states[n]] == (1 if part else 0):
                parts.setdefault(part, []).append(n)
        for found in parts.values():
            if len(found) > 1:
                yield [self.segments[n] for n in found]

    def parts(self, opener: str) -> Iterator[Sequence[Segment]]:
        """The segments from each `opener` to the next one (the last part goes on to SE)."""
        starts = self.places.get(opener, ())
        for at, start in enumerate(starts):
            yield self.segments[start : starts[at + 1] if at + 1 < len(starts) else len(self.segments)]

    def finding(
        self,
        segment: Segment,
        code: str,
        place: int,
        message: str,
        expected: str,
        *,
        custom: bool = False,
        doubt: bool = False,
    ) -> Finding:
        """The finding that one element of a segment is not true; `place` 0 means the segment.

        Args:
            custom: wrong, but customary: an error only in our own output.
            doubt: it may be right after all: never more than a warning."""
        name = segment.elements[0]
        return Finding(
            "warning" if doubt or (custom and not self.own) else "error", code, message, name, segment.position,
            f"{name}{place:02d}" if place else "", element(segment, place) if place else name, expected,
            segment.offset, self.where,
        )  # fmt: skip


Rule = Callable[[SetView], Iterable[Finding]]
