"""How fast and how often one server is called: a rate limit, the waits between attempts, and when to stop."""

from __future__ import annotations

import threading
import time

from tenacity import RetryCallState, wait_random_exponential
from tenacity.stop import stop_base

__all__ = ["MAX_WAIT_S", "RateLimiter", "Stop", "server_or_backoff"]

MAX_WAIT_S = 60.0


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


_backoff = wait_random_exponential(multiplier=0.5, max=MAX_WAIT_S)


def server_or_backoff(state: RetryCallState) -> float:
    """Seconds to wait: what the server asked for (capped), else exponential with full jitter."""
    problem = state.outcome.exception() if state.outcome else None
    asked = getattr(problem, "retry_after", None)
    return min(float(asked), MAX_WAIT_S) if asked is not None else _backoff(state)
