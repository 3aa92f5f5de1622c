"""Questions people ask: what a run did, what is held and why, who is not covered, where everything stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import now
from airflow_provider_sagex3_cleo.ledger.states import DocState, InterchangeState, VersionState
from airflow_provider_sagex3_cleo.ledger.trace import trace

__all__ = [
    "Coverage",
    "Held",
    "Overdue",
    "Standing",
    "acknowledged",
    "counts",
    "coverage",
    "held",
    "overdue",
    "standing",
    "trace",
]

_V, _D, _I = schema.record_version.c, schema.document.c, schema.interchange.c
_IN = schema.document_in_interchange.c


@dataclass(frozen=True)
class Held:
    """One record that does not move by itself: what is wrong, and where to put it right."""

    version_id: int
    key: str
    state: VersionState
    reason: str
    remedy: str | None
    field: str | None
    value: str | None
    agreement: str | None
    partner: str | None
    stamp: datetime
    since: datetime


@dataclass(frozen=True)
class Coverage:
    """Records of one partner that were not for EDI: how many different keys."""

    partner: str | None
    records: int


@dataclass(frozen=True)
class Overdue:
    """One document that the partner should have acknowledged by now; `hours` is what its agreement allows."""

    document_id: int
    entity: str
    key: str
    set_id: str
    number: str | None
    partner: str | None
    agreement: str
    sent_at: datetime
    hours: float


@dataclass(frozen=True)
class Standing:
    """Where everything stands: record versions, documents and files by state."""

    versions: Mapping[str, int]
    documents: Mapping[str, int]
    interchanges: Mapping[str, int]


def counts(db: Connection, source_id: int, entity: str, run_id: str) -> dict[str, int]:
    """What one run did, by outcome; every outcome is there, 0 where nothing happened.

    `landed`: versions read and kept. The states of record versions and documents count those this run put there and
    nobody moved since. `refused`: ready documents whose file was refused in this run (not counted as ready);
    `superseded`: versions, `superseded_documents`: documents."""
    found = dict.fromkeys(["landed", *VersionState, *DocState, "refused", "superseded_documents"], 0)
    mine = (_V.source_id == source_id, _V.entity == entity)
    found["landed"] = _number(
        db, select(func.count()).select_from(schema.record_version).where(_V.landed_run == run_id, *mine)
    )
    decided = select(_V.state, func.count()).where(_V.state_run == run_id, *mine).group_by(_V.state)
    found.update((state, count) for state, count in db.execute(decided) if state != VersionState.LANDED)
    ours = (_D.source_id == source_id, _D.entity == entity, _D.state_run == run_id)
    for state, count in db.execute(select(_D.state, func.count()).where(*ours).group_by(_D.state)):
        found["superseded_documents" if state == DocState.SUPERSEDED else state] = count
    refused = exists(
        select(_IN.document_id)
        .join(schema.interchange, _I.id == _IN.interchange_id)
        .where(_IN.document_id == _D.id, _I.state == InterchangeState.REFUSED.value)
    )
    ready = (*ours, _D.state == DocState.READY.value, refused)
    found["refused"] = _number(db, select(func.count()).select_from(schema.document).where(*ready))
    found["ready"] -= found["refused"]
    return {str(outcome): count for outcome, count in found.items()}


def _number(db: Connection, query: Select[Any]) -> int:
    return int(db.execute(query).scalar_one())


def held(db: Connection, source_id: int, entity: str, *, limit: int = 10_000) -> list[Held]:
    """Records held or quarantined now, oldest first."""
    names = ("id", "key", "state", "reason", "remedy", "field", "value", "agreement", "partner", "stamp", "state_at")
    query = (
        select(*(_V[name] for name in names))
        .where(schema.IS_OPEN, _V.source_id == source_id, _V.entity == entity)
        .where(_V.state.in_([VersionState.HELD.value, VersionState.QUARANTINED.value]))
        .order_by(_V.id)
        .limit(limit)
    )
    return [Held(row.id, row.key, VersionState(row.state), row.reason or "", *row[4:]) for row in db.execute(query)]


def overdue(
    db: Connection, source_id: int, within_h: Mapping[str, float], *, at: datetime | None = None, limit: int = 1_000
) -> list[Overdue]:
    """Documents sent and not acknowledged within the hours that their agreement (by id) allows, oldest first.

    `at` is the moment to look from, the database's clock where None. Computed, never stored as a state. What went
    without an envelope of ours is never among them: Cleo takes its acknowledgments."""
    at = at or now(db)
    enveloped = exists(
        select(_IN.document_id)
        .join(schema.interchange, _I.id == _IN.interchange_id)
        .where(_IN.document_id == _D.id, _I.isa.is_not(None))
    )
    columns = (_D.id, _D.entity, _D.key, _D.set_id, _D.number, _D.partner, _D.agreement, _D.state_at)
    found = []
    for agreement, hours in sorted(within_h.items()):
        mine = (schema.IS_SENT, _D.agreement == agreement, _D.state_at < at - timedelta(hours=hours))
        query = select(*columns).where(*mine, _D.source_id == source_id, enveloped).order_by(_D.state_at).limit(limit)
        found += [Overdue(*row, hours) for row in db.execute(query)]
    return sorted(found, key=lambda row: (row.sent_at, row.document_id))[:limit]


def acknowledged(db: Connection, source_id: int, run_id: str) -> dict[str, int]:
    """How many documents this run put into which state and nobody moved since; only states with documents."""
    mine = (_D.source_id == source_id, _D.state_run == run_id)
    return _by_state(db, select(_D.state, func.count()).where(*mine).group_by(_D.state))


def coverage(db: Connection, source_id: int, entity: str) -> list[Coverage]:
    """How many records of each partner were not for EDI, the busiest partner first."""
    records = func.count(_V.key.distinct())
    query = (
        select(_V.partner, records)
        .where(_V.state == VersionState.NOT_FOR_EDI.value, _V.source_id == source_id, _V.entity == entity)
        .group_by(_V.partner)
        .order_by(records.desc(), _V.partner)
    )
    return [Coverage(*row) for row in db.execute(query)]


def standing(db: Connection, source_id: int) -> Standing:
    """How many record versions, documents and files are in which state now."""
    files = select(_I.state, func.count()).join(schema.lane, schema.lane.c.id == _I.lane_id)
    return Standing(
        _by_state(db, select(_V.state, func.count()).where(_V.source_id == source_id).group_by(_V.state)),
        _by_state(db, select(_D.state, func.count()).where(_D.source_id == source_id).group_by(_D.state)),
        _by_state(db, files.where(schema.lane.c.source_id == source_id).group_by(_I.state)),
    )


def _by_state(db: Connection, query: Select[Any]) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in db.execute(query)}
