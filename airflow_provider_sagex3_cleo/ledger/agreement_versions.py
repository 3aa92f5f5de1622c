"""The agreements as they were when a document was made: kept once per content."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import insert_once, now

__all__ = ["content", "ensure"]

_A = schema.agreement_version.c


def ensure(db: Connection, hash_: str, text: str) -> str:
    """Keep the text under its hash, once; the hash."""
    if db.execute(select(_A.hash).where(_A.hash == hash_)).first() is None:
        insert_once(db, schema.agreement_version, hash=hash_, content=text, first_seen_at=now(db))
    return hash_


def content(db: Connection, hash_: str) -> str | None:
    """The text kept under this hash."""
    found: str | None = db.execute(select(_A.content).where(_A.hash == hash_)).scalar()
    return found
