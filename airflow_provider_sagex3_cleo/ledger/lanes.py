"""Lanes: one pair of identities and one family of sets, sent in order by whoever holds the lease."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement, Select

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, insert_once, now
from airflow_provider_sagex3_cleo.ledger.states import UNFINISHED

__all__ = ["LaneRow", "due", "ensure", "fence", "get", "lease", "release", "renew", "seconds_left", "unclaimed"]

_L, _D, _I = schema.lane.c, schema.document.c, schema.interchange.c
_IN = schema.document_in_interchange.c
_holding = select(_IN.document_id).join(schema.document, _D.id == _IN.document_id).where(_IN.interchange_id == _I.id)


@dataclass(frozen=True)
class LaneRow:
    """A lane with work: documents ready to be grouped, files not yet settled."""

    id: int
    key: str
    folder: str
    ready: int
    unfinished: int


def ensure(db: Connection, source_id: int, key: str, folder: str) -> int:
    """The lane's id; made where it is new, its folder brought up to date."""
    mine = (_L.source_id == source_id, _L.key == key)
    row = db.execute(select(_L.id, _L.folder).where(*mine)).first()
    if row is None:
        insert_once(db, schema.lane, source_id=source_id, key=key, folder=folder)
        row = db.execute(select(_L.id, _L.folder).where(*mine)).one()
    if row.folder != folder:
        db.execute(update(schema.lane).where(_L.id == row.id).values(folder=folder))
    return int(row.id)


def unclaimed() -> ColumnElement[bool]:
    """A document that no unsettled file holds: those go again as they are, with their file."""
    return ~exists(
        select(_IN.document_id)
        .join(schema.interchange, _I.id == _IN.interchange_id)
        .where(_IN.document_id == _D.id, _I.state.in_([state.value for state in UNFINISHED]))
    )


def due(db: Connection, source_id: int, set_ids: Sequence[str]) -> list[LaneRow]:
    """Lanes with documents of these sets to send, or with files of theirs to settle; by id."""
    of_lane = select(_D.lane_id, func.count()).where(schema.IS_READY, _D.set_id.in_(set_ids))
    ready = _counts(db, of_lane.where(unclaimed()).group_by(_D.lane_id))
    in_files = (
        select(_I.lane_id, func.count())
        .where(schema.IS_UNFINISHED)
        .where(exists(_holding.where(_D.set_id.in_(set_ids))))
        .group_by(_I.lane_id)
    )
    unfinished = _counts(db, in_files)
    lanes = []
    for part in in_parts(sorted(ready.keys() | unfinished.keys())):
        query = select(_L.id, _L.key, _L.folder).where(_L.source_id == source_id, _L.id.in_(part)).order_by(_L.id)
        lanes += [LaneRow(*row, ready.get(row.id, 0), unfinished.get(row.id, 0)) for row in db.execute(query)]
    return lanes


def get(db: Connection, lane_id: int) -> tuple[str, str]:
    """The lane's (key, folder)."""
    row = db.execute(select(_L.key, _L.folder).where(_L.id == lane_id)).one()
    return row.key, row.folder


def _counts(db: Connection, query: Select[Any]) -> dict[int, int]:
    return {lane_id: count for lane_id, count in db.execute(query) if lane_id is not None}


def _owned(lane_id: int, token: str, db: Connection) -> tuple[ColumnElement[bool], ...]:
    return _L.id == lane_id, _L.lease == token, _L.lease_ends > now(db)


def lease(db: Connection, lane_id: int, owner: str, lease_s: float) -> str | None:
    """Take the lane for `lease_s` seconds; the lease's token, or None while another holds it."""
    token, moment = str(uuid.uuid4()), now(db)
    free = or_(_L.lease.is_(None), _L.lease_ends <= moment)
    taken = db.execute(
        update(schema.lane)
        .where(_L.id == lane_id, free)
        .values(lease=token, lease_owner=owner, lease_ends=moment + timedelta(seconds=lease_s))
    )
    return token if taken.rowcount == 1 else None


def renew(db: Connection, lane_id: int, token: str, lease_s: float) -> None:
    """Hold the lane for `lease_s` seconds from now. Raises: LostRace when the lease is not ours any more."""
    ends = now(db) + timedelta(seconds=lease_s)
    mine = _owned(lane_id, token, db)
    if db.execute(update(schema.lane).where(*mine).values(lease_ends=ends)).rowcount != 1:
        raise _lost(lane_id)


def release(db: Connection, lane_id: int, token: str) -> bool:
    """Give the lane back; False where it was not ours any more."""
    mine = (_L.id == lane_id, _L.lease == token)
    free = {"lease": None, "lease_owner": None, "lease_ends": None}
    return db.execute(update(schema.lane).where(*mine).values(free)).rowcount == 1


def seconds_left(db: Connection, lane_id: int, token: str) -> float:
    """Seconds until our lease ends, by the database's clock; 0 where it is not ours."""
    moment = now(db)
    ends = db.execute(select(_L.lease_ends).where(_L.id == lane_id, _L.lease == token)).scalar()
    return max(0.0, (ends - moment).total_seconds()) if ends else 0.0


def fence(db: Connection, lane_ids: Iterable[int | None], token: str) -> None:
    """Make sure until the commit that the lanes are ours: nobody can take them before this transaction ends.

    Raises: LostRace when the lease is not ours any more, by the database's clock."""
    for lane_id in sorted({lane_id or 0 for lane_id in lane_ids}):
        if db.execute(select(_L.id).where(*_owned(lane_id, token, db)).with_for_update()).first() is None:
            raise _lost(lane_id)


def _lost(lane_id: int) -> LostRace:
    return LostRace(f"the lease of lane {lane_id} is not ours any more; nothing was written", system="ledger")
