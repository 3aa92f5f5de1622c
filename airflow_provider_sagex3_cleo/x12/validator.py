"""Everything that can be wrong with an interchange, found at once: envelope, structure, elements, counts, totals.

`validate` takes bytes, `validate_stream` a file of any size, `validate_body` a body that has no bytes yet (the quick
way at transform). Each takes further rules, and a partner's pack, which relaxes as well as restricts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import SEEK_CUR, BytesIO
from typing import BinaryIO, overload

from airflow_provider_sagex3_cleo.x12 import ack_totals, payment_totals, standard
from airflow_provider_sagex3_cleo.x12.envelope import (
    bracket_findings,
    group_findings,
    interchange_findings,
    release_of,
    repeated_sets,
    set_findings,
)
from airflow_provider_sagex3_cleo.x12.model import RELEASES, Delimiters, Finding, SetBody
from airflow_provider_sagex3_cleo.x12.packs import CompiledPack
from airflow_provider_sagex3_cleo.x12.paths import path
from airflow_provider_sagex3_cleo.x12.reader import (
    Interchange,
    PlacedSet,
    ReadFault,
    Segment,
    Separators,
    TransactionSet,
    element,
    interchanges,
    is_bare,
    scan_sets,
    walk,
)
from airflow_provider_sagex3_cleo.x12.segments import MARK, doubts, element_findings, segment_rules
from airflow_provider_sagex3_cleo.x12.set_810 import totals as totals_810
from airflow_provider_sagex3_cleo.x12.set_850 import totals as totals_850
from airflow_provider_sagex3_cleo.x12.set_856 import totals as totals_856
from airflow_provider_sagex3_cleo.x12.set_860 import totals as totals_860
from airflow_provider_sagex3_cleo.x12.structure import structure
from airflow_provider_sagex3_cleo.x12.values import Charset, sign_classes
from airflow_provider_sagex3_cleo.x12.view import Rule, SetView

__all__ = ["validate", "validate_body", "validate_interchange", "validate_stream"]

_END = "\x1e"

# What a set promises beyond its tables: counts and sums.
_TOTALS: Mapping[str, Rule] = {
    "810": totals_810.total_findings,
    "850": totals_850.total_findings,
    "856": totals_856.total_findings,
    "820": payment_totals.total_findings,
    "860": totals_860.total_findings,
    "997": ack_totals.total_findings,
    "999": ack_totals.total_findings,
}


def validate(
    data: bytes,
    *,
    own: bool = False,
    rules: Sequence[Rule] = (),
    pack: CompiledPack | None = None,
    charset: Charset = "extended",
    release: str | None = None,
    component: str = Delimiters.component,
) -> list[Finding]:
    """All findings in a file, envelope first, then set by set; empty when it is right.

    Args:
        own: the file is our own output: codes we do not use and tolerated customs are errors instead of warnings.
        rules: what else is asked of each set of the file.
        pack: the partner's guide, for the sets it is written for; what it allows becomes a note.
        charset: `utf8` where the partners have agreed on it; else the extended set is asked for.
        release, component: of a file without envelope, which says neither; the release that it fits best where None."""
    asked = _Asked(own, rules, pack, charset)
    if is_bare(data):
        tries = [_bare(data, each, component, asked) for each in ([release] if release else RELEASES)]
        return min(tries, key=lambda found: sum(f.severity == "error" for f in found))
    findings: list[Finding] = []
    seen: set[tuple[str, ...]] = set()
    try:
        for interchange in interchanges(BytesIO(data)):
            findings += _repeated(interchange, seen)
            findings += _interchange(interchange, asked)
    except ReadFault as fault:
        findings += fault.findings
    return findings


def validate_stream(
    stream: BinaryIO,
    *,
    own: bool = False,
    rules: Sequence[Rule] = (),
    pack: CompiledPack | None = None,
    charset: Charset = "extended",
) -> Iterator[Finding]:
    """As `validate`, for a file that does not fit into memory: set by set, each interchange after its sets.

    A file without envelope is read whole, where the stream can be wound back."""
    if stream.seekable():
        head = stream.read(100)
        if is_bare(head):
            yield from validate(head + stream.read(), own=own, rules=rules, pack=pack, charset=charset)
            return
        stream.seek(-len(head), SEEK_CUR)
    asked = _Asked(own, rules, pack, charset)
    seen: set[tuple[str, ...]] = set()
    try:
        for piece in walk(stream):
            if isinstance(piece, PlacedSet):
                yield from _placed(piece, asked)
            else:
                yield from _repeated(piece, seen)
                yield from _brackets(piece, asked)
                for group in piece.groups:
                    yield from group_findings(piece, group, own)
    except ReadFault as fault:
        yield from fault.findings


def validate_interchange(
    interchange: Interchange,
    *,
    own: bool = False,
    rules: Sequence[Rule] = (),
    pack: CompiledPack | None = None,
    charset: Charset = "extended",
) -> Iterator[Finding]:
    """The findings of one interchange that was read before: nothing is taken apart again."""
    yield from _interchange(interchange, _Asked(own, rules, pack, charset))


@dataclass(frozen=True)
class _Asked:
    """What is asked of a file, as `validate` has it."""

    own: bool
    rules: Sequence[Rule]
    pack: CompiledPack | None
    charset: Charset


def _interchange(interchange: Interchange, asked: _Asked) -> Iterator[Finding]:
    yield from _brackets(interchange, asked)
    for group in interchange.groups:
        yield from group_findings(interchange, group, asked.own)
        for item in group.sets:
            yield from _placed(PlacedSet(interchange.header, interchange.separators, group, item), asked)


def _brackets(interchange: Interchange, asked: _Asked) -> Iterator[Finding]:
    for finding in interchange.findings:
        yield replace(finding, severity="error") if asked.own else finding
    found = interchange_findings(interchange, asked.own)
    yield from found if asked.pack is None else asked.pack.judge_envelope(interchange, found)


def _repeated(interchange: Interchange, seen: set[tuple[str, ...]]) -> Iterator[Finding]:
    """A control number that the same pair has used in this file before."""
    header = interchange.header
    key = tuple(element(header, place).strip() for place in (5, 6, 7, 8, 13))
    if key in seen:
        yield Finding(
            "error", "isa-control", "the interchange control number is used twice", "ISA", header.position, "ISA13",
            interchange.control, "once for a pair of partners", header.offset, f"ISA {interchange.control}",
        )  # fmt: skip
    seen.add(key)


def _placed(placed: PlacedSet, asked: _Asked) -> Iterator[Finding]:
    isa, separators, group, item = placed
    where = f"ISA {element(isa, 13)} GS {group.control} ST {item.control}"
    yield from set_findings(group, item, where)
    release = release_of(group)
    if release is not None:
        yield from _set_of_file(release, item, separators, where, asked, isa, group.header)


def _bare(data: bytes, release: str, component: str, asked: _Asked) -> list[Finding]:
    """The findings of sets without envelope, by the tables of one release."""
    separators, group, findings = scan_sets(data, release, component)
    findings += repeated_sets(group, "no envelope")
    for item in group.sets:
        where = f"ST {item.control}"
        findings += bracket_findings(item, where)
        findings += _set_of_file(release, item, separators, where, asked)
    return findings


def _set_of_file(
    release: str,
    item: TransactionSet,
    separators: Separators,
    where: str,
    asked: _Asked,
    isa: Segment | None = None,
    gs: Segment | None = None,
) -> Iterator[Finding]:
    if item.set_id in standard.release(release).sets:
        rows = [segment.elements for segment in item.segments]
        yield from _set(release, item.set_id, rows, item.segments, separators, where, asked, isa, gs)
    else:
        head = item.segments[0]
        yield Finding(
            "warning", "set-not-checked", f"there are no tables for set {item.set_id}", "ST", 1, "ST01",
            item.set_id, " ".join(standard.release(release).sets), head.offset, where,
        )  # fmt: skip


def validate_body(
    body: SetBody,
    delimiters: Delimiters | None = None,
    *,
    rules: Sequence[Rule] = (),
    pack: CompiledPack | None = None,
    charset: Charset = "extended",
) -> list[Finding]:
    """All findings in a body of ours, as strict as `validate(own=True)` on the bytes it will become.

    Args:
        delimiters: those of the agreement, which must not stand in the data; without them only the character set is
            checked (the writer looks again, with the envelope's own).
        rules: what else is asked of the set; they see no ISA and no GS.
        pack: the partner's guide; its rules for ISA and GS wait for the envelope.
        charset: as in `validate`.

    Positions count as they will in the set: the first segment of the body is number 2."""
    separators = Separators("", "", "", None)
    if delimiters is not None:
        repetition = None if body.release == "004010" else delimiters.repetition
        separators = Separators(delimiters.segment, delimiters.element, delimiters.component, repetition)
    rows = [("ST", body.set_id, "0001"), *body.segments, ("SE", str(len(body.segments) + 2), "0001")]
    asked = _Asked(True, rules, pack, charset)
    return _set(body.release, body.set_id, rows, _Segments(rows), separators, "", asked)


class _Segments(Sequence[Segment]):
    """The rows of a body as segments, made when they are asked for: what is right is asked for few."""

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Segment: ...
    @overload
    def __getitem__(self, index: slice) -> list[Segment]: ...
    def __getitem__(self, index: int | slice) -> Segment | list[Segment]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self._rows)))]
        return Segment(self._rows[index], range(len(self._rows))[index] + 1, None)


@cache
def _clean(separators: Separators, charset: Charset) -> re.Pattern[str]:
    """Accepts text without foreign characters and without delimiters, but for our own marks."""
    ok, _ = sign_classes(charset, "".join(filter(None, separators)), marks=MARK + _END)
    return re.compile(f"{ok}*")


@cache
def _foreign(charset: Charset) -> re.Pattern[str]:
    """Finds a sign that is not of the character set."""
    return re.compile(sign_classes(charset, "")[1])


def _set(
    release: str,
    set_id: str,
    rows: Sequence[tuple[str, ...]],
    segments: Sequence[Segment],
    separators: Separators,
    where: str,
    asked: _Asked,
    isa: Segment | None = None,
    gs: Segment | None = None,
) -> list[Finding]:
    """The findings of one set, each with its path in words."""
    own, rules, pack = asked.own, asked.rules, asked.pack
    charset: Charset = "utf8" if asked.charset == "utf8" else "extended"
    joined = list(map(MARK.join, rows))
    text = _END.join(joined) + _END
    strange = (
        _clean(separators, charset).fullmatch(text) is None
        or text.count(_END) != len(segments)  # our own marks stand in the data
        or text.count(MARK) != sum(map(len, rows)) - len(rows)
    )
    order = structure(release, set_id)
    places: dict[str, list[int]] = {}
    ids = [row[0] for row in rows]
    for index, name in enumerate(ids):
        places.setdefault(name, []).append(index)
    faults, states = order.check(ids)
    found: list[Finding] = []
    for index, code, name, expected in faults:
        at = segments[index]
        found.append(
            Finding(
                "warning" if code == "segment-not-checked" and not own else "error", code, _SAYS[code].format(name),
                name, at.position, "", "" if code == "segment-missing" else name, expected, at.offset, where,
            )
        )  # fmt: skip
    doubtful = doubts(release).among(joined)
    if strange or doubtful:
        described = segment_rules(release)
        for segment, line in zip(segments, joined, strict=True):
            rule = described.get(segment.elements[0])
            if rule is None:
                continue
            if strange or line in doubtful:
                faulty = rule.faults(segment.elements, separators.component)
                found += element_findings(faulty, segment, own=own, where=where)
            if strange:
                found += _characters(segment, release, separators, charset, where)
    view = SetView(set_id, release, rows, segments, order, states, places, separators, own, where, isa, gs)
    totals = _TOTALS.get(set_id)
    if totals is not None:
        found += totals(view)
    if pack is not None:
        found = pack.allow(found, view)
        rules = (*rules, pack.judge)
    for more in rules:
        found += more(view)
    return [replace(finding, path=path(view, finding)) for finding in found] if found else found


_SAYS = {
    "segment-order": "{} stands in the wrong place",
    "segment-unknown": "{} does not belong to this set",
    "segment-not-checked": "{} is legal here but not in our tables: not checked",
    "segment-missing": "{} is missing",
    "segment-over-max": "{} comes too often",
    "loop-over-max": "the loop {} comes too often",
}


def _characters(
    segment: Segment, release: str, separators: Separators, charset: Charset, where: str
) -> Iterator[Finding]:
    """Foreign characters, and delimiters where they separate nothing."""
    slots = standard.release(release).segments[segment.elements[0]].slots
    for place, value in enumerate(segment.elements[1:], 1):
        composite = place <= len(slots) and isinstance(slots[place - 1].element, standard.Composite)
        marks = set(filter(None, separators)) - ({separators.component} if composite else set())
        if not marks.isdisjoint(value):
            yield _character(segment, place, value, "a delimiter", where)
        elif _foreign(charset).search(value.replace(separators.component, "") if separators.component else value):
            outside = "what is no text" if charset == "utf8" else "a character outside the extended set"
            yield _character(segment, place, value, outside, where)


def _character(segment: Segment, place: int, value: str, what: str, where: str) -> Finding:
    name = f"{segment.elements[0]}{place:02d}"
    return Finding(
        "error", "character", f"{name} holds {what}", segment.elements[0], segment.position, name, value,
        "characters of the extended set", segment.offset, where,
    )  # fmt: skip
