"""A compiled pack: judges sets and envelopes by the partner's rules, and turns what the partner allows into notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, BinaryIO

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.envelope import release_of
from airflow_provider_sagex3_cleo.x12.model import RELEASES, Delimiters, Finding
from airflow_provider_sagex3_cleo.x12.packs.compiling import Check, Hit, Plan, View, compile_rule
from airflow_provider_sagex3_cleo.x12.packs.elements import NO_LIMIT, element_at, size
from airflow_provider_sagex3_cleo.x12.packs.model import ENVELOPE, Allowance, Rule, place
from airflow_provider_sagex3_cleo.x12.packs.resolving import GuidePack
from airflow_provider_sagex3_cleo.x12.paths import element_name
from airflow_provider_sagex3_cleo.x12.reader import Interchange, PlacedSet, ReadFault, Segment, is_bare, scan_sets, walk
from airflow_provider_sagex3_cleo.x12.view import SetView

__all__ = ["CompiledPack", "compiled", "fitting", "is_of_pack"]

CODE = "pack-"
_NOT_APPLIED = "pack"  # no rule: the pack is for something else than what it was given


@dataclass(frozen=True)
class _Edition:
    """The rules of one release: for sets, for envelopes, what is allowed, and where rules look."""

    release: str
    set_checks: tuple[tuple[Rule, Check], ...]
    envelope_checks: tuple[tuple[Rule, Check], ...]
    allowances: tuple[Rule, ...]
    plan: Plan


class CompiledPack:
    """The rules of a pack as functions, made once per release."""

    def __init__(self, pack: GuidePack) -> None:
        self.pack = pack
        self.id = pack.id
        self.rules: Mapping[str, Rule] = {CODE + rule.id: rule for rule in pack.rules}
        allowed = [rule.allow for rule in pack.rules if rule.allow is not None]
        self._relaxes_isa = any(a.isa11 or any(name.startswith("ISA") for name in a.codes or ()) for a in allowed)
        asked = any(at.segment in ENVELOPE for rule in pack.rules for at in rule.places)
        self._looks_outside = asked or self._relaxes_isa
        self._editions = {release: self._edition(release) for release in pack.releases if pack.set_id}

    def _edition(self, release: str) -> _Edition:
        rules = [rule for rule in self.pack.rules if rule.holds_in(release)]
        set_id = self.pack.set_id or ""
        checks = [(rule, check) for rule in rules for check in compile_rule(rule, release, set_id)]
        outer = {rule.id for rule in rules if rule.places and rule.places[0].segment in ENVELOPE}
        return _Edition(
            release,
            tuple(pair for pair in checks if pair[0].id not in outer),
            tuple(pair for pair in checks if pair[0].id in outer),
            tuple(rule for rule in rules if rule.allow is not None),
            Plan(rules, release, set_id),
        )

    def plain(self) -> list[dict[str, Any]]:
        """The rules as plain JSON values, to be kept beside what was written under them."""
        return [rule.model_dump(mode="json", by_alias=True, exclude_defaults=True) for rule in self.pack.rules]

    # --- one set --------------------------------------------------------------------------------------------------
    def judge(self, view: SetView) -> Iterator[Finding]:
        """The findings of the pack's own rules in one set: a rule for the validator."""
        segments = view.segments
        edition = self._edition_of(view)
        if edition is None:
            wanted = f"{self.pack.set_id} in {' or '.join(self.pack.releases)}"
            yield Finding("warning", _NOT_APPLIED, f"pack {self.id} is for {wanted}: not applied", "ST", 1, "ST01",
                          f"{view.set_id} in {view.release}", wanted, segments[0].offset, view.where)  # fmt: skip
            return
        seen = View(view.rows, view.states, view.places, edition.plan, view.separators.component)
        for rule, check in edition.set_checks:
            for hit in check(seen):
                yield self._finding(rule, hit, segments[hit.at], view.where)

    def allow(self, found: list[Finding], view: SetView) -> list[Finding]:
        """The findings of one set; those that the partner allows are notes with the reason."""
        edition = self._edition_of(view)
        if edition is None or not edition.allowances:
            return found
        return [_allowed(edition, finding, view.segments, view.release) for finding in found]

    def _edition_of(self, view: SetView) -> _Edition | None:
        return self._editions.get(view.release) if view.set_id == self.pack.set_id else None

    # --- the envelope ---------------------------------------------------------------------------------------------
    def judge_envelope(self, interchange: Interchange, found: Iterable[Finding]) -> Iterable[Finding]:
        """The findings of the envelope, what the pack allows as notes, then those of the pack's rules for ISA and GS.

        Args:
            found: the findings of the standard in ISA. An interchange without a set of this pack is passed over."""
        if not self._looks_outside:
            return found
        mine: dict[Finding, None] = {}  # what is wrong with the ISA is met again with each group
        for group in interchange.groups:
            edition = self._editions.get(release_of(group) or "")
            if edition is not None and any(item.set_id == self.pack.set_id for item in group.sets):
                if self._relaxes_isa:
                    judged = [_allowed(edition, finding, (), edition.release) for finding in found]
                    found = [_outside(finding, edition.release) for finding in judged]
                if edition.envelope_checks:
                    mine.update(dict.fromkeys(self._outer(edition, interchange, group.header)))
        return [*found, *mine] if mine else found

    def _outer(self, edition: _Edition, interchange: Interchange, header: Segment) -> Iterator[Finding]:
        """What the pack's rules find in ISA and one GS."""
        brackets = (interchange.header, header)
        rows = [[value.strip() for value in bracket.elements] for bracket in brackets]
        view = View(rows, (), {"ISA": (0,), "GS": (1,)}, edition.plan)
        for rule, check in edition.envelope_checks:
            for hit in check(view):
                finding = self._finding(rule, hit, brackets[hit.at], f"ISA {interchange.control}")
                yield _outside(finding, edition.release)

    # --- what the writer may do beyond the standard ---------------------------------------------------------------
    def relaxed(self, release: str) -> dict[tuple[str, int], standard.Element]:
        """The elements that the partner takes with more codes or another length, by segment and position."""
        edition = self._editions.get(release)
        found: dict[tuple[str, int], standard.Element] = {}
        for rule in edition.allowances if edition else ():
            assert rule.allow is not None
            for text in (*(rule.allow.codes or ()), *(rule.allow.length or ())):
                at = place(text)
                key = (at.segment, at.element or 1)
                described = element_at(at, release)
                assert described is not None, "seen to by the lints"
                if at.component not in (None, 1):
                    continue  # of a composite, the writer writes the first component only
                element = found.get(key, described)
                if rule.allow.codes:
                    more = dict.fromkeys(rule.allow.codes[text], rule.reason or "")
                    element = replace(element, codes={**element.codes, **more})
                if rule.allow.length:
                    low, high = rule.allow.length[text]
                    most = NO_LIMIT if high is None else max(high, element.max)
                    element = replace(element, min=min(low, element.min), max=most)
                found[key] = element
        return found

    def _finding(self, rule: Rule, hit: Hit, segment: Segment, where: str) -> Finding:
        return Finding(
            rule.severity, CODE + rule.id, _sentence(rule.says), hit.place.segment, segment.position,
            "" if hit.place.element is None else str(hit.place), hit.found, hit.expected, segment.offset, where,
        )  # fmt: skip


