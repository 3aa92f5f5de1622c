"""Faults on demand: which answer of which route goes wrong, how, and how often.

A fault is matched by method, path and text of the request, skips its first `after` matches, then strikes `times`
times. Kinds:

    refuse          the connection is closed without an answer; the handler does not run
    reset           the handler runs, half of its body is sent, then the connection is reset
    lose_answer     the handler runs (an upload is stored), then the connection is closed without an answer
    delay           wait `seconds`, then answer as usual
    rate_limit      429 with Retry-After `seconds`
    error           500 with a JSON body
    maintenance     503 with an HTML page
    login_page      200 with an HTML login page
    redirect        302 to /auth/login
    expired         401, as for an expired token
    wrong_json      200 with valid JSON of another shape
    cut_body        the handler runs, its body ends in the middle, the HTTP message is complete
    truncated_page  the handler runs, rows are missing from its page and no next page is announced
    duplicate_rows  the handler runs, each row of its page comes twice
    loop_next       the handler runs, its next link or cursor leads back to where it came from
    status          the given `status`, `headers` and `body`
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

__all__ = ["KINDS", "RESHAPED", "RUNS_HANDLER", "Fault", "FaultBook"]

RESHAPED: Final = frozenset({"truncated_page", "duplicate_rows", "loop_next"})
RUNS_HANDLER: Final = RESHAPED | {"reset", "lose_answer", "delay", "cut_body"}
KINDS: Final = RUNS_HANDLER | {
    "refuse",
    "rate_limit",
    "error",
    "maintenance",
    "login_page",
    "redirect",
    "expired",
    "wrong_json",
    "status",
}


@dataclass(frozen=True)
class Fault:
    """One fault. `path` is a regular expression searched in the decoded path; `text` one searched in query and body.

    `times` None means always. `seconds` is the delay, or the Retry-After of `rate_limit`.
    """

    kind: str
    path: str = ""
    method: str = ""
    text: str = ""
    times: int | None = 1
    after: int = 0
    seconds: float = 0.0
    status: int = 500
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; known are {', '.join(sorted(KINDS))}")
        re.compile(self.path), re.compile(self.text)

    def fits(self, method: str, path: str, text: str) -> bool:
        """Whether it is meant for this request."""
        if self.method and self.method != method:
            return False
        return bool(re.search(self.path, path)) and (not self.text or bool(re.search(self.text, text)))


class FaultBook:
    """The faults of one server and how often each was met. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[int, Fault] = {}
        self._met: dict[int, int] = {}
        self._last = 0

    def add(self, fault: Fault) -> int:
        """Arm a fault. Returns its number."""
        with self._lock:
            self._last += 1
            self._faults[self._last], self._met[self._last] = fault, 0
            return self._last

    def clear(self, number: int | None = None) -> None:
        """Disarm one fault, or all."""
        with self._lock:
            for n in [number] if number is not None else list(self._faults):
                self._faults.pop(n, None)

    def strike(self, method: str, path: str, text: str) -> Fault | None:
        """The fault that strikes this request, oldest first; counts the match of every fault that fits."""
        if not self._faults:
            return None
        with self._lock:
            struck: Fault | None = None
            for n, fault in self._faults.items():
                if struck is not None or not fault.fits(method, path, text):
                    continue
                self._met[n] += 1
                turn = self._met[n] - fault.after
                if turn >= 1 and (fault.times is None or turn <= fault.times):
                    struck = fault
            return struck

    def listing(self) -> list[dict[str, Any]]:
        """All armed faults with their number and how often each was met."""
        with self._lock:
            return [{"number": n, "met": self._met[n], **asdict(f)} for n, f in self._faults.items()]
