"""Whom the ledger belongs to: one Sage X3 folder, one Cleo host, one environment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import LedgerMismatch
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import insert_row, now

__all__ = ["SourceRow", "bind", "bound", "prove"]


@dataclass(frozen=True)
class SourceRow:
    """`source` is X3's `host:port/folder`, `target` Cleo's `host:port`."""

    id: int
    source: str
    target: str
    environment: str


def bound(db: Connection) -> SourceRow | None:
    """What the ledger is bound to; None while it is new."""
    s = schema.source.c
    row = db.execute(select(s.id, s.source, s.target, s.environment).order_by(s.id).limit(1)).first()
    return SourceRow(*row) if row else None


def bind(db: Connection, *, source: str, target: str, environment: str) -> int:
    """The source's id; a new ledger is bound by this call, for good.

    Raises: LedgerMismatch when it is bound to something else."""
    db.execute(select(schema.ledger.c.id).with_for_update())  # two first runs at once: the second sees the first
    mine = prove(db, source=source, target=target, environment=environment)
    if mine is None:
        return insert_row(db, schema.source, source=source, target=target, environment=environment, bound_at=now(db))
    return mine


def prove(db: Connection, *, source: str, target: str, environment: str) -> int | None:
    """The source's id; None while the ledger is new. Writes nothing.

    Raises: LedgerMismatch when it is bound to something else."""
    mine = bound(db)
    if mine is None:
        return None
    for word, has, asked in (
        ("Sage X3", mine.source, source),
        ("Cleo", mine.target, target),
        ("environment", mine.environment, environment),
    ):
        if has != asked:
            raise LedgerMismatch(
                f"this ledger belongs to {word} {has}, the connection says {asked}",
                remedy="use the ledger made for this pair (connection edi_ledger), or correct the connection",
                system="ledger",
            )
    return mine.id
