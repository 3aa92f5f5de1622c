"""The audit: runs seal their events into one chain, and everything can be proved again from the rows alone."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, exists, func, insert, select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.ledger import (
    alignment,
    cleo_changes,
    documents,
    interchanges,
    reference_files,
    schema,
)
from airflow_provider_sagex3_cleo.ledger.machine import KINDS, digest, event_hash, fingerprint
from airflow_provider_sagex3_cleo.ledger.sql import now, sha256, unpack

__all__ = ["AuditReport", "Seal", "seal", "verify"]

_E, _S, _IN = schema.event.c, schema.seal.c, schema.document_in_interchange.c
_PAGE = 200
_MOST_FAULTS = 200


@dataclass(frozen=True)
class Seal:
    """One link of the chain of seals. `hash` is what a person writes down elsewhere to prove the ledger later."""

    number: int
    run_id: str
    events: int
    hash: str
    previous: str


@dataclass(frozen=True)
class AuditReport:
    """What a verification found. `unsealed`: events of runs that have not ended yet, no fault."""

    ok: bool
    subjects: int
    events: int
    seals: int
    unsealed: int
    faults: list[str] = field(default_factory=list)


# --- sealing ----------------------------------------------------------------------------------------------------------
def seal(db: Connection, run_id: str, actor: str) -> Seal:
    """Seal the run's events that no seal holds yet; a run without new events is sealed too (with none)."""
    head = schema.ledger.c
    last = db.execute(select(head.id, head.seal_number, head.seal_hash).with_for_update()).one()
    seal_id = last.seal_number + 1
    mine = (_E.seal_id.is_(None), _E.run_id == run_id)
    db.execute(update(schema.event).where(*mine).values(seal_id=seal_id))
    count, events_hash = _events_hash(db, seal_id)
    row: dict[str, Any] = {
        "number": last.seal_number + 1,
        "run_id": run_id,
        "actor": actor,
        "at": now(db),
        "events": count,
        "events_hash": events_hash,
        "previous": last.seal_hash,
    }
    row["hash"] = _seal_hash(row)
    db.execute(insert(schema.seal).values(id=seal_id, **row))
    db.execute(update(schema.ledger).values(seal_number=row["number"], seal_hash=row["hash"]))
    return Seal(row["number"], run_id, count, row["hash"], row["previous"])


def _seal_hash(row: Mapping[str, Any]) -> str:
    return digest(*(row[name] for name in ("number", "run_id", "actor", "at", "events", "events_hash", "previous")))


def _events_hash(db: Connection, seal_id: int) -> tuple[int, str]:
    """How many events a seal holds, and the hash over their hashes; order is the events' own, not the rows'."""
    total, count = hashlib.sha256(), 0
    query = select(_E.hash).where(_E.seal_id == seal_id).order_by(_E.subject, _E.subject_id, _E.seq)
    for (hash_,) in db.execute(query):
        total.update(hash_.encode())
        count += 1
    return count, total.hexdigest()


# --- proving ----------------------------------------------------------------------------------------------------------
def verify(db: Connection) -> AuditReport:
    """Recompute every hash from the rows: contents, facts, events, seals; each fault named in one sentence.

    Memory holds one page of rows whatever the ledger's size."""
    faults: list[str] = []
    subjects = events = 0
    for kind, table in KINDS.items():
        for row, chain in _with_events(db, kind, table):
            subjects += 1
            events += len(chain)
            faults += _subject_faults(db, kind, row, chain)
        faults += _orphans(db, kind, table)
    seals, seal_faults = _seal_faults(db)
    faults += seal_faults
    unsealed = int(db.execute(select(func.count()).where(_E.seal_id.is_(None))).scalar_one())
    if len(faults) > _MOST_FAULTS:
        faults = [*faults[:_MOST_FAULTS], f"and {len(faults) - _MOST_FAULTS} more"]
    return AuditReport(not faults, subjects, events, seals, unsealed, faults)


def _with_events(db: Connection, kind: str, table: Table) -> Iterator[tuple[Any, list[Any]]]:
    """Each row of a table with its events in order, page by page."""
    after = 0
    while rows := db.execute(select(table).where(table.c.id > after).order_by(table.c.id).limit(_PAGE)).all():
        first, after = rows[0].id, rows[-1].id
        chains: dict[int, list[Any]] = {}
        query = (
            select(schema.event)
            .where(_E.subject == kind, _E.subject_id >= first, _E.subject_id <= after)
            .order_by(_E.subject_id, _E.seq)
        )
        for event in db.execute(query):
            chains.setdefault(event.subject_id, []).append(event)
        for row in rows:
            yield row, chains.get(row.id, [])


def _subject_faults(db: Connection, kind: str, row: Any, chain: list[Any]) -> list[str]:
    name = _name(kind, row)
    faults = [f"{name}: {sentence}" for sentence in _CONTENT[kind](db, row)]
    previous, before, expected = None, None, 1
    for event in chain:
        if event.seq != expected:
            faults.append(f"{name}: event {expected} is missing")
        elif event.previous != previous or event.before != before:
            faults.append(f"{name}: event {event.seq} does not follow from the event before it")
        if event_hash(dict(event._mapping)) != event.hash:
            faults.append(f"{name}: event {event.seq} was changed")
        previous, before, expected = event.hash, event.after, event.seq + 1
    if not chain:
        faults.append(f"{name}: all its events are missing")
    elif row.chain_seq >= expected:
        faults.append(f"{name}: event {expected} is missing")
    elif (row.chain_seq, row.chain_hash) != (chain[-1].seq, chain[-1].hash):
        faults.append(f"{name}: its last event is not the one it names")
    if chain and fingerprint(row.facts, row.state) != chain[-1].after:
        faults.append(f"{name}: its state {row.state!r} is not what its last event says ({chain[-1].now!r})")
    return faults


