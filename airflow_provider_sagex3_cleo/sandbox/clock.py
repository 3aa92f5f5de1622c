"""The sandbox's clock: it runs like the real one, and can be set, advanced and stopped."""

from __future__ import annotations

import email.utils
import threading
import time
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


class Clock:
    """Time of both fakes. Answers carry it in `Date`; stamps of the world are taken from it.

    Args:
        start: the time it shows now, aware; None for the machine's own.
        frozen: stand still until told to run.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        self._lock = threading.Lock()
        self._base = (start or datetime.now(UTC)).astimezone(UTC)
        self._since = time.monotonic()
        self._frozen = frozen

    def now(self) -> datetime:
        """The sandbox's time, aware UTC."""
        with self._lock:
            return self._now()

    def _now(self) -> datetime:
        return self._base if self._frozen else self._base + timedelta(seconds=time.monotonic() - self._since)

    def set(self, moment: datetime) -> datetime:
        """Show this time from now on. Returns it."""
        with self._lock:
            self._base, self._since = moment.astimezone(UTC), time.monotonic()
            return self._base

    def advance(self, seconds: float) -> datetime:
        """Move by so many seconds (negative: back). Returns the new time."""
        with self._lock:
            self._base, self._since = self._now() + timedelta(seconds=seconds), time.monotonic()
            return self._base

    def freeze(self) -> datetime:
        """Stand still. Returns the time it stands at."""
        with self._lock:
            self._base, self._frozen = self._now(), True
            return self._base

    def run(self) -> datetime:
        """Run on from where it stands."""
        with self._lock:
            self._base, self._since, self._frozen = self._now(), time.monotonic(), False
            return self._base

    def http_date(self) -> str:
        """The time as an HTTP `Date` value (whole seconds)."""
        return email.utils.format_datetime(self.now(), usegmt=True)
