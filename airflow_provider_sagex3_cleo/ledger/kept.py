"""Records kept as references and never sent: one version of each key is in force, older ones are superseded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.ledger.machine import Move, move_all
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, unpack
from airflow_provider_sagex3_cleo.ledger.states import OPEN_STATES, VersionState

__all__ = ["CURRENT", "IN_FORCE", "Kept", "in_force", "latest", "supersede_older"]

_V = schema.record_version.c

#: What is in force: kept, and not overtaken by a newer version that is kept.
IN_FORCE = (VersionState.MAPPED,)
#: What Sage X3 says now, decided or not.
CURRENT = (*IN_FORCE, *OPEN_STATES)


@dataclass(frozen=True, slots=True)
class Kept:
    """The latest version of one key; `payload` is its canonical JSON, uncompressed."""

    id: int
    key: str
    state: VersionState
    payload: bytes


def latest(
    ledger: Ledger, source_id: int, entity: str, states: Sequence[VersionState] = IN_FORCE, *, at_once: int = 500
) -> Iterator[Kept]:
    """Yield the latest version of each key among those in these states, by key; memory holds `at_once` versions.

    No transaction is open between two of them: what changes meanwhile may be seen or not."""
    columns = (_V.id, _V.key, _V.state, _V.payload)
    mine = (_V.source_id == source_id, _V.entity == entity, _V.state.in_([state.value for state in states]))
    query = select(*columns).where(*mine).order_by(_V.key, _V.stamp.desc(), _V.id.desc()).limit(at_once)
    last: str | None = None
    while True:
        with ledger.reading() as db:
            rows = db.execute(query if last is None else query.where(_V.key > last)).all()
        for row in rows:
            if row.key != last:
                last = row.key
                yield Kept(row.id, row.key, VersionState(row.state), unpack(row.payload))
        if len(rows) < at_once:
            return


def in_force(db: Connection, source_id: int, entity: str) -> list[int]:
    """Ids of all versions in force, ascending: equal lists mean equal references, and no record is read for it."""
    mine = (_V.source_id == source_id, _V.entity == entity, _V.state.in_([state.value for state in IN_FORCE]))
    return list(db.execute(select(_V.id).where(*mine).order_by(_V.id)).scalars())


def supersede_older(
    db: Connection, source_id: int, entity: str, kept: Sequence[tuple[str, int]], *, run_id: str, actor: str
) -> int:
    """Supersede all other kept versions of these (key, id of the version now in force); returns how many."""
    older: list[int] = []
    for part in in_parts(kept):
        mine = (_V.source_id == source_id, _V.entity == entity, _V.state == VersionState.MAPPED.value)
        rows = db.execute(select(_V.id).where(*mine, _V.key.in_([key for key, _ in part])))
        older += [row.id for row in rows if row.id not in {version for _, version in part}]
    why = "a newer version is kept"
    moves = [Move(each, VersionState.MAPPED, VersionState.SUPERSEDED, why, {"reason": why}) for each in older]
    if moves:
        move_all(db, schema.record_version, moves, run_id=run_id, actor=actor)
    return len(moves)
