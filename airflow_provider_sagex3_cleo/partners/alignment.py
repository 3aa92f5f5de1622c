"""Compare what Sage X3, the agreements and Cleo each know of our partners. Pure: reads nothing, changes nothing.

How a connection or user of Cleo belongs to an agreement is not documented by anybody: an agreement may name them
(`cleo_connection`, `cleo_user`), otherwise names are compared (docs/assumptions.md, section Alignment).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Final, Literal

from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.book import Book
from airflow_provider_sagex3_cleo.partners.checks import clashing_ids

__all__ = [
    "ENTITY_OF",
    "MATCHES",
    "Alignment",
    "CleoObject",
    "CleoView",
    "Mismatch",
    "X3Partner",
    "align",
    "current",
    "objects_of",
    "points_live",
]

#: Where Sage X3 keeps the partner of each role.
ENTITY_OF: Final[Mapping[str, str]] = {
    "supplier": "suppliers",
    "pay_to": "suppliers",
    "bill_to": "customers",
    "ship_to": "customers",
    "sold_to": "customers",
}

#: What a name in Cleo may be equal to, for an agreement that names no connection or user itself.
MATCHES: Final = ("code", "name", "id", "folder")


@dataclass(frozen=True, slots=True)
class X3Partner:
    """A supplier or customer as Sage X3 has it. `active` is None where Sage X3 does not say; `there` is False where
    it was read once and is gone; `first_name` is the name it had when it was first read."""

    entity: str
    code: str
    name: str | None = None
    active: bool | None = None
    first_name: str | None = None
    there: bool = True


@dataclass(frozen=True, slots=True)
class CleoObject:
    """A connection or user of Cleo. `partner_id`: the partner's interchange id, empty where Cleo does not show one."""

    kind: Literal["connection", "user"]
    name: str
    enabled: bool | None = None
    ready: bool | None = None
    reason: str = ""
    partner_id: str = ""
    path: str = ""


