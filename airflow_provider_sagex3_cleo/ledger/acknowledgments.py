"""Acknowledgments: each file once, each statement with the document it is about, and the states that follow from it.

The worse of two statements stands. An acknowledgment proves receipt, so a document in doubt is sent first. A document
whose sender has not finished is left alone (its lane's lease is not ours) and taken up by `waiting` on the next run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from airflow_provider_sagex3_cleo.ledger import documents, interchanges, numbers, schema
from airflow_provider_sagex3_cleo.ledger.machine import Move, move_all
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, insert_once, insert_row, now, pack, unpack
from airflow_provider_sagex3_cleo.ledger.states import AckOutcome, DocState, InterchangeState, NumberState

__all__ = [
    "AckFileRow",
    "AckRow",
    "Statement",
    "Waiting",
    "apply",
    "contents",
    "file_data",
    "file_state",
    "files_of_run",
    "keep",
    "known",
    "levels_to",
    "newest",
    "numbered",
    "of_interchanges",
    "of_run",
    "record_file",
    "settle_file",
    "take_up",
    "waiting",
]

_A, _F = schema.acknowledgment.c, schema.acknowledgment_file.c
_I, _D, _IN, _L = schema.interchange.c, schema.document.c, schema.document_in_interchange.c, schema.lane.c
_T = schema.attempt.c

_RANK = {DocState.ACCEPTED: 0, DocState.ACCEPTED_WITH_ERRORS: 1, DocState.REJECTED: 2, DocState.CORRECTED: 2}


@dataclass(frozen=True)
class Statement:
    """What a file says about one document, or about a whole group or interchange (`document_id` None).

    `number` and `st` are as the partner wrote them. `to` is the state that follows, None where only receipt is
    proven. `business`: a verdict on the content (824), which may follow a good one on the syntax."""

    kind: str
    sender: str
    receiver: str
    number: str
    code: str
    detail: tuple[str, ...] = ()
    st: str | None = None
    interchange_id: int | None = None
    document_id: int | None = None
    to: DocState | None = None
    late: bool = False
    business: bool = False


@dataclass(frozen=True)
class AckFileRow:
    """One file met in an inbound folder. `state`: read, repeated, unreadable, too_large or other."""

    id: int
    folder: str
    file_name: str
    size_bytes: int
    sha256: str
    state: str
    reason: str | None
    received_at: datetime


@dataclass(frozen=True)
class AckRow:
    """One statement as it was kept. `detail` are sentences; `document` is the document's own number."""

    id: int
    kind: str
    sender: str
    receiver: str
    number: str
    st: str | None
    interchange_id: int | None
    document_id: int | None
    code: str
    outcome: AckOutcome
    late: bool
    detail: tuple[str, ...]
    folder: str
    file_name: str
    received_run: str
    received_at: datetime
    set_id: str | None
    document: str | None
    partner: str | None


@dataclass(frozen=True)
class Waiting:
    """A statement whose document was still being sent."""

    id: int
    file_id: int
    statement: Statement


# --- files ------------------------------------------------------------------------------------------------------------
def known(db: Connection, source_id: int, folder: str) -> dict[tuple[str, int], str]:
    """The files of a folder recorded so far, (name, bytes) -> state."""
    query = select(_F.file_name, _F.size_bytes, _F.state).where(_F.source_id == source_id, _F.folder == folder)
    query = query.order_by(_F.id)
    return {(row.file_name, row.size_bytes): row.state for row in db.execute(query)}


def record_file(
    db: Connection,
    source_id: int,
    *,
    folder: str,
    file_name: str,
    size_bytes: int,
    sha256: str,
    data: bytes | None,
    run_id: str,
) -> tuple[int, bool] | None:
    """Keep a file: (its id, whether its content is new). None where just this file is recorded already.

    `sha256` is '' for a file that was not read."""
    repeated = bool(sha256) and (
        db.execute(select(_F.id).where(_F.sha256 == sha256, _F.source_id == source_id).limit(1)).first() is not None
    )
    mine = (_F.file_name == file_name, _F.folder == folder, _F.source_id == source_id, _F.sha256 == sha256)
    recorded = insert_once(
        db, schema.acknowledgment_file, source_id=source_id, folder=folder, file_name=file_name,
        size_bytes=size_bytes, sha256=sha256, state="repeated" if repeated else "read",
        reason="the same bytes came before" if repeated else None, received_run=run_id, received_at=now(db),
        data=None if repeated or data is None else pack(data),
    )  # fmt: skip
    if not recorded:
        return None
    return int(db.execute(select(_F.id).where(*mine)).scalar_one()), not repeated


