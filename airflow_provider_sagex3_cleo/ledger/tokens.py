"""Tokens of a login, kept from run to run: encrypted by the caller, renewed by one lease holder at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.engine import Connection

from airflow_provider_sagex3_cleo.errors import LostRace
from airflow_provider_sagex3_cleo.ledger import schema
from airflow_provider_sagex3_cleo.ledger.sql import insert_once, now

__all__ = ["TokenRow", "ask", "begin_chain", "find", "keep", "lease", "release"]

_T = schema.token.c


@dataclass(frozen=True)
class TokenRow:
    """One chain of tokens.

    `seed_hash`: what the chain began with; `refresh` and `access` are ciphertext; `serves_s`: seconds the access token
    is good for by the database's clock; `asked_at`: set while a renewal is under way, and left where nobody knows how
    one ended."""

    seed_hash: str
    refresh: bytes
    access: bytes | None
    serves_s: float
    asked_at: datetime | None


def find(db: Connection, name: str) -> TokenRow | None:
    """The tokens kept under this name."""
    row = db.execute(
        select(_T.seed_hash, _T.refresh, _T.access, _T.access_ends, _T.asked_at).where(_T.name == name)
    ).first()
    if row is None:
        return None
    serves_s = (row.access_ends - now(db)).total_seconds() if row.access_ends else 0.0
    return TokenRow(row.seed_hash, row.refresh, row.access, serves_s, row.asked_at)


def begin_chain(db: Connection, name: str, seed_hash: str, refresh: bytes) -> None:
    """Keep a person's new refresh token; the chain before it is over, and any renewal of it with it."""
    values = {
        "seed_hash": seed_hash, "refresh": refresh, "access": None, "access_ends": None, "asked_at": None,
        "lease": None, "lease_ends": None, "renewed_at": now(db),
    }  # fmt: skip
    if db.execute(update(schema.token).where(_T.name == name, _T.seed_hash != seed_hash).values(values)).rowcount == 0:
        insert_once(db, schema.token, name=name, **values)


def lease(db: Connection, name: str, token: str, ttl_s: float) -> bool:
    """Take the right to renew for `ttl_s` seconds; False while another process has it."""
    moment = now(db)
    free = or_(_T.lease.is_(None), _T.lease_ends <= moment)
    values = {"lease": token, "lease_ends": moment + timedelta(seconds=ttl_s)}
    return db.execute(update(schema.token).where(_T.name == name, free).values(values)).rowcount == 1


def ask(db: Connection, name: str, token: str) -> None:
    """Note that the refresh token leaves now. Raises: LostRace where the lease is gone."""
    _under_lease(db, name, token, {"asked_at": now(db)})


def keep(db: Connection, name: str, token: str, *, refresh: bytes, access: bytes, serves_s: float) -> None:
    """Keep both new tokens and give the lease back, in one statement. Raises: LostRace where the lease is gone."""
    moment = now(db)
    _under_lease(db, name, token, {
        "refresh": refresh, "access": access, "access_ends": moment + timedelta(seconds=serves_s), "asked_at": None,
        "lease": None, "lease_ends": None, "renewed_at": moment,
    })  # fmt: skip


def release(db: Connection, name: str, token: str, *, spent: bool) -> None:
    """Give the lease back without new tokens; `spent`: the refresh token may have been used up all the same."""
    values: dict[str, object] = {"lease": None, "lease_ends": None}
    mine = (_T.name == name, _T.lease == token)
    db.execute(update(schema.token).where(*mine).values(values if spent else values | {"asked_at": None}))


def _under_lease(db: Connection, name: str, token: str, values: dict[str, object]) -> None:
    mine = (_T.name == name, _T.lease == token, _T.lease_ends > now(db))
    if db.execute(update(schema.token).where(*mine).values(values)).rowcount != 1:
        raise LostRace(f"the lease on the tokens of {name} ended", system="ledger",
                       remedy="nothing to do: the task is retried with the tokens of the other process")  # fmt: skip
