"""The values the engine works on: delimiters, envelope, the body of a transaction set, findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.x12.values import Charset

__all__ = ["RELEASES", "Delimiters", "Envelope", "Finding", "SetBody", "findings_json", "has_errors"]

RELEASES = ("004010", "005010")

_ELEMENT_MARK, _SEGMENT_MARK = "\x1f", "\x1e"


@dataclass(frozen=True)
class Delimiters:
    """The separators of one interchange. All differ, none is a letter, a digit or a blank.

    `repetition` is used from 005010 on. `line_break` puts a line end after each segment terminator, for people.
    X12 has no escape character, so none of these may stand in the data."""

    segment: str = "~"
    element: str = "*"
    component: str = ">"
    repetition: str = "^"
    line_break: bool = False

    def __post_init__(self) -> None:
        marks = (self.segment, self.element, self.component, self.repetition)
        for name, mark in zip(("segment", "element", "component", "repetition"), marks, strict=True):
            if len(mark) != 1 or not mark.isascii() or mark.isalnum() or mark == " ":
                raise e.SettingFault(
                    "not a delimiter", field=f"delimiters.{name}", value=mark, expected="one ASCII sign, no letter"
                )
        if len(set(marks)) != len(marks):
            raise e.SettingFault("two delimiters are the same", field="delimiters", value=" ".join(marks))

    def reserved(self, release: str) -> str:
        """The characters that must not stand in data of this release."""
        marks = self.segment + self.element + self.component
        return marks if release == "004010" else marks + self.repetition


@dataclass(frozen=True)
class Envelope:
    """Who sends what to whom: the constant part of ISA and GS. Identifiers are unpadded.

    `version` is GS08 where it carries a suffix ('004010VICS'); None means the bare release. `charset`: what data may
    hold; ISA and GS are ASCII always."""

    release: str
    usage: Literal["P", "T"]
    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    gs_sender: str
    gs_receiver: str
    version: str | None = None
    ack_requested: bool = False
    delimiters: Delimiters = field(default_factory=Delimiters)
    charset: Charset = "extended"


@dataclass(frozen=True)
class SetBody:
    """A transaction set without ST and SE, which come at dispatch with their numbers.

    A segment is a tuple: its id, then its elements; trailing empty elements are cut. `mended` says which texts were
    changed to fit, for the audit trail; it is no part of the bytes."""

    set_id: str
    functional_group: str
    release: str
    segments: tuple[tuple[str, ...], ...]
    mended: tuple[str, ...] = field(default=(), compare=False)

    def dump(self) -> bytes:
        """The body as bytes, the same for the same body: header and segments, apart by control characters."""
        rows = [(self.set_id, self.functional_group, self.release), *self.segments]
        return _SEGMENT_MARK.join(_ELEMENT_MARK.join(row) for row in rows).encode()

    @classmethod
    def load(cls, data: bytes) -> SetBody:
        """The inverse of `dump`.

        Raises:
            ValueError: the bytes are not a dumped body."""
        head, *rows = (tuple(row.split(_ELEMENT_MARK)) for row in data.decode().split(_SEGMENT_MARK))
        if len(head) != 3 or not rows:
            raise ValueError("not the bytes of a transaction set body")
        return cls(head[0], head[1], head[2], tuple(rows))


@dataclass(frozen=True)
class Finding:
    """One fault found. `position` counts segments in the set (ST is 1), or in the file for envelope segments.

    A note is no fault: a partner's pack allows what the standard does not.

    `element` is written as usual in the trade: PO103 is the third element of PO1, REF04-1 a component. `offset` is
    the byte where the segment begins (None for a body that has no bytes yet); `where` names the interchange, group
    and set by their control numbers; `path` is the place in words ('PO1 line 3, unit price'), of findings in a set.
    The codes are listed in docs/x12.md."""

    severity: Literal["error", "warning", "note"]
    code: str
    message: str
    segment: str = ""
    position: int = 0
    element: str = ""
    found: str = ""
    expected: str = ""
    offset: int | None = None
    where: str = ""
    path: str = ""

    def __str__(self) -> str:
        at = f"segment {self.position}" if self.position else ""
        place = " ".join(x for x in (self.where, at, "" if self.offset is None else f"byte {self.offset}") if x)
        told = "; ".join(x for x in (self.path, place) if x)
        return f"{self.severity} {self.code}: {self.message}" + (f" ({told})" if told else "")


def has_errors(findings: Iterable[Finding]) -> bool:
    """True when at least one finding is an error."""
    return any(f.severity == "error" for f in findings)


def findings_json(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """The findings as plain JSON values, in order: code, severity, segment, element, found, expected, message.

    The message ends with the place: in words, by control numbers, by segment number and byte."""
    return [
        {
            "code": f.code,
            "severity": f.severity,
            "segment": f.segment,
            "element": f.element,
            "found": f.found,
            "expected": f.expected,
            "message": str(f).split(": ", 1)[1],
        }
        for f in findings
    ]
