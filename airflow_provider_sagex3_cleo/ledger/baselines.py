"""Baselines: how far the first landing of history has come, so that it goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import insert_row, now

__all__ = ["BaselineRow", "advance", "finish", "latest", "start"]

_B = schema.baseline.c


@dataclass(frozen=True)
class BaselineRow:
    """One baseline. `position` is the reader's own text: where to go on; `run_id` names the run that began it."""

    id: int
    source_id: int
    entity: str
    run_id: str
    window_id: int | None
    position: str | None
    landed: int
    started_at: datetime
    finished_at: datetime | None


_COLUMNS = [_B[name] for name in BaselineRow.__dataclass_fields__]


def latest(db: Connection, source_id: int, entity: str) -> BaselineRow | None:
    """The newest baseline of the entity, finished or not."""
    mine = (_B.source_id == source_id, _B.entity == entity)
    row = db.execute(select(*_COLUMNS).where(*mine).order_by(_B.id.desc()).limit(1)).first()
    return BaselineRow(*row) if row else None


def start(db: Connection, source_id: int, entity: str, run_id: str, window_id: int | None = None) -> BaselineRow:
    """The unfinished baseline to go on with, or a new one."""
    current = latest(db, source_id, entity)
    if current is not None and current.finished_at is None:
        return current
    at = now(db)
    insert_row(
        db,
        schema.baseline,
        source_id=source_id,
        entity=entity,
        run_id=run_id,
        window_id=window_id,
        landed=0,
        started_at=at,
        moved_at=at,
    )
    started = latest(db, source_id, entity)
    if started is None:
        raise LostRace(f"the baseline of {entity} vanished", system="ledger")
    return started


def advance(db: Connection, baseline_id: int, position: str, landed: int) -> None:
    """Move on, in the transaction that landed the records. Raises: LostRace when it is finished already."""
    _move(db, baseline_id, {"position": position, "landed": _B.landed + landed, "moved_at": now(db)})


def finish(db: Connection, baseline_id: int) -> None:
    """Everything is landed. Raises: LostRace when it is finished already."""
    at = now(db)
    _move(db, baseline_id, {"finished_at": at, "moved_at": at})


def _move(db: Connection, baseline_id: int, values: dict[str, object]) -> None:
    mine = (_B.id == baseline_id, _B.finished_at.is_(None))
    if db.execute(update(schema.baseline).where(*mine).values(values)).rowcount != 1:
        raise LostRace(f"baseline {baseline_id} is finished, or not there", system="ledger")
