"""Decide: what becomes of one landed version of a record. Pure: reads nothing, writes nothing.

The order of the questions is the trading rules': who (agreement), was it sent before, may it go (gates), has it been
quiet long enough (settle time), can it be said in X12. Each answer carries its reason in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from airflow_provider_sagex3_cleo.errors import Action, NotRepresentable, ProviderError
from airflow_provider_sagex3_cleo.ledger.states import DocState, VersionState
from airflow_provider_sagex3_cleo.mapping.gates import Gate
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners import Agreement, Book, Identity
from airflow_provider_sagex3_cleo.pipeline.conformance import conforms
from airflow_provider_sagex3_cleo.pipeline.convert import AgreementTerms, TermsBook, envelope
from airflow_provider_sagex3_cleo.pipeline.explain import way_of
from airflow_provider_sagex3_cleo.pipeline.flows import Flow, Routing, Summary, Written, flow_of
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.x12 import second_opinion, validator, writer
from airflow_provider_sagex3_cleo.x12.packs import is_of_pack

__all__ = ["OPEN", "SENT_LIKE", "Decision", "Draft", "Elsewhere", "Prior", "decide", "drafted", "put_by"]

SENT_LIKE = frozenset(
    {
        DocState.SENT,
        DocState.ACCEPTED,
        DocState.ACCEPTED_WITH_ERRORS,
        DocState.REJECTED,
        DocState.IN_DOUBT,
        DocState.SENT_ELSEWHERE,
        DocState.KEPT,  # stage parallel: the old system sent it
    }
)
MENDED_MOST = 10  # texts that are named one by one
OPEN = frozenset({DocState.READY, DocState.BLOCKED})


@dataclass(frozen=True)
class Prior:
    """What the ledger knows of an earlier document of a record. `key` is the load's where it speaks of several."""

    id: int
    key: str
    state: DocState
    usage: str
    version_id: int
    send_sequence: int


@dataclass(frozen=True)
class Draft:
    """A document that is ready to be written into the ledger.

    Of the document only what the ledger keeps: a batch of whole ones would cost memory and collector time. `notes` is
    what the partner's pack lets pass, for the audit trail. `load`: the document speaks of all deliveries of it."""

    summary: Summary
    agreement: Agreement
    terms: AgreementTerms
    identity: Identity
    body: bytes
    content_hash: str
    state: DocState
    mended: tuple[str, ...] = ()
    notes: str = ""
    load: str | None = None

    @property
    def told(self) -> str:
        """What was changed to fit and what was let pass, for the audit trail."""
        mended = self.mended
        more = f" and {len(mended) - MENDED_MOST} more" if len(mended) > MENDED_MOST else ""
        fitted = f"; changed to fit: {'; '.join(mended[:MENDED_MOST])}{more}" if mended else ""
        return fitted + self.notes


@dataclass(frozen=True)
class Elsewhere:
    """A document that was sent by other means before the baseline: no file, but the base of a later change."""

    routing: Routing
    content_hash: str


@dataclass(frozen=True)
class Decision:
    """The new state of a version, why, and what follows from it.

    `supersede` are open documents that a newer version replaces; `not_before` is the end of the settle time, or the
    time from which a load is looked at again. `ready` is a delivery that could go if its load can; `within` is the
    version whose draft speaks of this one too."""

    to: VersionState
    why: str
    remedy: str | None = None
    field: str | None = None
    value: str | None = None
    agreement: str | None = None
    partner: str | None = None
    not_before: datetime | None = None
    draft: Draft | None = None
    elsewhere: Elsewhere | None = None
    ready: bool = False
    within: int | None = None
    supersede: tuple[Prior, ...] = ()
    supersede_to: DocState = DocState.SUPERSEDED
    supersede_why: str = "a newer version replaces it before it was sent"

    @property
    def outcome(self) -> str:
        """The new state, or `settling` for what is not quiet long enough."""
        return "settling" if self.to is VersionState.LANDED and self.not_before is not None else str(self.to)


