"""What an agreement says of an order or an invoice beyond the plain keys: numbers, ids, references, notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from airflow_provider_sagex3_cleo.partners.base import Name, Setting

__all__ = [
    "SOURCES",
    "DateRule",
    "IdChoice",
    "NoteRules",
    "PoNumberRules",
    "ReferenceRule",
    "SourceName",
    "date_clashes",
    "reference_clashes",
]

Shown = Literal["duns", "duns4", "gln", "assigned_by_seller", "assigned_by_buyer", "mutual", "none"]
SourceName = Literal[
    "order", "project", "internal", "buyer", "company", "site", "sales_order", "place_of_use", "invoice", "sold_to"
]

# set -> where a reference stands -> what Sage X3 has for it; which column that is, is the mapping's business.
_OF_ORDERS: Mapping[str, tuple[SourceName, ...]] = {
    "references": ("order", "project", "internal", "buyer", "company", "site"),
    "line_references": ("sales_order", "place_of_use"),
}
SOURCES: Mapping[str, Mapping[str, tuple[SourceName, ...]]] = {
    "850": _OF_ORDERS,
    "860": _OF_ORDERS,
    "810": {
        "references": ("invoice", "company", "site", "sold_to"),
        "line_references": ("sales_order",),
    },
}


class PoNumberRules(Setting):
    """How Sage X3's order number becomes the partner's: characters taken out, a prefix, a greatest length."""

    max_length: Annotated[int, Field(ge=1, le=22)] = 22
    strip: str = ""
    prefix: Annotated[str, Field(max_length=10)] = ""


class IdChoice(Setting):
    """By which of its ids each party of ours is shown; by default its `party`. `none`: without an id."""

    buyer: Shown | None = None
    ship_to: Shown | None = None
    bill_to: Shown | None = None
    seller: Shown | None = None


class ReferenceRule(Setting):
    """One reference: what Sage X3 has (`from`), or always the same `text`; `codes` puts it into the partner's words.

    `required`: a document without it is held, otherwise the reference is left out."""

    qualifier: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")]
    from_: Annotated[SourceName | None, Field(alias="from")] = None
    text: Name | None = None
    codes: dict[Name, Name] = Field(default_factory=dict)
    required: bool = False

    @model_validator(mode="after")
    def _one_origin(self) -> ReferenceRule:
        if (self.from_ is None) == (self.text is None):
            raise ValueError("expected either `from` or `text`")
        return self


class DateRule(Setting):
    """One date more than the requested one: a date of Sage X3, moved by some `days`, and where it stands.

    `of_lines`: what the heading says when lines have different dates: nothing (`same`), the earliest or the latest."""

    qualifier: Annotated[str, Field(pattern=r"^[0-9A-Z]{3}$")]
    from_: Annotated[Literal["requested", "expected", "order"], Field(alias="from")] = "requested"
    days: Annotated[int, Field(ge=-999, le=999)] = 0
    heading: bool = True
    lines: bool = False
    of_lines: Literal["same", "earliest", "latest"] = "same"


class NoteRules(Setting):
    """Which texts of Sage X3 go out, under which qualifier of the N9 that carries them; none: no text is sent."""

    qualifier: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")] | None = None
    header: bool = True
    footer: bool = True
    lines: bool = True


def reference_clashes(
    set_id: str, key: str, rules: Mapping[str, ReferenceRule], own: Iterable[str | None]
) -> Iterator[tuple[str, str]]:
    """References that cannot be had in a set, and qualifiers that would stand for two references.

    Args:
        key: `references` or `line_references`.
        own: qualifiers that the agreement gives to references of the document itself."""
    allowed = SOURCES.get(set_id, {}).get(key, ())
    for name, rule in rules.items():
        if rule.from_ is not None and rule.from_ not in allowed:
            known = ", ".join(allowed) or "none"
            yield key, f"'{name}' cannot come from '{rule.from_}' in a {set_id}; known: {known}"
    qualifiers = [rule.qualifier for rule in rules.values()] + [q for q in own if q]
    for qualifier in sorted({q for q in qualifiers if qualifiers.count(q) > 1}):
        yield key, f"two references have the qualifier {qualifier}"


def date_clashes(dates: Mapping[str, DateRule], own: str | None, scheduled: bool) -> Iterator[tuple[str, str]]:
    """Dates that would stand twice, or have no place.

    Args:
        own: the qualifier of the requested date.
        scheduled: lines that differ in date become one with a schedule."""
    for place, sent in (
        ("heading", [rule for rule in dates.values() if rule.heading]),
        ("line", [rule for rule in dates.values() if rule.lines]),
    ):
        qualifiers = [rule.qualifier for rule in sent] + [own or ""]
        for qualifier in sorted({q for q in qualifiers if qualifiers.count(q) > 1}):
            yield "dates", f"two dates of a {place} have the qualifier {qualifier}"
    if scheduled and any(rule.lines and rule.from_ != "order" for rule in dates.values()):
        yield "schedules", "a line with a schedule has no other dates: take `lines` out of `dates`"
