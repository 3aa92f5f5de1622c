"""The book of agreements: which one rules one document, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from airflow_provider_sagex3_cleo.errors import AgreementTie, FieldMissing, UnmappedValue
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.identities import Identity
from airflow_provider_sagex3_cleo.partners.tables import Tables
from airflow_provider_sagex3_cleo.x12.packs import GuidePack

__all__ = ["Book", "Explanation"]

_RANK = {"live": 0, "parallel": 0, "test": 1, "setup": 2}  # a test beside a live agreement never takes its orders


@dataclass(frozen=True)
class Explanation:
    """Why a document has, or has not, an agreement. `held`: an agreement is there but not ready, so the document
    waits; not held and no agreement: not for EDI, and nothing is sent later either."""

    verdict: Literal[
        "found", "not_enrolled", "listed_not_for_edi", "elsewhere", "before_effective_from", "ended", "incomplete"
    ]
    sentence: str
    agreement: Agreement | None = None

    @property
    def held(self) -> bool:
        return self.verdict == "incomplete"


class Book:
    """All agreements, our identities and the tables, as loaded at one moment. Look-ups are indexed.

    `hash` names the content of every file it was made of."""

    def __init__(
        self,
        identities: Iterable[Identity],
        tables: Tables,
        agreements: Iterable[Agreement],
        not_for_edi: Mapping[str, str] | None = None,
        hash: str = "",
        packs: Mapping[str, GuidePack] | None = None,
    ) -> None:
        self.identities: Mapping[str, Identity] = {identity.key: identity for identity in identities}
        self.tables = tables
        self.agreements: tuple[Agreement, ...] = tuple(agreements)
        self.not_for_edi: Mapping[str, str] = dict(not_for_edi or {})
        self.hash = hash
        self._packs: Mapping[str, GuidePack] = dict(packs or {})
        self._by_partner: dict[tuple[str, str, str], list[Agreement]] = defaultdict(list)
        for agreement in self.agreements:
            self._by_partner[(agreement.partner, agreement.role, agreement.set_id)].append(agreement)
        self._by_id = {agreement.id: agreement for agreement in self.agreements}
        self._by_site: dict[tuple[str, str | None], Identity] = {}
        for identity in self.identities.values():
            for site in identity.sites or (None,):
                self._by_site[(identity.company, site)] = identity

    def agreement(self, id: str) -> Agreement | None:
        """The agreement of that id, or None."""
        return self._by_id.get(id)

    def with_tables(self, tables: Tables, added: str) -> Book:
        """The same agreements over other tables; `added` is the hash of what makes them different."""
        return Book(
            self.identities.values(), tables, self.agreements, self.not_for_edi, f"{self.hash}+{added}", self._packs
        )

    def pack(self, agreement: Agreement) -> GuidePack | None:
        """The conformance pack of an agreement, or None where it names none."""
        return self._packs[agreement.pack] if agreement.pack is not None else None

    def packs_of(self, partner: str) -> list[GuidePack]:
        """The conformance packs of all agreements with a partner, each once."""
        named = dict.fromkeys(a.pack for a in self.agreements if a.partner == partner and a.pack is not None)
        return [self._packs[pack_id] for pack_id in named]

    def enrolled(self, partner: str, role: str, set_id: str) -> bool:
        """Whether the partner has any agreement for the set, whatever its dates and stage."""
        return (partner, role, set_id) in self._by_partner

    def listed_not_for_edi(self, partner: str) -> bool:
        """Whether somebody decided that this partner does no EDI."""
        return partner in self.not_for_edi

    def find(
        self,
        *,
        company: str | None,
        site: str | None,
        partner: str,
        role: str | Sequence[str],
        set_id: str,
        on: date | None,
        address: str | None = None,
    ) -> Agreement | None:
        """The agreement that rules a document dated `on`, or None (`explain` says why).

        The production agreement (live, parallel) goes before a test one; then the most specific wins.

        Raises:
            AgreementTie: two fit and neither names all that the other names.
            FieldMissing: as `explain`."""
        return self.explain(
            company=company, site=site, partner=partner, role=role, set_id=set_id, on=on, address=address
        ).agreement

    def explain(
        self,
        *,
        company: str | None,
        site: str | None,
        partner: str,
        role: str | Sequence[str],
        set_id: str,
        on: date | None,
        address: str | None = None,
    ) -> Explanation:
        """As `find`, with the reason in a sentence.

        Args:
            role: the partner's, or several: an agreement in any of them may rule the document.

        Raises:
            AgreementTie: as `find`.
            FieldMissing: the document has no date, and its partner has agreements that begin on a date."""
        who = f"partner {partner}"
        roles = (role,) if isinstance(role, str) else role
        enrolled = [a for each in roles for a in self._by_partner.get((partner, each, set_id), ())]
        if not enrolled:
            if partner in self.not_for_edi:
                why = self.not_for_edi[partner]
                return Explanation("listed_not_for_edi", f"{who} is listed as not for EDI{f': {why}' if why else ''}")
            return Explanation("not_enrolled", f"{who} has no agreement as {' or '.join(roles)} for {set_id}")
        here = [a for a in enrolled if a.fits(company, site, address)]
        if not here:
            return Explanation(
                "elsewhere",
                f"no agreement of {who} for {set_id} covers company {company}, site {site}, address {address}",
            )
        if on is None:
            raise FieldMissing("is empty", system="sagex3", field=f"date of the {set_id}")
        ready = [a for a in here if a.stage != "setup" and not a.missing() and _in_force(a, on)]
        if ready:
            chosen = _most_specific(ready, partner, on)
            return Explanation("found", f"agreement {chosen.id}, stage {chosen.stage}", chosen)
        return _not_ready(here, who, on)

    def identity(self, agreement: Agreement, company: str | None, site: str | None) -> Identity:
        """Who we are in a document of this company and site: the agreement's own choice, the site's, the company's.

        Raises:
            UnmappedValue: nobody has told."""
        if agreement.identity is not None:
            return self.identities[agreement.identity]
        found = self._by_site.get((company or "", site)) or self._by_site.get((company or "", None))
        if found is None:
            raise UnmappedValue(
                f"no identity for company {company}, site {site}",
                field="CPY",
                value=company,
                expected="an entry in identities.yaml that names the company, or company and site",
                remedy="add it to identities.yaml, or name an identity in the agreement",
            )
        return found


def _in_force(agreement: Agreement, on: date) -> bool:
    since, until = agreement.effective_from, agreement.effective_to
    return since is not None and since <= on and (until is None or on <= until)


def _most_specific(ready: list[Agreement], partner: str, on: date) -> Agreement:
    first = min(_RANK[a.stage] for a in ready)
    ready = [a for a in ready if _RANK[a.stage] == first]
    best = max(ready, key=lambda a: len(a.constraints()))
    for other in ready:
        if other is not best and not other.constraints() < best.constraints():
            raise AgreementTie(
                f"agreements {best.id} and {other.id} fit partner {partner} on {on} equally well",
                field="agreement",
                value=f"{best.id}, {other.id}",
            )
    return best


def _not_ready(here: list[Agreement], who: str, on: date) -> Explanation:
    """Why none of the agreements that fit by place is in force on that day."""
    for agreement in sorted(here, key=lambda a: (_RANK[a.stage], -len(a.constraints()))):
        since, until = agreement.effective_from, agreement.effective_to
        if (since is None or since <= on) and (until is None or on <= until):
            if agreement.stage == "setup":
                return Explanation("incomplete", f"agreement {agreement.id} of {who} is still in stage setup")
            missing = ", ".join(agreement.missing())
            return Explanation("incomplete", f"agreement {agreement.id} of {who} is incomplete: {missing} missing")
    dates = [a.effective_from for a in here if a.effective_from is not None and a.effective_from > on]
    if dates:
        return Explanation("before_effective_from", f"{on} is before {min(dates)}, when the agreement of {who} begins")
    last = max(a.effective_to for a in here if a.effective_to is not None)
    return Explanation("ended", f"the agreement of {who} ended on {last}, before {on}")
