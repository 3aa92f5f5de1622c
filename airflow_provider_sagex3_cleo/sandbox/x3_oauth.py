"""The token endpoint of the fake Sage X3, as Sage's hosted service has it: refresh tokens that change at each use.

`POST /oauth/token` with a JSON or form body. A refresh token works once; the answer brings the next one. Another grant
than the ones allowed is 400 "Invalid grant type".
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.server import Reply, Request, SandboxServer

__all__ = ["OAuthDoor", "TokenCall"]

TOKEN_PATH: Final = "/oauth/token"


@dataclass(frozen=True)
class TokenCall:
    """One call of the token endpoint: the grant, the refresh token it brought, and the status of the answer."""

    grant: str
    refresh_token: str
    status: int


class OAuthDoor:
    """Gives access tokens and knows which are good. Change the attributes at will.

    Attributes:
        client_id, client_secret: of the one client.
        refresh_token: the one that works now; a new login of a person (`log_in`) makes another.
        grants: allowed grants.
        access_life_s: life of access tokens given from now on, on the sandbox's clock.
        rotates: a renewal brings a new refresh token.
        expires_in: whether the answer tells the life.
    """

    def __init__(self, server: SandboxServer) -> None:
        self.client_id, self.client_secret = "sandbox-client", "sandbox-client-secret"
        self.grants: tuple[str, ...] = ("refresh_token",)
        self.access_life_s, self.rotates, self.expires_in = 300.0, True, True
        self._clock: Clock = server.clock
        self._lock, self._given = threading.Lock(), 0
        self._access: dict[str, datetime] = {}
        self._calls: list[TokenCall] = []
        self.refresh_token = ""
        self.log_in()
        server.route("POST", TOKEN_PATH, self._token)
        server.admin("oauth", self.configure)
        server.admin("oauth_log_in", self.log_in)
        server.admin("oauth_calls", lambda: [vars(call) for call in self.calls()])

    def configure(self, **options: Any) -> None:
        """Set attributes by name. Raises: LookupError for an unknown one."""
        for name, value in options.items():
            if name.startswith("_") or name not in vars(self):
                raise LookupError(f"no setting {name}")
            setattr(self, name, value)

    def log_in(self) -> str:
        """A person logs in: a new refresh token; the one before stops working."""
        with self._lock:
            self._given += 1
            self.refresh_token = f"sandbox-refresh-{self._given}"
            return self.refresh_token

    def expire(self) -> None:
        """End all access tokens."""
        with self._lock:
            self._access.clear()

    def calls(self) -> list[TokenCall]:
        """Every call of the token endpoint so far, oldest first."""
        with self._lock:
            return list(self._calls)

    def opens(self, authorization: str | None) -> bool:
        """Whether this header carries an access token that is good now."""
        scheme, _, token = (authorization or "").partition(" ")
        with self._lock:
            ends = self._access.get(token)
        return scheme == "Bearer" and ends is not None and self._clock.now() < ends

    def knows(self, token: str) -> bool:
        """Whether a token is one of this door's, good or not."""
        return token.startswith("sandbox-access-")

    def _token(self, request: Request) -> Reply:
        try:
            given = request.json() if "json" in request.headers.get("content-type", "") else request.form()
        except ValueError:
            return Reply.json({"error": "invalid_request"}, 400)
        with self._lock:
            reply = self._answer(given)
            call = TokenCall(str(given.get("grant_type", "")), str(given.get("refresh_token", "")), reply.status)
            self._calls.append(call)
        return reply

    def _answer(self, given: dict[str, Any]) -> Reply:
        if given.get("grant_type") not in self.grants:
            return Reply.json({"message": "Invalid grant type"}, 400)
        if (given.get("client_id"), given.get("client_secret")) != (self.client_id, self.client_secret):
            return Reply.json({"error": "invalid_client"}, 401)
        renewing = given["grant_type"] == "refresh_token"
        if renewing and given.get("refresh_token") != self.refresh_token:
            return Reply.json({"error": "invalid_grant", "error_description": "Unknown or used refresh token"}, 400)
        self._given += 1
        access = f"sandbox-access-{self._given}"
        self._access[access] = self._clock.now() + timedelta(seconds=self.access_life_s)
        answer: dict[str, Any] = {"access_token": access, "token_type": "Bearer"}
        if self.expires_in:
            answer["expires_in"] = int(self.access_life_s)
        if renewing and self.rotates:
            self.refresh_token = f"sandbox-refresh-{self._given}"
            answer["refresh_token"] = self.refresh_token
        return Reply.json(answer)
