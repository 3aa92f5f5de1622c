"""Versions of X3 records: landed as they came, then decided once."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Select

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.machine import Birth, Move, give_birth, move_all
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, now, pack, reserve_ids, sha256, unpack
from airflow_provider_sagex3_cleo.ledger.states import DUE_STATES, OPEN_STATES, VersionState

__all__ = [
    "BUCKETS",
    "LandCounts",
    "Landing",
    "VersionMove",
    "VersionRow",
    "due",
    "due_count",
    "first_payload",
    "get",
    "in_load",
    "land",
    "latest_payload",
    "latest_since",
    "payloads",
    "reopen",
    "settle",
    "unseen",
]

#: Divisible by 1..6, 8, 10, 12, 15, 16: parts of the work come out even.
BUCKETS = 960

_V = schema.record_version.c


@dataclass(frozen=True, slots=True)
class Landing:
    """One record as it was read: `payload` is its canonical JSON, uncompressed; `load` names the load it belongs to."""

    key: str
    stamp: datetime
    payload: bytes
    load: str | None = None


@dataclass(frozen=True, slots=True)
class LandCounts:
    """What a landing did: new versions, and those the ledger had already."""

    landed: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a record. `payload` is its canonical JSON, uncompressed."""

    id: int
    source_id: int
    entity: str
    key: str
    stamp: datetime
    state: VersionState
    landed_run: str
    landed_at: datetime
    reason: str | None
    cause_hash: str | None
    not_before: datetime | None
    document_id: int | None
    sha256: str
    payload: bytes
    load: str | None


@dataclass(frozen=True, slots=True)
class VersionMove:
    """What is decided about one version.

    `cause_hash`: hash of agreements, tables and settings it was judged by; a held or waiting one is due again when
    that changes. `not_before`, with `to` landed (not quiet long enough) or waiting (for its load): look again at that
    time of the source."""

    id: int
    to: VersionState
    why: str
    remedy: str | None = None
    field: str | None = None
    value: str | None = None
    agreement: str | None = None
    partner: str | None = None
    cause_hash: str | None = None
    not_before: datetime | None = None
    document_id: int | None = None


_COLUMNS = tuple(_V[name] for name in VersionRow.__slots__)


def _row(row: Any) -> VersionRow:
    values = dict(row._mapping)
    return VersionRow(**{**values, "state": VersionState(row.state), "payload": unpack(row.payload)})


# --- landing ----------------------------------------------------------------------------------------------------------
def unseen(db: Connection, source_id: int, entity: str, pairs: Iterable[tuple[str, datetime]]) -> set[str]:
    """The keys of (key, stamp) that have not landed at that stamp or later."""
    wanted: dict[str, datetime] = {}
    for key, stamp in pairs:
        wanted[key] = max(stamp, wanted.get(key, stamp))
    missing = set(wanted)
    for part in in_parts(list(wanted)):
        query = (
            select(_V.key, func.max(_V.stamp))
            .where(_V.source_id == source_id, _V.entity == entity, _V.key.in_(part))
            .group_by(_V.key)
        )
        missing.difference_update(key for key, stamp in db.execute(query) if stamp >= wanted[key])
    return missing


def land(
    db: Connection,
    *,
    source_id: int,
    entity: str,
    window_id: int | None,
    run_id: str,
    landings: Sequence[Landing],
    actor: str = "extract",
) -> LandCounts:
    """Keep records as they were read; the same (key, stamp, content) again is known, not an error.

    A newer version supersedes the open versions of its key; one older than what is there lands superseded.

    Raises: LostRace when another process landed the same version at this moment."""
    at, landed = now(db), 0
    for part in in_parts(landings):
        landed += _land_part(db, source_id, entity, window_id, run_id, part, actor, at)
    return LandCounts(landed, len(landings) - landed)


