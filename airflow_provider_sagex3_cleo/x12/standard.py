"""The tables of one release as frozen values, read once from `tables/*.json` (form: docs/x12.md).

A release is its base plus differences. A set refers to segments, a segment to elements: nothing is written twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12.model import RELEASES

__all__ = ["Composite", "Element", "Loop", "Note", "Release", "Segment", "Set", "Slot", "Use", "release"]


@dataclass(frozen=True, slots=True)
class Element:
    """One data element: number, name in our words, type (AN ID R N0 N2 DT TM), length, codes we use with meanings."""

    number: str
    name: str
    type: str
    min: int
    max: int
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Note:
    """A syntax note: kind P R E C L and the positions (from 1) it is about."""

    kind: str
    at: tuple[int, ...]

    def __str__(self) -> str:
        return self.kind + "".join(f"{n:02d}" for n in self.at)


@dataclass(frozen=True, slots=True)
class Composite:
    """An element made of components."""

    number: str
    name: str
    slots: tuple[Slot, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a segment or composite: what stands there, and if it must (M), may (O) or is under a note (C)."""

    element: Element | Composite
    required: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its elements in order and its syntax notes."""

    id: str
    name: str
    slots: tuple[Slot, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """A segment's place in a set. `max` None means no limit."""

    id: str
    mandatory: bool
    max: int | None


@dataclass(frozen=True, slots=True)
class Loop:
    """A repeated group; its first segment opens each turn."""

    id: str
    mandatory: bool
    max: int | None
    body: tuple[Use | Loop, ...]


@dataclass(frozen=True, slots=True)
class Set:
    """A transaction set, ST to SE. `omitted` are segments of the standard that these tables leave out."""

    id: str
    name: str
    group: str
    omitted: frozenset[str]
    body: tuple[Use | Loop, ...]

    def segment_ids(self) -> frozenset[str]:
        """The ids of all segments that have a place in this set."""

        def walk(body: tuple[Use | Loop, ...]) -> Iterator[str]:
            for item in body:
                if isinstance(item, Loop):
                    yield from walk(item.body)
                else:
                    yield item.id

        return frozenset(walk(self.body))


@dataclass(frozen=True, slots=True)
class Release:
    """All tables of one release. `isa12` is the interchange version that goes with it."""

    name: str
    isa12: str
    segments: Mapping[str, Segment]
    sets: Mapping[str, Set]


@cache
def release(name: str) -> Release:
    """The tables of a release ('004010', '005010'), read once.

    Raises:
        SettingFault: there are no tables for it."""
    if name not in RELEASES:
        raise e.SettingFault("no tables for this release", field="release", value=name, expected=" or ".join(RELEASES))
    raw = _merged(name)
    answers = _table("acknowledgments")
    codes = {number: answers[x] if isinstance(x, str) else x for number, x in raw["codes"].items()}
    elements = {
        number: Element(number, label, kind, low, high, codes.get(number, {}))
        for number, (label, kind, low, high) in raw["elements"].items()
    }
    known: dict[str, Element | Composite] = dict(elements)
    for number, entry in raw["composites"].items():
        known[number] = Composite(number, entry["name"], _slots(entry, known), _notes(entry))
    return Release(
        name,
        raw["isa12"],
        {i: Segment(i, s["name"], _slots(s, known), _notes(s)) for i, s in raw["segments"].items()},
        {i: Set(i, s["name"], s["group"], frozenset(s["omitted"].split()), _body(s)) for i, s in raw["sets"].items()},
    )


def _merged(name: str) -> dict[str, Any]:
    """The raw tables of a release: its own file laid over its base."""
    own = _table(name)
    if "base" not in own:
        return own
    raw = _merged(own["base"])
    for part in ("elements", "composites", "segments"):
        raw[part].update(own.get(part, {}))
    for number, changes in own.get("codes", {}).items():
        if isinstance(changes, str):
            raw["codes"][number] = changes
            continue
        codes = {**raw["codes"].get(number, {}), **changes}
        raw["codes"][number] = {code: meaning for code, meaning in codes.items() if meaning is not None}
    for set_id, changes in own.get("sets", {}).items():
        target = raw["sets"].setdefault(set_id, {})
        target.update({k: v for k, v in changes.items() if k != "replace"})
        for path, lines in changes.get("replace", {}).items():
            _replace(target["structure"], path.split("/"), lines)
    return {**raw, "release": own["release"], "isa12": own["isa12"]}


def _table(name: str) -> dict[str, Any]:
    """A file of this package's tables."""
    table: dict[str, Any] = json.loads(files(__package__).joinpath("tables", f"{name}.json").read_text("utf-8"))
    return table


def _replace(structure: dict[str, Any], path: list[str], lines: list[Any]) -> None:
    """Put `lines` in the place of the one line or loop that `path` (area / loops / segment or loop) names."""
    area, *loops, segment = path
    body = structure[area]
    for loop in loops:
        body = next(x for x in body if isinstance(x, list) and x[0].split()[0] == loop)
    start = 1 if loops else 0
    heads = [x if isinstance(x, str) else x[0] for x in body]
    at = next(i for i, head in enumerate(heads[start:], start) if head.split()[0] == segment)
    body[at : at + 1] = lines


def _slots(entry: dict[str, Any], known: Mapping[str, Element | Composite]) -> tuple[Slot, ...]:
    """The elements in order; one that `names` calls something closer at its place is called that there."""
    names: Mapping[str, str] = entry.get("names", {})
    slots = [Slot(known[word[:-1]], word[-1]) for word in entry["elements"].split()]
    for place, name in names.items():
        slot = slots[int(place) - 1]
        slots[int(place) - 1] = replace(slot, element=replace(slot.element, name=name))
    return tuple(slots)


def _notes(entry: dict[str, Any]) -> tuple[Note, ...]:
    words = entry.get("syntax", "").split()
    return tuple(Note(w[0], tuple(int(w[i : i + 2]) for i in range(1, len(w), 2))) for w in words)


def _body(entry: dict[str, Any]) -> tuple[Use | Loop, ...]:
    def limit(word: str) -> int | None:
        return None if word == "*" else int(word)

    def walk(lines: list[Any]) -> Iterator[Use | Loop]:
        for line in lines:
            head, *rest = line if isinstance(line, list) else (line,)
            name, required, most = head.split()
            if rest:
                yield Loop(name, required == "M", limit(most), tuple(walk(rest)))
            else:
                yield Use(name, required == "M", limit(most))

    return tuple(item for area in ("header", "detail", "summary") for item in walk(entry["structure"][area]))
