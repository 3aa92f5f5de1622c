"""Reference files: the exact bytes of each, kept before the first of them leaves; their states are an interchange's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.machine import Birth, Move, give_birth, move_all
from airflow_provider_sagex3_cleo.ledger.sql import now, pack, reserve_ids, sha256, unpack
from airflow_provider_sagex3_cleo.ledger.states import UNFINISHED, InterchangeState

__all__ = ["FACTS", "ReferenceFileRow", "count", "data", "latest", "move", "of_run", "store", "unfinished"]

_R = schema.reference_file.c

#: The facts about a file that never change; the audit proves them.
FACTS = ("source_id", "entity", "format", "schema", "folder", "file_name", "records", "sha256", "size_bytes")


@dataclass(frozen=True, slots=True)
class ReferenceFileRow:
    """One file without its bytes. `schema` is name and version of its columns, `records` how many it holds."""

    id: int
    entity: str
    format: str
    schema: str
    folder: str
    file_name: str
    records: int
    sha256: str
    size_bytes: int
    created_at: datetime
    state: InterchangeState
    state_run: str
    reason: str | None


_COLUMNS = tuple(_R[name] for name in ReferenceFileRow.__slots__)


def store(
    db: Connection,
    source_id: int,
    *,
    entity: str,
    format: str,
    schema_name: str,
    folder: str,
    file_name: str,
    records: int,
    content: bytes,
    run_id: str,
    actor: str,
) -> ReferenceFileRow:
    """Keep the bytes of a new file, state stored.

    Raises: sqlalchemy.exc.IntegrityError where another run stored a file of this name at this moment."""
    at = now(db)
    (file_id,) = reserve_ids(db, schema.reference_file, 1)
    row: dict[str, Any] = {
        "source_id": source_id,
        "entity": entity,
        "format": format,
        "schema": schema_name,
        "folder": folder,
        "file_name": file_name,
        "records": records,
        "sha256": sha256(content),
        "size_bytes": len(content),
    }
    facts = [row[name] for name in FACTS]
    row.update(created_run=run_id, created_at=at, data=pack(content))
    birth = Birth(InterchangeState.STORED, "its content is new", facts, row)
    give_birth(db, schema.reference_file, [(file_id, birth)], run_id=run_id, actor=actor, at=at)
    return _row(db.execute(select(*_COLUMNS).where(_R.id == file_id)).one())


def latest(db: Connection, source_id: int, entity: str, format: str, folder: str) -> ReferenceFileRow | None:
    """The newest file of this kind that was not given up; None where there is none."""
    query = select(*_COLUMNS).where(*_mine(source_id, entity, format), _R.folder == folder)
    query = query.where(_R.state != InterchangeState.VOIDED.value).order_by(_R.id.desc()).limit(1)
    row = db.execute(query).first()
    return _row(row) if row else None


def count(db: Connection, source_id: int, entity: str, format: str) -> int:
    """How many files of this kind were ever written."""
    query = select(func.count()).select_from(schema.reference_file).where(*_mine(source_id, entity, format))
    return int(db.execute(query).scalar_one())


def unfinished(db: Connection, source_id: int) -> list[ReferenceFileRow]:
    """Files that are stored, sending, refused or in doubt, oldest first."""
    query = select(*_COLUMNS).where(_R.source_id == source_id, _R.state.in_([state.value for state in UNFINISHED]))
    return [_row(row) for row in db.execute(query.order_by(_R.id))]


def of_run(db: Connection, source_id: int, run_id: str) -> list[ReferenceFileRow]:
    """Files whose state this run set last, oldest first."""
    query = select(*_COLUMNS).where(_R.source_id == source_id, _R.state_run == run_id).order_by(_R.id)
    return [_row(row) for row in db.execute(query)]


def data(db: Connection, file_id: int) -> bytes:
    """The file's exact bytes."""
    return unpack(db.execute(select(_R.data).where(_R.id == file_id)).scalar_one())


def move(
    db: Connection, file_id: int, was: InterchangeState, to: InterchangeState, why: str, *, run_id: str, actor: str
) -> None:
    """Move a file. Raises: ImpossibleTransition, LostRace where it is not in `was` any more."""
    change = Move(file_id, was, to, why, {"reason": why})
    move_all(db, schema.reference_file, [change], run_id=run_id, actor=actor)


def _mine(source_id: int, entity: str, format: str) -> tuple[Any, ...]:
    return _R.source_id == source_id, _R.entity == entity, _R.format == format


def _row(row: Any) -> ReferenceFileRow:
    return ReferenceFileRow(**{**row._mapping, "state": InterchangeState(row.state)})