def _name(kind: str, row: Any) -> str:
    named = {
        "interchange": ("file_name",),
        "reference_file": ("file_name",),
        "finding": ("kind", "agreement", "subject"),
        "cleo_change": ("object", "name"),
    }
    what = " ".join(str(row._mapping[name]) for name in named.get(kind, ("entity", "key")))
    return f"{kind.replace('_', ' ')} {row.id} ({what})"


def _differs(packed: bytes, expected: str) -> bool:
    try:
        return sha256(unpack(packed)) != expected
    except zlib.error:
        return True


def _version_content(_db: Connection, row: Any) -> Iterator[str]:
    if digest(row.source_id, row.entity, row.key, row.stamp, row.sha256) != row.facts:
        yield "its key, stamp or hash was changed"
    if _differs(row.payload, row.sha256):
        yield "the payload is not the one that was landed (SHA-256 differs)"


def _document_content(_db: Connection, row: Any) -> Iterator[str]:
    if digest(*(row._mapping[name] for name in documents.FACTS)) != row.facts:
        yield "its facts (key, partner, number, agreement, hashes ...) were changed"
    if row.body_sha256 is not None and (row.body is None or _differs(row.body, row.body_sha256)):
        yield "the body is not the one that was written (SHA-256 differs)"


def _interchange_content(db: Connection, row: Any) -> Iterator[str]:
    query = select(_IN.position, _IN.document_id, _IN.st, _IN.gs).where(_IN.interchange_id == row.id)
    links = [interchanges.link_facts(*link) for link in sorted(db.execute(query).all(), key=lambda link: link[:3])]
    if digest(*(row._mapping[name] for name in interchanges.FACTS), links) != row.facts:
        yield "its facts (name, folder, numbers, documents) were changed"
    if _differs(row.data, row.sha256):
        yield "the bytes of the file are not the ones that were written (SHA-256 differs)"


def _finding_content(_db: Connection, row: Any) -> Iterator[str]:
    if digest(*(row._mapping[name] for name in alignment.FACTS)) != row.facts:
        yield "what it is about was changed"


def _reference_content(_db: Connection, row: Any) -> Iterator[str]:
    if digest(*(row._mapping[name] for name in reference_files.FACTS)) != row.facts:
        yield "its facts (name, folder, schema, hash) were changed"
    if _differs(row.data, row.sha256):
        yield "the bytes of the file are not the ones that were written (SHA-256 differs)"


def _change_content(_db: Connection, row: Any) -> Iterator[str]:
    if digest(*(row._mapping[name] for name in cleo_changes.FACTS)) != row.facts:
        yield "what was asked was changed"


_CONTENT: Mapping[str, Callable[[Connection, Any], Iterator[str]]] = {
    "record_version": _version_content,
    "document": _document_content,
    "interchange": _interchange_content,
    "finding": _finding_content,
    "reference_file": _reference_content,
    "cleo_change": _change_content,
}


def _orphans(db: Connection, kind: str, table: Table) -> list[str]:
    gone = (
        select(_E.subject_id)
        .where(_E.subject == kind, ~exists(select(table.c.id).where(table.c.id == _E.subject_id)))
        .distinct()
        .order_by(_E.subject_id)
    )
    return [f"{kind.replace('_', ' ')} {subject_id}: the row is gone" for (subject_id,) in db.execute(gone)]


def _seal_faults(db: Connection) -> tuple[int, list[str]]:
    faults: list[str] = []
    head = db.execute(select(schema.ledger.c.seal_number, schema.ledger.c.seal_hash)).one()
    previous, expected, known = "0" * 64, 1, []
    for row in db.execute(select(schema.seal).order_by(_S.number)).all():
        known.append(row.id)
        if row.number != expected:
            faults.append(f"seal {expected} is missing")
        elif row.previous != previous:
            faults.append(f"seal {row.number} does not follow from the seal before it")
        if _seal_hash(dict(row._mapping)) != row.hash:
            faults.append(f"seal {row.number} was changed")
        if _events_hash(db, row.id) != (row.events, row.events_hash):
            faults.append(f"seal {row.number} (run {row.run_id}): its events are not the {row.events} it sealed")
        previous, expected = row.hash, row.number + 1
    if head.seal_number >= expected:
        faults.append(f"seal {expected} is missing")
    elif (head.seal_number, head.seal_hash) != (expected - 1, previous):
        faults.append("the last seal is not the one the ledger names")
    lost = ~exists(select(_S.id).where(_S.id == _E.seal_id))
    count = db.execute(select(func.count()).where(_E.seal_id.is_not(None), lost)).scalar_one()
    if count:
        faults.append(f"{count} events name a seal that is not there")
    return len(known), faults
