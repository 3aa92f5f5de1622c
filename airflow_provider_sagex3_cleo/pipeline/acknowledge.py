"""Acknowledge: read what partners answered from Cleo's inbound folders, and close the loop document by document.

Reading changes nothing on Cleo unless `ack_delete` says so. One bad file, or one folder that cannot be read, never
stops the others.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.dialects import RemoteFile
from airflow_provider_sagex3_cleo.ledger import acknowledgments, audit, documents, interchanges, now, queries, sql
from airflow_provider_sagex3_cleo.ledger.acknowledgments import Statement
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.documents import DocumentRow
from airflow_provider_sagex3_cleo.ledger.interchanges import InterchangeRow
from airflow_provider_sagex3_cleo.ledger.states import AckOutcome, DocState
from airflow_provider_sagex3_cleo.partners import Book
from airflow_provider_sagex3_cleo.pipeline.explain import explain
from airflow_provider_sagex3_cleo.pipeline.extract import bind
from airflow_provider_sagex3_cleo.pipeline.freshness import warn_of_stale
from airflow_provider_sagex3_cleo.pipeline.report import LISTED, refuse_red
from airflow_provider_sagex3_cleo.pipeline.run import PipelineSettings, Run
from airflow_provider_sagex3_cleo.x12.acks import Ack, SetAck, read_acks
from airflow_provider_sagex3_cleo.x12.reader import ReadFault, element, segments

__all__ = ["ENTITY", "FoldersUnread", "FoldersUnreadable", "acknowledge", "acknowledgments_report", "inbound_folders"]

log = logging.getLogger(__name__)

#: What runs of this kind are filed under, beside the entities of Sage X3.
ENTITY = "acknowledgments"

_STATE = {"A": DocState.ACCEPTED, "E": DocState.ACCEPTED_WITH_ERRORS, "R": DocState.REJECTED}


class FoldersUnreadable(e.Fail):
    """An inbound folder or a file in it cannot be read as things are; the others were."""

    default_remedy = "correct ack_folders or ack_folder, or the rights; the next run reads what is left"


class FoldersUnread(e.Retry):
    """An inbound folder or a file in it could not be read now; trying again is safe."""


@dataclass
class _Poll:
    """One reading of the inbound folders."""

    run: Run
    ledger: Ledger
    cleo: CleoClient
    book: Book
    settings: PipelineSettings
    source_id: int
    at: datetime | None
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[e.ProviderError] = field(default_factory=list)

    @property
    def who(self) -> dict[str, str]:
        return {"run_id": self.run.run_id, "actor": self.run.actor}


def acknowledge(
    run: Run,
    *,
    ledger: Ledger,
    cleo: CleoClient,
    book: Book,
    settings: PipelineSettings,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Read every file of the inbound folders that is not recorded yet, and move the documents it speaks of.

    Args:
        at: the moment that decides what is late; the database's clock where None.

    Returns lineage: folders, counts of files by kind and of statements by outcome, requests.

    Raises:
        FoldersUnreadable, FoldersUnread: something could not be read; everything else was, and is recorded."""
    poll = _Poll(run, ledger, cleo, book, settings, bind(ledger, settings), at)
    _take_up_waiting(poll)
    folders = inbound_folders(book, settings)
    if not folders:
        log.warning("No inbound folder is named: set ack_folders, or ack_folder in an agreement.")
    for folder in folders:
        try:
            _read_folder(poll, folder)
        except e.ProviderError as problem:
            log.error("Inbound folder %s: %s", folder, problem)
            poll.problems.append(problem)
    counts = dict(sorted(poll.counts.items()))
    words = ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing new"
    log.info("Acknowledgments from %d folders: %s.", len(folders), words)
    if poll.problems:
        final = any(not isinstance(problem, e.Retry) for problem in poll.problems)
        kind = FoldersUnreadable if final else FoldersUnread
        words = "; ".join(problem.sentence.rstrip(".") for problem in poll.problems[:5])
        raise kind(words, system="cleo", record=run.run_id)
    return {"run_id": run.run_id, "folders": folders, "counts": counts, "requests": cleo.meter.requests}


def inbound_folders(book: Book, settings: PipelineSettings) -> list[str]:
    """The folders acknowledgments come into, by setting and by agreement."""
    return sorted({*settings.ack_folders, *(a.ack_folder for a in book.agreements if a.ack_folder)})


