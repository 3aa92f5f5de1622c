"""Documents: claimed by their business key before anything may leave, then moved by the state machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.lanes import fence, unclaimed
from airflow_provider_sagex3_cleo.ledger.machine import Birth, Move, give_birth, move_all
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, now, pack, reserve_ids, sha256, unpack
from airflow_provider_sagex3_cleo.ledger.states import DocState

__all__ = [
    "DocumentRow",
    "NewDocument",
    "bodies",
    "body",
    "count_under",
    "create",
    "for_keys",
    "get",
    "in_interchange",
    "ready_in_lane",
    "transition",
    "transition_many",
]

_D, _V = schema.document.c, schema.record_version.c
_IN = schema.document_in_interchange.c


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A document to be claimed. `body` is what was written and validated; None for one settled elsewhere.

    The guard is (source, entity, key, send_sequence, set, role, usage). `base_version_id` is the record version it
    was made from, or compared with."""

    source_id: int
    entity: str
    key: str
    version_id: int
    send_sequence: int
    set_id: str
    role: str
    usage: str
    agreement: str | None = None
    agreement_version: str | None = None
    lane_id: int | None = None
    partner: str | None = None
    number: str | None = None
    body: bytes | None = None
    content_hash: str | None = None
    base_version_id: int | None = None
    state: DocState = DocState.READY
    why: str = "made from the record"
    order_date: date | None = None
    amount: Decimal | None = None
    line_count: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document without its body. `reason` says why it is in its state."""

    id: int
    source_id: int
    entity: str
    key: str
    send_sequence: int
    set_id: str
    role: str
    usage: str
    version_id: int
    base_version_id: int | None
    agreement: str | None
    agreement_version: str | None
    lane_id: int | None
    partner: str | None
    number: str | None
    order_date: date | None
    amount: Decimal | None
    line_count: int | None
    content_hash: str | None
    body_sha256: str | None
    created_run: str
    created_at: datetime
    state: DocState
    state_run: str
    state_at: datetime
    reason: str | None


#: The facts about a document that never change; the audit proves them.
FACTS = (
    *("source_id", "entity", "key", "send_sequence", "set_id", "role", "usage", "version_id", "base_version_id"),
    *("agreement", "agreement_version", "lane_id", "partner", "number", "order_date", "amount", "line_count"),
    *("content_hash", "body_sha256"),
)
_COLUMNS = tuple(_D[name] for name in DocumentRow.__slots__)


def _row(row: Any) -> DocumentRow:
    values = {name: row._mapping[name] for name in DocumentRow.__slots__}
    values["state"] = DocState(values["state"])
    values["amount"] = None if values["amount"] is None else Decimal(values["amount"])
    return DocumentRow(**values)


def create(db: Connection, run_id: str, actor: str, news: Sequence[NewDocument]) -> list[int]:
    """Claim the business keys and keep the bodies, in bulk; the ids in the order given.

    Raises: LostRace when one of the keys is claimed already; then none of them was written."""
    ids = reserve_ids(db, schema.document, len(news)) if news else []
    at = now(db)
    births = []
    for new in news:
        row = {name: getattr(new, name) for name in FACTS if name not in ("amount", "body_sha256")}
        row["amount"] = None if new.amount is None else format(new.amount, "f")
        row["body_sha256"] = None if new.body is None else sha256(new.body)
        births.append(
            Birth(
                new.state,
                new.why,
                [row[name] for name in FACTS],
                {
                    **row,
                    "created_run": run_id,
                    "created_at": at,
                    "reason": new.why,
                    "body": None if new.body is None else pack(new.body),
                },
            )
        )
    try:
        with db.begin_nested():
            give_birth(db, schema.document, list(zip(ids, births, strict=True)), run_id=run_id, actor=actor, at=at)
    except IntegrityError as exc:
        taken = _taken(db, news)
        if not taken:
            raise
        raise LostRace(f"already claimed: {', '.join(taken[:5])}", system="ledger", record=news[0].entity) from exc
    return ids


def _taken(db: Connection, news: Sequence[NewDocument]) -> list[str]:
    guard = (_D.source_id, _D.entity, _D.key, _D.send_sequence, _D.set_id, _D.role, _D.usage)
    names = [column.name for column in guard]
    wanted = [tuple(getattr(new, name) for name in names) for new in news]
    twice = {each for each in wanted if wanted.count(each) > 1} if len(set(wanted)) < len(wanted) else set()
    for part in in_parts(wanted, 50):
        twice.update(tuple(row) for row in db.execute(select(*guard).where(tuple_(*guard).in_(part))))
    return [
        f"{key} ({set_id} no. {sequence}, usage {usage})" for _, _, key, sequence, set_id, _, usage in sorted(twice)
    ]


def for_keys(db: Connection, source_id: int, entity: str, keys: Iterable[str]) -> dict[str, list[DocumentRow]]:
    """The documents of each key, newest last; keys without documents are left out.

    A document of a load is one of each delivery in it, whose own version it names then."""
    found: dict[str, list[DocumentRow]] = {}
    for part in in_parts(sorted(set(keys))):
        mine = (_D.source_id == source_id, _D.entity == entity, _D.key.in_(part))
        for row in db.execute(select(*_COLUMNS).where(*mine)):
            found.setdefault(row.key, []).append(_row(row))
        shared = select(_V.key.label("member"), _V.id.label("member_version"), *_COLUMNS)
        shared = shared.join(schema.document, _D.id == _V.document_id).where(_D.key != _V.key)
        for row in db.execute(shared.where(_V.source_id == source_id, _V.entity == entity, _V.key.in_(part))):
            found.setdefault(row.member, []).append(replace(_row(row), version_id=row.member_version))
    for rows in found.values():
        rows.sort(key=lambda row: row.id)
    return found


def get(db: Connection, document_id: int) -> DocumentRow | None:
    """The document of this id."""
    row = db.execute(select(*_COLUMNS).where(_D.id == document_id)).first()
    return _row(row) if row else None


def ready_in_lane(db: Connection, lane_id: int, limit: int) -> list[DocumentRow]:
    """Documents to be grouped next, oldest first; those of a file that waits for its next try are not among them."""
    mine = (schema.IS_READY, _D.lane_id == lane_id, unclaimed())
    return [_row(row) for row in db.execute(select(*_COLUMNS).where(*mine).order_by(_D.id).limit(limit))]


def in_interchange(db: Connection, interchange_id: int) -> list[DocumentRow]:
    """The documents of a file, in their order."""
    query = (
        select(*_COLUMNS)
        .join(schema.document_in_interchange, _IN.document_id == _D.id)
        .where(_IN.interchange_id == interchange_id)
        .order_by(_IN.position)
    )
    return [_row(row) for row in db.execute(query)]


def body(db: Connection, document_id: int) -> bytes:
    """What was written for the document. Raises: LostRace where it has none."""
    packed = db.execute(select(_D.body).where(_D.id == document_id)).scalar()
    if packed is None:
        raise LostRace(f"document {document_id} has no body", system="ledger")
    return unpack(packed)


def bodies(db: Connection, document_ids: Iterable[int]) -> Mapping[int, bytes]:
    """The bodies of several documents, by id."""
    found: dict[int, bytes] = {}
    for part in in_parts(sorted(set(document_ids))):
        rows = db.execute(select(_D.id, _D.body).where(_D.id.in_(part), _D.body.is_not(None)))
        found.update((document_id, unpack(packed)) for document_id, packed in rows)
    return found


def transition(
    db: Connection,
    document_id: int,
    was: DocState,
    to: DocState,
    why: str,
    *,
    run_id: str,
    actor: str,
    lease: str | None = None,
) -> None:
    """Move one document; see `transition_many`."""
    transition_many(db, [document_id], was, to, why, run_id=run_id, actor=actor, lease=lease)


def transition_many(
    db: Connection,
    document_ids: Sequence[int],
    was: DocState,
    to: DocState,
    why: str,
    *,
    run_id: str,
    actor: str,
    lease: str | None = None,
) -> None:
    """Move documents that are all in `was`; all of them or none. Into and out of `sending` only with the lane's lease.

    Raises: ImpossibleTransition, LostRace (not in `was` any more, or the lease is not ours any more)."""
    if not document_ids:
        return
    lanes: set[int | None] = set()
    if lease is not None or DocState.SENDING in (was, to):
        for part in in_parts(document_ids):
            lanes.update(db.execute(select(_D.lane_id).where(_D.id.in_(part)).distinct()).scalars())
        fence(db, lanes, lease or "")
    moves = [Move(each, was, to, why, {"reason": why}) for each in document_ids]
    move_all(db, schema.document, moves, run_id=run_id, actor=actor)


def count_under(db: Connection, agreement_version: str) -> int:
    """How many documents were made under this version of an agreement."""
    query = select(func.count()).select_from(schema.document).where(_D.agreement_version == agreement_version)
    return int(db.execute(query).scalar_one())
