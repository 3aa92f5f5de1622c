"""Order, loops and limits of the segments in a set: a table of moves, made once from the set's description.

A state is the place of the last segment that fitted. A move knows what was skipped and what it counts, so checking a
set costs one look-up a segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.standard import Loop, Use

__all__ = ["Fault", "Structure", "structure"]

NO_LIMIT = 1 << 62


class Fault(NamedTuple):
    """One fault of order. `at` is the segment in the list that was checked; `name` the segment or loop meant."""

    at: int
    code: str
    name: str
    expected: str


class _Move(NamedTuple):
    moves: _Moves  # from there on
    target: int
    missed: tuple[str, ...]
    inside: slice  # the counters of what is in the loop that a turn of begins
    zeros: Sequence[int]  # for those
    counter: int
    limit: int
    loop: str  # the loop that a turn of begins, or ''


class _Moves(dict[str, "_Move | None"]):
    """The moves from one place by segment, each worked out when it is first asked for; None where there is none."""

    def __init__(self, known: frozenset[str], find: Callable[[str], _Move | None]) -> None:
        super().__init__()
        self._known, self._find = known, find

    def __missing__(self, name: str) -> _Move | None:
        if name not in self._known:  # files of others hold anything: it is not remembered
            return None
        move = self[name] = self._find(name)
        return move


@dataclass(frozen=True, slots=True)
class _Place:
    """A segment's place: the body it stands in, its index there, and the loop around with that loop's own place."""

    body: tuple[Use | Loop, ...]
    index: int
    loop: _Opened | None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A loop where it stands."""

    loop: Loop
    place: _Place
    number: int


class Structure:
    """The moves of one set in one release."""

    def __init__(self, tables: standard.Release, set_id: str) -> None:
        described = tables.sets[set_id]
        self.known = described.segment_ids()
        self.omitted = described.omitted
        self._places: list[_Place] = []
        self._states: dict[tuple[int, int], int] = {}  # id() of a body, index in it -> state
        self._numbers: dict[int, int] = {}  # id() of a Use or Loop -> counter; the description outlives this table
        self._counters = 0
        self._collect(described.body, None)
        self.loops = [self._around(place) for place in self._places]
        self.levels = [len(around) for around in self.loops]  # how deep in loops; 0 is the heading, 1 a line
        self._moves = [_Moves(self.known, partial(self._find, place)) for place in self._places]

    def stands(self) -> list[tuple[str, tuple[str, ...], bool]]:
        """What each state stands for: the segment, the ids of the loops around it, and whether it opens the last."""
        return [
            (place.body[place.index].id, self._path(place), place.loop is not None and place.index == 0)
            for place in self._places
        ]

    def members(self) -> dict[tuple[str, ...], frozenset[str]]:
        """What may stand directly in the set (key `()`) and in each loop, the openers of inner loops included."""
        found: dict[tuple[str, ...], set[str]] = {(): set()}
        for name, path, opens in self.stands():
            found.setdefault(path, set()).add(name)
            if opens:
                found[path[:-1]].add(name)
        return {path: frozenset(names) for path, names in found.items()}

    def follows(self, before: str, name: str) -> bool:
        """Whether segment `name` may stand after `before`, wherever that stands."""
        states = [n for n, (found, _, _) in enumerate(self.stands()) if found == before]
        return bool(states) and all(self._moves[state][name] for state in states)

    def check(self, ids: Sequence[str]) -> tuple[list[Fault], list[int]]:
        """The faults of order in the segments `ids`, ST to SE, and the state of each.

        A segment out of order has the state of its forerunner."""
        faults: list[Fault] = []
        states = [0]  # ids[0] is ST: the reader sees to it
        counts = [0] * self._counters
        moves, state = self._moves[0], 0
        names = enumerate(ids)
        next(names)
        for index, name in names:
            move = moves[name]
            if move is None:
                faults.append(self._unplaced(index, name, state))
                states.append(state)
                continue
            moves, state, missed, inside, zeros, counter, limit, loop = move
            states.append(state)
            if missed:
                faults += [Fault(index, "segment-missing", x, f"{x} before {name}") for x in missed]
            if zeros:
                counts[inside] = zeros
            counts[counter] = times = counts[counter] + 1
            if times == limit + 1:
                code = "loop-over-max" if loop else "segment-over-max"
                faults.append(Fault(index, code, loop or name, f"at most {limit}"))
        return faults, states

    def _unplaced(self, index: int, name: str, state: int) -> Fault:
        if name in self.omitted:
            return Fault(index, "segment-not-checked", name, "")
        if name in self.known:
            place = self._places[state]
            after = place.body[place.index].id
            return Fault(index, "segment-order", name, f"not after {after}")
        return Fault(index, "segment-unknown", name, "a segment of this set")

    # --- making the table -----------------------------------------------------------------------------------------
    def _collect(self, body: tuple[Use | Loop, ...], around: _Opened | None) -> None:
        for index, item in enumerate(body):
            place = _Place(body, index, around)
            self._numbers[id(item)] = self._counters
            self._counters += 1
            if isinstance(item, Loop):
                self._collect(item.body, _Opened(item, place, self._numbers[id(item)]))
            else:
                self._states[id(body), index] = len(self._places)
                self._places.append(place)

    def _around(self, place: _Place) -> tuple[int, ...]:
        """The states that open the loops around a place, the outermost first; of an opener, itself the last."""
        if place.loop is None:
            return ()
        return (*self._around(place.loop.place), self._states[id(place.loop.loop.body), 0])

    def _path(self, place: _Place) -> tuple[str, ...]:
        return () if place.loop is None else (*self._path(place.loop.place), place.loop.loop.id)

    def _find(self, place: _Place, name: str) -> _Move | None:
        """The move from `place` on segment `name`: repeat, go on, leave loops, begin another turn; None if none."""
        here = place.body[place.index]
        if here.id == name and not (place.loop and place.index == 0):
            return self._to_use(here, place, ())
        missed: list[str] = []
        while True:
            for index in range(place.index + 1, len(place.body)):
                item = place.body[index]
                if isinstance(item, Loop):
                    if item.body[0].id == name:
                        return self._to_loop(item, tuple(missed))
                elif item.id == name:
                    return self._to_use(item, _Place(place.body, index, place.loop), tuple(missed))
                if item.mandatory:
                    missed.append(item.id)
            if place.loop is None:
                return None
            if place.loop.loop.body[0].id == name:
                return self._to_loop(place.loop.loop, tuple(missed))
            place = place.loop.place

    def _to_use(self, item: Use | Loop, place: _Place, missed: tuple[str, ...]) -> _Move:
        return self._to(self._states[id(place.body), place.index], item, missed, 0, "")

    def _to_loop(self, loop: Loop, missed: tuple[str, ...]) -> _Move:
        return self._to(self._states[id(loop.body), 0], loop, missed, _size(loop), loop.id)

    def _to(self, target: int, item: Use | Loop, missed: tuple[str, ...], inside: int, loop: str) -> _Move:
        """The move to a state. Counters were given in order: those inside a loop follow its own."""
        counter = self._numbers[id(item)]
        limit = NO_LIMIT if item.max is None else item.max
        cleared = slice(counter + 1, counter + 1 + inside)
        return _Move(self._moves[target], target, missed, cleared, [0] * inside, counter, limit, loop)


def _size(loop: Loop) -> int:
    """How many segments and loops stand in a loop, at any depth."""
    return sum(1 + (_size(item) if isinstance(item, Loop) else 0) for item in loop.body)


@cache
def structure(release: str, set_id: str) -> Structure:
    """The structure of a set, made once."""
    return Structure(standard.release(release), set_id)