def settle_file(db: Connection, file_id: int, state: str, reason: str) -> None:
    """Say what kind of file it was, where it was no plain acknowledgment."""
    db.execute(update(schema.acknowledgment_file).where(_F.id == file_id).values(state=state, reason=reason))


def file_state(db: Connection, source_id: int, folder: str, file_name: str, sha256: str) -> str:
    """The state of a file that is recorded with just this content."""
    mine = (_F.file_name == file_name, _F.folder == folder, _F.source_id == source_id, _F.sha256 == sha256)
    return str(db.execute(select(_F.state).where(*mine)).scalar_one())


def file_data(db: Connection, file_id: int) -> bytes | None:
    """The bytes of a file, where they were kept with it."""
    packed = db.execute(select(_F.data).where(_F.id == file_id)).scalar()
    return None if packed is None else unpack(packed)


# --- matching ---------------------------------------------------------------------------------------------------------
def levels_to(db: Connection, source_id: int, ours: str, theirs: str) -> frozenset[str]:
    """The levels on which anything was ever numbered from us to this partner ('qualifier:id' both)."""
    s = schema.control_series.c
    mine = (s.source_id == source_id, s.sender == ours, s.receiver == theirs)
    return frozenset(db.execute(select(s.level).where(*mine)).scalars())


def numbered(
    db: Connection, source_id: int, ours: str, theirs: str, *, gs: int | None = None, isa: int | None = None
) -> list[interchanges.InterchangeRow]:
    """Files of this pair under this number, the newest first (after a wrap there are several)."""
    in_group = or_(_I.gs == gs, _I.id.in_(select(_IN.interchange_id).where(_IN.gs == gs)))
    query = (
        select(_I.id)
        .join(schema.lane, _L.id == _I.lane_id)
        .where(_L.source_id == source_id, _I.sender == ours, _I.receiver == theirs)
        .where(in_group if isa is None else _I.isa == isa)
        .order_by(_I.id)
    )
    rows = interchanges.get_many(db, [row.id for row in db.execute(query)])
    return rows[::-1]


def contents(
    db: Connection, file: interchanges.InterchangeRow, group: int | None = None
) -> list[tuple[str, documents.DocumentRow]]:
    """The documents of a file, or of one of its groups (GS06), in their order, each with its ST02."""
    links = db.execute(select(_IN.document_id, _IN.st, _IN.gs).where(_IN.interchange_id == file.id)).all()
    st = {link.document_id: str(link.st) for link in links if group in (None, link.gs or file.gs)}
    return [(st[row.id], row) for row in documents.in_interchange(db, file.id) if row.id in st]


def newest(
    db: Connection, source_id: int, ours: str, theirs: str, number: str
) -> tuple[interchanges.InterchangeRow, documents.DocumentRow] | None:
    """The newest document of this number (a PO number, say) that went to this partner, with its file."""
    query = (
        select(_IN.interchange_id, _IN.document_id)
        .join(schema.interchange, _I.id == _IN.interchange_id)
        .join(schema.document, _D.id == _IN.document_id)
        .where(_D.number == number, _D.source_id == source_id, _I.sender == ours, _I.receiver == theirs)
        .order_by(_IN.interchange_id.desc())
        .limit(1)
    )
    row = db.execute(query).first()
    if row is None:
        return None
    file, document = interchanges.get(db, row.interchange_id), documents.get(db, row.document_id)
    return (file, document) if file and document else None


# --- statements -------------------------------------------------------------------------------------------------------
def keep(db: Connection, file_id: int, statement: Statement, outcome: AckOutcome, *, run_id: str) -> int:
    """Keep one statement with what came of it; the row's id."""
    attempt = None
    if statement.interchange_id is not None:
        attempt = db.execute(select(func.max(_T.id)).where(_T.interchange_id == statement.interchange_id)).scalar()
    return insert_row(
        db, schema.acknowledgment, file_id=file_id, kind=statement.kind, sender=statement.sender,
        receiver=statement.receiver, number=statement.number[:40], st=statement.st[:40] if statement.st else None,
        interchange_id=statement.interchange_id, document_id=statement.document_id, attempt_id=attempt,
        code=statement.code[:8], outcome=outcome.value, late=int(statement.late),
        detail=json.dumps(statement.detail), received_run=run_id, received_at=now(db),
    )  # fmt: skip


