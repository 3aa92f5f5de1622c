"""Transform: drain what is due by state, decide each version, store its outcome and its body in one transaction."""

from __future__ import annotations

import logging
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import agreement_versions, documents, lanes, versions, windows
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.states import DocState
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.pipeline.convert import AgreementTerms, TermsBook
from airflow_provider_sagex3_cleo.pipeline.decide import Decision, Draft, Prior, decide
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.flows import FLOWS, flow_of
from airflow_provider_sagex3_cleo.pipeline.loads import Loads
from airflow_provider_sagex3_cleo.pipeline.normalise import Completed
from airflow_provider_sagex3_cleo.pipeline.reference import keep
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run, cause_hash
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["Sampler", "base_reader", "drain", "priors_of", "transform"]

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 200
RACES = 5

Decider = Callable[[Record, Sequence[Prior], Callable[[int], Record], datetime], Decision]


class Sampler:
    """Which documents get a second opinion: the first ones of an agreement version, then a sample by key."""

    def __init__(self, ledger: Ledger, settings: PipelineSettings) -> None:
        self._ledger, self._settings, self._written = ledger, settings, Counter[str]()

    def __call__(self, terms: AgreementTerms, key: str) -> bool:
        if terms.hash not in self._written:
            with self._ledger.reading() as db:
                self._written[terms.hash] = documents.count_under(db, terms.hash)
        self._written[terms.hash] += 1
        if self._written[terms.hash] <= self._settings.second_opinion_first:
            return True
        every = self._settings.second_opinion_every
        return bool(every) and zlib.crc32(key.encode()) % every == 0


def transform(
    run: Run, *, ledger: Ledger, spec: EntitySpec, book: Book, settings: PipelineSettings, part: dict[str, int]
) -> dict[str, Any]:
    """Decide all due versions of one part; returns lineage counts.

    Due are unmapped versions, held ones whose cause changed, and settled ones. A document with its guard, its events
    and its version's new state is one transaction (of up to 200 documents): a crash leaves all or nothing of each.
    Records of which nothing is sent are kept as references.

    Raises: LostRace where another run decided the same versions; the retried task finds them done."""
    if run.entity not in FLOWS:
        return keep(ledger, run, spec=spec, settings=settings, part=part)
    sampler, terms = Sampler(ledger, settings), TermsBook(flow_of(run.entity))
    source_id = bind(ledger, settings)
    completed = Completed(book, ledger, source_id)

    def by_rules(
        record: Record, priors: Sequence[Prior], base: Callable[[int], Record], source_time: datetime
    ) -> Decision:
        return decide(
            record, spec=spec, book=completed.book, settings=settings, priors=priors, base_record=base,
            source_time=source_time, terms=terms, second_opinion_due=sampler,
        )  # fmt: skip

    loads = Loads(ledger, source_id, spec, lambda: completed.book, terms, sampler)
    return drain(run, by_rules, ledger=ledger, spec=spec, cause=cause_hash(completed.hash, spec.hash),
                 settings=settings, part=part, loads=loads)  # fmt: skip


