"""OAuth2 for Sage X3: client credentials, and refresh tokens that change at each use.

Sage's hosted service gives an access token for some 5 minutes and with each renewal a new refresh token; the old one
stops working. So a refresh token has one home (`TokenStore`) and one user at a time. Source: docs/assumptions.md.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from requests import PreparedRequest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.transport import Transport

__all__ = ["Exchange", "Fresh", "OAuth2Auth", "TokenStore", "open_oauth", "token_call"]

RENEW_BEFORE_END_S = 30.0
TOKEN_DEADLINE_S = 20.0
_JUDGED = frozenset({200, 400, 401, 403})
_NEW_LOGIN = "log in to Sage again and put the new refresh token into `refresh_token` of the connection"


@dataclass(frozen=True)
class Fresh:
    """What a token endpoint gave: `serves_s` are seconds the access token is good for; `refresh` may be empty."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    serves_s: float


Exchange = Callable[[str], Fresh]


class TokenStore(Protocol):
    """Where a chain of refresh tokens lives between runs; several tasks and machines may use it at once."""

    def obtain(self, name: str, seed: str, refused: str, exchange: Exchange) -> Fresh:
        """An access token that serves: the kept one, or a new one for the kept refresh token.

        `exchange` is called by one process at a time, and what it returns is kept before it is used.

        Args:
            name: of the chain.
            seed: the refresh token that a person put into the connection; a new one starts the chain again.
            refused: an access token that the server refused, or ''.

        Raises: what `exchange` raises; Retry errors while another process renews for too long."""
        ...


class OAuth2Auth:
    """A bearer token of a token endpoint; renewed before its end, by one thread however many ask.

    Args:
        obtain: gives an access token that is not the refused one."""

    def __init__(self, obtain: Callable[[str], Fresh], *, ticks: Callable[[], float] = time.monotonic) -> None:
        self._obtain, self._ticks = obtain, ticks
        self._lock = threading.Lock()
        self._token, self._refused, self._renew_at = "", "", float("-inf")

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        with self._lock:
            if not self._token or self._ticks() >= self._renew_at:
                fresh = self._obtain(self._refused)
                self._token, self._refused = fresh.access, ""
                lead = min(RENEW_BEFORE_END_S, fresh.serves_s / 2)
                self._renew_at = self._ticks() + fresh.serves_s - lead
            r.headers["Authorization"] = f"Bearer {self._token}"
        return r

    def reject(self, request: PreparedRequest) -> bool:
        """Forget the token if it is still the one that was refused; a fresh one may always help."""
        with self._lock:
            if self._token and request.headers.get("Authorization") == f"Bearer {self._token}":
                self._token, self._refused = "", self._token
        return True


def open_oauth(settings: SageX3Settings, tokens: TokenStore | None) -> OAuth2Auth:
    """The auth of a connection with `auth: oauth2`.

    Raises: SettingFault for rotating refresh tokens without a place to keep them."""
    exchange = token_call(settings)
    if settings.grant == "client_credentials":
        return OAuth2Auth(lambda refused: exchange(""))
    if tokens is None:
        raise e.SettingFault(
            "refresh tokens need the ledger to be kept in", system=f"connection {settings.conn_id}", field="grant",
            value=settings.grant, remedy="use the command line or the DAGs, which have a ledger",
        )  # fmt: skip
    store = tokens
    return OAuth2Auth(lambda refused: store.obtain(settings.conn_id, settings.refresh_token, refused, exchange))


def token_call(settings: SageX3Settings) -> Exchange:
    """The call of the token endpoint as a function of the refresh token ('' for client credentials).

    It raises AccessRejected where the server says no, AnswerLost where a refresh token left and no answer came, and the
    transport's other errors where nothing was spent."""
    parts = urlsplit(settings.auth_url)
    renewing = settings.grant == "refresh_token"

    def call(refresh: str) -> Fresh:
        transport = Transport(
            "sagex3", f"{parts.scheme}://{parts.netloc}", conn_id=settings.conn_id, verify=settings.verify,
            read_timeout_s=min(TOKEN_DEADLINE_S, settings.timeout),
            deadline_s=min(TOKEN_DEADLINE_S, settings.deadline), headers={"Accept": "application/json"},
        )  # fmt: skip
        given = {
            "grant_type": settings.grant, "client_id": settings.client_id, "client_secret": settings.client_secret,
            "refresh_token": refresh, "scope": settings.scope,
        }  # fmt: skip
        body = {name: value for name, value in given.items() if value}
        request: dict[str, Any] = {"json": body} if settings.auth_body == "json" else {"data": body}
        try:
            answer = transport.send(
                "POST", parts.path + (f"?{parts.query}" if parts.query else ""), signed=False, ok=_JUDGED,
                repeatable=not renewing, want_json=False, **request,
            )  # fmt: skip
        finally:
            transport.close()
        try:
            content = answer.json()
        except ValueError:
            content = None
        return _judged(settings, answer.status, content if isinstance(content, dict) else {})

    return call


def _judged(settings: SageX3Settings, status: int, content: dict[str, Any]) -> Fresh:
    access, refresh = content.get("access_token"), content.get("refresh_token")
    if status == 200 and isinstance(access, str) and access.isascii() and access.isprintable() and access:
        return Fresh(access, refresh if isinstance(refresh, str) else "", _seconds(content, settings.token_life))
    where: dict[str, Any] = {
        "system": "sagex3",
        "record": f"connection {settings.conn_id}",
        "field": "auth_url",
        "status": status,
    }
    if status == 200:
        lost = e.AnswerLost if settings.grant == "refresh_token" else e.NotJson
        raise lost("the token endpoint answered without a token", **where)
    said = " ".join(str(content.get(name, "")) for name in ("error", "error_description", "message")).lower()
    if "grant type" in said or "unsupported_grant_type" in said:
        raise e.AccessRejected(
            f"the token endpoint does not know this grant ({status})", value=settings.grant,
            remedy="set grant to refresh_token; Sage's hosted service knows no client_credentials", **where,
        )  # fmt: skip
    if "invalid_client" in said:
        raise e.AccessRejected(f"the token endpoint refused the client ({status})",
                               remedy="check client_id and client_secret", **where)  # fmt: skip
    raise e.AccessRejected(
        f"the token endpoint refused the login ({status})",
        remedy=_NEW_LOGIN if settings.grant == "refresh_token" else "check client_id, client_secret and scope", **where,
    )  # fmt: skip


def _seconds(content: dict[str, Any], otherwise: float) -> float:
    """`expires_in`, whether it came as number or text."""
    try:
        seconds = float(content.get("expires_in") or otherwise)
    except (TypeError, ValueError):
        return otherwise
    return seconds if 0 < seconds < float("inf") else otherwise