def apply(
    db: Connection, source_id: int, file_id: int, statements: Sequence[Statement], *, run_id: str, actor: str
) -> list[AckOutcome]:
    """Keep statements about one interchange of ours and move its documents; the outcomes in the order given.

    Raises: LostRace where a document changed meanwhile; nothing of the transaction counts then."""
    if not statements:
        return []
    interchange_id = statements[0].interchange_id
    assert interchange_id is not None
    _received(db, source_id, interchange_id, statements[0], run_id=run_id, actor=actor)
    outcomes = []
    for statement in statements:
        was = _locked(db, statement)
        outcome = _outcome(statement, was) if was else _of_file(db, interchange_id)
        row_id = keep(db, file_id, statement, outcome, run_id=run_id)
        _move(db, row_id, file_id, statement, outcome, was, run_id=run_id, actor=actor)
        outcomes.append(outcome)
    return outcomes


def waiting(db: Connection, source_id: int) -> list[Waiting]:
    """Statements that wait for the end of a try, oldest first."""
    query = (
        select(schema.acknowledgment)
        .join(schema.acknowledgment_file, _F.id == _A.file_id)
        .where(schema.IS_WAITING, _F.source_id == source_id)
        .order_by(_A.id)
    )
    found = []
    for row in db.execute(query):
        to = {"A": DocState.ACCEPTED, "E": DocState.ACCEPTED_WITH_ERRORS, "R": DocState.REJECTED}.get(row.code)
        statement = Statement(
            row.kind, row.sender, row.receiver, row.number, row.code, tuple(json.loads(row.detail or "[]")), row.st,
            row.interchange_id, row.document_id, None if row.kind == "TA1" and row.code != "R" else to, bool(row.late),
            row.kind == "824",
        )  # fmt: skip
        found.append(Waiting(row.id, row.file_id, statement))
    return found


def take_up(db: Connection, source_id: int, one: Waiting, *, run_id: str, actor: str) -> AckOutcome:
    """Try a waiting statement again. Raises: LostRace as `apply`."""
    interchange_id = one.statement.interchange_id
    assert interchange_id is not None
    _received(db, source_id, interchange_id, one.statement, run_id=run_id, actor=actor)
    was = _locked(db, one.statement)
    outcome = _outcome(one.statement, was) if was else _of_file(db, interchange_id)
    if outcome is not AckOutcome.WAITING:
        db.execute(update(schema.acknowledgment).where(_A.id == one.id).values(outcome=outcome.value))
        _move(db, one.id, one.file_id, one.statement, outcome, was, run_id=run_id, actor=actor)
    return outcome


def _received(
    db: Connection, source_id: int, interchange_id: int, statement: Statement, *, run_id: str, actor: str
) -> None:
    """The file arrived: out of doubt with all its documents, its numbers acknowledged."""
    file = interchanges.get(db, interchange_id)
    assert file is not None
    why = f"a {statement.kind} of the partner proves that it arrived"
    if file.state is InterchangeState.IN_DOUBT:
        interchanges.move(db, file.id, file.state, InterchangeState.SENT, why, lease=None, run_id=run_id, actor=actor)
        doubtful = [d.id for d in documents.in_interchange(db, file.id) if d.state is DocState.IN_DOUBT]
        documents.transition_many(db, doubtful, DocState.IN_DOUBT, DocState.SENT, why, run_id=run_id, actor=actor)
    if file.state in (InterchangeState.IN_DOUBT, InterchangeState.SENT):
        given = interchanges.numbers_of(db, file)
        groups = [number for level, number in given if level == "GS"]
        for level, number in given:
            if level == "GS" and (statement.kind == "TA1" or (len(groups) > 1 and statement.number != str(number))):
                continue  # it speaks of the interchange alone, or of another group
            if numbers.state_of(db, source_id, file.sender, file.receiver, level, number) is NumberState.USED:
                numbers.mark(db, source_id, file.sender, file.receiver, level, number, NumberState.ACKNOWLEDGED,
                             run_id=run_id)  # fmt: skip