def acknowledgments_report(
    run: Run,
    *,
    ledger: Ledger,
    book: Book,
    settings: PipelineSettings,
    upstream: Mapping[str, str],
    at: datetime | None = None,
) -> dict[str, Any]:
    """Say what the run learned, what is overdue, and seal it; returns lineage.

    Raises: RunWasRed where a task before it failed."""
    source_id = bind(ledger, settings)
    with ledger.begin() as db:
        seal = audit.seal(db, run.run_id, run.actor)
    within = {a.id: a.ack_within_h for a in book.agreements if a.ack_within_h is not None}
    with ledger.reading() as db:
        rows = acknowledgments.of_run(db, run.run_id)
        files = acknowledgments.files_of_run(db, run.run_id)
        late = queries.overdue(db, source_id, within, at=at)
        moved = queries.acknowledged(db, source_id, run.run_id)
    counts = Counter({f"{file}_files": n for file, n in Counter(file.state for file in files).items()})
    counts.update(row.outcome.value for row in rows)
    counts.update(late=sum(row.late for row in rows))
    for file in files:
        if file.reason:
            log.warning("%s/%s is %s: %s", file.folder, file.file_name, file.state.replace("_", " "), file.reason)
    loud = [r for r in rows if r.code not in ("A", "") or r.outcome in _LOUD]
    for row in loud[:LISTED]:
        about = f"{row.set_id} {row.document} to {row.partner}" if row.document else f"number {row.number}"
        log.warning(
            "%s %s (%s) from %s about %s: %s", row.kind, row.code, row.outcome.value, row.sender, about,
            "; ".join(row.detail),
        )  # fmt: skip
    for due in late[:LISTED]:
        log.warning(
            "Overdue: %s %s to %s was sent at %s and should have been acknowledged within %g hours. Ask the partner.",
            due.set_id, due.number, due.partner, due.sent_at, due.hours,
        )  # fmt: skip
    for listed in (loud, late):
        if len(listed) > LISTED:
            log.warning("... and %d more.", len(listed) - LISTED)
    stale = warn_of_stale(ledger, source_id, settings.freshness_h)
    refuse_red(run, upstream)
    return {
        "run_id": run.run_id,
        "entity": run.entity,
        "counts": {name: count for name, count in sorted(counts.items()) if count},
        "documents": moved,
        "overdue": len(late),
        "stale": stale,
        "seal": seal.hash,
    }


_LOUD = frozenset({AckOutcome.UNMATCHED, AckOutcome.FOREIGN, AckOutcome.KEPT, AckOutcome.WORSENED, AckOutcome.NOT_SENT})


# --- files ------------------------------------------------------------------------------------------------------------
def _read_folder(poll: _Poll, folder: str) -> None:
    files = poll.cleo.list(folder)
    with poll.ledger.reading() as db:
        known = acknowledgments.known(db, poll.source_id, folder)
    names = {name for name, _ in known}
    again = poll.settings.ack_read_again or poll.settings.ack_delete  # what is deleted must have been read
    for file in files:
        state = known.get((file.name, file.size or 0))
        too_large = file.size is not None and file.size > poll.settings.ack_max_bytes
        if state == "too_large" and not too_large:
            state = None  # the limit was raised meanwhile
        seen = state is not None or (file.size is None and file.name in names)
        if seen and (too_large or not again):
            continue
        try:
            _read_file(poll, folder, file, too_large)
        except e.LostRace as problem:
            log.warning("%s/%s: %s; the next run reads it.", folder, file.name, problem)
            poll.counts["postponed_files"] += 1
        except e.ProviderError as problem:
            log.error("%s/%s: %s", folder, file.name, problem)
            poll.problems.append(problem)


def _read_file(poll: _Poll, folder: str, file: RemoteFile, too_large: bool) -> None:
    data = None if too_large else poll.cleo.read(folder, file.name, size=file.size)
    if data is None and not too_large:
        return  # picked up meanwhile
    if data is not None and len(data) > poll.settings.ack_max_bytes:
        file, data = RemoteFile(file.name, len(data)), None
    state, new = _record(poll, folder, file, data)
    if new:
        poll.counts[f"{state}_files"] += 1
    if poll.settings.ack_delete and data is not None and state in ("read", "repeated"):
        poll.cleo.delete(folder, file.name)


