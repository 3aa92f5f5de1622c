"""A rule becomes a function over the segments of a set, made once; what it finds is a `Hit`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import ne
from typing import NamedTuple

from airflow_provider_sagex3_cleo.documents import EXACT
from airflow_provider_sagex3_cleo.x12.packs.elements import NO_LIMIT, Row, Spot, is_number, points, value_at
from airflow_provider_sagex3_cleo.x12.packs.model import ABSENT, PRESENT, Place, Range, Rule, place
from airflow_provider_sagex3_cleo.x12.structure import structure
from airflow_provider_sagex3_cleo.x12.totals import finite

__all__ = ["Check", "Hit", "Plan", "View", "compile_rule"]

NOTHING = frozenset({""})
OPENER, INSIDE, INNER = 1, 2, 3  # what a segment is to a loop; 0: nothing

RowTest = Callable[[Row, str], bool]  # a segment, and what separates the components of its elements
Path = tuple[str, ...]


class Hit(NamedTuple):
    """A broken rule: index of the segment to look at, segment and element meant, what was and should be."""

    at: int
    place: Place
    found: str
    expected: str


class Plan:
    """Where the rules of one release look: what each state of the set's structure is to their loops."""

    def __init__(self, rules: Iterable[Rule], release: str, set_id: str) -> None:
        self.loops = structure(release, set_id).stands()
        paths = {rule.path for rule in rules if rule.path is not None}
        self.table = {path: [_part(path, inside, opens) for _, inside, opens in self.loops] for path in paths}


def _part(path: Path, inside: Path, opens: bool) -> int:
    """What a segment is to a loop: its opener, something in it, the opener of a loop in it, or nothing."""
    if inside == path:
        return OPENER if opens else INSIDE
    return INNER if opens and inside[:-1] == path else 0


class View:
    """The segments of one set, found by id, by element and by turn of a loop. Made once for all rules of a pack.

    Args:
        states: of each segment, from `Structure.check`; none for an envelope.
        places: the indices of the segments of each id.
        component: what separates components; '' where that is not known yet."""

    def __init__(
        self,
        rows: Sequence[Row],
        states: Sequence[int],
        places: Mapping[str, Sequence[int]],
        plan: Plan,
        component: str = "",
    ) -> None:
        self.rows, self.states, self.by_id, self.plan, self.component = rows, states, places, plan, component
        self._columns: dict[Place, set[str]] = {}
        self._inside: dict[tuple[Path, str], list[int]] = {}

    def column(self, at: Place) -> set[str]:
        """All values of one element in the set, '' where it is absent."""
        found = self._columns.get(at)
        if found is None:
            rows, (name, element, component) = self.rows, at
            assert element is not None
            there = self.by_id.get(name, ())
            if component is not None:
                found = {value_at(rows[n], (element, component), self.component) for n in there}
            elif len(there) == 1:  # as mostly
                row = rows[there[0]]
                found = {row[element] if element < len(row) else ""}
            else:
                try:
                    found = {rows[n][element] for n in there}
                except IndexError:  # absent at the end of some
                    found = {value_at(rows[n], (element, None), "") for n in there}
            self._columns[at] = found
        return found

    def inside(self, path: Path, name: str) -> list[int]:
        """The segments of one id that stand directly in a loop (its own opener included), over all turns of it."""
        found = self._inside.get((path, name))
        if found is None:
            table, states, loops = self.plan.table[path], self.states, self.plan.loops
            found = [
                n
                for n in self.by_id.get(name, ())
                if (part := table[states[n]]) and (part != INNER or loops[states[n]][0] == name)
            ]
            self._inside[path, name] = found
        return found

    def turns(self, path: Path) -> list[int]:
        """The openers of all turns of a loop."""
        table, states = self.plan.table[path], self.states
        return [n for n in self.by_id.get(path[-1], ()) if table[states[n]] == OPENER]


class Part(NamedTuple):
    """Where a rule looks at once: one turn of a loop, the set outside its loops, or (`path` None) everything."""

    view: View
    path: Path | None
    opener: int
    end: int

    def all(self, name: str) -> Sequence[int]:
        """The segments of that id."""
        if self.path is None:
            return self.view.by_id.get(name, ())
        found = self.view.inside(self.path, name)
        return found[bisect_left(found, self.opener) : bisect_left(found, self.end)] if self.path else found


