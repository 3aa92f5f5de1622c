"""The transport for Sage X3: never more HTTP sessions than allowed, because each takes a web session of the licence."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import requests

from airflow_provider_sagex3_cleo.sagex3.answers import asks_for_login, explain
from airflow_provider_sagex3_cleo.sagex3.auth import open_auth
from airflow_provider_sagex3_cleo.sagex3.oauth import TokenStore
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.transport import Answer, Transport

__all__ = ["SessionTransport", "in_order", "open_transport"]

A = TypeVar("A")
R = TypeVar("R")


class SessionTransport(Transport):
    """A `Transport` whose threads share at most `limit` sessions; a call waits for a free one.

    The session used last is given out first, so that one thread never opens a second one."""

    def limit(self, sessions: int) -> SessionTransport:
        """Set the number of sessions; before the first call."""
        self._free: queue.LifoQueue[requests.Session | None] = queue.LifoQueue()
        for _ in range(sessions):
            self._free.put(None)
        return self

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """As `Transport.send`, in one of the sessions."""
        with self._borrowed():
            return super().send(method, path, **request)

    @contextmanager
    def _borrowed(self) -> Iterator[None]:
        session = self._free.get()
        try:
            self._local.session = session
            session = self.session  # opened here where the place was still empty
            yield
        finally:
            self._free.put(session)
            self._local.session = None


def open_transport(settings: SageX3Settings, tokens: TokenStore | None = None) -> SessionTransport:
    """The transport of one connection: auth, time-outs, rate limit, session limit."""
    headers = {"Accept": "application/json"}
    if settings.language:
        headers["Accept-Language"] = settings.language
    transport = SessionTransport(
        system="sagex3",
        base_url=settings.base_url,
        auth=open_auth(settings, tokens),
        conn_id=settings.conn_id,
        verify=settings.verify,
        read_timeout_s=settings.timeout,
        deadline_s=settings.deadline,
        rate_limit=settings.rate_limit,
        headers=headers,
        unauthorized=asks_for_login,
        explain=explain,
    )
    return transport.limit(settings.sessions)


def in_order(work: Callable[[A], R], items: Iterable[A], workers: int) -> Iterator[R]:
    """The results of `work` in the order of the items, by so many threads; at most twice as many are held.

    With one worker everything is done in the caller's thread."""
    if workers == 1:
        yield from map(work, items)
        return
    pending: deque[Future[R]] = deque()
    with ThreadPoolExecutor(workers, "sagex3") as pool:
        try:
            for item in items:
                if len(pending) >= 2 * workers:
                    yield pending.popleft().result()
                pending.append(pool.submit(work, item))
            while pending:
                yield pending.popleft().result()
        finally:  # a caller that stops early, or an error: what has not begun is not begun
            for future in pending:
                future.cancel()
