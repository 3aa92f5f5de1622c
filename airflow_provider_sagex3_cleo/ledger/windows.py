"""Windows of reading: frozen under a run, certified when everything in them has landed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import insert_once, now

__all__ = ["WindowRow", "certify", "find", "freeze", "get", "last_certified", "last_finished", "latest_server_time"]

_W = schema.window.c
_COLUMNS = (
    *(_W.id, _W.source_id, _W.entity, _W.run_id, _W.kind, _W.lower_bound, _W.upper_bound, _W.server_time),
    *(_W.select_by, _W.frozen_at, _W.certified_at, _W.certificate),
)


@dataclass(frozen=True)
class WindowRow:
    """One window. `lower` inclusive, `upper` exclusive, None is open; days are UTC midnights.

    `kind`: poll, backfill, daily or baseline; `select_by`: cursor or business_date; `server_time`: X3's clock when
    the window was frozen."""

    id: int
    source_id: int
    entity: str
    run_id: str
    kind: str
    lower: datetime | None
    upper: datetime | None
    server_time: datetime | None
    select_by: str
    frozen_at: datetime
    certified_at: datetime | None
    certificate: Mapping[str, Any] | None


def _row(row: Any) -> WindowRow:
    certificate = json.loads(row.certificate) if row.certificate else None
    values = {**row._mapping, "certificate": certificate}
    return WindowRow(lower=values.pop("lower_bound"), upper=values.pop("upper_bound"), **values)


def find(db: Connection, source_id: int, entity: str, run_id: str) -> WindowRow | None:
    """The window frozen under this run, if there is one."""
    mine = (_W.source_id == source_id, _W.entity == entity, _W.run_id == run_id)
    row = db.execute(select(*_COLUMNS).where(*mine)).first()
    return _row(row) if row else None


def get(db: Connection, window_id: int) -> WindowRow:
    """The window of this id."""
    return _row(db.execute(select(*_COLUMNS).where(_W.id == window_id)).one())


def freeze(
    db: Connection,
    *,
    source_id: int,
    entity: str,
    run_id: str,
    kind: str,
    lower: datetime | None,
    upper: datetime | None,
    server_time: datetime | None,
    select_by: str = "cursor",
) -> WindowRow:
    """Freeze the window under (source, entity, run); the one already frozen there wins."""
    existing = find(db, source_id, entity, run_id)
    if existing is None:
        insert_once(
            db,
            schema.window,
            source_id=source_id,
            entity=entity,
            run_id=run_id,
            kind=kind,
            lower_bound=lower,
            upper_bound=upper,
            server_time=server_time,
            select_by=select_by,
            frozen_at=now(db),
        )
        existing = find(db, source_id, entity, run_id)
    if existing is None:
        raise LostRace(f"the window of run {run_id} vanished", system="ledger")
    return existing


def certify(db: Connection, window_id: int, *, run_id: str, certificate: Mapping[str, Any]) -> None:
    """Say that each key the source shows in the window is landed. A second certificate replaces the first."""
    values = {"certified_at": now(db), "certified_run": run_id, "certificate": json.dumps(certificate, default=str)}
    if db.execute(update(schema.window).where(_W.id == window_id).values(values)).rowcount != 1:
        raise LostRace(f"window {window_id} is not there", system="ledger")


def last_certified(db: Connection, source_id: int, entity: str) -> WindowRow | None:
    """The certified window of kind poll or baseline that reaches furthest; the watermark may not be ahead of it."""
    query = (
        select(*_COLUMNS)
        .where(_W.source_id == source_id, _W.entity == entity, _W.certified_at.is_not(None))
        .where(_W.kind.in_(("poll", "baseline")))
        .order_by(_W.upper_bound.desc(), _W.id.desc())
        .limit(1)
    )
    row = db.execute(query.where(_W.upper_bound.is_not(None))).first()
    return _row(row) if row else None


def last_finished(db: Connection, source_id: int) -> dict[str, datetime]:
    """When each entity's latest window of kind poll or baseline was certified; entities without one are left out."""
    query = (
        select(_W.entity, func.max(_W.certified_at))
        .where(_W.source_id == source_id, _W.certified_at.is_not(None), _W.kind.in_(("poll", "baseline")))
        .group_by(_W.entity)
        .order_by(_W.entity)
    )
    return {str(entity): moment for entity, moment in db.execute(query)}


def latest_server_time(db: Connection, source_id: int, entity: str) -> datetime | None:
    """The latest clock of X3 that any window of this entity has seen."""
    mine = (_W.source_id == source_id, _W.entity == entity)
    moment: datetime | None = db.execute(select(func.max(_W.server_time)).where(*mine)).scalar()
    return moment
