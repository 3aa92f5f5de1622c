"""Findings of the alignment: what is new, what stands, what is resolved. A finding is never deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.machine import Birth, Move, give_birth, move_all
from airflow_provider_sagex3_cleo.ledger.sql import in_parts, now, reserve_ids
from airflow_provider_sagex3_cleo.ledger.states import FindingState

__all__ = ["FACTS", "FindingRow", "Seen", "of_run", "record"]

_F = schema.alignment_finding.c

#: What a finding is about: never changes; the audit proves it.
FACTS = ("source_id", "kind", "agreement", "code", "subject")


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that a run found."""

    kind: str
    severity: str
    agreement: str
    code: str
    subject: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as it stands. `opened_run`: the run that opened it last (it may have been resolved before)."""

    id: int
    kind: str
    severity: str
    agreement: str
    code: str
    subject: str
    sentence: str
    first_run: str
    first_seen: datetime
    opened_run: str
    last_run: str
    last_seen: datetime
    resolved_at: datetime | None
    state: FindingState
    state_run: str


_COLUMNS = tuple(_F[name] for name in FindingRow.__slots__)


def record(
    db: Connection,
    source_id: int,
    seen: Sequence[Seen],
    *,
    judged: Callable[[FindingRow], bool],
    run_id: str,
    actor: str,
) -> None:
    """Keep what a run found: new findings, those that stand, and as resolved those that it did not find any more.

    Args:
        judged: whether this run could see what a finding is about; what it could not see is not resolved.

    Raises: LostRace where another run records at this moment."""
    at = now(db)
    known = {(row.kind, row.agreement, row.subject): row for row in _rows(db, source_id)}
    found = {(each.kind, each.agreement, each.subject): each for each in seen}
    moves, standing = [], []
    for what, each in found.items():
        row = known.get(what)
        if row is None:
            continue
        if row.state is FindingState.RESOLVED:
            moves.append(_move(row, each, FindingState.OPEN, "found again", run_id, at, opened=run_id))
        elif (row.severity, row.sentence) != (each.severity, each.sentence):
            moves.append(_move(row, each, FindingState.OPEN, "says something else", run_id, at))
        else:
            standing.append(row.id)
    for what, row in known.items():
        if what not in found and row.state is FindingState.OPEN and judged(row):
            moves.append(_move(row, None, FindingState.RESOLVED, "not found any more", run_id, at))
    if moves:
        move_all(db, schema.alignment_finding, moves, run_id=run_id, actor=actor, at=at)
    for part in in_parts(standing):
        db.execute(
            update(schema.alignment_finding).where(_F.id.in_(part)).values(last_run=run_id, last_seen=at)
        )  # fmt: skip
    fresh = [each for what, each in found.items() if what not in known]
    births = [_birth(source_id, each, run_id, at) for each in fresh]
    ids = reserve_ids(db, schema.alignment_finding, len(births)) if births else []
    give_birth(
        db, schema.alignment_finding, list(zip(ids, births, strict=True)), run_id=run_id, actor=actor, at=at
    )  # fmt: skip


def of_run(db: Connection, source_id: int, run_id: str) -> list[FindingRow]:
    """All open findings, alarms first, then those that this run resolved."""
    rows = [
        row for row in _rows(db, source_id) if row.state is FindingState.OPEN or row.state_run == run_id
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.state is not FindingState.OPEN, row.severity, row.kind, row.id))


def _rows(db: Connection, source_id: int) -> list[FindingRow]:
    query = select(*_COLUMNS).where(_F.source_id == source_id).order_by(_F.id)
    return [FindingRow(**{**row._mapping, "state": FindingState(row.state)}) for row in db.execute(query)]


def _birth(source_id: int, each: Seen, run_id: str, at: datetime) -> Birth:
    row: dict[str, Any] = {
        "source_id": source_id,
        "kind": each.kind,
        "severity": each.severity,
        "agreement": each.agreement,
        "code": each.code,
        "subject": each.subject,
        "sentence": each.sentence,
        "first_run": run_id,
        "first_seen": at,
        "opened_run": run_id,
        "last_run": run_id,
        "last_seen": at,
    }
    return Birth(FindingState.OPEN, each.sentence, [row[name] for name in FACTS], row)


def _move(
    row: FindingRow, each: Seen | None, to: FindingState, why: str, run_id: str, at: datetime, *, opened: str = ""
) -> Move:
    """Every move sets the same columns, as the bulk update asks for."""
    resolved = each is None
    values = {
        "severity": row.severity if each is None else each.severity,
        "sentence": row.sentence if each is None else each.sentence,
        "opened_run": opened or row.opened_run,
        "last_run": row.last_run if resolved else run_id,
        "last_seen": row.last_seen if resolved else at,
        "resolved_at": at if resolved else None,
    }
    detail = {} if each is None else {"severity": each.severity, "sentence": each.sentence}
    return Move(row.id, row.state, to, why, values, detail)