def _locked(db: Connection, statement: Statement) -> DocState | None:
    """The state of the statement's document, which nobody else changes before the commit; None where it names none."""
    if statement.document_id is None:
        return None
    query = select(_D.state).where(_D.id == statement.document_id).with_for_update()
    return DocState(db.execute(query).scalar_one())


def _of_file(db: Connection, interchange_id: int) -> AckOutcome:
    """What a statement means that names no document."""
    file = interchanges.get(db, interchange_id)
    assert file is not None
    outcomes = {InterchangeState.SENDING: AckOutcome.WAITING, InterchangeState.SENT: AckOutcome.RECEIVED}
    return outcomes.get(file.state, AckOutcome.NOT_SENT)


def _outcome(statement: Statement, state: DocState) -> AckOutcome:
    """What a statement means for its document."""
    to = statement.to
    if state is DocState.SENDING:
        return AckOutcome.WAITING
    if state is not DocState.SENT and state not in _RANK:
        return AckOutcome.NOT_SENT
    if to is None:
        return AckOutcome.RECEIVED
    if state is DocState.SENT:
        return AckOutcome.APPLIED
    if _RANK[to] == _RANK[state]:
        return AckOutcome.REPEATED
    if _RANK[to] < _RANK[state]:
        return AckOutcome.KEPT
    return AckOutcome.APPLIED if statement.business else AckOutcome.WORSENED


def _move(
    db: Connection,
    row_id: int,
    file_id: int,
    statement: Statement,
    outcome: AckOutcome,
    was: DocState | None,
    *,
    run_id: str,
    actor: str,
) -> None:
    if outcome not in (AckOutcome.APPLIED, AckOutcome.WORSENED) or statement.document_id is None:
        return
    file = db.execute(select(_F.folder, _F.file_name, _F.sha256).where(_F.id == file_id)).one()
    why = f"{statement.kind} {statement.code}: " + "; ".join(statement.detail[:3])
    if outcome is AckOutcome.WORSENED:
        why += " (an earlier acknowledgment was better: the worse counts)"
    detail = {"acknowledgment": row_id, "file": f"{file.folder}/{file.file_name}", "sha256": file.sha256}
    assert statement.to is not None
    move = Move(statement.document_id, was, statement.to, why, {"reason": why}, detail)
    move_all(db, schema.document, [move], run_id=run_id, actor=actor)


# --- questions --------------------------------------------------------------------------------------------------------
_COLUMNS = (
    *(_A.id, _A.kind, _A.sender, _A.receiver, _A.number, _A.st, _A.interchange_id, _A.document_id, _A.code),
    *(_A.outcome, _A.late, _A.detail, _F.folder, _F.file_name, _A.received_run, _A.received_at),
    *(_D.set_id, _D.number.label("document"), _D.partner),
)
_WHOLE = schema.acknowledgment.join(schema.acknowledgment_file, _F.id == _A.file_id).outerjoin(
    schema.document, _D.id == _A.document_id
)


def _rows(db: Connection, query: Select[Any]) -> list[AckRow]:
    found = []
    for row in db.execute(query):
        values = dict(row._mapping)
        values |= {"outcome": AckOutcome(row.outcome), "late": bool(row.late)}
        found.append(AckRow(**{**values, "detail": tuple(json.loads(row.detail or "[]"))}))
    return found


def of_interchanges(db: Connection, interchange_ids: Sequence[int]) -> list[AckRow]:
    """What was said about these files and the documents in them, oldest first."""
    query = select(*_COLUMNS).select_from(_WHOLE).order_by(_A.id)
    return [
        row for part in in_parts(interchange_ids) for row in _rows(db, query.where(_A.interchange_id.in_(part)))
    ]  # fmt: skip


def of_run(db: Connection, run_id: str, *, limit: int = 10_000) -> list[AckRow]:
    """What one run read, oldest first."""
    query = select(*_COLUMNS).select_from(_WHOLE).order_by(_A.id)
    return _rows(db, query.where(_A.received_run == run_id).limit(limit))


def files_of_run(db: Connection, run_id: str) -> list[AckFileRow]:
    """The files one run recorded, oldest first."""
    columns = (_F.id, _F.folder, _F.file_name, _F.size_bytes, _F.sha256, _F.state, _F.reason, _F.received_at)
    return [AckFileRow(*row) for row in db.execute(select(*columns).where(_F.received_run == run_id).order_by(_F.id))]
