"""The run lock: one run per source and entity reads at a time (a backfill does not obey `max_active_runs`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import insert_once, now

__all__ = ["RunHold", "holder", "lock", "unlock"]

_R = schema.run_lock.c


@dataclass(frozen=True)
class RunHold:
    """Who holds the lock, and until when (the database's clock)."""

    run_id: str
    ends: datetime


def lock(db: Connection, source_id: int, entity: str, run_id: str, ttl_s: float) -> bool:
    """Take or renew the lock for `ttl_s` seconds; False while another run holds it (see `holder`)."""
    moment = now(db)
    values = {"run_id": run_id, "taken_at": moment, "ends": moment + timedelta(seconds=ttl_s)}
    mine = (_R.source_id == source_id, _R.entity == entity)
    free = or_(_R.run_id == run_id, _R.ends <= moment)
    if db.execute(update(schema.run_lock).where(*mine, free).values(values)).rowcount == 1:
        return True
    return insert_once(db, schema.run_lock, source_id=source_id, entity=entity, **values)


def holder(db: Connection, source_id: int, entity: str) -> RunHold | None:
    """The run that holds the lock now."""
    mine = (_R.source_id == source_id, _R.entity == entity, _R.ends > now(db))
    row = db.execute(select(_R.run_id, _R.ends).where(*mine)).first()
    return RunHold(*row) if row else None


def unlock(db: Connection, source_id: int, entity: str, run_id: str) -> bool:
    """Give the lock back; False where this run did not hold it."""
    mine = (_R.source_id == source_id, _R.entity == entity, _R.run_id == run_id)
    return db.execute(delete(schema.run_lock).where(*mine)).rowcount == 1
