"""A file against what was agreed with its partner: who sends to whom, release, usage, delimiters, characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from airflow_provider_sagex3_cleo.x12.model import Envelope, Finding
from airflow_provider_sagex3_cleo.x12.reader import Segment, element
from airflow_provider_sagex3_cleo.x12.values import BASIC, EXTENDED
from airflow_provider_sagex3_cleo.x12.view import Rule, SetView

__all__ = ["Agreed", "agreed"]


@dataclass(frozen=True)
class Agreed:
    """One agreement as far as a file can show it. `name` is what people call it."""

    name: str
    envelope: Envelope


def agreed(wanted: Mapping[str, Sequence[Agreed]]) -> Rule:
    """The rule that a set follows one of the agreements there are for it (set id -> agreements).

    Where it follows none, it is held against the one it is nearest to. Sets without an agreement get a warning."""

    def rule(view: SetView) -> Iterator[Finding]:
        agreements = wanted.get(view.set_id, ())
        if not agreements:
            yield view.finding(
                view.segments[0], "agreement-missing", 1, f"there is no agreement for {view.set_id}",
                " ".join(wanted) or "an agreement", doubt=True,
            )  # fmt: skip
            return
        yield from min((list(_differing(view, one)) for one in agreements), key=len)

    return rule


def _differing(view: SetView, one: Agreed) -> Iterator[Finding]:
    ids, marks = one.envelope, view.separators
    if view.isa is not None and view.gs is not None:
        for segment, place, expected in (
            (view.isa, 5, ids.sender_qualifier),
            (view.isa, 6, ids.sender_id),
            (view.isa, 7, ids.receiver_qualifier),
            (view.isa, 8, ids.receiver_id),
            (view.isa, 15, ids.usage),
            (view.gs, 2, ids.gs_sender),
            (view.gs, 3, ids.gs_receiver),
            (view.gs, 8, ids.version or ids.release),
        ):
            if element(segment, place).strip() != expected:
                yield _off(view, segment, place, expected, one)
        agreed_marks = ids.delimiters
        for found, expected, what in (
            (marks.segment, agreed_marks.segment, "segment terminator"),
            (marks.element, agreed_marks.element, "element separator"),
            (marks.component, agreed_marks.component, "component separator"),
        ):
            if found != expected:
                message = f"{one.name}: the {what} is {found!r}"
                yield view.finding(view.isa, "agreement-differs", 16, message, repr(expected))
    if one.envelope.charset != "utf8":
        signs = BASIC if one.envelope.charset == "basic" else EXTENDED
        for segment in view.segments:
            for place, value in enumerate(segment.elements[1:], 1):
                if not signs.issuperset(value):
                    yield _off(view, segment, place, f"characters of the {one.envelope.charset} set", one)


def _off(view: SetView, segment: Segment, place: int, expected: str, one: Agreed) -> Finding:
    message = f"{segment.elements[0]}{place:02d} is not as agreed in {one.name}"
    return view.finding(segment, "agreement-differs", place, message, expected)
