"""Who we are for Cleo: the password grant with a token that is renewed in time, or Basic on each call."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import AuthBase

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.transport import Answer, Transport

__all__ = ["BasicAuth", "PasswordGrantAuth"]

_LOGIN_DEADLINE_S = 60.0
# Every answer of the login but 429 and 5xx is judged here: those two say nothing about the password.
_JUDGED = frozenset(range(200, 500)) - {429}
_WRONG_PATH = {404, 405}


class BasicAuth(AuthBase):
    """User and password on every call, as UTF-8 (RFC 7617). It has no token, so a 401 is final."""

    def __init__(self, login: str, password: str) -> None:
        self._header = requests.auth._basic_auth_str(login.encode(), password.encode())

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = self._header
        return r


@dataclass(frozen=True)
class _Token:
    header: str
    renew_at: float


class PasswordGrantAuth(AuthBase):
    """A bearer token, fetched when first needed and renewed `renew_lead_s` before it ends. Shared between threads:
    one of them renews, the others wait for it.

    A login that Cleo refuses counts; after `login_attempts` of them no more are sent, because accounts lock after a few
    failures (policy `lockout`). Logs in again instead of using refresh tokens, as Cleo's own clients do.

    Raises (from any call it signs): AccessRejected, RightMissing, NotFound and the transport's Retry errors."""

    def __init__(self, settings: CleoSettings, transport: Transport) -> None:
        self._settings, self._transport = settings, transport
        self._lock = threading.Lock()
        self._token: _Token | None = None
        self._refused = 0

    def __repr__(self) -> str:
        return f"PasswordGrantAuth({self._settings.conn_id!r})"

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        token, fetched = self._current()
        r.headers["Authorization"] = token.header
        if fetched:  # the login may have set a cookie that leads to the node which knows the token
            r.headers.pop("Cookie", None)
            r.prepare_cookies(self._transport.session.cookies)
        return r

    def reject(self, request: requests.PreparedRequest) -> bool:
        """Forget the token that this request carried, unless another thread has renewed it. A fresh one may help."""
        with self._lock:
            if self._token is not None and request.headers.get("Authorization") == self._token.header:
                self._token = None
        return True

    def sign_in(self, deadline_s: float = _LOGIN_DEADLINE_S) -> None:
        """Have a token, within so many seconds; no call where one is at hand."""
        self._current(deadline_s)

    def _current(self, deadline_s: float = _LOGIN_DEADLINE_S) -> tuple[_Token, bool]:
        """The token, and whether this call has fetched it."""
        with self._lock:
            if self._token is not None and time.monotonic() < self._token.renew_at:
                return self._token, False
            self._token = None
            self._token = self._fetch(deadline_s)
            return self._token, True

    def _fetch(self, deadline_s: float) -> _Token:
        settings = self._settings
        if self._refused >= settings.login_attempts:
            raise self._error(e.AccessRejected, f"{self._refused} logins were refused, so no more are tried")
        asked = time.monotonic()
        answer = self._transport.send(
            "POST", settings.path(settings.login_path), signed=False, repeatable=True, ok=_JUDGED, want_json=False,
            attempts=settings.login_attempts, deadline_s=min(deadline_s, settings.deadline_s),
            data={"grant_type": "password", "username": settings.login, "password": settings.password},
        )  # fmt: skip
        content = _content(answer)
        token = content.get("access_token")
        if answer.status != 200 or not isinstance(token, str) or not token.isascii() or not token.isprintable():
            self._refused += 1
            raise self._judge(answer.status, content)
        life = _seconds(content.get("expires_in")) or settings.token_life_s
        lead = min(settings.renew_lead_s, life / 2)  # a short life must not mean a login before each call
        return _Token(f"Bearer {token}", asked + life - lead)

    def _judge(self, status: int, content: dict[str, Any]) -> e.ProviderError:
        """What a login without a token means. The answer's text only chooses between our own words."""
        if status in _WRONG_PATH:
            return self._error(
                e.NotFound, f"the server has no login there ({status})", "check api_prefix and login_path"
            )
        if 400 <= status < 500:
            return self._error(e.AccessRejected, f"the login was refused ({status}){_reason(content)}")
        if 200 <= status < 300 and content:
            return self._error(e.AccessRejected, f"the login was answered without a token{_reason(content)}")
        return self._error(e.NotJson, f"the login was answered with a page ({status}), not with JSON")

    def _error(self, kind: type[e.ProviderError], found: str, remedy: str = "") -> e.ProviderError:
        settings = self._settings
        return kind(found, system="cleo", record=f"connection {settings.conn_id}",
                    field=f"POST {settings.path(settings.login_path)}", remedy=remedy)  # fmt: skip


def _content(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object; empty for an empty body, a page or anything else."""
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _seconds(value: Any) -> float | None:
    """`expires_in` as a number of seconds, whether it came as number or text; None where it says nothing."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < float("inf") else None


def _reason(content: dict[str, Any]) -> str:
    """Cleo puts text into `message`, OAuth servers into `error_description`. Source: docs/assumptions.md."""
    said = " ".join(str(content.get(name, "")) for name in ("message", "error", "error_description")).lower()
    if "lock" in said:
        return ": the account is locked"
    if "expired" in said or "reset" in said:
        return ": the password must be renewed"
    return ""
