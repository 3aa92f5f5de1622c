"""Attempts: each try to hand over a file, written before its first byte leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.lanes import fence
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, insert_row, now
from airflow_provider_sagex3_cleo.ledger.states import AttemptOutcome, InterchangeState

__all__ = ["AttemptRow", "close_open", "finish", "of", "of_many", "start"]

_A, _I = schema.attempt.c, schema.interchange.c


@dataclass(frozen=True)
class AttemptRow:
    """One try. `outcome` None: under way, or its process died."""

    id: int
    interchange_id: int
    number: int
    run_id: str
    worker: str
    started_at: datetime
    finished_at: datetime | None
    outcome: AttemptOutcome | None
    http_status: int | None
    detail: str | None


def start(db: Connection, interchange_id: int, *, lease: str, run_id: str, worker: str) -> int:
    """Write down that the file is about to leave; the attempt's id.

    Raises: LostRace when the file is not in `sending`, or the lease is not ours any more."""
    row = db.execute(select(_I.lane_id, _I.state).where(_I.id == interchange_id)).first()
    if row is None or row.state != InterchangeState.SENDING:
        raise LostRace(f"interchange {interchange_id} is not being sent", system="ledger")
    fence(db, [row.lane_id], lease)
    tries = db.execute(select(func.count()).select_from(schema.attempt).where(_A.interchange_id == interchange_id))
    return insert_row(
        db,
        schema.attempt,
        interchange_id=interchange_id,
        number=int(tries.scalar_one()) + 1,
        run_id=run_id,
        worker=worker,
        lease=lease,
        started_at=now(db),
    )


def finish(
    db: Connection,
    attempt_id: int,
    outcome: AttemptOutcome | str,
    detail: str | None = None,
    http_status: int | None = None,
) -> None:
    """Write down how the try ended. Raises: LostRace when it is closed already, or its lease is not ours any more."""
    query = select(_I.lane_id, _A.lease).join(schema.interchange, _I.id == _A.interchange_id)
    row = db.execute(query.where(_A.id == attempt_id)).first()
    if row is None:
        raise LostRace(f"attempt {attempt_id} is not there", system="ledger")
    fence(db, [row.lane_id], row.lease)
    values = {
        "outcome": AttemptOutcome(outcome).value,
        "detail": detail,
        "http_status": http_status,
        "finished_at": now(db),
    }
    still_open = (_A.id == attempt_id, _A.outcome.is_(None))
    if db.execute(update(schema.attempt).where(*still_open).values(values)).rowcount != 1:
        raise LostRace(f"attempt {attempt_id} is closed already", system="ledger")


def close_open(db: Connection, interchange_id: int, detail: str, *, lease: str) -> int:
    """Close tries whose process never came back as `unknown`; how many there were.

    Raises: LostRace when the lane's lease is not ours any more."""
    fence(db, [db.execute(select(_I.lane_id).where(_I.id == interchange_id)).scalar()], lease)
    values = {"outcome": AttemptOutcome.UNKNOWN.value, "detail": detail, "finished_at": now(db)}
    still_open = (_A.interchange_id == interchange_id, _A.outcome.is_(None))
    return int(db.execute(update(schema.attempt).where(*still_open).values(values)).rowcount)


def of(db: Connection, interchange_id: int) -> list[AttemptRow]:
    """All tries of a file, first one first."""
    return of_many(db, [interchange_id]).get(interchange_id, [])


def of_many(db: Connection, interchange_ids: Sequence[int]) -> dict[int, list[AttemptRow]]:
    """All tries of several files, by the file's id, first one first."""
    columns = [_A[name] for name in AttemptRow.__dataclass_fields__]
    found: dict[int, list[AttemptRow]] = {}
    for part in in_parts(interchange_ids):
        for row in db.execute(select(*columns).where(_A.interchange_id.in_(part)).order_by(_A.number)):
            outcome = AttemptOutcome(row.outcome) if row.outcome else None
            found.setdefault(row.interchange_id, []).append(AttemptRow(**{**row._mapping, "outcome": outcome}))
    return found