Check = Callable[[View], Sequence[Hit]]


def compile_rule(rule: Rule, release: str, set_id: str) -> list[Check]:
    """The checks of one rule (no allowance), one for each place it names."""
    return [_check(rule, target, release, set_id) for target in rule.places]


def _check(rule: Rule, target: Place, release: str, set_id: str) -> Check:
    scope = _Scope(rule, target, release, set_id)
    if target.element is None:
        return _segments(rule, target, scope)
    if rule.sum:
        return _summed(rule, target, scope, release)
    return _elements(rule, target, scope, release)


class _Scope:
    """Where a rule looks: the turns of its loop whose opener and neighbours are as `where` and `if` say.

    `own` tests the segment the rule is about."""

    def __init__(self, rule: Rule, target: Place, release: str, set_id: str) -> None:
        self.path = rule.path
        opener = self.path[-1] if self.path else ""
        near = frozenset() if self.path is None else structure(release, set_id).members()[self.path]
        wanted = _by_segment(rule.where)
        own = wanted.pop(target.segment, {})
        conditions = _by_segment(rule.when)
        if target.element is not None:
            own = {**own, **conditions.pop(target.segment, {})}
        self.own = _row_test(own)
        self._opener = _row_test(wanted.get(opener, {}))
        asked = [(name, _row_test(tests), tests == {(None, None): (ABSENT,)}) for name, tests in conditions.items()]
        self._near = [each for each in asked if each[0] in near]  # looked for in the same turn, the others in the set
        self._far = [each for each in asked if each[0] not in near]

    def parts(self, view: View) -> list[Part]:
        """The parts of the set that the rule holds for."""
        path = self.path
        if not all(self._holds(view.by_id.get(name, ()), view, test, absent) for name, test, absent in self._far):
            return []
        if not path:
            parts = [Part(view, path, 0, len(view.rows))]
        else:
            turns = view.turns(path)
            turns.append(len(view.rows))
            parts = [
                Part(view, path, n, turns[at])
                for at, n in enumerate(turns[:-1], 1)
                if self._opener is None or self._opener(view.rows[n], view.component)
            ]
        for name, test, absent in self._near:
            parts = [part for part in parts if self._holds(part.all(name), view, test, absent)]
        return parts

    @staticmethod
    def _holds(found: Sequence[int], view: View, test: RowTest | None, absent: bool) -> bool:
        there = bool(found) if test is None else any(test(view.rows[n], view.component) for n in found)
        return there != absent


def _by_segment(tests: Mapping[str, tuple[str, ...]]) -> dict[str, dict[Spot, tuple[str, ...]]]:
    found: dict[str, dict[Spot, tuple[str, ...]]] = {}
    for text, values in tests.items():
        at = place(text)
        found.setdefault(at.segment, {})[at.element, at.component] = values
    return found


def _row_test(tests: Mapping[Spot, tuple[str, ...]]) -> RowTest | None:
    """True for a segment whose elements are as they should be; None where nothing is asked of them."""
    asked = [(spot, frozenset(values)) for spot, values in tests.items() if spot[0] is not None]
    if not asked:
        return None

    def test(row: Row, separator: str) -> bool:
        for spot, values in asked:
            value = value_at(row, spot, separator)
            if value not in values and (PRESENT if value else ABSENT) not in values:
                return False
        return True

    return test


def _elements(rule: Rule, target: Place, scope: _Scope, release: str) -> Check:
    name, spot, own = target.segment, (target.element, target.component), scope.own
    wrong, expected = _value_test(rule, target, release)
    all_right = _column_test(rule, target, release, wrong)

    def check(view: View) -> Sequence[Hit]:
        if all_right(view.column(target)):
            return ()  # wherever the rule looks: nearly always
        hits = []
        rows = view.rows
        for part in scope.parts(view):
            for n in part.all(name):
                row = rows[n]
                value = value_at(row, spot, view.component)
                if wrong(value) and (own is None or own(row, view.component)):
                    hits.append(Hit(n, target, value, expected))
        return hits

    return check


def _value_test(rule: Rule, target: Place, release: str) -> tuple[Callable[[str], bool], str]:
    """What is wrong with a value, and in words what is right. Codes, lengths and forms judge only what is there."""
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


