"""Changes of Cleo's own objects that a person has asked for: written down before they are made, and how each ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.machine import Birth, Move, give_birth, move_all
from airflow_provider_sagex3_cleo.ledger.sql import now, reserve_ids
from airflow_provider_sagex3_cleo.ledger.states import ChangeState

__all__ = ["FACTS", "ask", "end"]

#: What was asked: never changes; the audit proves it.
FACTS = ("source_id", "object", "name", "change", "why", "plan")


def ask(
    db: Connection, source_id: int, *, object: str, name: str, change: str, why: str, plan: str, run_id: str, actor: str
) -> int:
    """Write down one change of a plan (its hash) before it is made; the row's id."""
    at = now(db)
    (change_id,) = reserve_ids(db, schema.cleo_change, 1)
    row: dict[str, Any] = {
        "source_id": source_id,
        "object": object,
        "name": name,
        "change": change,
        "why": why,
        "plan": plan,
    }
    facts = [row[name] for name in FACTS]
    row.update(asked_run=run_id, asked_at=at)
    birth = Birth(ChangeState.ASKED, why, facts, row)
    give_birth(db, schema.cleo_change, [(change_id, birth)], run_id=run_id, actor=actor, at=at)
    return change_id


def end(db: Connection, change_id: int, to: ChangeState, why: str, *, run_id: str, actor: str) -> None:
    """Write down how a change ended."""
    move = Move(change_id, ChangeState.ASKED, to, why, {"reason": why})
    move_all(db, schema.cleo_change, [move], run_id=run_id, actor=actor)