def _land_part(
    db: Connection,
    source_id: int,
    entity: str,
    window_id: int | None,
    run_id: str,
    landings: Sequence[Landing],
    actor: str,
    at: datetime,
) -> int:
    known: set[tuple[str, datetime, str]] = set()
    newest: dict[str, datetime] = {}
    open_ids: dict[str, list[int]] = {}
    query = select(_V.id, _V.key, _V.stamp, _V.sha256, _V.state).where(
        _V.source_id == source_id, _V.entity == entity, _V.key.in_({landing.key for landing in landings})
    )
    for version_id, key, stamp, digest, state in db.execute(query):
        known.add((key, stamp, digest))
        newest[key] = max(stamp, newest.get(key, stamp))
        if state in OPEN_STATES:
            open_ids.setdefault(key, []).append(version_id)

    fresh: dict[tuple[str, datetime, str], Landing] = {}
    for landing in landings:
        identity = (landing.key, landing.stamp, sha256(landing.payload))
        if identity not in known:
            fresh[identity] = landing
    last = dict(newest)
    winner: dict[str, tuple[str, datetime, str]] = {}
    for identity in fresh:
        key, stamp, _ = identity
        if stamp >= last.get(key, stamp):
            last[key], winner[key] = stamp, identity

    births = []
    for identity, landing in fresh.items():
        key, stamp, digest = identity
        current = winner.get(key) == identity
        row = {
            "source_id": source_id,
            "entity": entity,
            "key": key,
            "stamp": stamp,
            "sha256": digest,
            "bucket": zlib.crc32(key.encode()) % BUCKETS,
            "window_id": window_id,
            "landed_run": run_id,
            "landed_at": at,
            "payload": pack(landing.payload),
            "load": landing.load,
        }
        births.append(
            Birth(
                VersionState.LANDED if current else VersionState.SUPERSEDED,
                "landed" if current else "a newer version is landed already",
                (source_id, entity, key, stamp, digest),
                row,
            )
        )
    overtaken = [version_id for key in winner for version_id in open_ids.get(key, ())]
    if overtaken:
        moves = [Move(each, None, VersionState.SUPERSEDED, "a newer version landed") for each in sorted(overtaken)]
        move_all(db, schema.record_version, moves, run_id=run_id, actor=actor, at=at)
    ids = reserve_ids(db, schema.record_version, len(births)) if births else []
    try:
        give_birth(db, schema.record_version, list(zip(ids, births, strict=True)), run_id=run_id, actor=actor, at=at)
    except IntegrityError as exc:
        raise LostRace(f"another process landed {entity} at this moment", system="ledger") from exc
    return len(births)


# --- what is due ------------------------------------------------------------------------------------------------------
def _due(query: Select[Any], source_id: int, entity: str, cause_hash: str, source_now: datetime) -> Select[Any]:
    landed = and_(_V.state == VersionState.LANDED.value, or_(_V.not_before.is_(None), _V.not_before <= source_now))
    put_by = and_(
        _V.state.in_([VersionState.HELD.value, VersionState.WAITING.value]),
        or_(_V.cause_hash.is_(None), _V.cause_hash != cause_hash),
    )
    timed = and_(_V.state == VersionState.WAITING.value, _V.not_before <= source_now)
    return query.where(schema.IS_OPEN, _V.source_id == source_id, _V.entity == entity, or_(landed, put_by, timed))


def due_count(db: Connection, source_id: int, entity: str, cause_hash: str, source_now: datetime) -> int:
    """How many versions transform has to look at."""
    query = _due(select(func.count()).select_from(schema.record_version), source_id, entity, cause_hash, source_now)
    return int(db.execute(query).scalar_one())


def due(
    db: Connection,
    source_id: int,
    entity: str,
    *,
    part: int = 0,
    parts: int = 1,
    cause_hash: str,
    source_now: datetime,
    after_id: int = 0,
    limit: int = 200,
) -> list[VersionRow]:
    """Versions to decide, by id, the first `limit` after `after_id`; only the latest of each key is ever open.

    Landed ones whose `not_before` has passed on the source's clock or who have none, waiting ones whose `not_before`
    has passed, and held or waiting ones judged by another `cause_hash`. All versions of a key fall into the same of the
    `parts`."""
    query = _due(select(*_COLUMNS), source_id, entity, cause_hash, source_now)
    if parts > 1:
        query = query.where(_V.bucket % parts == part)
    return [_row(row) for row in db.execute(query.where(_V.id > after_id).order_by(_V.id).limit(limit))]


def get(db: Connection, version_id: int) -> VersionRow | None:
    """The version of this id."""
    row = db.execute(select(*_COLUMNS).where(_V.id == version_id)).first()
    return _row(row) if row else None


def in_load(db: Connection, source_id: int, entity: str, load: str) -> list[VersionRow]:
    """The latest version of each record that belongs to a load, by key."""
    query = select(*_COLUMNS).where(_V.load == load, _V.source_id == source_id, _V.entity == entity, ~_newer())
    return [_row(row) for row in db.execute(query.order_by(_V.key))]


def reopen(db: Connection, run_id: str, actor: str, document_id: int, load: str, why: str) -> int:
    """Versions that made a document which is superseded are to be decided again, but for those that have a newer one.

    Returns how many there were."""
    query = select(_V.id).where(
        _V.load == load, _V.document_id == document_id, _V.state == VersionState.MAPPED.value, ~_newer()
    )
    ids = list(db.execute(query.order_by(_V.id)).scalars())
    values = {"document_id": None, "not_before": None, "reason": why}
    moves = [Move(each, VersionState.MAPPED, VersionState.LANDED, why, values) for each in ids]
    if moves:
        move_all(db, schema.record_version, moves, run_id=run_id, actor=actor)
    return len(ids)


