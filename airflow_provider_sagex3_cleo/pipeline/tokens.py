"""Refresh tokens in the ledger: encrypted with Airflow's Fernet key, renewed by one process at a time.

The order is lease, note, ask, write back. What can still go wrong between ask and write back is told in
docs/decisions/refresh-tokens.md.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from airflow_provider_sagex3_cleo.errors import AccessRejected, AnswerLost, LedgerBusy, ProviderError, SettingFault
from airflow_provider_sagex3_cleo.ledger import tokens
from airflow_provider_sagex3_cleo.ledger.database import Ledger
from airflow_provider_sagex3_cleo.sagex3.oauth import RENEW_BEFORE_END_S, Exchange, Fresh

__all__ = ["LedgerTokens"]

_PAUSE_S = 0.2


class LedgerTokens:
    """A `TokenStore` in the ledger.

    Args:
        open_ledger: opens the ledger; it is closed after each use, since a token is renewed every few minutes.
        keys: Airflow's `[core] fernet_key`: one key, or several with commas between, the newest first.
        lease_s: seconds a renewal may take; longer than the token call's own deadline.
        wait_s: seconds to wait for another process that renews.

    Raises: SettingFault for an empty or broken key."""

    def __init__(
        self, open_ledger: Callable[[], Ledger], keys: str, *, lease_s: float = 60.0, wait_s: float = 60.0
    ) -> None:
        self._open, self._lease_s, self._wait_s = open_ledger, lease_s, wait_s
        try:
            self._cipher = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError as problem:
            raise _key_fault("[core] fernet_key is empty or no Fernet key") from problem

    def obtain(self, name: str, seed: str, refused: str, exchange: Exchange) -> Fresh:
        """See `TokenStore.obtain`."""
        with self._open() as ledger:
            return _Chain(ledger, self._cipher, name, refused).obtain(seed, exchange, self._lease_s, self._wait_s)


class _Chain:
    """One chain of tokens for one question."""

    def __init__(self, ledger: Ledger, cipher: MultiFernet, name: str, refused: str) -> None:
        self.ledger, self.cipher, self.name, self.refused = ledger, cipher, name, refused

    def obtain(self, seed: str, exchange: Exchange, lease_s: float, wait_s: float) -> Fresh:
        ends, lease = time.monotonic() + wait_s, str(uuid.uuid4())
        self._begin(seed)
        while True:
            kept = self._kept()
            if kept is not None:
                return kept
            with self.ledger.begin() as db:
                mine = tokens.lease(db, self.name, lease, lease_s)
            if mine:
                break
            if time.monotonic() >= ends:
                raise LedgerBusy(
                    f"another process renews the token of {self.name} for too long", system="ledger",
                    remedy="nothing to do: the task is retried when the other one is done",
                )  # fmt: skip
            time.sleep(_PAUSE_S)
        kept = self._kept()  # another process may have renewed it just before we had the lease
        if kept is None:
            return self._renew(lease, exchange)
        with self.ledger.begin() as db:
            tokens.release(db, self.name, lease, spent=True)
        return kept

    def _begin(self, seed: str) -> None:
        digest = hashlib.sha256(seed.encode()).hexdigest()
        with self.ledger.reading() as db:
            row = tokens.find(db, self.name)
        if row is None or row.seed_hash != digest:
            with self.ledger.begin() as db:
                tokens.begin_chain(db, self.name, digest, self.cipher.encrypt(seed.encode()))

    def _kept(self) -> Fresh | None:
        """The access token in the ledger, where it still serves and is not the refused one."""
        with self.ledger.reading() as db:
            row = tokens.find(db, self.name)
        if row is None or row.access is None or row.serves_s <= RENEW_BEFORE_END_S:
            return None
        access = self._clear(row.access)
        return Fresh(access, "", row.serves_s) if access != self.refused else None

    def _renew(self, lease: str, exchange: Exchange) -> Fresh:
        with self.ledger.begin() as db:
            row = tokens.find(db, self.name)
            tokens.ask(db, self.name, lease)
        assert row is not None, "the chain was begun before"
        refresh = self._clear(row.refresh)
        try:
            fresh = exchange(refresh)
        except ProviderError as problem:
            spent = isinstance(problem, AnswerLost) or row.asked_at is not None
            with self.ledger.begin() as db:
                tokens.release(db, self.name, lease, spent=spent)
            if isinstance(problem, AccessRejected) and row.asked_at is not None:
                problem.found += (
                    f"; the renewal of {row.asked_at:%Y-%m-%d %H:%M:%S} UTC ended without an answer, so the token it "
                    "was given is lost"
                )
            raise
        with self.ledger.begin() as db:
            tokens.keep(
                db, self.name, lease, refresh=self.cipher.encrypt((fresh.refresh or refresh).encode()),
                access=self.cipher.encrypt(fresh.access.encode()), serves_s=fresh.serves_s,
            )  # fmt: skip
        return fresh

    def _clear(self, secret: bytes) -> str:
        try:
            return self.cipher.decrypt(bytes(secret)).decode()
        except InvalidToken as problem:
            raise _key_fault("the kept tokens were encrypted with another [core] fernet_key") from problem


def _key_fault(found: str) -> SettingFault:
    return SettingFault(
        found, system="airflow", field="fernet_key", expected="the key (or keys) that all of this Airflow uses",
        remedy="set it; after a lost key, put a new refresh token into the connection",
    )  # fmt: skip
