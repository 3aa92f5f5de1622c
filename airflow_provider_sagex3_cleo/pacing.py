"""How fast and how often one server is called: a rate limit, and when to stop trying."""

from __future__ import annotations

import threading
import time

from tenacity import RetryCallState
from tenacity.stop import stop_base

__all__ = ["RateLimiter", "Stop"]


class RateLimiter:
    """At most `per_s` calls a second, evenly spaced, over all threads of one transport."""

    def __init__(self, per_s: float | None) -> None:
        self._gap, self._next, self._lock = (1.0 / per_s if per_s else 0.0), 0.0, threading.Lock()

    def wait(self) -> float:
        """Wait for this call's turn; the seconds waited."""
        if not self._gap:
            return 0.0
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._gap
        pause = start - now
        if pause > 0:
            time.sleep(pause)
        return max(pause, 0.0)


class Stop(stop_base):
    """Stop after so many attempts, or when the next wait would pass the deadline."""

    def __init__(self, attempts: int, ends: float | None) -> None:
        self.attempts, self.ends = attempts, ends

    def __call__(self, state: RetryCallState) -> bool:
        if state.attempt_number >= self.attempts:
            return True
        return self.ends is not None and time.monotonic() + state.upcoming_sleep >= self.ends
