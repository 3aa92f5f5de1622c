"""What is wrong with a pack before any document is: against the standard, and against itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.packs.elements import element_at, is_number, size
from airflow_provider_sagex3_cleo.x12.packs.model import ABSENT, ENVELOPE, PRESENT, Allowance, Place, Range, Rule, place
from airflow_provider_sagex3_cleo.x12.packs.resolving import GuidePack, PackFault
from airflow_provider_sagex3_cleo.x12.structure import structure

__all__ = ["lint"]

Found = Iterator[tuple[Rule, str, str]]  # rule, severity, sentence


def lint(pack: GuidePack) -> list[PackFault]:
    """The faults and warnings of a pack, for each of its releases; a pack without a set is looked at in its heirs.

    An error is a rule that cannot be applied or that no document can keep; a warning one that does nothing."""
    if pack.set_id is None:
        return []
    found: dict[PackFault, None] = {}
    for release in pack.releases:
        tables = standard.release(release)
        if pack.set_id not in tables.sets:
            return [PackFault(pack.id, "set", f"there are no tables for set {pack.set_id}")]
        judge = _Lint(pack, tables)
        for rule, severity, sentence in judge.all():
            found[PackFault(pack.origin[rule.id], rule.id, f"rule '{rule.id}': {sentence}", severity)] = None
    return list(found)


class _Lint:
    """One pack in one release."""

    def __init__(self, pack: GuidePack, tables: standard.Release) -> None:
        self.tables, self.set = tables, tables.sets[pack.set_id or ""]
        self.members = structure(tables.name, self.set.id).members()
        self.rules = [rule for rule in pack.rules if rule.holds_in(tables.name)]
        self.allowed_codes: dict[str, set[str]] = defaultdict(set)
        self.allowed_length: dict[str, Range] = {}
        self.allowed_segments: set[str] = set()
        for rule in self.rules:
            if rule.allow is not None:
                for name, values in (rule.allow.codes or {}).items():
                    self.allowed_codes[name].update(values)
                self.allowed_length.update(rule.allow.length or {})
                self.allowed_segments.update(filter(None, [rule.allow.segment]))

    def all(self) -> Found:
        sound = []
        for rule in self.rules:
            unknown = list(self._unknown(rule))
            yield from unknown
            if not unknown:
                sound.append(rule)
        for rule in sound:
            yield from self._allowance(rule, rule.allow) if rule.allow is not None else self._against_standard(rule)
        yield from self._too_many(sound)
        yield from _against_each_other([rule for rule in sound if rule.allow is None], self.tables.name)

    # --- names ----------------------------------------------------------------------------------------------------
    def _unknown(self, rule: Rule) -> Found:
        """Segments, elements and loops that are not there."""
        if rule.path and rule.path not in self.members:
            loops = ", ".join(sorted("/".join(path) for path in self.members if path))
            yield rule, "error", f"set {self.set.id} has no loop {rule.within}; it has {loops}"
            return
        opener = rule.path[-1] if rule.path else ""
        targets = (*rule.places, *rule.summands) if rule.allow is None else _allowance_places(rule.allow)
        for at in (*targets, *map(place, rule.where), *map(place, rule.when)):
            yield from self._place(rule, at, whole=bool(rule.require or rule.forbid) and at in rule.places)
        for at in (*rule.places, *rule.summands):
            inside = self.members.get(rule.path) if rule.path is not None else None
            if inside is not None and at.segment not in inside | self.allowed_segments:
                yield rule, "error", f"{at.segment} does not stand directly in {_scope_words(rule)}"
        strange = [name for name in rule.where if place(name).segment not in {opener, *(p.segment for p in targets)}]
        if strange:
            yield (
                rule,
                "error",
                (f"where: {strange[0]} is neither of the rule's own segment nor of the one that opens its loop"),
            )
        mixed = {at.segment in ENVELOPE for at in (*targets, *map(place, rule.when))}
        if len(mixed) == 2:
            yield rule, "error", "speaks of the envelope and of the set: the two are checked at different times"

    def _place(self, rule: Rule, at: Place, *, whole: bool) -> Found:
        """A place that is not there. `whole`: an element that is made of components may be meant as a whole."""
        known = self.set.segment_ids() | {*ENVELOPE} | self.allowed_segments
        segment = self.tables.segments.get(at.segment)
        if at.segment in self.set.omitted and at.element is None:
            return
        if at.segment not in known or segment is None:
            if not (at.element is None and at.segment in self.allowed_segments):
                yield rule, "error", f"{at.segment} is no segment of set {self.set.id} in {self.tables.name}"
        elif (at.element or 0) > len(segment.slots):
            yield (
                rule,
                "error",
                f"{at} is not there: {at.segment} has {len(segment.slots)} elements in {self.tables.name}",
            )
        elif at.element:
            yield from self._component(rule, at, segment.slots[at.element - 1].element, whole)

    def _component(self, rule: Rule, at: Place, found: standard.Element | standard.Composite, whole: bool) -> Found:
        count = len(found.slots) if isinstance(found, standard.Composite) else 0
        if at.component is None:
            if count and not whole:
                yield rule, "error", f"{at} is made of components: name one of them, {at}-1 to {at}-{count}"
        elif not count:
            yield rule, "error", f"{at} is not there: {at._replace(component=None)} has no components"
        elif at.component > count:
            yield rule, "error", f"{at} is not there: {at._replace(component=None)} has {count} components"

    def _element(self, name: str) -> standard.Element:
        element = element_at(place(name), self.tables.name)
        assert element is not None, "seen to before"
        return element

    # --- against the standard -------------------------------------------------------------------------------------
    def _against_standard(self, rule: Rule) -> Found:
        if rule.forbid:
            for at in rule.places:
                yield from self._forbidden(rule, at)
        for name, values in _asked(rule):
            known = {*self._element(name).codes, *self.allowed_codes[name]}
            strange = [v for v in values if v not in known and v not in (PRESENT, ABSENT)]
            if self._element(name).codes and strange:
                never = rule.equals or (rule.require and name in rule.where)
                yield (
                    rule,
                    "error" if never else "warning",
                    (
                        f"{name}: {', '.join(strange)} is no code of element {self._element(name).number} in the "
                        f"tables of {self.tables.name}; where the partner uses it, allow it (`allow: {{codes: ...}}`)"
                    ),
                )
        for name, value in (rule.equals or {}).items():
            yield from self._fits(rule, name, value)
        for at in (*rule.places, *rule.summands) if rule.sum else ():
            if not is_number(at, self.tables.name):
                yield rule, "error", f"{at} is no number: nothing can be added up"
        for name, names in (rule.sum or {}).items():
            if name in names:
                yield rule, "error", f"{name} is the sum of itself"
        for name, span in (rule.length or {}).items():
            element, limit = self._element(name), self._limit(name)
            if span.high is not None and span.high < limit.low:
                yield rule, "error", f"{name}: at most {span.high}, but the element has at least {limit.low} characters"
            elif span.low > (limit.high or 0):
                yield rule, "error", f"{name}: at least {span.low}, but the element has at most {limit.high} characters"
            elif span.low <= element.min and (span.high is None or span.high >= (limit.high or 0)):
                yield rule, "warning", f"{name}: {span} caps nothing: the element has {limit} characters"

    def _limit(self, name: str) -> Range:
        element, more = self._element(name), self.allowed_length.get(name)
        if more is None:
            return Range(element.min, element.max)
        return Range(min(element.min, more.low), 10**6 if more.high is None else max(element.max, more.high))

    def _fits(self, rule: Rule, name: str, value: str) -> Found:
        length, limit = size(value, place(name), self.tables.name), self._limit(name)
        if length not in limit:
            yield rule, "error", f"{name}: '{value}' has {length} characters, but the element has {limit}"

    def _forbidden(self, rule: Rule, at: Place) -> Found:
        if at.element is not None:
            slot, inside = self.tables.segments[at.segment].slots[at.element - 1], at.segment
            if at.component is not None and isinstance(slot.element, standard.Composite):
                slot, inside = slot.element.slots[at.component - 1], str(at._replace(component=None))
            if slot.required == "M":
                yield rule, "error", f"forbids {at}, which is mandatory in {inside}"
        elif not rule.where and (uses := [use for use in self._uses(rule, at.segment) if use.mandatory]):
            yield rule, "error", f"forbids {at}, which is mandatory in set {self.set.id}" + _loop_words(uses[0])

    def _uses(self, rule: Rule, segment: str) -> list[standard.Use | standard.Loop]:
        """How the set uses a segment where the rule looks: a loop for the segment that opens it."""
        found: list[standard.Use | standard.Loop] = []

        def walk(body: Sequence[standard.Use | standard.Loop], path: tuple[str, ...]) -> None:
            for n, item in enumerate(body):
                if isinstance(item, standard.Loop):
                    if item.body[0].id == segment and rule.path in (None, path):
                        found.append(item)
                    walk(item.body, (*path, item.id))
                elif item.id == segment and rule.path in (None, path) and not (path and n == 0):
                    found.append(item)

        walk(self.set.body, ())
        return found

    def _too_many(self, rules: Sequence[Rule]) -> Found:
        """More of a segment than the standard has room for: by count, or by several rules that each require one."""
        asked: dict[tuple[str, str | None], list[Rule]] = defaultdict(list)
        for rule in rules:
            for name, span in (rule.count or {}).items():
                most = self._most(rule, name)
                if most is not None and span.low > most:
                    yield rule, "error", f"requires {span.low} {name}, but the standard allows {most}"
                elif most is not None and span.low == 0 and (span.high is None or span.high >= most) and not rule.where:
                    yield rule, "warning", f"caps nothing: the standard allows {most} {name}"
            for at in rule.places if rule.require and not rule.when else ():
                if at.element is None:
                    asked[at.segment, rule.within].append(rule)
        for (name, _), several in asked.items():
            most = self._most(several[0], name)
            kinds = {
                tuple(sorted((k, v) for k, v in r.where.items() if len(v) == 1 and place(k).segment == name))
                for r in several
            }
            if most is not None and len(kinds - {()}) > most:
                yield several[-1], "error", f"{len(kinds - {()})} {name} are required, but the standard allows {most}"

    def _most(self, rule: Rule, segment: str) -> int | None:
        """How many the standard allows where the rule looks; None without a limit, or where it looks everywhere."""
        uses = self._uses(rule, segment)
        return uses[0].max if len(uses) == 1 and (rule.path is not None or _is_top(self.set, uses[0])) else None

    # --- allowances -----------------------------------------------------------------------------------------------
    def _allowance(self, rule: Rule, allow: Allowance) -> Found:
        for name, values in (allow.codes or {}).items():
            element, at = self._element(name), place(name)
            if at.segment == "GS":
                yield rule, "error", "codes are allowed in ISA and in sets, not in GS"
            if not element.codes:
                yield rule, "warning", f"relaxes nothing: {name} takes any code"
            elif known := [v for v in values if v in element.codes]:
                yield rule, "warning", f"relaxes nothing: {name} knows {', '.join(known)} anyway"
            for value in values:
                yield from self._fits(rule, name, value)
        for name, span in (allow.length or {}).items():
            element = self._element(name)
            if element.min <= span.low and span.high is not None and span.high <= element.max:
                yield rule, "warning", f"relaxes nothing: {name} has {element.min} to {element.max} characters anyway"
        if allow.segment is not None:
            for before in sorted({*(allow.after or ())} - {allow.segment}):  # the second one in a row follows the first
                if structure(self.tables.name, self.set.id).follows(before, allow.segment):
                    yield rule, "warning", f"relaxes nothing: {allow.segment} may follow {before} anyway"
        if allow.isa11 is not None and self.tables.name == "004010":
            yield rule, "warning", "relaxes nothing: ISA11 is U in 004010 anyway (limit the rule by `releases`)"


def _allowance_places(allow: Allowance) -> list[Place]:
    return [
        place(text)
        for text in (*(allow.codes or ()), *(allow.length or ()), *(allow.order or ()), *(allow.after or ()))
    ]


def _asked(rule: Rule) -> list[tuple[str, Sequence[str]]]:
    """Elements and the values that a rule speaks of."""
    found: list[tuple[str, Sequence[str]]] = [(name, (value,)) for name, value in (rule.equals or {}).items()]
    found += [*(rule.codes or {}).items(), *rule.where.items()]
    return found + [(name, values) for name, values in rule.when.items() if place(name).element is not None]


def _scope_words(rule: Rule) -> str:
    return "the set outside its loops" if rule.within == "set" else f"loop {rule.within}"


def _loop_words(use: standard.Use | standard.Loop) -> str:
    return " (it opens a mandatory loop)" if isinstance(use, standard.Loop) else ""


def _is_top(described: standard.Set, use: standard.Use | standard.Loop) -> bool:
    return any(item is use for item in described.body)


# --- against itself ---------------------------------------------------------------------------------------------------
def _against_each_other(rules: Sequence[Rule], release: str) -> Found:
    for first, second in combinations(rules, 2):
        if _meet(first, second):
            yield from _clash(first, second, release)
    fixed = {name: (rule, value) for rule in rules if rule.equals and not rule.where and not rule.when
             for name, value in rule.equals.items()}  # fmt: skip
    gone = {at: rule for rule in rules if rule.forbid and not rule.where and not rule.when and rule.within is None
            for at in rule.places}  # fmt: skip
    for rule in rules:
        for name, values in (*rule.when.items(), *rule.where.items()):
            at, others = place(name), [v for v in values if v not in (PRESENT, ABSENT)]
            if name in fixed and fixed[name][0] is not rule and others == list(values) and fixed[name][1] not in values:
                yield (
                    rule,
                    "warning",
                    (
                        f"can never apply: rule '{fixed[name][0].id}' fixes {name} as {fixed[name][1]}, "
                        f"this one asks for {' or '.join(values)}"
                    ),
                )
            closer = gone.get(at) or gone.get(Place(at.segment, None))
            if closer is not None and ABSENT not in values:
                yield rule, "warning", f"can never apply: rule '{closer.id}' forbids {at}"


def _meet(first: Rule, second: Rule) -> bool:
    """Whether two rules hold for the same segments: the same loop, and no condition that tells them apart."""
    if first.within != second.within and None not in (first.within, second.within):
        return False
    return _compatible(first.where, second.where) and _compatible(first.when, second.when)


def _compatible(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> bool:
    return all(set(values) & set(other[name]) for name, values in one.items() if name in other)


def _same_scope(first: Rule, second: Rule) -> bool:
    return first.within == second.within and first.where == second.where


def _clash(first: Rule, second: Rule, release: str) -> Found:
    for rule, other in ((first, second), (second, first)):
        for at in rule.places if rule.forbid else ():
            wanted = other.places if other.require or other.equals else ()
            if at in wanted and (at.element is not None or set(rule.where.items()) <= set(other.where.items())):
                yield second, "error", f"{at} is forbidden by '{rule.id}' and asked for by '{other.id}'"
            elif at.element is None and not rule.where and any(w.segment == at.segment for w in wanted if w.element):
                yield (
                    second,
                    "error",
                    f"{at.segment} is forbidden by '{rule.id}', but '{other.id}' asks for one of its elements",
                )
        for name, value in (rule.equals or {}).items():
            if other.codes and name in other.codes and value not in other.codes[name]:
                yield second, "error", f"{name} is fixed as {value} by '{rule.id}', which '{other.id}' does not allow"
            if other.length and name in other.length and size(value, place(name), release) not in other.length[name]:
                yield (
                    second,
                    "error",
                    f"{name} is fixed as {value} by '{rule.id}', but '{other.id}' says {other.length[name]} characters",
                )
            if other.pattern and name in other.pattern and not re.fullmatch(other.pattern[name], value, re.ASCII):
                yield (
                    second,
                    "error",
                    f"{name} is fixed as {value} by '{rule.id}', which is not of the form of '{other.id}'",
                )
    for name, value in (first.equals or {}).items():
        if second.equals and second.equals.get(name, value) != value:
            yield (
                second,
                "error",
                f"{name} is fixed as {value} by '{first.id}' and as {second.equals[name]} by '{second.id}'",
            )
    for name, values in (first.codes or {}).items():
        if second.codes and name in second.codes and not set(values) & set(second.codes[name]):
            yield second, "error", f"{name}: no code is allowed by both '{first.id}' and '{second.id}'"
    for name, span in (*(first.length or {}).items(), *(first.count or {}).items()):
        other_span = (
            (second.length or {}).get(name) or (_same_scope(first, second) and (second.count or {}).get(name)) or None
        )
        if other_span and max(span.low, other_span.low) > min(_end(span), _end(other_span)):
            yield (
                second,
                "error",
                f"{name}: {span} by '{first.id}' and {other_span} by '{second.id}' exclude each other",
            )


def _end(span: Range) -> int:
    return 10**9 if span.high is None else span.high
