"""Interchanges: the exact bytes of a file, kept before the first of them leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.lanes import fence
from airflow_provider_sagex3_cleo.ledger.machine import Birth, Move, give_birth, move_all
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, now, pack, reserve_ids, sha256, unpack
from airflow_provider_sagex3_cleo.ledger.states import InterchangeState

__all__ = [
    "InterchangeRow", "data", "get", "get_many", "link_facts", "move", "numbers_of", "store", "unfinished",
]  # fmt: skip

_I = schema.interchange.c
_IN = schema.document_in_interchange.c


@dataclass(frozen=True, slots=True)
class InterchangeRow:
    """One file without its bytes. `isa` and `gs` (of the first group) are None, and `file_number` is not, where Cleo
    gives the envelope."""

    id: int
    lane_id: int
    file_name: str
    folder: str
    sender: str
    receiver: str
    isa: int | None
    gs: int | None
    file_number: int | None
    release: str
    usage: str
    sha256: str
    size_bytes: int
    created_run: str
    created_at: datetime
    state: InterchangeState
    state_run: str
    state_at: datetime
    reason: str | None


#: The facts about a file that never change; the audit proves them, with its documents and their ST numbers.
FACTS = (
    *("lane_id", "file_name", "folder", "sender", "receiver", "isa", "gs", "file_number"),
    *("release", "usage", "sha256", "size_bytes"),
)
_COLUMNS = tuple(_I[name] for name in InterchangeRow.__slots__)


def _row(row: Any) -> InterchangeRow:
    values = dict(row._mapping)
    values["state"] = InterchangeState(values["state"])
    return InterchangeRow(**values)


def store(
    db: Connection,
    *,
    lane_id: int,
    lease: str,
    file_name: str,
    folder: str,
    sender: str,
    receiver: str,
    numbers: Mapping[str, int],
    release: str,
    usage: str,
    data: bytes,
    documents: Sequence[tuple[int, str, int]],
    gs_of: Mapping[int, int] | None = None,
    run_id: str,
    actor: str = "deliver",
) -> int:
    """Keep the bytes of a file with its documents (id, ST02, position); the interchange's id, state stored.

    Args:
        numbers: those given to it, by level: ISA and GS (of the first group), or FILE where Cleo gives the envelope.
        gs_of: the group's number by document, of those in other groups than the first one.

    Raises: LostRace when the lane's lease is not ours any more."""
    fence(db, [lane_id], lease)
    at = now(db)
    (interchange_id,) = reserve_ids(db, schema.interchange, 1)
    row: dict[str, Any] = {
        "lane_id": lane_id,
        "file_name": file_name,
        "folder": folder,
        "sender": sender,
        "receiver": receiver,
        "isa": numbers.get("ISA"),
        "gs": numbers.get("GS"),
        "file_number": numbers.get("FILE"),
        "release": release,
        "usage": usage,
        "sha256": sha256(data),
        "size_bytes": len(data),
    }
    gs_of = gs_of or {}
    links = sorted((position, document_id, st) for document_id, st, position in documents)
    facts = [*(row[name] for name in FACTS), [link_facts(*link, gs_of.get(link[1])) for link in links]]
    row.update(created_run=run_id, created_at=at, data=pack(data))
    birth = Birth(InterchangeState.STORED, "numbered and written", facts, row)
    give_birth(db, schema.interchange, [(interchange_id, birth)], run_id=run_id, actor=actor, at=at)
    db.execute(
        insert(schema.document_in_interchange),
        [
            {
                "interchange_id": interchange_id,
                "document_id": document_id,
                "st": st,
                "position": position,
                "gs": gs_of.get(document_id),
            }
            for position, document_id, st in links
        ],
    )
    return interchange_id


def link_facts(position: int, document_id: int, st: str, gs: int | None) -> tuple[Any, ...]:
    """What the audit proves of a document's place in a file."""
    return (position, document_id, st) if gs is None else (position, document_id, st, gs)


def numbers_of(db: Connection, row: InterchangeRow) -> list[tuple[str, int]]:
    """All numbers given to a file, each with the level of its series: ISA, GS of each group; or FILE."""
    mine = (_IN.interchange_id == row.id, _IN.gs.is_not(None))
    more = db.execute(select(_IN.gs).where(*mine).distinct().order_by(_IN.gs)).scalars()
    given = [("ISA", row.isa), ("GS", row.gs), *(("GS", number) for number in more), ("FILE", row.file_number)]
    return [(level, number) for level, number in given if number is not None]


def get(db: Connection, interchange_id: int) -> InterchangeRow | None:
    """The file of this id."""
    row = db.execute(select(*_COLUMNS).where(_I.id == interchange_id)).first()
    return _row(row) if row else None


def get_many(db: Connection, interchange_ids: Sequence[int]) -> list[InterchangeRow]:
    """The files of these ids, by id."""
    query = select(*_COLUMNS).order_by(_I.id)
    return [_row(row) for part in in_parts(interchange_ids) for row in db.execute(query.where(_I.id.in_(part)))]


def unfinished(db: Connection, lane_id: int) -> list[InterchangeRow]:
    """The lane's files that are stored, sending, refused or in doubt, oldest first."""
    mine = (schema.IS_UNFINISHED, _I.lane_id == lane_id)
    return [_row(row) for row in db.execute(select(*_COLUMNS).where(*mine).order_by(_I.id))]


def data(db: Connection, interchange_id: int) -> bytes:
    """The file's exact bytes."""
    return unpack(db.execute(select(_I.data).where(_I.id == interchange_id)).scalar_one())


def move(
    db: Connection,
    interchange_id: int,
    was: InterchangeState,
    to: InterchangeState,
    why: str,
    *,
    lease: str | None,
    run_id: str,
    actor: str = "deliver",
) -> None:
    """Move a file. A person's decision on a file in doubt needs no lease; every sender's write does.

    Raises: ImpossibleTransition, LostRace (not in `was` any more, or the lease is not ours any more)."""
    if lease is not None or InterchangeState.SENDING in (was, to):
        lane_id = db.execute(select(_I.lane_id).where(_I.id == interchange_id)).scalar()
        if lane_id is None:
            raise LostRace(f"interchange {interchange_id} is not there", system="ledger")
        fence(db, [lane_id], lease or "")
    change = Move(interchange_id, was, to, why, {"reason": why})
    move_all(db, schema.interchange, [change], run_id=run_id, actor=actor)
