"""Loads: deliveries that leave together are told in one document, once all of them may go.

Each delivery is decided by itself first. What is ready then waits for its load, which is judged with all deliveries
the ledger knows of it. One of them leads: only who decides on that one writes the document, in one transaction with
the new state of all of them, so that several workers never write it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from airflow_provider_sagex3_cleo.documents.base import content_hash
from airflow_provider_sagex3_cleo.documents.shipment import Shipment
from airflow_provider_sagex3_cleo.errors import Action, NotRepresentable, ProviderError
from airflow_provider_sagex3_cleo.ledger import versions
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.states import OPEN_STATES, DocState, VersionState
from airflow_provider_sagex3_cleo.ledger.versions import VersionRow
from airflow_provider_sagex3_cleo.mapping import deliveries
from airflow_provider_sagex3_cleo.mapping.loads import line_numbers, together
from airflow_provider_sagex3_cleo.partners import Agreement, Book
from airflow_provider_sagex3_cleo.pipeline.convert import AgreementTerms, TermsBook
from airflow_provider_sagex3_cleo.pipeline.decide import OPEN, SENT_LIKE, Decision, Prior, drafted, put_by
from airflow_provider_sagex3_cleo.pipeline.flows import DELIVERIES
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["Loads"]

NAMED_MOST = 3  # deliveries that a sentence names

Decided = tuple[VersionRow, Decision]
Decide = Callable[[Record, Sequence[Prior]], Decision]
PriorsOf = Callable[[Iterable[str]], Mapping[str, Sequence[Prior]]]


@dataclass(frozen=True)
class _Member:
    """A delivery of a load. `decision` is None where its latest version is decided already."""

    row: VersionRow
    priors: Sequence[Prior]
    decision: Decision | None

    @property
    def ready(self) -> Decision | None:
        """Its decision, where it could go."""
        return self.decision if self.decision is not None and self.decision.ready else None

    def told(self, usage: str) -> bool:
        """Whether the partner was told of it, by this document or another."""
        states = {p.state for p in self.priors if p.usage == usage or p.state is DocState.SENT_ELSEWHERE}
        return self.ready is None and bool(states & SENT_LIKE)

    @property
    def missing(self) -> bool:
        """Whether the load has to wait for it."""
        open_ = self.decision is not None and self.ready is None and self.decision.to in OPEN_STATES
        return open_ or (self.decision is None and self.row.state in OPEN_STATES)


class Loads:
    """Judges loads.

    Args:
        book: the agreements and tables, asked for where a load is there.
        second_opinion_due: as `decide` has it, asked with the load for the key.
    """

    def __init__(
        self, ledger: Ledger, source_id: int, spec: EntitySpec, book: Callable[[], Book],
        terms: TermsBook, second_opinion_due: Callable[[AgreementTerms, str], bool],
    ) -> None:  # fmt: skip
        self._ledger, self._source_id, self._spec, self._book = ledger, source_id, spec, book
        self._terms, self._due = terms, second_opinion_due

    def judge(
        self, batch: Sequence[Decided], *, decide: Decide, priors_of: PriorsOf, source_time: datetime
    ) -> list[Decided]:
        """The decisions on a batch, those of its loads judged with all their deliveries.

        Deliveries of other batches stand at the end, where a document speaks of them too. Memory holds one load."""
        found = {row.id: (row, decision) for row, decision in batch}
        mine = frozenset(found)
        for load in dict.fromkeys(row.load for row, decision in found.values() if decision.ready and row.load):
            members = list(self._members(load, found, decide, priors_of))
            for row, decision in self._judged(load, members, mine, priors_of([load]).get(load, ()), source_time):
                if row.id in mine or decision.to is VersionState.MAPPED:
                    found[row.id] = (row, decision)
        return list(found.values())

    def _members(
        self, load: str, batch: Mapping[int, Decided], decide: Decide, priors_of: PriorsOf
    ) -> Iterator[_Member]:
        with self._ledger.reading() as db:
            rows = versions.in_load(db, self._source_id, self._spec.name, load)
        priors = priors_of(row.key for row in rows)
        for row in rows:
            mine = priors.get(row.key, ())
            if row.id in batch:
                decision: Decision | None = batch[row.id][1]
            else:
                decision = decide(Record.load(row.payload), mine) if row.state in OPEN_STATES else None
            yield _Member(row, mine, decision)

    def _judged(
        self, load: str, members: Sequence[_Member], mine: frozenset[int], earlier: Sequence[Prior],
        source_time: datetime,
    ) -> list[Decided]:  # fmt: skip
        """What becomes of the deliveries that are ready."""
        name = load.partition("~")[0]
        agreement, fault = self._agreement(name, members)
        own = [p for p in earlier if p.usage == agreement.usage]
        others = [p for p in own if p.state in OPEN]
        told = [member.row.key for member in members if member.told(agreement.usage)]

        def all_ready(to: VersionState, why: str, remedy: str | None = None) -> list[Decided]:
            again = source_time if to is VersionState.WAITING else None
            return [
                (m.row, replace(ready, to=to, why=why, remedy=remedy, not_before=again, ready=False,
                                supersede=_once(ready.supersede, others)))
                for m in members if (ready := m.ready) is not None
            ]  # fmt: skip

        if fault:
            return all_ready(VersionState.HELD, fault, "let one agreement rule all deliveries of a load")
        if any(p.state is DocState.SENDING for p in own):
            return all_ready(VersionState.WAITING, f"load {name} is being sent without it")
        if told or any(p.state in SENT_LIKE for p in own):
            return all_ready(
                VersionState.HELD, f"load {name} was told before{_with(told)}, and there is no second notice of a load",
                "give it a load of its own in Sage X3, or tell the partner by other means",
            )  # fmt: skip
        if others:
            return all_ready(VersionState.WAITING, f"load {name} is put together anew with it")
        parts: dict[str, Shipment] = {}
        faulty: list[Decided] = []
        for member in members:
            if member.ready is None:
                continue
            record = Record.load(member.row.payload)
            try:
                parts[record.key] = deliveries.to_document(record, agreement, self._book())
            except ProviderError as problem:
                faulty.append((member.row, _of(member.ready, put_by(problem, member.priors))))
        missing = [m.row.key for m in members if m.missing] + [row.key for row, _ in faulty]
        if missing:
            waiting = all_ready(VersionState.WAITING, f"load {name} waits for {_named(sorted(missing))}")
            return [*(each for each in waiting if each[0].key in parts), *faulty]
        leader = min((m.row for m in members if m.ready), key=lambda row: (row.state == VersionState.HELD, row.key))
        if leader.id not in mine:
            return all_ready(VersionState.WAITING, f"goes out with load {name}, which {leader.key} leads")
        try:
            return self._document(load, agreement, members, parts, leader)
        except ProviderError as problem:
            if problem.action not in (Action.HOLD, Action.QUARANTINE):
                raise
            problem.where.setdefault("record", name)
            return [(m.row, _of(m.ready, put_by(problem, ()))) for m in members if m.ready is not None]

    def _agreement(self, name: str, members: Sequence[_Member]) -> tuple[Agreement, str]:
        """The agreement of a load, and what is wrong where its deliveries have several."""
        ids = {ready.agreement: member.row.key for member in members if (ready := member.ready) is not None}
        agreement = self._book().agreement(min(ids, key=str) or "")
        assert agreement is not None, "a delivery is ready under an agreement of the book"
        if len(ids) == 1:
            return agreement, ""
        ruled = ", ".join(f"{key} by {agreement_id}" for agreement_id, key in ids.items())
        return agreement, f"the deliveries of load {name} are ruled by several agreements: {ruled}"

    def _document(
        self, load: str, agreement: Agreement, members: Sequence[_Member], parts: Mapping[str, Shipment],
        leader: VersionRow,
    ) -> list[Decided]:  # fmt: skip
        """Write the one document. Raises: Hold errors where the deliveries do not go together or it is not valid."""
        name = load.partition("~")[0]
        records = {m.row.key: Record.load(m.row.payload) for m in members if m.ready is not None}
        routes = {key: DELIVERIES.route(record) for key, record in records.items()}
        identities = {key: self._book().identity(agreement, r.company, r.site) for key, r in routes.items()}
        identity = identities[leader.key]
        if other := next((key for key, each in identities.items() if each != identity), None):
            raise NotRepresentable(
                f"the deliveries of load {name} are sold by sites of ours that the partner knows by different ids",
                system="sagex3", field="SALFCY", value=f"{leader.key}: {routes[leader.key].site}; "
                f"{other}: {routes[other].site}", remedy="take one of them off the load in Sage X3",
            )  # fmt: skip
        number = name if agreement.shipment.load_number == "load" else next(iter(parts))
        terms = self._terms.of(agreement, self._book())
        contents = {key: DELIVERIES.content(record, agreement, self._book()).hash for key, record in records.items()}
        draft = drafted(
            DELIVERIES.write_shipment(together(number, name, parts), terms.rules), agreement, identity, terms,
            content_hash=content_hash(contents), at=max(record.stamp for record in records.values()),
            second_opinion_due=lambda: self._due(terms, load), load=load,
        )  # fmt: skip
        lines = "; ".join(f"{key} lines {first} to {last}" for key, (first, last) in line_numbers(parts).items())
        why = f"856 of load {name} written under agreement {agreement.id}: {lines}{draft.told}"
        return [
            (m.row, replace(ready, to=VersionState.MAPPED, why=why, not_before=None, ready=False, within=leader.id,
                            draft=draft if m.row.id == leader.id else None))
            for m in members if (ready := m.ready) is not None
        ]  # fmt: skip


def _of(ready: Decision, decision: Decision) -> Decision:
    """A decision on a delivery that was ready, with what was known of it."""
    return replace(decision, agreement=ready.agreement, partner=ready.partner,
                   supersede=_once(ready.supersede, decision.supersede))  # fmt: skip


def _once(first: Sequence[Prior], more: Sequence[Prior]) -> tuple[Prior, ...]:
    return tuple({prior.id: prior for prior in (*first, *more)}.values())


def _named(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - NAMED_MOST} more" if len(keys) > NAMED_MOST else ""
    return ", ".join(keys[:NAMED_MOST]) + more


def _with(keys: Sequence[str]) -> str:
    return f" with {_named(sorted(keys))}" if keys else ""
