"""The fake Cleo's front door: password grant with tokens that end, Basic, lock-out, and another node's refusals."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.server import Reply, Request

__all__ = ["LOGIN_ANSWERS", "LOGIN_ERRORS", "CleoLogins", "LoginTry"]

LOGIN_ANSWERS: Final = ("full", "token_only", "no_expiry")
LOGIN_ERRORS: Final = ("json", "oauth", "page", "empty")
_PAGE: Final = "<!DOCTYPE html><html><body><h1>Access denied</h1></body></html>"


@dataclass(frozen=True)
class LoginTry:
    """One login call: who, what came of it, when."""

    login: str
    status: int
    at: datetime


class CleoLogins:
    """Users, tokens and failures. Change the attributes at will.

    Attributes:
        users: login -> password.
        token_life_s: life of tokens given from now on.
        answer: fields of a good login's answer: full, token_only (access_token alone), no_expiry (no expires_in).
        error: body of a refused login: json (`message`), oauth (`error`, `error_description`), page, empty.
        refused_status: status of a refused login.
        basic: whether Basic on a call is accepted; basic_off_status is the answer where it is not.
        lockout_failures, lockout_window_s, lockout_s: so many failures within so many seconds lock for so long;
            0 failures: never.
    """

    def __init__(self, clock: Clock, users: Mapping[str, str]) -> None:
        self.users = dict(users)
        self.token_life_s = 3600.0
        self.answer, self.error, self.refused_status = "full", "json", 401
        self.basic, self.basic_off_status = True, 401
        self.lockout_failures, self.lockout_window_s, self.lockout_s = 5, 60.0, 900.0
        self._clock, self._lock = clock, threading.Lock()
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._given = 0
        self._tries: list[LoginTry] = []
        self._failures: dict[str, list[datetime]] = {}
        self._locked_until: dict[str, datetime] = {}
        self._node_changes = 0

    def sign_in(self, request: Request) -> Reply:
        """The login call: a form with grant_type, username and password; nothing else is read."""
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
            return Reply.json({"message": "Unsupported media type"}, 415)
        form = request.form()
        if form.get("grant_type") != "password":
            return Reply.json({"message": "Unsupported grant type", "error": "unsupported_grant_type"}, 400)
        login = form.get("username", "")
        with self._lock:
            if not self._password_fits(login, form.get("password", "")):
                return self._tried(login, self._refusal(login))
            self._given += 1
            token = f"sandbox-token-{self._given}"
            self._tokens[token] = (login, self._clock.now() + timedelta(seconds=self.token_life_s))
            return self._tried(login, self._welcome(token))

    def admit(self, request: Request) -> Reply | None:
        """None where the call's credential is good, else the refusal. Notes user and token in the request log."""
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        with self._lock:
            if scheme == "Bearer":
                request.notes["token"] = credential
                login, ends = self._tokens.get(credential, ("", self._clock.now()))
                if ends <= self._clock.now():
                    return Reply.json({"message": "Access token is invalid or has expired"}, 401)
                if self._node_changes:
                    self._node_changes -= 1
                    return Reply.json({"message": "Access token is not known"}, 401)
            elif scheme == "Basic":
                if not self.basic:
                    return Reply.json({"message": "Basic authentication is disabled"}, self.basic_off_status)
                login, _, password = _decoded(credential).partition(":")
                if not self._password_fits(login, password):
                    return self._refusal(login)
            else:
                return Reply.json({"message": "Authentication required"}, 401)
        request.notes["login"] = login
        return None

    def expire_tokens(self) -> None:
        """End every token given so far."""
        with self._lock:
            self._tokens.clear()

    def change_node(self, times: int = 1) -> None:
        """Refuse the next good token, as another node behind the load balancer does; it stays good afterwards."""
        with self._lock:
            self._node_changes += times

    def unlock(self) -> None:
        """Forget failures and locks."""
        with self._lock:
            self._failures.clear()
            self._locked_until.clear()

    def tries(self) -> list[LoginTry]:
        """Every login call so far that named a user, oldest first."""
        with self._lock:
            return list(self._tries)

    def _password_fits(self, login: str, password: str) -> bool:
        """Whether this login may enter; counts failures and locks the account."""
        now = self._clock.now()
        if self._locked_until.get(login, now) > now:
            return False
        if self.users.get(login) == password:
            self._failures.pop(login, None)
            return True
        since = now - timedelta(seconds=self.lockout_window_s)
        failures = [moment for moment in self._failures.get(login, []) if moment > since] + [now]
        self._failures[login] = failures
        if self.lockout_failures and len(failures) >= self.lockout_failures:
            self._locked_until[login] = now + timedelta(seconds=self.lockout_s)
        return False

    def _tried(self, login: str, reply: Reply) -> Reply:
        self._tries.append(LoginTry(login, reply.status, self._clock.now()))
        return reply

    def _welcome(self, token: str) -> Reply:
        content: dict[str, str | int] = {"access_token": token}
        if self.answer != "token_only":
            content |= {"token_type": "bearer", "refresh_token": f"refresh-{token}"}
        if self.answer == "full":
            content["expires_in"] = int(self.token_life_s)
        return Reply.json(content, headers=(("Set-Cookie", f"node=n{self._given}; Path=/; HttpOnly"),))

    def _refusal(self, login: str) -> Reply:
        now = self._clock.now()
        locked = self._locked_until.get(login, now) > now
        text = "Account is locked" if locked else "Invalid username or password"
        match self.error:
            case "oauth":
                return Reply.json({"error": "invalid_grant", "error_description": text}, self.refused_status)
            case "page":
                return Reply.html(_PAGE, self.refused_status)
            case "empty":
                return Reply(self.refused_status)
        return Reply.json({"message": text}, self.refused_status)


def _decoded(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