def decide(
    record: Record,
    *,
    spec: EntitySpec,
    book: Book,
    settings: PipelineSettings,
    priors: Sequence[Prior],
    base_record: Callable[[int], Record],
    source_time: datetime,
    terms: TermsBook,
    second_opinion_due: Callable[[AgreementTerms, str], bool],
) -> Decision:
    """Decide on the latest version of one record.

    Args:
        priors: all documents of the key, oldest first.
        base_record: gives the record of a version id (what was sent), asked only where it must be compared.
        source_time: Sage X3's clock, for the settle time.
        second_opinion_due: says for an agreement and a key whether badx12 reads this document back as well.
    """
    flow = flow_of(spec.name)
    agreement: Agreement | None = None
    try:
        routing = flow.route(record)
        found = _who(routing, flow, book)
        if isinstance(found, Decision):
            return replace(found, partner=routing.partner)
        agreement = found
        case = _Case(record, flow, spec, book, settings, agreement, routing, priors, base_record, source_time)
        decision = _under_agreement(case, terms, second_opinion_due)
    except ProviderError as problem:
        problem.where.setdefault("record", record.key)
        decision = put_by(problem, priors)
    return replace(decision, partner=flow.partner(record), agreement=agreement.id if agreement else None)


@dataclass(frozen=True)
class _Case:
    """One record under its agreement."""

    record: Record
    flow: Flow
    spec: EntitySpec
    book: Book
    settings: PipelineSettings
    agreement: Agreement
    routing: Routing
    priors: Sequence[Prior]
    base_record: Callable[[int], Record]
    source_time: datetime

    @property
    def open(self) -> tuple[Prior, ...]:
        """Documents of this usage that have not left yet."""
        return tuple(p for p in self.priors if p.usage == self.agreement.usage and p.state in OPEN)


def put_by(problem: ProviderError, priors: Sequence[Prior]) -> Decision:
    """Held or quarantined, with the sentence; anything else is not about this record and goes up."""
    states = {Action.HOLD: VersionState.HELD, Action.QUARANTINE: VersionState.QUARANTINED}
    if problem.action not in states:
        raise problem
    return Decision(
        states[problem.action],
        problem.sentence,
        remedy=problem.remedy or None,
        field=_text(problem.where.get("field")),
        value=_text(problem.where.get("value")),
        supersede=tuple(p for p in priors if p.state in OPEN),
        supersede_why="a newer version is there but cannot be sent as it is",
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)[:200]


def _who(routing: Routing, flow: Flow, book: Book) -> Agreement | Decision:
    """The agreement that rules this record, or why there is none."""
    found = book.explain(
        company=routing.company, site=routing.site, partner=routing.partner, role=flow.roles, set_id=flow.set_id,
        on=routing.date, address=routing.address,
    )  # fmt: skip
    if found.agreement is not None:
        return found.agreement
    if found.held:
        return Decision(VersionState.HELD, found.sentence, remedy="complete the agreement's file")
    return Decision(VersionState.NOT_FOR_EDI, found.sentence)


def _under_agreement(
    case: _Case, terms: TermsBook, second_opinion_due: Callable[[AgreementTerms, str], bool]
) -> Decision:
    agreement, opened = case.agreement, case.open
    gate = case.flow.gate(case.record, case.spec, agreement)
    if gate.verdict == "never":
        return Decision(VersionState.NOT_FOR_EDI, gate.reason)
    mine = [p for p in case.priors if p.usage == agreement.usage or p.state is DocState.SENT_ELSEWHERE]
    if any(p.state is DocState.SENDING for p in mine):
        return Decision(VersionState.LANDED, "an earlier version is being sent", not_before=case.source_time)
    sent = [p for p in mine if p.state in SENT_LIKE]
    if sent:
        return _after_sending(case, case.base_record(sent[-1].version_id), gate)
    if gate.verdict == "closed":
        return Decision(
            VersionState.UNCHANGED, f"{gate.reason}; never sent, so there is nothing to send", supersede=opened,
            supersede_to=DocState.CANCELLED, supersede_why="closed in Sage X3 before it was sent",
        )  # fmt: skip
    if gate.verdict == "wait":
        return Decision(VersionState.WAITING, gate.reason, supersede=opened,
                        supersede_why=f"it may not be sent any more: {gate.reason}")  # fmt: skip
    if gate.verdict == "unknown":
        return Decision(VersionState.HELD, gate.reason, remedy="list the value under gates of the entity specification",
                        supersede=opened)  # fmt: skip
    settle_s = agreement.settle_s if agreement.settle_s is not None else case.settings.settle_s
    settled = case.record.stamp + timedelta(seconds=settle_s)
    if settled > case.source_time:
        why = f"settling until {settled:%Y-%m-%d %H:%M:%S} UTC (Sage X3's clock)"
        return Decision(VersionState.LANDED, why, not_before=settled, supersede=opened)
    if agreement.by_load:
        return _for_load(case)
    draft = _draft(case, terms.of(agreement, case.book), second_opinion_due)
    why = f"{case.flow.set_id} written under agreement {agreement.id}{draft.told}"
    return Decision(VersionState.MAPPED, why, draft=draft, supersede=opened)


