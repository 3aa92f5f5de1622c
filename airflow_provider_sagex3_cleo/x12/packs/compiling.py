"""A rule becomes a function over the segments of a set, made once; what it finds is a `Hit`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.packs.model import ABSENT, ENVELOPE, PRESENT, Place, Rule, place
from airflow_provider_sagex3_cleo.x12.structure import structure

__all__ = ["NO_LIMIT", "Check", "Hit", "View", "compile_rule", "is_number", "size"]

NO_LIMIT = 1 << 30  # characters

Row = Sequence[str]
ById = Mapping[str, Sequence[int]]
RowTest = Callable[[Row], bool]
Path = tuple[str, ...]


class Hit(NamedTuple):
    """A broken rule: index of the segment to look at, segment and element meant, what was and should be."""

    at: int
    place: Place
    found: str
    expected: str


@dataclass(slots=True)
class _Turn:
    """One turn of a loop: its opening segment (0, the ST, for the set itself) and what stands directly in it."""

    opener: int
    by_id: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


class View:
    """The segments of one set, found by id and by turn of a loop. Made once for all rules of a pack.

    Args:
        paths: the loops that rules look into one by one."""

    def __init__(self, rows: Sequence[Row], release: str, set_id: str, paths: Iterable[Path] = ()) -> None:
        self.rows = rows
        self.by_id: dict[str, list[int]] = {}
        for n, row in enumerate(rows):
            self.by_id.setdefault(row[0], []).append(n)
        self.turns: dict[Path, list[_Turn]] = {path: [] for path in paths}
        if self.turns:
            self._fill(structure(release, set_id).loops([row[0] for row in rows]))

    def _fill(self, loops: Sequence[tuple[Path, bool]]) -> None:
        turns = self.turns
        if () in turns:
            turns[()].append(_Turn(0))
        for n, (path, opens) in enumerate(loops):
            name = self.rows[n][0]
            if opens:
                if path in turns:
                    turns[path].append(_Turn(n))
                    turns[path][-1].by_id[name].append(n)
                path = path[:-1]
            if turns.get(path):
                turns[path][-1].by_id[name].append(n)


Check = Callable[[View], list[Hit]]


def compile_rule(rule: Rule, release: str, set_id: str) -> list[Check]:
    """The checks of one rule (no allowance), one for each place it names."""
    return [_check(rule, target, release, set_id) for target in rule.places]


def _check(rule: Rule, target: Place, release: str, set_id: str) -> Check:
    scope = _Scope(rule, target, release, set_id)
    if target.element is None:
        return _segments(rule, target, scope)
    return _elements(target, scope, *_value_test(rule, target, release))


class _Scope:
    """Where a rule looks: the turns of its loop whose opener and neighbours are as `where` and `if` say.

    `own` tests the segment the rule is about."""

    def __init__(self, rule: Rule, target: Place, release: str, set_id: str) -> None:
        self.path = rule.path
        opener = self.path[-1] if self.path else ""
        envelope = target.segment in ENVELOPE
        near = structure(release, set_id).members().get(self.path or (), frozenset()) if self.path else frozenset()
        wanted = _by_segment(rule.where)
        own = wanted.pop(target.segment, {})
        conditions = _by_segment(rule.when)
        if target.element is not None:
            own = {**own, **conditions.pop(target.segment, {})}
        self.own = _row_test(own)
        self._opener = _row_test(wanted.get(opener, {}))
        self._conditions = [
            (name, name in near or envelope, _row_test(tests), tests == {None: (ABSENT,)})
            for name, tests in conditions.items()
        ]

    def parts(self, view: View) -> list[tuple[int, ById]]:
        """(index of the opener, what stands there) of each part of the set that the rule holds for."""
        if self.path is None:
            parts: list[tuple[int, ById]] = [(0, view.by_id)]
        else:
            parts = [(turn.opener, turn.by_id) for turn in view.turns[self.path]]
            if self._opener is not None:
                parts = [part for part in parts if self._opener(view.rows[part[0]])]
        if self._conditions:
            parts = [part for part in parts if self._holds(view, part[1])]
        return parts

    def _holds(self, view: View, by_id: ById) -> bool:
        for name, near, test, absent in self._conditions:
            found = (by_id if near else view.by_id).get(name, ())
            there = bool(found) if test is None else any(test(view.rows[n]) for n in found)
            if there == absent:
                return False
        return True


def _by_segment(tests: Mapping[str, tuple[str, ...]]) -> dict[str, dict[int | None, tuple[str, ...]]]:
    found: dict[str, dict[int | None, tuple[str, ...]]] = {}
    for text, values in tests.items():
        at = place(text)
        found.setdefault(at.segment, {})[at.element] = values
    return found


def _row_test(tests: Mapping[int | None, tuple[str, ...]]) -> RowTest | None:
    """True for a segment whose elements are as they should be; None where nothing is asked of them."""
    asked = [(element, frozenset(values)) for element, values in tests.items() if element is not None]
    if not asked:
        return None

    def test(row: Row) -> bool:
        count = len(row)
        for element, values in asked:
            value = row[element] if element < count else ""
            if value not in values and (PRESENT if value else ABSENT) not in values:
                return False
        return True

    return test


def _elements(target: Place, scope: _Scope, wrong: Callable[[str], bool], expected: str) -> Check:
    name, element, own = target.segment, target.element, scope.own
    assert element is not None

    def check(view: View) -> list[Hit]:
        hits = []
        rows = view.rows
        for _, by_id in scope.parts(view):
            for n in by_id.get(name, ()):
                row = rows[n]
                value = row[element] if element < len(row) else ""
                if wrong(value) and (own is None or own(row)):
                    hits.append(Hit(n, target, value, expected))
        return hits

    return check


def _value_test(rule: Rule, target: Place, release: str) -> tuple[Callable[[str], bool], str]:
    """What is wrong with a value, and in words what would be right; codes, lengths and forms judge what is there."""
    key = str(target)
    if rule.require:
        return (lambda value: not value), "a value"
    if rule.forbid:
        return bool, "nothing"
    if rule.equals:
        fixed = rule.equals[key]
        return (lambda value: value != fixed), fixed
    if rule.codes:
        allowed = frozenset((*rule.codes[key], ""))
        return (lambda value: value not in allowed), _one_of(rule.codes[key])
    if rule.pattern:
        matches = re.compile(rule.pattern[key], re.ASCII).fullmatch
        return (lambda value: bool(value) and matches(value) is None), f"the form {rule.pattern[key]}"
    assert rule.length is not None
    span = rule.length[key]
    if is_number(target, release):
        return (lambda value: bool(value) and sum(map(str.isdigit, value)) not in span), f"{span} digits"
    low, high = span.low, NO_LIMIT if span.high is None else span.high
    return (lambda value: bool(value) and not low <= len(value) <= high), f"{span} characters"


def is_number(at: Place, release: str) -> bool:
    """Whether an element is of a numeric type."""
    slot = standard.release(release).segments[at.segment].slots[(at.element or 1) - 1].element
    return isinstance(slot, standard.Element) and slot.type in ("R", "N0", "N2")


def size(value: str, at: Place, release: str) -> int:
    """The length of a value: of a number the sign and the point do not count."""
    return sum(map(str.isdigit, value)) if is_number(at, release) else len(value)


def _one_of(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def _segments(rule: Rule, target: Place, scope: _Scope) -> Check:
    name, own = target.segment, scope.own
    qualified = f"{name} with " + " and ".join(
        f"{k} {_one_of(v)}" for k, v in rule.where.items() if place(k).segment == name
    )
    wanted = qualified if own is not None else name

    def there(view: View, by_id: ById) -> Sequence[int]:
        found = by_id.get(name, ())
        return found if own is None else [n for n in found if own(view.rows[n])]

    if rule.require:

        def required(view: View) -> list[Hit]:
            return [Hit(at, target, "", wanted) for at, by_id in scope.parts(view) if not there(view, by_id)]

        return required
    if rule.forbid:

        def forbidden(view: View) -> list[Hit]:
            return [
                Hit(n, target, " ".join(filter(None, view.rows[n][1:])), f"no {wanted}")
                for _, by_id in scope.parts(view)
                for n in there(view, by_id)
            ]

        return forbidden
    assert rule.count is not None
    span = rule.count[name]

    def counted(view: View) -> list[Hit]:
        hits = []
        for at, by_id in scope.parts(view):
            found = there(view, by_id)
            if len(found) not in span:
                last = found[span.high] if span.high is not None and len(found) > span.high else at
                hits.append(Hit(last, target, str(len(found)), f"{span} {wanted}"))
        return hits

    return counted
