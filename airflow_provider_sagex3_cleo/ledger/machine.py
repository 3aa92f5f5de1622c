"""The one way a state changes: the expected state is named, one row changes, and its event is chained.

A subject (record version, document, interchange) carries the head of its own chain (`chain_seq`, `chain_hash`) and
the hash of the facts about it that never change (`facts`). An event holds the hash of facts and state before and
after, and the hash of the event before it: what was changed behind the ledger's back no longer fits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, now
from airflow_provider_sagex3_cleo.ledger.states import State, check_edge
from airflow_provider_sagex3_cleo.ledger.types import iso

__all__ = ["KINDS", "Birth", "Move", "digest", "event_hash", "fingerprint", "give_birth", "move_all"]

#: What the audit knows, by the word its events use.
KINDS: Mapping[str, Table] = {
    "record_version": schema.record_version,
    "document": schema.document,
    "interchange": schema.interchange,
    "finding": schema.alignment_finding,
    "reference_file": schema.reference_file,
    "cleo_change": schema.cleo_change,
}
_KIND_OF = {table.name: kind for kind, table in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Birth:
    """A new subject's first event. `row` is its row without the chain's columns and the state's."""

    state: State
    why: str
    facts: Sequence[Any]
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """One change of state. `was` None: whatever the row is in, if the edge exists; `values`: columns set with it."""

    id: int
    was: State | None
    to: State
    why: str
    values: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)


def digest(*values: Any) -> str:
    """SHA-256 over plain values in one canonical spelling."""
    return hashlib.sha256(_encode(values).encode()).hexdigest()


def _plain(value: Any) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)


_encode = json.JSONEncoder(separators=(",", ":"), default=_plain).encode


def fingerprint(facts: str, state: str) -> str:
    """The hash of a subject in a state."""
    return hashlib.sha256(f"{facts}|{state}".encode()).hexdigest()


def event_hash(row: Mapping[str, Any]) -> str:
    """The hash of one event over all that it says, the hash of the event before it included."""
    return digest(
        *(row["subject"], row["subject_id"], row["seq"], row["at"], row["run_id"], row["actor"]),
        *(row["was"], row["now"], row["why"], row["detail"], row["before"], row["after"], row["previous"]),
    )


def _event(common: Mapping[str, Any], **own: Any) -> dict[str, Any]:
    row = {**common, **own}
    row["hash"] = event_hash(row)
    return row


def give_birth(
    db: Connection, table: Table, births: Sequence[tuple[int, Birth]], *, run_id: str, actor: str, at: datetime
) -> None:
    """Insert new subjects (id, birth) with their first events, in bulk.

    Raises: sqlalchemy.exc.IntegrityError where a unique key is taken."""
    common = {
        "subject": _KIND_OF[table.name],
        "seq": 1,
        "at": at,
        "run_id": run_id,
        "actor": actor,
        "was": None,
        "detail": None,
        "before": None,
        "previous": None,
    }
    rows, events = [], []
    for subject_id, birth in births:
        facts, state = digest(*birth.facts), birth.state.value
        event = _event(common, subject_id=subject_id, now=state, why=birth.why, after=fingerprint(facts, state))
        events.append(event)
        rows.append(
            {
                **birth.row,
                "id": subject_id,
                "state": state,
                "state_run": run_id,
                "state_at": at,
                "facts": facts,
                "chain_seq": 1,
                "chain_hash": event["hash"],
            }
        )
    if rows:
        db.execute(insert(table), rows)
        db.execute(insert(schema.event), events)


def move_all(
    db: Connection, table: Table, moves: Sequence[Move], *, run_id: str, actor: str, at: datetime | None = None
) -> None:
    """Change the states of many subjects of one table, with their events; all of them or none.

    Every move must set the same columns in `values`.

    Raises:
        ImpossibleTransition: the state machine has no such edge.
        LostRace: a row is not in the expected state any more, or not there.
    """
    at = at or now(db)
    for part in in_parts(moves):
        _move_part(db, table, part, run_id=run_id, actor=actor, at=at)


def _move_part(db: Connection, table: Table, moves: Sequence[Move], *, run_id: str, actor: str, at: datetime) -> None:
    kind, c, enum = _KIND_OF[table.name], table.c, type(moves[0].to)
    # locked on PostgreSQL; on SQLite the writer is alone anyway: what is read here stays true until the commit
    heads = {
        row.id: row
        for row in db.execute(
            select(c.id, c.state, c.facts, c.chain_seq, c.chain_hash)
            .where(c.id.in_([move.id for move in moves]))
            .order_by(c.id)
            .with_for_update()
        )
    }
    common = {"subject": kind, "at": at, "run_id": run_id, "actor": actor}
    events, changes = [], []
    for move in moves:
        head = heads.pop(move.id, None)
        if head is None:
            raise LostRace(f"{kind} {move.id} is not there, or named twice", system="ledger")
        was = enum(head.state)
        if move.was is not None:
            check_edge(move.was, move.to, record=f"{kind} {move.id}")
            if was is not move.was:
                raise LostRace(f"{kind} {move.id} is {was.value}, not {move.was.value} any more", system="ledger")
        check_edge(was, move.to, record=f"{kind} {move.id}")
        event = _event(
            common,
            subject_id=move.id,
            seq=head.chain_seq + 1,
            was=was.value,
            now=move.to.value,
            why=move.why,
            detail=json.dumps(move.detail, sort_keys=True, default=_plain) if move.detail else None,
            before=fingerprint(head.facts, was.value),
            after=fingerprint(head.facts, move.to.value),
            previous=head.chain_hash,
        )
        events.append(event)
        changes.append(
            {
                **move.values,
                "b_id": move.id,
                "b_was": was.value,
                "b_seq": head.chain_seq,
                "state": move.to.value,
                "state_run": run_id,
                "state_at": at,
                "chain_seq": event["seq"],
                "chain_hash": event["hash"],
            }
        )
    expected = (c.id == bindparam("b_id"), c.state == bindparam("b_was"), c.chain_seq == bindparam("b_seq"))
    columns: dict[str, Any] = {name: bindparam(name) for name in changes[0] if not name.startswith("b_")}
    changed = db.execute(update(table).where(*expected).values(columns), changes).rowcount
    counted = len(changes) == 1 or db.dialect.name == "sqlite"  # psycopg2 counts only the last row of many
    if counted and changed != len(changes):
        raise LostRace(f"{len(changes) - changed} of {len(changes)} {kind}s changed meanwhile", system="ledger")
    db.execute(insert(schema.event), events)
