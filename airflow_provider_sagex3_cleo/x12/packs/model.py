"""The format of conformance packs: a partner's implementation guide as rules on top of the standard.

docs/how-to/conformance-packs.md explains every key; a test keeps that page and these classes equal."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from airflow_provider_sagex3_cleo.x12.model import RELEASES

__all__ = ["ABSENT", "ENVELOPE", "KINDS", "PRESENT", "Allowance", "Pack", "Place", "Range", "Rule", "place"]

PRESENT, ABSENT = "present", "absent"
ENVELOPE = ("ISA", "GS")  # segments around the sets: known only when a file is written
KINDS = ("require", "forbid", "equals", "codes", "length", "pattern", "count", "sum", "allow")

_PLACE = re.compile(r"([A-Z][A-Z0-9]{1,2})(?:(\d\d)(?:-([1-9]\d?))?)?")
_RANGE = re.compile(r"(\d+)(?:(-)(\d+)?)?")


class Place(NamedTuple):
    """A segment, an element of it, or a component of that (`element` and `component` count from 1)."""

    segment: str
    element: int | None
    component: int | None = None

    def __str__(self) -> str:
        name = self.segment if self.element is None else f"{self.segment}{self.element:02d}"
        return name if self.component is None else f"{name}-{self.component}"


class Range(NamedTuple):
    """From `low` to `high`, both included; None means no end."""

    low: int
    high: int | None

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.low <= number and (self.high is None or number <= self.high)

    def __str__(self) -> str:
        if self.high is None:
            return f"{self.low} or more"
        return f"{self.low}" if self.low == self.high else f"{self.low} to {self.high}"


@cache
def place(text: str) -> Place:
    """REF -> the segment REF; N104 -> the fourth element of N1; REF04-1 -> the first component of REF04.

    Raises:
        ValueError: it is none of them."""
    found = _PLACE.fullmatch(text)
    if found is None or found[2] == "00":
        raise ValueError(f"'{text}' is no place; expected a segment (REF), an element (REF02) or a component (REF04-1)")
    return Place(found[1], int(found[2]) if found[2] else None, int(found[3]) if found[3] else None)


def _place(text: str) -> str:
    place(text)
    return text


def _element(text: str) -> str:
    if place(text).element is None:
        raise ValueError(f"'{text}' is a segment; expected an element of it ({text}01)")
    return text


def _segment(text: str) -> str:
    if place(text).element is not None:
        raise ValueError(f"'{text}' is an element; expected a segment")
    return text


def _range(value: Any) -> Any:
    found = _RANGE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("expected a number, or a range: 1-10, 3-")
    low = int(found[1])
    high = int(found[3]) if found[3] else None if found[2] else low
    if high is not None and high < low:
        raise ValueError(f"'{value}' ends before it begins")
    return Range(low, high)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as exc:
        raise ValueError(f"'{text}' is no regular expression: {exc}") from exc
    return text


def _many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Sentence = Annotated[str, Field(min_length=8, max_length=300)]
AnyPlace = Annotated[str, AfterValidator(_place)]
ElementPlace = Annotated[str, AfterValidator(_element)]
SegmentId = Annotated[str, AfterValidator(_segment)]
Values = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_many), Field(min_length=1)]
Places = Annotated[tuple[AnyPlace, ...], BeforeValidator(_many), Field(min_length=1)]
Elements = Annotated[tuple[ElementPlace, ...], BeforeValidator(_many), Field(min_length=1)]
Segments = Annotated[tuple[SegmentId, ...], BeforeValidator(_many), Field(min_length=1)]
Releases = Annotated[
    tuple[Annotated[str, Field(pattern="^(" + "|".join(RELEASES) + ")$")], ...],
    BeforeValidator(_many),
    Field(min_length=1),
]
Span = Annotated[Range, BeforeValidator(_range)]


class Allowance(_Setting):
    """What the partner takes although the standard, or our tables of it, do not. Exactly one of:

    `codes`: more codes of an element; `length`: another length of it; `segment` with `after`: a segment where the
    standard has none; `order`: segments that may come in any order; `isa11`: U in a 00501 interchange."""

    codes: dict[ElementPlace, Values] | None = None
    length: dict[ElementPlace, Span] | None = None
    segment: SegmentId | None = None
    after: Segments | None = None
    order: Annotated[Segments, Field(min_length=2)] | None = None
    isa11: Literal["U"] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in ("codes", "length", "segment", "order", "isa11") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of codes, length, segment, order, isa11 (found {len(given)})")
        if (self.segment is None) != (self.after is None):
            raise ValueError("`segment` and `after` (the segments it may follow) go together")
        return self


class Rule(_Setting):
    """One sentence of a guide. Exactly one of the keys in `KINDS`; the others say when and where it holds."""

    id: Id
    says: Sentence | None = None
    severity: Literal["error", "warning"] = "error"
    releases: Releases | None = None
    within: Annotated[str | None, Field(alias="in", pattern=r"^[A-Z][A-Z0-9]{1,2}(/[A-Z][A-Z0-9]{1,2})*$|^set$")] = None
    where: dict[ElementPlace, Values] = Field(default_factory=dict)
    when: Annotated[dict[AnyPlace, Values], Field(alias="if")] = Field(default_factory=dict)
    require: Places | None = None
    forbid: Places | None = None
    equals: dict[ElementPlace, str] | None = None
    codes: dict[ElementPlace, Values] | None = None
    length: dict[ElementPlace, Span] | None = None
    pattern: dict[ElementPlace, Annotated[str, AfterValidator(_pattern)]] | None = None
    count: dict[SegmentId, Span] | None = None
    sum: dict[ElementPlace, Elements] | None = None
    allow: Allowance | None = None
    reason: Sentence | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [kind for kind in KINDS if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of {', '.join(KINDS)} (found {', '.join(given) or 'none'})")
        if self.allow is None and self.says is None:
            raise ValueError("`says` is missing: the sentence the partner would write")
        if self.allow is not None and self.reason is None:
            raise ValueError("`reason` is missing: why the standard is relaxed")
        for name, values in self.when.items():
            if place(name).element is None and not set(values) <= {PRESENT, ABSENT}:
                raise ValueError(f"if: {name} is a segment; expected {PRESENT} or {ABSENT}")
        return self

    @property
    def kind(self) -> str:
        """Which of `KINDS` it is."""
        return next(kind for kind in KINDS if getattr(self, kind))

    @property
    def places(self) -> tuple[Place, ...]:
        """What it is about; nothing for an allowance."""
        return tuple(map(place, getattr(self, self.kind))) if self.allow is None else ()

    @property
    def summands(self) -> tuple[Place, ...]:
        """The elements that a sum adds up."""
        return tuple(place(name) for names in (self.sum or {}).values() for name in names)

    @property
    def path(self) -> tuple[str, ...] | None:
        """The loops it looks into one by one, outermost first; () the set without its loops; None everything."""
        if self.within is None:
            return None
        return () if self.within == "set" else tuple(self.within.split("/"))

    def holds_in(self, release: str) -> bool:
        """Whether it is a rule of this release."""
        return self.releases is None or release in self.releases


class Pack(_Setting):
    """One file: a guide for one set, or - without `set` - rules that several packs extend.

    `pack` is the version of this format, `version` the partner's word for the edition of the guide."""

    pack: Literal["1"]
    id: Id
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    version: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    set_id: Annotated[str | None, Field(alias="set", pattern=r"^\d{3}$")] = None
    releases: Releases | None = None
    extends: Id | None = None
    drop: Annotated[tuple[Id, ...], BeforeValidator(_many)] = ()
    rules: tuple[Rule, ...] = ()