def _record(poll: _Poll, folder: str, file: RemoteFile, data: bytes | None) -> tuple[str, bool]:
    """Record one file with all that follows from it, in one transaction; its state, and whether it is new."""
    fault = f"has {file.size} bytes, more than ack_max_bytes ({poll.settings.ack_max_bytes}): not read"
    state = "too_large"
    found = None
    if data is not None:
        try:
            found = read_acks(data)
            state, fault = "read", "; ".join(found.faults[:10])
            if not found.acks:
                state = "other" if found.others else "unreadable"
                what = f"holds {', '.join(found.others[:10])}" if found.others else "holds no acknowledgment"
                fault = "; ".join([f"{what}: nothing to match", *found.faults[:10]])
        except ReadFault as problem:
            state, fault = "unreadable", f"is not X12: {problem.findings[0].message}"
    size = len(data) if data is not None else file.size or 0
    digest = sql.sha256(data) if data is not None else ""
    outcomes: list[AckOutcome] = []
    with poll.ledger.begin() as db:
        recorded = acknowledgments.record_file(
            db, poll.source_id, folder=folder, file_name=file.name, size_bytes=size,
            sha256=digest, data=data, run_id=poll.run.run_id,
        )  # fmt: skip
        if recorded is None:
            return acknowledgments.file_state(db, poll.source_id, folder, file.name, digest), False
        file_id, unseen = recorded
        if not unseen:
            return "repeated", True
        if fault:
            acknowledgments.settle_file(db, file_id, state, fault)
        for ack in found.acks if found else ():
            outcomes += _take(poll, db, file_id, ack)
    poll.counts.update(outcome.value for outcome in outcomes)
    return state, True


# --- acknowledgments --------------------------------------------------------------------------------------------------
def _take(poll: _Poll, db: Connection, file_id: int, ack: Ack) -> list[AckOutcome]:
    """Match one acknowledgment and keep what it says of each document."""
    ours, theirs = ack.receiver, ack.sender
    base = Statement(ack.kind, ack.sender, ack.receiver, _number(ack), ack.code, (ack.words,))
    matched, why = _match(poll, db, ack)
    if matched is None:
        known = acknowledgments.levels_to(db, poll.source_id, ours, theirs)
        outcome = AckOutcome.UNMATCHED if known else AckOutcome.FOREIGN
        if not known:
            why = f"nothing was ever sent from {ours} to {theirs} by this ledger"
        elif "FILE" in known:
            why += "; Cleo gives envelopes to this partner (envelope: cleo), so its numbers may be Cleo's"
        kept = replace(base, detail=(why, ack.words))
        acknowledgments.keep(db, file_id, kept, outcome, run_id=poll.run.run_id)
        return [outcome]
    file, only = matched
    statements = list(_statements(poll, db, ack, base, file, only))
    strangers = [s for s in statements if s.interchange_id is None]
    for stranger in strangers:
        acknowledgments.keep(db, file_id, stranger, AckOutcome.UNMATCHED, run_id=poll.run.run_id)
    ours_ = [s for s in statements if s.interchange_id is not None]
    done = acknowledgments.apply(db, poll.source_id, file_id, ours_, **poll.who)
    return [*done, *(AckOutcome.UNMATCHED for _ in strangers)]


def _number(ack: Ack) -> str:
    number = ack.interchange if ack.kind == "TA1" else ack.group
    return str(number) if number is not None else ack.reference


def _match(poll: _Poll, db: Connection, ack: Ack) -> tuple[tuple[InterchangeRow, int | None] | None, str]:
    """The interchange an acknowledgment is about (and the one document, for an 824), or why there is none."""
    ours, theirs = ack.receiver, ack.sender
    if ack.kind == "TA1":
        if ack.interchange is None:
            return None, "its TA101 is no control number"
        files = acknowledgments.numbered(db, poll.source_id, ours, theirs, isa=ack.interchange)
        return ((files[0], None), "") if files else (None, f"ISA13 {ack.interchange} was never sent to {theirs}")
    if ack.group is not None:
        files = acknowledgments.numbered(db, poll.source_id, ours, theirs, gs=ack.group)
        for file in files:
            if _same_group(ack, interchanges.data(db, file.id)):
                only = _advised(db, ack, file) if ack.kind == "824" else None
                if ack.kind != "824" or only is not None:
                    return (file, only), ""
        if ack.kind != "824":
            if files:
                return None, f"GS06 {ack.group} was sent to {theirs}, but under other group ids or as another group"
            return None, f"GS06 {ack.group} was never sent to {theirs}"
    if ack.kind == "824" and ack.reference:
        named = acknowledgments.newest(db, poll.source_id, ours, theirs, ack.reference)
        if named is not None:
            return (named[0], named[1].id), ""
        return None, f"no document {ack.reference} was ever sent to {theirs}"
    return None, "it names no control number"