def _column_test(rule: Rule, target: Place, release: str, wrong: Callable[[str], bool]) -> Callable[[set[str]], bool]:
    """Whether nothing is wrong with any of these values, the quick way where there is one."""
    key = str(target)
    right: frozenset[str] | None = None
    if rule.require:
        return lambda column: "" not in column
    if rule.forbid:
        right = NOTHING
    elif rule.equals:
        right = frozenset({rule.equals[key]})
    elif rule.codes:
        right = NOTHING.union(rule.codes[key])
    elif rule.length and rule.length[key].low < 2 and not is_number(target, release):
        most = rule.length[key].high or NO_LIMIT
        return lambda column: max(map(len, column), default=0) <= most
    if right is not None:
        return right.issuperset
    return lambda column: not any(map(wrong, column))


def _summed(rule: Rule, target: Place, scope: _Scope, release: str) -> Check:
    """Whether a total is what it is the sum of, part by part; nothing to add, or no number: nothing to judge."""
    tests = {name: _row_test(spots) for name, spots in _by_segment(rule.where).items() if name != target.segment}
    assert rule.sum is not None
    added = [(at, points(at, release), tests.get(at.segment)) for at in map(place, rule.sum[str(target)])]
    implied, own = points(target, release), scope.own

    def numbers(part: Part, at: Place, implied: int, test: RowTest | None) -> Iterator[tuple[int, Decimal | None]]:
        rows, separator = part.view.rows, part.view.component
        for n in part.all(at.segment):
            value = value_at(rows[n], (at.element, at.component), separator)
            if value and (test is None or test(rows[n], separator)):
                number = finite(value)
                yield n, None if number is None else number.scaleb(-implied)

    def check(view: View) -> Sequence[Hit]:
        hits = []
        for part in scope.parts(view):
            found = [number for each in added for _, number in numbers(part, *each)]
            known = [number for number in found if number is not None]
            if not known or len(known) < len(found):
                continue
            total = reduce(EXACT.add, known)
            for n, said in numbers(part, target, implied, own):
                if said is not None and said != total:
                    value = value_at(view.rows[n], (target.element, target.component), view.component)
                    hits.append(Hit(n, target, value, f"{total.scaleb(implied).normalize(EXACT):f}"))
        return hits

    return check


def _one_of(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def _segments(rule: Rule, target: Place, scope: _Scope) -> Check:
    name, own = target.segment, scope.own
    qualified = f"{name} with " + " and ".join(
        f"{k} {_one_of(v)}" for k, v in rule.where.items() if place(k).segment == name
    )
    wanted = qualified if own is not None else name

    def there(part: Part) -> Sequence[int]:
        found = part.all(name)
        return found if own is None else [n for n in found if own(part.view.rows[n], part.view.component)]

    if rule.require:

        def required(view: View) -> list[Hit]:
            return [Hit(part.opener, target, "", wanted) for part in scope.parts(view) if not there(part)]

        return required
    if rule.forbid:

        def forbidden(view: View) -> Sequence[Hit]:
            if name not in view.by_id:
                return ()
            return [
                Hit(n, target, " ".join(filter(None, view.rows[n][1:])), f"no {wanted}")
                for part in scope.parts(view)
                for n in there(part)
            ]

        return forbidden
    assert rule.count is not None
    span = rule.count[name]

    def counted(view: View) -> Sequence[Hit]:
        if span.low == 0 and _few(view, name, rule.path, span):
            return ()
        hits = []
        for part in scope.parts(view):
            found = there(part)
            if len(found) not in span:
                last = found[span.high] if span.high is not None and len(found) > span.high else part.opener
                hits.append(Hit(last, target, str(len(found)), f"{span} {wanted}"))
        return hits

    return counted


def _few(view: View, name: str, path: Path | None, span: Range) -> bool:
    """Whether there are no more than allowed, at a glance: in all, or with a turn's beginning between any too many."""
    found = view.by_id.get(name, ())
    if span.high is None or len(found) <= span.high:
        return True
    if not path:
        return False
    openers = view.turns(path)
    turn_of = [bisect_left(openers, n) for n in found]
    return all(map(ne, turn_of, turn_of[span.high :])) if span.high else False