def _allowed(edition: _Edition, finding: Finding, segments: Sequence[Segment], release: str) -> Finding:
    """The finding, or a note with the reason where the partner allows what it is about."""
    for rule in edition.allowances:
        if rule.allow is not None and _allows(rule.allow, finding, segments, release):
            return replace(finding, severity="note", code=CODE + rule.id, message=_sentence(rule.reason))
    return finding


def _outside(finding: Finding, release: str) -> Finding:
    """A finding of a pack in ISA or GS with its place in words; in a set the validator gives it."""
    if not is_of_pack(finding):
        return finding
    return replace(finding, path=f"{finding.segment}, {element_name(release, finding.element)}")


def _sentence(text: str | None) -> str:
    """Without its full stop: the place comes after it."""
    return (text or "").rstrip(".")


def _allows(allow: Allowance, finding: Finding, segments: Sequence[Segment], release: str) -> bool:
    code, found = finding.code, finding.found
    if allow.codes:
        return code in ("element-code", "isa-code") and found.strip() in allow.codes.get(finding.element, ())
    if allow.length:
        span = allow.length.get(finding.element)
        if span is None or code not in ("element-too-long", "element-too-short"):
            return False
        return size(found, place(finding.element), release) in span
    if allow.isa11:
        return code == "isa11" and found == allow.isa11
    if allow.order:
        there = any(segment.elements[0] == finding.segment for segment in segments)
        return there and finding.segment in allow.order and code in ("segment-order", "segment-missing")
    if finding.segment != allow.segment or code not in ("segment-order", "segment-unknown", "segment-not-checked"):
        return False
    return segments[finding.position - 2].elements[0] in (allow.after or ())


def is_of_pack(finding: Finding) -> bool:
    """Whether a finding is of a pack, not of the standard."""
    return finding.code == _NOT_APPLIED or finding.code.startswith(CODE)


def fitting(packs: Sequence[GuidePack], stream: BinaryIO) -> CompiledPack | None:
    """The pack for what is in a file: the first for one of its sets in its release, else the first; None of none.

    Sets without an envelope do not say their release: any will do. The stream is at its beginning again afterwards."""
    if len(packs) < 2:
        return compiled(packs[0]) if packs else None
    inside: set[tuple[str, str | None]] = set()
    bare = is_bare(stream.read(100))
    stream.seek(0)
    try:
        if bare:
            _, group, _ = scan_sets(stream.read(), RELEASES[0], Delimiters.component)
            inside = {(item.set_id, release) for item in group.sets for release in RELEASES}
        else:
            placed = (piece for piece in walk(stream) if isinstance(piece, PlacedSet))
            inside = {(piece.item.set_id, release_of(piece.group)) for piece in placed}
    except ReadFault:  # the validator says what is wrong with it
        pass
    stream.seek(0)
    found = [pack for pack in packs if any((pack.set_id, release) in inside for release in pack.releases)]
    return compiled((found or packs)[0])


@lru_cache(maxsize=1024)
def compiled(pack: GuidePack) -> CompiledPack:
    """The pack as functions, made once for all who ask."""
    return CompiledPack(pack)