@dataclass(frozen=True)
class CleoView:
    """What Cleo let us see. `read`: which kinds of object could be listed; `folders`: whether each one asked for is
    there, None where that cannot be asked."""

    objects: tuple[CleoObject, ...] = ()
    read: frozenset[str] = frozenset()
    folders: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that does not fit. `kind`: missing, renamed, inactive, orphaned, id_conflict or not_ready.

    `subject` is what it is about ("customers C0001", "connection ACME"). Alarm: a live agreement points to nobody."""

    kind: str
    severity: Literal["alarm", "warning"]
    agreement: str
    code: str
    subject: str
    found: str
    expected: str
    remedy: str

    @property
    def sentence(self) -> str:
        """All of it in words."""
        about = f"agreement {self.agreement}: " if self.agreement else ""
        return f"{about}{self.found}; expected {self.expected}. {self.remedy[:1].upper()}{self.remedy[1:]}."


@dataclass(frozen=True)
class Alignment:
    """Mismatches, alarms first, and `not_enrolled`: active partners without any agreement, by entity (no fault)."""

    mismatches: tuple[Mismatch, ...]
    not_enrolled: Mapping[str, int]
    partners: Mapping[str, int]

    @property
    def alarms(self) -> tuple[Mismatch, ...]:
        return tuple(each for each in self.mismatches if each.severity == "alarm")


def current(agreement: Agreement, on: date) -> bool:
    """Whether the agreement is in force on that day, or will be."""
    return agreement.effective_to is None or on <= agreement.effective_to


def points_live(agreement: Agreement, on: date) -> bool:
    """Whether documents of that day go out under the agreement."""
    began = agreement.effective_from is not None and agreement.effective_from <= on
    return agreement.stage == "live" and began and current(agreement, on)


def align(
    partners: Iterable[X3Partner],
    book: Book,
    cleo: CleoView,
    *,
    on: date,
    entities: Collection[str] = ("suppliers", "customers"),
    match: Sequence[str] = ("code", "id"),
    ignore: Sequence[str] = (),
) -> Alignment:
    """Compare the three sides as they are on one day. Memory holds the partners that have an agreement.

    Args:
        entities: which of Sage X3's partner entities were read; nothing is said of the others.
        match: what a name in Cleo is compared with (`MATCHES`), case and blanks apart.
        ignore: names of connections and users that belong to nobody here, with `*` and `?`.
    """
    agreements = [a for a in book.agreements if current(a, on)]
    wanted = {(ENTITY_OF[a.role], a.partner) for a in agreements}
    known: dict[tuple[str, str], X3Partner] = {}
    counts, outside = dict.fromkeys(entities, 0), dict.fromkeys(entities, 0)
    for partner in partners:
        if partner.entity not in counts:
            continue
        counts[partner.entity] += partner.there
        if (partner.entity, partner.code) in wanted:
            known[(partner.entity, partner.code)] = partner
        elif partner.there and partner.active is not False and not book.listed_not_for_edi(partner.code):
            outside[partner.entity] += 1
    found = [
        *(m for a in agreements if ENTITY_OF[a.role] in counts for m in _in_x3(a, known, on)),
        *(m for a in agreements for m in _in_cleo(a, cleo, on, match)),
        *_conflicts(agreements),
        *_orphans(agreements, cleo, match, ignore),
    ]
    found.sort(key=lambda m: (m.severity, m.kind, m.agreement, m.code, m.subject))
    return Alignment(tuple(found), outside, counts)


def objects_of(agreement: Agreement, cleo: CleoView, match: Sequence[str]) -> list[CleoObject]:
    """The connections and users of Cleo that stand for an agreement: those it names, else those that match."""
    if agreement.cleo_connection is not None or agreement.cleo_user is not None:
        named = {("connection", agreement.cleo_connection), ("user", agreement.cleo_user)}
        return [each for each in cleo.objects if (each.kind, each.name) in named]
    names = {_folded(value) for how in match if (value := _value(agreement, how))}
    return [each for each in cleo.objects if _folded(each.name) in names]


def _value(agreement: Agreement, how: str) -> str | None:
    ids = agreement.partner_ids
    values = {
        "code": agreement.partner,
        "name": agreement.partner_name,
        "id": ids.id if ids else None,
        "folder": agreement.target_folder,
    }
    return values[how]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _severity(agreement: Agreement, on: date) -> Literal["alarm", "warning"]:
    return "alarm" if points_live(agreement, on) else "warning"


def _in_x3(a: Agreement, known: Mapping[tuple[str, str], X3Partner], on: date) -> Iterator[Mismatch]:
    entity = ENTITY_OF[a.role]
    one, subject = entity.removesuffix("s"), f"{entity} {a.partner}"
    partner = known.get((entity, a.partner))
    if partner is None or not partner.there:
        was = f", which was there as '{partner.name}'" if partner is not None and partner.name else ""
        yield Mismatch(
            "missing", _severity(a, on), a.id, a.partner, subject,
            f"Sage X3 has no {one} {a.partner}{was}", f"a {one} of this code",
            f"correct `partner` of agreement {a.id}, or end the agreement (`effective_to`)",
        )  # fmt: skip
        return
    if partner.active is False:
        yield Mismatch(
            "inactive", "warning", a.id, a.partner, subject,
            f"{one} {a.partner} is not active in Sage X3, and the agreement is in stage {a.stage}",
            f"an active {one}, or an agreement that has ended",
            f"activate the {one} in Sage X3, or end agreement {a.id} (`effective_to`)",
        )  # fmt: skip
    before = a.partner_name or partner.first_name
    if before and partner.name and _folded(before) != _folded(partner.name):
        said = f"`partner_name` of agreement {a.id}" if a.partner_name else "the name it was first read with"
        yield Mismatch(
            "renamed", "warning", a.id, a.partner, subject,
            f"{one} {a.partner} is called '{partner.name}' in Sage X3", f"'{before}' ({said})",
            f"see that it is still the same firm, then write `partner_name: {partner.name}` into agreement {a.id}",
        )  # fmt: skip


def _in_cleo(a: Agreement, cleo: CleoView, on: date, match: Sequence[str]) -> Iterator[Mismatch]:
    folder = a.target_folder
    if a.stage != "setup" and folder and cleo.folders.get(folder) is False:
        yield Mismatch(
            "orphaned", _severity(a, on), a.id, a.partner, f"folder {folder}", f"Cleo has no folder {folder}",
            "a folder that takes the agreement's files",
            f"create it in Cleo, or correct the folder in agreement {a.id}",
        )  # fmt: skip
    mine = objects_of(a, cleo, match)
    seen = {(each.kind, each.name) for each in mine}
    for kind, name in (("connection", a.cleo_connection), ("user", a.cleo_user)):
        if name is not None and kind in cleo.read and (kind, name) not in seen:
            yield Mismatch(
                "orphaned", _severity(a, on), a.id, a.partner, f"{kind} {name}", f"Cleo has no {kind} {name}",
                f"the {kind} that `cleo_{kind}` names",
                f"correct `cleo_{kind}` of agreement {a.id}, or create the {kind} in Cleo",
            )  # fmt: skip
    for each in mine:
        subject = f"{each.kind} {each.name}"
        if points_live(a, on) and (each.enabled is False or each.ready is False):
            why = "is switched off" if each.enabled is False else f"is not ready ({each.reason or 'no reason given'})"
            yield Mismatch(
                "not_ready", "warning", a.id, a.partner, subject, f"{subject} of Cleo {why}",
                f"a {each.kind} that works, as the agreement is live",
                f"have the Cleo administrator look at {subject}, or end agreement {a.id}",
            )  # fmt: skip
        ids = a.partner_ids
        if each.partner_id and ids is not None and each.partner_id.strip() != ids.id:
            yield Mismatch(
                "id_conflict", "warning", a.id, a.partner, subject,
                f"{subject} of Cleo has the partner's id '{each.partner_id}'", f"'{ids.id}', as the agreement says",
                f"correct the one that is wrong: {subject} in Cleo, or `ids` of agreement {a.id}",
            )  # fmt: skip


def _conflicts(agreements: Sequence[Agreement]) -> Iterator[Mismatch]:
    for first, second in clashing_ids(agreements):
        one, other = agreements[first], agreements[second]
        ids = other.partner_ids
        assert ids is not None
        yield Mismatch(
            "id_conflict", "warning", other.id, other.partner, f"ids {ids.qualifier}:{ids.id}",
            f"ids {ids.qualifier}:{ids.id} belong to partner {one.partner} too (agreement {one.id})",
            "ids of its own, or `shared_ids: true` in both",
            f"correct `ids` in one of the agreements {one.id} and {other.id}",
        )  # fmt: skip


def _orphans(
    agreements: Sequence[Agreement], cleo: CleoView, match: Sequence[str], ignore: Sequence[str]
) -> Iterator[Mismatch]:
    taken = {(each.kind, each.name) for a in agreements for each in objects_of(a, cleo, match)}
    for each in cleo.objects:
        if (each.kind, each.name) in taken or any(fnmatchcase(each.name, pattern) for pattern in ignore):
            continue
        yield Mismatch(
            "orphaned", "warning", "", "", f"{each.kind} {each.name}",
            f"{each.kind} {each.name} of Cleo belongs to no agreement", "an agreement that it stands for",
            f"name it in an agreement (`cleo_{each.kind}`), or list it in the setting align_ignore",
        )  # fmt: skip