def _for_load(case: _Case) -> Decision:
    """A delivery that could go: it goes with its load, which is judged with all that belong to it.

    Raises: AgreementIncomplete where the column of the load's number is not read."""
    columns = case.spec.load
    if not columns:
        return Decision(
            VersionState.HELD, f"agreement {case.agreement.id} wants loads, and nothing says what a load is",
            remedy="name the columns of a load under `load` of deliveries in the entity specification",
            supersede=case.open,
        )  # fmt: skip
    number = Row(case.record.key, case.record.fields).read(columns[0])
    if number is None:
        return Decision(VersionState.WAITING, f"in no load yet ({columns[0]} is empty)", supersede=case.open)
    return Decision(VersionState.WAITING, f"ready to go with load {number}", ready=True,
                    not_before=case.source_time, supersede=case.open)  # fmt: skip


def _after_sending(case: _Case, base: Record, gate: Gate) -> Decision:
    """Compare with what was sent, both mapped with today's code and tables. Nothing is ever sent a second time."""
    was = case.flow.content(base, case.agreement, case.book)
    now = case.flow.content(case.record, case.agreement, case.book)
    told_with = case.spec.load_of(base.fields) if case.agreement.by_load else None
    if told_with is not None and told_with != case.spec.load_of(case.record.fields):
        why, remedy = case.flow.changed(now)
        return Decision(VersionState.HELD, f"{why}: it was told with another load", remedy=remedy, supersede=case.open)
    if was.hash == now.hash:
        return Decision(VersionState.UNCHANGED, "no commercial change since it was sent")
    if gate.verdict == "wait" and not now.cancelled:
        return Decision(VersionState.WAITING, f"changed after sending, held back: {gate.reason}")
    why, remedy = case.flow.changed(now)
    return Decision(VersionState.HELD, why, remedy=remedy, supersede=case.open)


def _draft(case: _Case, terms: AgreementTerms, second_opinion_due: Callable[[AgreementTerms, str], bool]) -> Draft:
    """Map and write one record. Raises: as `drafted`."""
    record, agreement, flow = case.record, case.agreement, case.flow
    written = flow.write(record, agreement, case.book, terms.rules)
    identity = case.book.identity(agreement, case.routing.company, case.routing.site)
    content = flow.content(record, agreement, case.book).hash
    return drafted(written, agreement, identity, terms, content_hash=content, at=record.stamp,
                   second_opinion_due=lambda: second_opinion_due(terms, record.key))  # fmt: skip


def drafted(
    written: Written, agreement: Agreement, identity: Identity, terms: AgreementTerms, *, content_hash: str,
    at: datetime, second_opinion_due: Callable[[], bool], load: str | None = None,
) -> Draft:  # fmt: skip
    """What was written, validated and read back, ready for the ledger.

    Args:
        at: a time for the envelope that only badx12 sees.

    Raises: Hold and Quarantine errors naming field, value and remedy."""
    ids = envelope(agreement, identity)
    findings = validator.validate_body(written.body, ids.delimiters, pack=terms.pack, charset=ids.charset)
    faults = [f for f in findings if f.severity == "error" and not is_of_pack(f)] or written.lost
    if not faults and second_opinion_due():
        faults = second_opinion.badx12(writer.write([written.body], ids, isa=1, gs=1, st=["0001"], at=at))
    if faults:
        first, way = faults[0], way_of(faults[0], written.body, {})
        more = f"; and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise NotRepresentable(
            f"the {agreement.set_id} would not be valid: {first.message}{more}", system="x12",
            record=written.summary.number, field=first.element or first.segment, value=first.found,
            expected="; ".join(filter(None, (str(first.expected or ""), way))),
            remedy="correct the value in Sage X3 or the agreement",
        )  # fmt: skip
    notes = conforms(findings, terms.pack, ids, written.body, written.summary.number)
    state = DocState.KEPT if agreement.stage == "parallel" else DocState.READY
    return Draft(written.summary, agreement, terms, identity, written.body.dump(), content_hash, state,
                 written.body.mended, notes, load)  # fmt: skip
