"""How a request to Sage X3 is signed: Basic, the token that a connected app makes itself, or one of OAuth2.

Source: public samples of connected apps; what is assumed stands in docs/assumptions.md.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable

import jwt
from requests import PreparedRequest

from airflow_provider_sagex3_cleo.sagex3.oauth import TokenStore, open_oauth
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.transport import RejectableAuth

__all__ = ["BasicAuth", "ConnectedAppAuth", "open_auth"]

CLOCK_SKEW_S = 30
RENEW_BEFORE_END_S = 30


class BasicAuth:
    """Login and password with each request. A refused request is worth one more try: the session may be lost."""

    def __init__(self, login: str, password: str) -> None:
        self._header = "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.headers["Authorization"] = self._header
        return r

    def reject(self, request: PreparedRequest) -> bool:
        """True where the request carried a session cookie: without it, the same login may open a new session."""
        return "Cookie" in request.headers


class ConnectedAppAuth:
    """A bearer token (JWT, HS256) that the client signs; renewed before its end, by one thread however many ask.

    Args:
        life_s: seconds from `iat` to `exp`. `iat` lies `CLOCK_SKEW_S` back, so the token serves that much less.
        now: seconds since 1970, for `iat` and `exp`.
        ticks: a clock that is never set back, for the renewal.
    """

    def __init__(
        self, client_id: str, secret: str, subject: str, audience: str, *, life_s: int = 300,
        now: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._client_id, self._secret, self._subject, self._audience = client_id, secret, subject, audience
        self._life_s, self._now, self._ticks = life_s, now, ticks
        usable = life_s - CLOCK_SKEW_S
        self._serves_s = max(usable - RENEW_BEFORE_END_S, usable / 2)
        self._lock = threading.Lock()
        self._token, self._renew_at = "", float("-inf")
        self.made = 0

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        with self._lock:
            if not self._token or self._ticks() >= self._renew_at:
                self._token = self._make()
                self._renew_at = self._ticks() + self._serves_s
            r.headers["Authorization"] = f"Bearer {self._token}"
        return r

    def reject(self, request: PreparedRequest) -> bool:
        """Forget the token if it is still the one that was refused; a fresh one may always help."""
        with self._lock:
            if request.headers.get("Authorization") == f"Bearer {self._token}":
                self._token = ""
        return True

    def _make(self) -> str:
        issued = int(self._now()) - CLOCK_SKEW_S
        self.made += 1
        claims = {
            "iss": self._client_id, "sub": self._subject, "aud": self._audience, "iat": issued,
            "exp": issued + self._life_s,
        }  # fmt: skip
        return jwt.encode(claims, self._secret, algorithm="HS256")


def open_auth(settings: SageX3Settings, tokens: TokenStore | None = None) -> RejectableAuth:
    """The auth that the settings name; `tokens` is where refresh tokens are kept. Raises: SettingFault without it."""
    if settings.auth == "oauth2":
        return open_oauth(settings, tokens)
    if settings.auth == "connected_app":
        return ConnectedAppAuth(
            settings.client_id, settings.client_secret, settings.subject, settings.audience, life_s=settings.token_life
        )
    return BasicAuth(settings.login, settings.password)
