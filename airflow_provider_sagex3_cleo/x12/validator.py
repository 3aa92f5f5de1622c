"""Everything that can be wrong with an interchange, found at once: envelope, structure, elements, counts, totals.

`validate` takes bytes, `validate_body` a body that has no bytes yet (the quick way at transform)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.envelope import (
    group_findings,
    interchange_findings,
    release_of,
    set_findings,
)
from airflow_provider_sagex3_cleo.x12.model import Delimiters, Finding, SetBody
from airflow_provider_sagex3_cleo.x12.packs import CompiledPack
from airflow_provider_sagex3_cleo.x12.reader import Interchange, ReadFault, Segment, Separators, scan
from airflow_provider_sagex3_cleo.x12.segments import MARK, element_findings, segment_rules
from airflow_provider_sagex3_cleo.x12.set_810 import totals as totals_810
from airflow_provider_sagex3_cleo.x12.set_850 import totals as totals_850
from airflow_provider_sagex3_cleo.x12.set_856 import totals as totals_856
from airflow_provider_sagex3_cleo.x12.structure import structure
from airflow_provider_sagex3_cleo.x12.values import EXTENDED

__all__ = ["validate", "validate_body", "validate_interchange"]

_END = "\x1e"

# What a set promises beyond its tables: counts and sums.
_TOTALS: Mapping[str, Callable[[Sequence[Segment], bool, str], Iterator[Finding]]] = {
    "810": totals_810.total_findings,
    "850": totals_850.total_findings,
    "856": totals_856.total_findings,
}


def validate(data: bytes, *, own: bool = False, pack: CompiledPack | None = None) -> list[Finding]:
    """All findings in a file, envelope first, then set by set; empty when it is right.

    Args:
        own: the file is our own output: codes we do not use and tolerated customs are errors instead of warnings.
        pack: the partner's rules, for the sets they are written for."""
    try:
        interchanges = scan(data)
    except ReadFault as fault:
        return fault.findings
    return [f for interchange in interchanges for f in validate_interchange(interchange, own=own, pack=pack)]


def validate_interchange(
    interchange: Interchange, *, own: bool = False, pack: CompiledPack | None = None
) -> Iterator[Finding]:
    """The findings of one interchange that was read before: nothing is taken apart again."""
    yield from interchange.findings
    envelope = interchange_findings(interchange, own)
    yield from envelope if pack is None else pack.judge_envelope(interchange, envelope)
    for group in interchange.groups:
        yield from group_findings(interchange, group, own)
        release = release_of(group)
        for item in group.sets:
            where = f"ISA {interchange.control} GS {group.control} ST {item.control}"
            yield from set_findings(group, item, where)
            if release is None:
                continue
            if item.set_id in standard.release(release).sets:
                found = _set(release, item.set_id, item.segments, interchange.separators, own, where, pack)
                yield from found if pack is None else pack.allow(found, release, item.set_id, item.segments)
            else:
                head = item.segments[0]
                yield Finding(
                    "warning", "set-not-checked", f"there are no tables for set {item.set_id}", "ST", 1, "ST01",
                    item.set_id, " ".join(standard.release(release).sets), head.offset, where,
                )  # fmt: skip


def validate_body(
    body: SetBody, delimiters: Delimiters | None = None, pack: CompiledPack | None = None
) -> list[Finding]:
    """All findings in a body of ours, as strict as `validate(own=True)` on the bytes it will become.

    Args:
        delimiters: those of the agreement, which must not stand in the data; without them only the character set is
            checked (the writer looks again, with the envelope's own).
        pack: the partner's rules for this set (those for ISA and GS wait for the envelope).

    Positions count as they will in the set: the first segment of the body is number 2."""
    separators = Separators("", "", "", None)
    if delimiters is not None:
        repetition = None if body.release == "004010" else delimiters.repetition
        separators = Separators(delimiters.segment, delimiters.element, delimiters.component, repetition)
    rows = [("ST", body.set_id, "0001"), *body.segments, ("SE", str(len(body.segments) + 2), "0001")]
    segments = [Segment(row, position, None) for position, row in enumerate(rows, 1)]
    found = _set(body.release, body.set_id, segments, separators, True, "", pack)
    return list(found if pack is None else pack.allow(found, body.release, body.set_id, segments))


@cache
def _clean(separators: Separators) -> re.Pattern[str]:
    """Accepts text without foreign characters and without delimiters."""
    signs = "".join(re.escape(c) for c in sorted(EXTENDED.difference(*filter(None, separators))))
    return re.compile(f"[{signs}{MARK}{_END}]*")


def _set(
    release: str,
    set_id: str,
    segments: Sequence[Segment],
    separators: Separators,
    own: bool,
    where: str,
    pack: CompiledPack | None,
) -> Iterator[Finding]:
    rules = segment_rules(release)
    joined = [MARK.join(segment.elements) for segment in segments]
    text = _END.join(joined) + _END
    strange = (
        _clean(separators).fullmatch(text) is None
        or text.count(_END) != len(segments)  # our own marks stand in the data
        or text.count(MARK) != sum(len(segment.elements) - 1 for segment in segments)
    )
    closer = strange or f"{MARK}{_END}" in text or f"{MARK} " in text
    ids = [segment.elements[0] for segment in segments]
    faults, states = structure(release, set_id).walk(ids)
    for index, code, name, expected in faults:
        at = segments[index]
        yield Finding(
            "warning" if code == "segment-not-checked" and not own else "error", code, _SAYS[code].format(name),
            name, at.position, "", "" if code == "segment-missing" else name, expected, at.offset, where,
        )  # fmt: skip
    for segment, line in zip(segments, joined, strict=True):
        rule = rules.get(segment.elements[0])
        if rule is None:
            continue
        if closer or not rule.right(segment.elements, line):
            inside = rule.faults(segment.elements, separators.component)
            yield from element_findings(inside, segment, own=own, where=where)
        if strange:
            yield from _characters(segment, release, separators, where)
    totals = _TOTALS.get(set_id)
    if totals is not None:
        yield from totals(segments, own, where)
    if pack is not None:
        yield from pack.judge(release, set_id, segments, states, where)


_SAYS = {
    "segment-order": "{} stands in the wrong place",
    "segment-unknown": "{} does not belong to this set",
    "segment-not-checked": "{} is legal here but not in our tables: not checked",
    "segment-missing": "{} is missing",
    "segment-over-max": "{} comes too often",
    "loop-over-max": "the loop {} comes too often",
}


def _characters(segment: Segment, release: str, separators: Separators, where: str) -> Iterator[Finding]:
    """Foreign characters, and delimiters where they separate nothing."""
    slots = standard.release(release).segments[segment.elements[0]].slots
    for place, value in enumerate(segment.elements[1:], 1):
        composite = place <= len(slots) and isinstance(slots[place - 1].element, standard.Composite)
        marks = set(filter(None, separators)) - ({separators.component} if composite else set())
        if not marks.isdisjoint(value):
            yield _character(segment, place, value, "a delimiter", where)
        elif any(c not in EXTENDED and c != separators.component for c in value):
            yield _character(segment, place, value, "a character outside the extended set", where)


def _character(segment: Segment, place: int, value: str, what: str, where: str) -> Finding:
    name = f"{segment.elements[0]}{place:02d}"
    return Finding(
        "error", "character", f"{name} holds {what}", segment.elements[0], segment.position, name, value,
        "characters of the extended set", segment.offset, where,
    )  # fmt: skip