def drain(
    run: Run, decider: Decider, *, ledger: Ledger, spec: EntitySpec, cause: str, settings: PipelineSettings,
    part: dict[str, int], loads: Loads | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Walk over the due versions of one part and store what `decider` says; memory holds 200 versions and a load.

    Args:
        cause: what the versions are judged by (`cause_hash`).
        loads: judges what is ready to go with its load."""
    source_id = bind(ledger, settings)
    counts: Counter[str] = Counter()

    base = base_reader(ledger)
    with ledger.reading() as db:
        source_time = windows.latest_server_time(db, source_id, run.entity) or datetime.now(UTC)

    def earlier(keys: Iterable[str]) -> dict[str, list[Prior]]:
        with ledger.reading() as db:
            return priors_of(documents.for_keys(db, source_id, run.entity, keys))

    after, races = 0, 0
    while True:
        with ledger.reading() as db:
            rows = versions.due(
                db, source_id, run.entity, part=part["part"], parts=part["of"], cause_hash=cause,
                source_now=source_time, after_id=after, limit=ROWS_AT_ONCE,
            )  # fmt: skip
        if not rows:
            break
        priors = earlier(row.key for row in rows)
        decisions = [decider(Record.load(row.payload), priors.get(row.key, ()), base, source_time) for row in rows]
        decided = list(zip(rows, decisions, strict=True))
        if loads is not None and any(decision.ready for decision in decisions):
            decided = loads.judge(
                decided, decide=lambda record, priors: decider(record, priors, base, source_time), priors_of=earlier,
                source_time=source_time,
            )  # fmt: skip
            decisions = [decision for _, decision in decided[: len(rows)]]
            priors |= earlier(d.draft.load for _, d in decided if d.draft is not None and d.draft.load is not None)
        try:
            _store(run, ledger, source_id, decided, priors, cause)
        except LostRace:  # another task was faster with some of them: look again at what is left
            races += 1
            if races > RACES:
                raise
            continue
        counts.update(decision.outcome for decision in decisions)
        after = rows[-1].id
    log.info(
        "Part %d of %d: %s.", part["part"] + 1, part["of"],
        ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing was due",
    )  # fmt: skip
    return {"run_id": run.run_id, "part": part["part"], "of": part["of"], "counts": dict(sorted(counts.items()))}


def base_reader(ledger: Ledger) -> Callable[[int], Record]:
    """Gives the record of a version id, as it was landed."""

    def read(version_id: int) -> Record:
        with ledger.reading() as db:
            return Record.load(versions.payloads(db, [version_id])[version_id])

    return read


def priors_of(found: dict[str, list[documents.DocumentRow]]) -> dict[str, list[Prior]]:
    """The ledger's documents by key, as the decision sees them."""
    return {
        key: [Prior(d.id, d.key, DocState(d.state), d.usage, d.version_id, d.send_sequence) for d in rows]
        for key, rows in found.items()
    }


def _store(
    run: Run, ledger: Ledger, source_id: int, decided: Sequence[tuple[versions.VersionRow, Decision]],
    priors: dict[str, list[Prior]], cause: str,
) -> None:  # fmt: skip
    drafts = [decision.draft for _, decision in decided if decision.draft is not None]
    texts = {draft.terms.hash: draft.terms.text for draft in drafts}
    folders = {_lane_of(draft): draft.agreement.target_folder or "" for draft in drafts}
    with ledger.begin() as db:  # shared rows first and in one order, or two tasks would wait for each other
        for version in sorted(texts):
            agreement_versions.ensure(db, version, texts[version])
        lane_ids = {lane: lanes.ensure(db, source_id, lane, folders[lane]) for lane in sorted(folders)}
    with ledger.begin() as db:
        superseded: set[int] = set()
        for row, decision in decided:
            for prior in decision.supersede:
                if prior.id in superseded:
                    continue
                superseded.add(prior.id)
                documents.transition(
                    db, prior.id, prior.state, decision.supersede_to, decision.supersede_why,
                    run_id=run.run_id, actor=run.actor,
                )  # fmt: skip
                if prior.key != row.key:
                    versions.reopen(db, run.run_id, run.actor, prior.id, prior.key, "its load is put together anew")
        news = {
            row.id: new
            for row, decision in decided
            if (new := _new(source_id, run, row, decision, priors.get(_key(row, decision), []), lane_ids)) is not None
        }
        ids = documents.create(db, run.run_id, run.actor, list(news.values()))
        document_of = dict(zip(news, ids, strict=True))
        versions.settle(
            db, run.run_id, run.actor,
            [
                versions.VersionMove(
                    id=row.id, to=d.to, why=d.why, remedy=d.remedy, field=d.field, value=d.value, agreement=d.agreement,
                    partner=d.partner, cause_hash=cause, not_before=d.not_before,
                    document_id=document_of.get(d.within or row.id),
                )
                for row, d in decided
            ],
        )  # fmt: skip


def _key(row: versions.VersionRow, decision: Decision) -> str:
    """The business key of the document that a decision asks for: the load's, or the record's own."""
    return (decision.draft and decision.draft.load) or row.key


def _lane_of(draft: Draft) -> str:
    """The lane a document is sent in."""
    return draft.agreement.lane_key(draft.identity)


def _new(
    source_id: int, run: Run, row: versions.VersionRow, decision: Decision, priors: Sequence[Prior],
    lane_ids: dict[str, int],
) -> documents.NewDocument | None:  # fmt: skip
    """The document that a decision asks for, with its guard; None where it asks for none."""
    flow = flow_of(run.entity)
    claim = partial(
        documents.NewDocument,
        source_id=source_id, entity=run.entity, key=_key(row, decision), version_id=row.id,
        send_sequence=1 + max((p.send_sequence for p in priors), default=0), set_id=flow.set_id, why=decision.why,
    )  # fmt: skip
    if decision.draft is not None:
        draft = decision.draft
        agreement = draft.agreement
        return claim(
            role=agreement.role, usage=agreement.usage, agreement=agreement.id, agreement_version=draft.terms.hash,
            lane_id=lane_ids[_lane_of(draft)],
            partner=agreement.partner, number=draft.summary.number, body=draft.body, content_hash=draft.content_hash,
            state=draft.state, order_date=draft.summary.date, amount=draft.summary.amount,
            line_count=draft.summary.line_count,
        )  # fmt: skip
    if decision.elsewhere is not None:
        other = decision.elsewhere
        return claim(
            role=flow.roles[0], usage="P", partner=other.routing.partner, number=other.routing.number,
            content_hash=other.content_hash,
            state=DocState.SENT_ELSEWHERE, order_date=other.routing.date,
        )  # fmt: skip
    return None
