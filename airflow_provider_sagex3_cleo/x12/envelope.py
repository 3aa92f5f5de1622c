"""The checks of ISA, TA1, GS, GE and IEA: widths, codes, counts, control numbers that agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeVar

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.model import RELEASES, Finding
from airflow_provider_sagex3_cleo.x12.reader import Group, Interchange, Segment, Separators, TransactionSet, element
from airflow_provider_sagex3_cleo.x12.segments import MARK, SegmentRules, element_findings, segment_rules
from airflow_provider_sagex3_cleo.x12.values import EXTENDED

__all__ = [
    "bracket_findings",
    "group_findings",
    "interchange_findings",
    "release_of",
    "repeated_sets",
    "same_number",
    "set_findings",
]

_FOREIGN = re.compile("[^" + "".join(re.escape(c) for c in sorted(EXTENDED)) + "]")
_Numbered = TypeVar("_Numbered", Group, TransactionSet)

ISA_BLANKED = (2, 4)  # elements that are blanks when nothing is agreed
ISA_PADDED = (6, 8)
ISA_SEPARATORS = (11, 16)
# Date, time and control number of an example, and what certainly is a right one.
EXAMPLE = ("ISA", *[""] * 8, "260101", "0000", *[""] * 2, "000000001", *[""] * 3)
_DAILY = re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8]) (?:[01]\d|2[0-3])[0-5]\d \d{9}", re.ASCII)


def release_of(group: Group) -> str | None:
    """The release that GS08 names, or None when there are no tables for it."""
    return next((r for r in RELEASES if group.version.startswith(r)), None)


def same_number(one: str, other: str) -> bool:
    """Control numbers are compared as numbers: partners drop and add leading zeros."""
    return one == other or (one.isdecimal() and other.isdecimal() and int(one) == int(other))


def interchange_findings(interchange: Interchange, own: bool) -> Iterator[Finding]:
    """ISA, TA1 and IEA. `own`: this is our output, nothing customary but wrong is tolerated."""
    where = f"ISA {interchange.control}"
    yield from _isa(interchange.header, interchange.separators, own, where)
    brackets = [interchange.header, *interchange.acknowledgments]
    for group in interchange.groups:
        brackets += [group.header, *([group.trailer] if group.trailer else [])]
    yield from _characters(brackets, interchange, where)
    rules = segment_rules("004010")
    for ta1 in interchange.acknowledgments:
        yield from _faults(rules["TA1"], ta1, own, where)
    trailer = interchange.trailer
    if trailer is None:
        return
    yield from _faults(rules["IEA"], trailer, own, where)
    if element(trailer, 2) != interchange.control:
        yield _of(trailer, "isa-control", 2, "IEA02 differs from ISA13", interchange.control, where)
    if not same_number(element(trailer, 1), str(len(interchange.groups))):
        yield _of(trailer, "count-iea01", 1, "IEA01 is not the number of groups", str(len(interchange.groups)), where)
    for group in _repeated(interchange.groups):
        yield _of(group.header, "gs-control", 6, "the group control number is used twice", "once in a file", where)


def _faults(rule: SegmentRules, segment: Segment, own: bool, where: str) -> Iterator[Finding]:
    """What is wrong with the elements of an envelope segment."""
    if not rule.right(MARK.join(segment.elements)):
        yield from element_findings(rule.faults(segment.elements, None), segment, own=own, where=where)


def _characters(brackets: list[Segment], interchange: Interchange, where: str) -> Iterator[Finding]:
    """Foreign characters in envelope segments; ISA11 and ISA16 hold delimiters by right."""
    for segment in brackets:
        if _FOREIGN.search("".join(segment.elements)) is None:
            continue
        for place, value in enumerate(segment.elements[1:], 1):
            separates = segment.elements[0] == "ISA" and place in ISA_SEPARATORS and len(value) == 1
            if not EXTENDED.issuperset(value) and not separates:
                yield _of(segment, "character", place, f"{segment.elements[0]}{place:02d} holds a foreign character",
                          "characters of the extended set", where)  # fmt: skip


def _isa(header: Segment, marks: Separators, own: bool, where: str) -> Iterator[Finding]:
    """What is wrong with an ISA. All but its date, time and number is the same from file to file: judged once."""
    elements = header.elements
    if len(elements) == len(EXAMPLE) and _DAILY.fullmatch(" ".join((elements[9], elements[10], elements[13]))):
        usual = (*elements[:9], *EXAMPLE[9:11], *elements[11:13], EXAMPLE[13], *elements[14:])
        if _usual(usual, marks, own):
            return
    yield from _isa_findings(header, marks, own, where)


@lru_cache(maxsize=256)
def _usual(elements: tuple[str, ...], marks: Separators, own: bool) -> bool:
    return not any(True for _ in _isa_findings(Segment(elements, 1, 0), marks, own, ""))


def _isa_findings(header: Segment, marks: Separators, own: bool, where: str) -> Iterator[Finding]:
    customary = "error" if own else "warning"
    for place, slot in enumerate(standard.release("004010").segments["ISA"].slots, 1):
        value, described = element(header, place), slot.element
        assert isinstance(described, standard.Element)
        if len(value) != described.max:
            yield _of(header, "isa-width", place, f"ISA{place:02d} is {len(value)} wide", f"{described.max}", where)
            value = value.strip()
        if described.codes and value.strip() not in described.codes:
            message = f"{described.name} is not a code in use here"
            known = " ".join(described.codes)
            yield _of(header, "isa-code", place, message, known, where, severity=customary)
        if place in ISA_PADDED and not value.strip():
            yield _of(header, "element-blank", place, f"{described.name} holds only blanks", "an id", where)
    padded = tuple(x.strip() if n in (*ISA_BLANKED, *ISA_PADDED) else x for n, x in enumerate(header.elements))
    for fault in segment_rules("004010")["ISA"].faults(padded, None):
        if fault.code in ("element-date", "element-time", "element-type"):
            yield from element_findings(iter([fault]), header, own=own, where=where)
    versions = {standard.release(r).isa12: r for r in RELEASES}
    version, eleventh = element(header, 12), element(header, 11)
    if version not in versions:
        yield _of(header, "isa-code", 12, "the interchange version is not one of ours", " ".join(versions), where)
    first = version <= "00401"
    if first and eleventh != "U":
        yield _of(header, "isa11", 11, "ISA11 of a 00401 interchange must be U", "U", where)
    elif not first and marks.repetition is None:
        severity = customary if eleventh == "U" else "error"
        message = f"ISA11 of a {version} interchange must be a separator"
        yield _of(header, "isa11", 11, message, "^", where, severity=severity)
    used = [x for x in marks if x is not None]
    if len(set(used)) != len(used) or any(x.isalnum() or x == " " for x in used):
        yield _of(header, "delimiters", 16, "the delimiters are not different signs", "four different signs", where)


def group_findings(interchange: Interchange, group: Group, own: bool) -> Iterator[Finding]:
    """GS and GE, and the set control numbers inside."""
    where = f"ISA {interchange.control} GS {group.control}"
    header, trailer, release = group.header, group.trailer, release_of(group)
    rules = segment_rules(release or RELEASES[0])
    yield from _faults(rules["GS"], header, own, where)
    if release is None:
        yield _of(header, "release-unknown", 8, "there are no tables for this release", " ".join(RELEASES), where)
    elif element(interchange.header, 12) in {standard.release(r).isa12 for r in RELEASES} - {
        standard.release(release).isa12
    }:
        # Customary between partners, but not what we write.
        yield _of(header, "release-mixed", 8, "ISA12 and GS08 name different releases", element(interchange.header, 12),
                  where, severity="error" if own else "warning")  # fmt: skip
    yield from repeated_sets(group, where)
    if trailer is None:
        return
    yield from _faults(rules["GE"], trailer, own, where)
    if not same_number(element(trailer, 2), group.control):
        yield _of(trailer, "gs-control", 2, "GE02 differs from GS06", group.control, where)
    if not same_number(element(trailer, 1), str(len(group.sets))):
        yield _of(trailer, "count-ge01", 1, "GE01 is not the number of sets", str(len(group.sets)), where)


def set_findings(group: Group, item: TransactionSet, where: str) -> Iterator[Finding]:
    """ST and SE against each other and against the group."""
    tables = standard.release(release_of(group) or RELEASES[0]).sets
    wanted = tables[item.set_id].group if item.set_id in tables else ""
    taken = [name for name, described in tables.items() if described.group == group.functional_id]
    if item.set_id not in taken and (wanted or taken):
        message = f"a {item.set_id} in a group {group.functional_id}"
        expected = wanted or " or ".join(f"{name} in the group" for name in taken)
        yield _of(group.header, "gs01", 1, message, expected, where)
    yield from bracket_findings(item, where)


def repeated_sets(group: Group, where: str) -> Iterator[Finding]:
    """Set control numbers that stand twice in a group."""
    for item in _repeated(group.sets):
        yield _of(item.segments[0], "st-control", 2, "the set control number is used twice", "once in a group", where)


def bracket_findings(item: TransactionSet, where: str) -> Iterator[Finding]:
    """ST and SE against each other."""
    trailer = item.segments[-1]
    if not item.complete:
        return
    if element(trailer, 2) != item.control:
        yield _of(trailer, "st-control", 2, "SE02 differs from ST02", item.control, where)
    if not same_number(element(trailer, 1), str(len(item.segments))):
        yield _of(trailer, "count-se01", 1, "SE01 is not the number of segments", str(len(item.segments)), where)


def _repeated(items: Iterable[_Numbered]) -> Iterator[_Numbered]:
    """Those whose control number an earlier one has."""
    seen: set[str] = set()
    for item in items:
        if item.control in seen:
            yield item
        seen.add(item.control)


def _of(
    segment: Segment, code: str, place: int, message: str, expected: str, where: str, *, severity: str = "error"
) -> Finding:
    return Finding(
        "error" if severity == "error" else "warning", code, message, segment.elements[0], segment.position,
        f"{segment.elements[0]}{place:02d}", element(segment, place), expected, segment.offset, where,
    )  # fmt: skip
