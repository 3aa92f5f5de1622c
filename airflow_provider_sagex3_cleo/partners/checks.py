"""What does not go together between agreements, identities and lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Generic, TypeVar

from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.findings import Finding
from airflow_provider_sagex3_cleo.partners.identities import Identity
from airflow_provider_sagex3_cleo.partners.marks import Loc, Marked

__all__ = ["Placed", "clashing_ids", "cross_check"]

T = TypeVar("T")


@dataclass(frozen=True)
class Placed(Generic[T]):
    """An entry and where it stands."""

    value: T
    file: str
    line: int
    marked: Marked
    loc: Loc

    def finding(self, key: str, message: str) -> Finding:
        """A fault at the line of one key of the entry (which may stand among the file's common keys)."""
        own = (*self.loc, key)
        line = self.marked.lines.get(own) or self.marked.lines.get((key,)) or self.line
        return Finding(self.file, line, message)

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


def cross_check(
    identities: Sequence[Placed[Identity]],
    agreements: Sequence[Placed[Agreement]],
    not_for_edi: Mapping[str, tuple[str, Finding]],
) -> list[Finding]:
    """All faults and warnings between entries that are each right by themselves."""
    return [
        *_double_identities(identities),
        *_double_ids(agreements),
        *_unknown_identities(identities, agreements),
        *_ties(agreements),
        *_lanes(identities, agreements),
        *_shared_ids(agreements),
        *_listed_and_enrolled(agreements, not_for_edi),
        *_incomplete(agreements),
    ]


def _double_identities(identities: Sequence[Placed[Identity]]) -> Iterable[Finding]:
    seen: dict[tuple[str, str | None], Placed[Identity]] = {}
    for item in identities:
        for site in item.value.sites or (None,):
            first = seen.setdefault((item.value.company, site), item)
            if first is not item:
                what = f"site {site}" if site else f"company {item.value.company}"
                yield item.finding("sites", f"{what} has two identities: '{first.value.key}' and '{item.value.key}'")


def _double_ids(agreements: Sequence[Placed[Agreement]]) -> Iterable[Finding]:
    seen: dict[str, Placed[Agreement]] = {}
    for item in agreements:
        first = seen.setdefault(item.value.id, item)
        if first is not item:
            yield item.finding("id", f"agreement id '{item.value.id}' stands twice (first in {first.place})")


def _unknown_identities(
    identities: Sequence[Placed[Identity]], agreements: Sequence[Placed[Agreement]]
) -> Iterable[Finding]:
    known = {item.value.key for item in identities}
    for item in agreements:
        if item.value.identity is not None and item.value.identity not in known:
            yield item.finding(
                "identity",
                f"identity '{item.value.identity}' is not in identities.yaml; known: {', '.join(sorted(known))}",
            )


def _overlap(a: Agreement, b: Agreement) -> bool:
    start = max(a.effective_from or date.min, b.effective_from or date.min)
    return start <= min(a.effective_to or date.max, b.effective_to or date.max)


def _ties(agreements: Sequence[Placed[Agreement]]) -> Iterable[Finding]:
    """Same partner, role, set and usage on the same day: one must name all that the other names, and more."""
    groups: dict[tuple[str, ...], list[Placed[Agreement]]] = defaultdict(list)
    for item in agreements:
        a = item.value
        if a.stage != "setup":
            role = "" if a.set_id == "856" else a.role  # one shipment is told once, in whichever role
            groups[(a.partner, role, a.set_id, a.usage)].append(item)
    for group in groups.values():
        for first, second in combinations(group, 2):
            a, b = first.value, second.value
            if not _overlap(a, b) or any(
                x is not None and y is not None and x != y
                for x, y in ((a.company, b.company), (a.site, b.site), (a.order_address, b.order_address))
            ):
                continue
            one, other = a.constraints(), b.constraints()
            if one == other:
                yield second.finding(
                    "id",
                    f"'{b.id}' and '{a.id}' ({first.place}) fit the same documents on the same days: give them dates "
                    "that do not overlap, or make one more specific",
                )
            elif not (one < other or other < one):
                yield Finding(
                    second.file,
                    second.line,
                    f"'{b.id}' and '{a.id}' ({first.place}) can both fit one document, which is then held",
                    "warning",
                )


def _lanes(identities: Sequence[Placed[Identity]], agreements: Sequence[Placed[Agreement]]) -> Iterable[Finding]:
    """All files of one lane go to one folder, else their order could not be kept."""
    by_key = {item.value.key: item.value for item in identities}
    seen: dict[str, Placed[Agreement]] = {}
    for item in agreements:
        a = item.value
        if a.partner_ids is None or a.target_folder is None or a.stage == "setup":
            continue
        if a.identity is not None:
            ours = [by_key[a.identity]] if a.identity in by_key else []
        else:
            ours = [
                i
                for i in by_key.values()
                if a.company in (None, i.company) and (not i.sites or a.site in (None, *i.sites))
            ]
        for identity in ours:
            lane = a.lane_key(identity)
            first = seen.setdefault(lane, item)
            if first.value.target_folder != a.target_folder:
                key = "folder" if a.usage == "P" else "test_folder"
                yield item.finding(
                    key,
                    f"lane {lane} has two folders: '{a.target_folder}' here and '{first.value.target_folder}' in "
                    f"'{first.value.id}' ({first.place})",
                )
                break
            theirs, mine = a.partner_ids, identity.trading_ids(a.usage)
            if (theirs.qualifier, theirs.id) == (mine.qualifier, mine.id):
                yield item.finding(
                    "ids", f"the partner's ids {theirs.qualifier}:{theirs.id} are our own ('{identity.key}')"
                )
                break


def clashing_ids(agreements: Sequence[Agreement]) -> Iterator[tuple[int, int]]:
    """Positions of two agreements whose different partners have one interchange id though nobody says that it is meant.

    Two partners behind one interchange id are rare and wanted, or a copied file."""
    seen: dict[tuple[str, str, str], int] = {}
    for here, a in enumerate(agreements):
        if a.partner_ids is None:
            continue
        first = seen.setdefault((a.partner_ids.qualifier, a.partner_ids.id, a.usage), here)
        if agreements[first].partner != a.partner and not (agreements[first].shared_ids and a.shared_ids):
            yield first, here


def _shared_ids(agreements: Sequence[Placed[Agreement]]) -> Iterable[Finding]:
    for one, other in clashing_ids([item.value for item in agreements]):
        first, item = agreements[one], agreements[other]
        a = item.value
        assert a.partner_ids is not None
        yield item.finding(
            "ids",
            f"ids {a.partner_ids.qualifier}:{a.partner_ids.id} of partner {a.partner} belong to partner "
            f"{first.value.partner} too ('{first.value.id}', {first.place}); if that is meant, write "
            "`shared_ids: true` in both",
        )


def _listed_and_enrolled(
    agreements: Sequence[Placed[Agreement]], not_for_edi: Mapping[str, tuple[str, Finding]]
) -> Iterable[Finding]:
    for item in agreements:
        if item.value.partner in not_for_edi:
            at = not_for_edi[item.value.partner][1]
            yield item.finding(
                "partner", f"partner {item.value.partner} has an agreement and is listed in {at.file}:{at.line}"
            )


def _incomplete(agreements: Sequence[Placed[Agreement]]) -> Iterable[Finding]:
    for item in agreements:
        if item.value.stage != "setup" and (missing := item.value.missing()):
            yield Finding(
                item.file,
                item.line,
                f"agreement '{item.value.id}' is incomplete: {', '.join(missing)} missing; its documents are held",
                "warning",
            )