def _same_group(ack: Ack, data: bytes) -> bool:
    """The groups we sent have the acknowledgment's ids, the other way round, and its functional id: they are alike."""
    for _, segment in segments(data):
        if segment.elements[0] == "GS":
            ids = (element(segment, 3).strip(), element(segment, 2).strip())
            functional = ack.functional_id or element(segment, 1)
            return ids == (ack.gs_sender, ack.gs_receiver) and element(segment, 1) == functional
    return False


def _advised(db: Connection, ack: Ack, file: InterchangeRow) -> int | None:
    """The document of a group that an 824 names by its set's number, or by its own."""
    contents = acknowledgments.contents(db, file, ack.group)
    for st, document in contents:
        if ack.sets[0].st and _same(ack.sets[0].st, st):
            return document.id
    return next((document.id for _, document in contents if document.number == ack.reference), None)


def _same(one: str, other: str) -> bool:
    """Partners drop and add leading zeros."""
    one, other = one.strip(), other.strip()
    return one == other or (one.isdecimal() and other.isdecimal() and int(one) == int(other))


def _statements(
    poll: _Poll, db: Connection, ack: Ack, base: Statement, file: InterchangeRow, only: int | None
) -> Iterator[Statement]:
    """What an acknowledgment says of each document in a file of ours."""
    contents = acknowledgments.contents(db, file, None if only is not None or ack.kind == "TA1" else ack.group)
    here = replace(base, interchange_id=file.id)
    if ack.kind == "TA1" and ack.code != "R":
        yield here
        return
    at = poll.at or now(db)
    named: set[int] = set()
    for st, document in contents:
        if only is not None and document.id != only:
            continue
        about = ack.sets[0] if only is not None else next((s for s in ack.sets if _same(s.st, st)), None)
        if about is not None:
            named.add(id(about))
        code, detail = _verdict(ack, about, document, len(contents))
        if about is not None:
            body = documents.bodies(db, [document.id]).get(document.id)
            detail += explain(about.errors, document.set_id, file.release, body)
        yield replace(
            here, st=st, document_id=document.id, code=code, to=_STATE.get(code), detail=tuple(detail),
            late=_late(poll.book, document, at), business=ack.kind == "824",
        )  # fmt: skip
    for about in ack.sets if only is None else ():
        if id(about) not in named:
            what = f"{ack.kind} names set {about.st}, which was not in {file.file_name}"
            yield replace(base, st=about.st, code=about.code, detail=(what, about.words))


def _verdict(ack: Ack, about: SetAck | None, document: DocumentRow, sent: int) -> tuple[str, list[str]]:
    """The code that counts for a document, and why."""
    if ack.kind == "TA1":
        return ack.code, [f"the whole interchange: {ack.words}"]
    if about is None:
        if ack.unnamed == "R":
            return "R", [f"the whole group: {ack.words}"]
        if ack.unnamed == "A" and (ack.sets_received is None or ack.sets_received >= sent):
            return "A", [f"the whole group: {ack.words}"]
        return "", [f"not named, and the group as a whole: {ack.words}; so not proven accepted"]
    if about.set_id and about.set_id != document.set_id:
        return "", [f"called a {about.set_id} where a {document.set_id} was sent; so nothing is proven ({about.words})"]
    return about.code, [about.words]


def _late(book: Book, document: DocumentRow, at: datetime) -> bool:
    agreement = book.agreement(document.agreement or "")
    hours = agreement.ack_within_h if agreement else None
    return hours is not None and document.state is DocState.SENT and at - document.state_at > timedelta(hours=hours)


def _take_up_waiting(poll: _Poll) -> None:
    """What came before its sender had finished."""
    with poll.ledger.reading() as db:
        rows: Sequence[acknowledgments.Waiting] = acknowledgments.waiting(db, poll.source_id)
    for row in rows:
        try:
            with poll.ledger.begin() as db:
                outcome = acknowledgments.take_up(db, poll.source_id, row, **poll.who)
        except e.LostRace as problem:
            log.warning("Acknowledgment %d: %s; the next run takes it up.", row.id, problem)
        else:
            if outcome is not AckOutcome.WAITING:
                poll.counts[outcome.value] += 1
