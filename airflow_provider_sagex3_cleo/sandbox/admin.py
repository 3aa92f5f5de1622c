"""The admin door of a fake, from another process: `SandboxAdmin(base_url)`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import requests

__all__ = ["SandboxAdmin"]


class SandboxAdmin:
    """Calls POST /_sandbox/<name> of one fake.

    Args:
        base_url: the fake's scheme, host and port.
        verify: False or a CA bundle's path for a sandbox with TLS.
    """

    def __init__(self, base_url: str, *, verify: bool | str = True) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = verify

    def call(self, name: str, **arguments: Any) -> Any:
        """Any admin call by name. Raises: ValueError with the sandbox's reason."""
        answer = self._http.post(f"{self.base_url}/_sandbox/{name}", json=arguments, timeout=30)
        if answer.status_code != 200:
            raise ValueError(f"{name}: {answer.json().get('error', answer.status_code)}")
        return answer.json()

    def fault(self, kind: str, path: str = "", **settings: Any) -> int:
        """Arm a fault (see `faults`). Returns its number."""
        return int(self.call("fault", kind=kind, path=path, **settings)["number"])

    def clear_faults(self, number: int | None = None) -> None:
        """Disarm one fault, or all."""
        self.call("clear_faults", number=number)

    def log(self, *, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """The request log, oldest first, filtered by method and a regular expression on the path."""
        rows: list[dict[str, Any]] = self.call("log", method=method, path=path)
        return rows

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self.call("clear_log")

    def now(self) -> datetime:
        """The sandbox's time."""
        return datetime.fromisoformat(self.call("clock")["now"])

    def set_clock(self, moment: datetime) -> datetime:
        """Show this time from now on."""
        return datetime.fromisoformat(self.call("set_clock", moment=moment.isoformat())["now"])

    def advance_clock(self, seconds: float) -> datetime:
        """Move the clock by so many seconds."""
        return datetime.fromisoformat(self.call("advance_clock", seconds=seconds)["now"])

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