def _newer() -> Any:
    """A later version of the same record is there."""
    other = schema.record_version.alias()
    return exists(
        select(other.c.id).where(
            other.c.key == _V.key, other.c.entity == _V.entity, other.c.source_id == _V.source_id,
            or_(other.c.stamp > _V.stamp, and_(other.c.stamp == _V.stamp, other.c.id > _V.id)),
        )
    )  # fmt: skip


def payloads(db: Connection, version_ids: Iterable[int]) -> dict[int, bytes]:
    """The canonical JSON of several versions, by id."""
    found: dict[int, bytes] = {}
    for part in in_parts(sorted(set(version_ids))):
        rows = db.execute(select(_V.id, _V.payload).where(_V.id.in_(part)))
        found.update((version_id, unpack(payload)) for version_id, payload in rows)
    return found


def latest_payload(db: Connection, source_id: int, entity: str, key: str) -> bytes | None:
    """The canonical JSON of the newest version of a record; None where it never landed."""
    query = (
        select(_V.payload)
        .where(_V.source_id == source_id, _V.entity == entity, _V.key == key)
        .order_by(_V.stamp.desc(), _V.id.desc())
        .limit(1)
    )
    payload = db.execute(query).scalar()
    return unpack(payload) if payload is not None else None


def first_payload(db: Connection, source_id: int, entity: str, key: str) -> bytes | None:
    """The canonical JSON of the oldest version of a record; None where it never landed."""
    query = (
        select(_V.payload)
        .where(_V.source_id == source_id, _V.entity == entity, _V.key == key)
        .order_by(_V.stamp, _V.id)
        .limit(1)
    )
    payload = db.execute(query).scalar()
    return unpack(payload) if payload is not None else None


def latest_since(
    db: Connection, source_id: int, entity: str, since: datetime, *, after_id: int = 0, limit: int = 200
) -> list[tuple[int, bytes]]:
    """Id and canonical JSON of the newest version of each record that changed since then, by id, the first `limit`
    after `after_id`."""
    query = (
        select(_V.id, _V.payload)
        .where(_V.source_id == source_id, _V.entity == entity, _V.stamp >= since, _V.id > after_id, ~_newer())
        .order_by(_V.id)
        .limit(limit)
    )
    return [(version_id, unpack(payload)) for version_id, payload in db.execute(query)]


# --- deciding ---------------------------------------------------------------------------------------------------------
def settle(db: Connection, run_id: str, actor: str, moves: Sequence[VersionMove]) -> None:
    """Write what was decided, in bulk, all or none.

    Landed again with `not_before` (settle time), and held or waiting again for the same reason, change no state:
    the row is brought up to date without an event.

    Raises: LostRace when a version was decided or superseded meanwhile."""
    at = now(db)
    for part in in_parts(moves):
        _settle_part(db, run_id, actor, part, at)


def _settle_part(db: Connection, run_id: str, actor: str, moves: Sequence[VersionMove], at: datetime) -> None:
    query = select(_V.id, _V.state, _V.reason, _V.field, _V.value).where(_V.id.in_([move.id for move in moves]))
    current = {row.id: row for row in db.execute(query.order_by(_V.id).with_for_update())}
    changes: list[Move] = []
    touched: list[dict[str, Any]] = []
    for move in moves:
        row = current.get(move.id)
        if row is None or row.state not in DUE_STATES:
            found = row.state if row else "not there"
            raise LostRace(f"record version {move.id} is {found}, decided by another process", system="ledger")
        values = _values(move)
        same = (row.reason, row.field, row.value) == (move.why, move.field, move.value)
        if row.state == move.to and (same or move.to is VersionState.LANDED):
            touched.append({**values, "b_id": move.id})
            continue
        detail = {k: v for k, v in values.items() if v is not None and k not in ("reason", "cause_hash")}
        changes.append(Move(move.id, VersionState(row.state), move.to, move.why, values, detail))
    if changes:
        move_all(db, schema.record_version, changes, run_id=run_id, actor=actor, at=at)
    if touched:
        columns: dict[str, Any] = {name: bindparam(name) for name in touched[0] if name != "b_id"}
        db.execute(update(schema.record_version).where(_V.id == bindparam("b_id")).values(columns), touched)


def _values(move: VersionMove) -> Mapping[str, Any]:
    return {
        "reason": move.why,
        "remedy": move.remedy,
        "field": move.field,
        "value": move.value,
        "agreement": move.agreement,
        "partner": move.partner,
        "cause_hash": move.cause_hash,
        "not_before": move.not_before,
        "document_id": move.document_id,
    }
