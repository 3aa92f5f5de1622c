"""HTTP with manners, shared by both clients: time-outs, total deadline, rate limit, retries, errors told apart.

Layers: session (pool, TLS) -> auth (one token) -> transport (this page) -> client (words of the API).
A request is built inside each attempt, so that every attempt asks the auth again. What may be repeated is said by
the caller (`repeatable`): a repeatable call is retried on lost connections, time-outs, 429 and 5xx; any other is
retried on 429 only (the server says it did nothing), and raises `AnswerLost` where no answer came.
"""

from __future__ import annotations

import email.utils
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.pacing import RateLimiter, Stop

__all__ = ["Answer", "Meter", "RejectableAuth", "Transport", "http_date", "parse_json"]

log = logging.getLogger(__name__)

MAX_WAIT_S = 60.0


class RejectableAuth(Protocol):
    """What the transport asks of an auth: sign a request, and forget a credential the server refused."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest: ...

    def reject(self, request: requests.PreparedRequest) -> bool:
        """Forget the credential of this request if it is still the current one; True if a fresh one may help."""
        ...


@dataclass
class Meter:
    """What went over the wire: requests, bytes received, bytes sent, seconds waited for rate limit and retries."""

    requests: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    waited_s: float = 0.0
    sessions: int = 0


@dataclass(frozen=True)
class Answer:
    """One answer: status, header lines, body, and the server's clock (its `Date` header, aware UTC, or None)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    server_time: datetime | None

    def json(self) -> Any:
        """The body as JSON, numbers exact: see `parse_json`."""
        return parse_json(self.body)


def parse_json(body: bytes) -> Any:
    """JSON with numbers kept exact: a number with a point or exponent comes as `Decimal`.

    Raises: ValueError (json.JSONDecodeError, UnicodeDecodeError)."""
    return json.loads(body, parse_float=Decimal)


@lru_cache(maxsize=64)  # many answers come within one second
def http_date(text: str | None) -> datetime | None:
    """An HTTP date as aware UTC time; None where there is none or it cannot be read."""
    if not text:
        return None
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_backoff = wait_random_exponential(multiplier=0.5, max=MAX_WAIT_S)


def _server_or_backoff(state: RetryCallState) -> float:
    """Seconds to wait: what the server asked for (capped), else exponential with full jitter."""
    problem = state.outcome.exception() if state.outcome else None
    asked = getattr(problem, "retry_after", None)
    return min(float(asked), MAX_WAIT_S) if asked is not None else _backoff(state)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    moment = http_date(text)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment else None


@dataclass
class Transport:
    """Send requests to one server. Safe to share between threads but for the HTTP session: one per thread.

    Args:
        system: 'sagex3' or 'cleo', for messages.
        base_url: scheme, host and port.
        auth: signs each attempt; None sends no credential.
        verify: True, a CA bundle's path, or False.
        read_timeout_s: seconds of silence allowed; connect_timeout_s: seconds to connect.
        deadline_s: seconds for one call with all its attempts.
        attempts: how often a repeatable call is tried.
        rate_limit: calls a second; None for no limit.
        unauthorized: extra test for answers that mean 'log in again' though the status is not 401.
        explain: looks first at an answer that is an error; its error replaces the one that the status alone gives.
    """

    system: str
    base_url: str
    auth: RejectableAuth | AuthBase | None = None
    conn_id: str = ""
    verify: bool | str = True
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    deadline_s: float = 300.0
    attempts: int = 5
    rate_limit: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    unauthorized: Callable[[Answer], bool] | None = None
    explain: Callable[[Answer], e.ProviderError | None] | None = None
    meter: Meter = field(default_factory=Meter)

    def __post_init__(self) -> None:
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._limiter = RateLimiter(self.rate_limit)
        self._lock = threading.Lock()

    @property
    def session(self) -> requests.Session:
        """This thread's HTTP session; cookies are kept in it."""
        found: requests.Session | None = getattr(self._local, "session", None)
        if found is None:
            found = requests.Session()
            found.trust_env = False  # a .netrc or proxy variable must not replace the connection's own login
            found.verify = self.verify
            found.headers.update({"User-Agent": "airflow-provider-sagex3-cleo", **self.headers})
            self._local.session = found
            with self._lock:
                self._sessions.append(found)
                self.meter.sessions += 1
        return found

    def close(self) -> None:
        """Close all sessions; the transport may not be used after it."""
        with self._lock:
            for session in self._sessions:
                session.close()
            self._sessions.clear()

    def send(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool | None = None,
        ok: frozenset[int] | set[int] = frozenset({200}),
        want_json: bool = True,
        deadline_s: float | None = None,
        attempts: int | None = None,
        signed: bool = True,
        accept: Callable[[Answer], None] | None = None,
        **request: Any,
    ) -> Answer:
        """One call with its retries.

        Args:
            path: path (joined to base_url) or absolute URL on the same host.
            repeatable: default True for GET and HEAD, False for anything else.
            ok: statuses that are returned; all others raise.
            want_json: an `ok` answer that is not JSON raises `NotJson`.
            deadline_s: replaces the transport's own deadline; all attempts and waits together.
            attempts: replaces the transport's own number of tries.
            signed: False sends the call without the auth (the login call itself); a 401 then is a status as any other.
            accept: looks at an `ok` answer before it is returned; a Retry error raised there is a failed attempt.
            request: params, data, json, headers as for `requests`.

        Raises:
            ConnectionLost, AnswerTimedOut, RateLimited, ServerFailed, NotJson, DeadlinePassed: after the last attempt.
            AnswerLost: the call is not repeatable, left, and brought no answer that says what became of it
                (none at all, an incomplete one, 5xx, or a page where an answer belongs).
            AccessRejected, RightMissing, NotFound, AlreadyThere, RequestRejected, TlsRejected, LinkRefused: at once.
        """
        can_repeat = method in ("GET", "HEAD") if repeatable is None else repeatable
        ends = time.monotonic() + (self.deadline_s if deadline_s is None else deadline_s)
        url = urljoin(self.base_url.rstrip("/") + "/", path.lstrip("/")) if "://" not in path else path
        if urlsplit(url)[:2] != urlsplit(self.base_url)[:2]:
            raise e.LinkRefused(
                "a link leads to another host", system=self.system, value=urlsplit(url).netloc,
                expected=urlsplit(self.base_url).netloc, remedy="check host and port of the connection",
            )  # fmt: skip

        def worth_another(problem: BaseException) -> bool:
            if not isinstance(problem, e.Retry):
                return False
            return isinstance(problem, e.RateLimited) or (can_repeat and not isinstance(problem, e.DeadlinePassed))

        retrying = Retrying(
            stop=Stop(self.attempts if attempts is None else attempts, ends),
            wait=_server_or_backoff,
            retry=retry_if_exception(worth_another),
            before_sleep=self._note_wait,
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                answer = self._attempt(method, url, can_repeat, ok, want_json, ends, signed, request)
                if accept is not None:
                    accept(answer)
                return answer
        raise AssertionError("unreachable")  # pragma: no cover

    def _note_wait(self, state: RetryCallState) -> None:
        pause = state.next_action.sleep if state.next_action else 0.0
        self.meter.waited_s += pause
        problem = state.outcome.exception() if state.outcome else None
        log.warning("%s Trying again in %.1f s (attempt %d)", problem, pause, state.attempt_number + 1)

    def _attempt(
        self, method: str, url: str, can_repeat: bool, ok: frozenset[int] | set[int], want_json: bool,
        ends: float, signed: bool, request: dict[str, Any],
    ) -> Answer:  # fmt: skip
        answer, prepared = self._once(method, url, can_repeat, ends, signed, request)
        reject = getattr(self.auth, "reject", None)
        refused = signed and self._refused(answer)
        if refused and reject is not None and reject(prepared):
            self.session.cookies.clear()
            answer, _ = self._once(method, url, can_repeat, ends, signed, request)
            refused = self._refused(answer)
        if answer.status not in ok or refused:
            problem = self._classify(answer, method)
        elif want_json and not _looks_like_json(answer):
            problem = self._error(
                e.NotJson, "the answer is not JSON (a login, proxy or maintenance page)", answer, method
            )
        else:
            return answer
        if not can_repeat and isinstance(problem, e.Retry) and not isinstance(problem, e.RateLimited):
            raise e.AnswerLost(problem.found, **problem.where)  # it may have been carried out all the same
        raise problem

    def _refused(self, answer: Answer) -> bool:
        return answer.status == 401 or (self.unauthorized is not None and self.unauthorized(answer))

    def _once(
        self, method: str, url: str, can_repeat: bool, ends: float, signed: bool, request: dict[str, Any]
    ) -> tuple[Answer, requests.PreparedRequest]:
        self.meter.waited_s += self._limiter.wait()
        lost = e.ConnectionLost if can_repeat else e.AnswerLost
        timed_out = e.AnswerTimedOut if can_repeat else e.AnswerLost
        where: dict[str, Any] = {"system": self.system, "field": f"{method} {urlsplit(url).path}"}
        session, leaving = self.session, False
        try:
            prepared = session.prepare_request(
                requests.Request(method, url, auth=self.auth if signed else None, **request)
            )
            left = ends - time.monotonic()  # asked after the auth, which may have logged in: nothing leaves too late
            if left <= 0:
                raise e.DeadlinePassed("the time for this call is over", **where)
            leaving = True
            with session.send(
                prepared, allow_redirects=False, stream=True,
                timeout=(min(self.connect_timeout_s, left), min(self.read_timeout_s, left)),
            ) as response:  # fmt: skip
                body = self._read(response, ends, where, e.DeadlinePassed if can_repeat else e.AnswerLost)
                answer = Answer(
                    response.status_code, response.headers, body, url, http_date(response.headers.get("Date"))
                )
        except requests.exceptions.SSLError as problem:
            if not _tls_refused(problem):
                raise lost("the TLS connection broke before the answer was complete", **where) from problem
            raise e.TlsRejected("the certificate was not accepted", **where) from problem
        except requests.exceptions.ConnectTimeout as problem:
            raise e.ConnectionLost("no connection within the time-out", **where) from problem
        except requests.exceptions.Timeout as problem:
            raise timed_out("no answer within the time-out", **where) from problem
        except requests.exceptions.ConnectionError as problem:
            if _never_sent(problem):
                raise e.ConnectionLost("the server could not be reached", **where) from problem
            raise lost("the connection broke before the answer was complete", **where) from problem
        except requests.exceptions.ChunkedEncodingError as problem:
            raise lost("the answer broke off", **where) from problem
        except requests.exceptions.RequestException as problem:
            if leaving:  # a broken Content-Encoding or header line: it was answered, but with what?
                raise lost(f"the answer cannot be read ({type(problem).__name__})", **where) from problem
            raise e.RequestRejected(f"the request could not be made ({type(problem).__name__})", **where) from problem
        with self._lock:
            self.meter.requests += 1
            self.meter.received_bytes += len(answer.body)
            self.meter.sent_bytes += len(prepared.body or b"")
        return answer, prepared

    def _read(self, response: requests.Response, ends: float, where: dict[str, Any], too_late: type[e.Retry]) -> bytes:
        """The whole body, within the total deadline whatever the pace, and as long as it promised to be."""
        parts = [response.content] if response.is_redirect else []  # `requests` has read a redirect's body itself
        try:  # read1 gives what is there: a read of a fixed size would wait for it, and pass the deadline
            while part := response.raw.read1(65536, decode_content=True):
                parts.append(part)
                if time.monotonic() >= ends:
                    raise too_late("the answer took too long", **where)
        except urllib3.exceptions.ReadTimeoutError as problem:
            raise requests.exceptions.ReadTimeout(problem) from problem
        except urllib3.exceptions.SSLError as problem:
            raise requests.exceptions.SSLError(problem) from problem
        except urllib3.exceptions.HTTPError as problem:
            raise requests.exceptions.ChunkedEncodingError(problem) from problem
        body = b"".join(parts)
        promised = response.headers.get("Content-Length")
        plain = "Content-Encoding" not in response.headers and response.request.method != "HEAD"
        if plain and promised and promised.isdigit() and len(body) < int(promised):
            raise requests.exceptions.ChunkedEncodingError("body shorter than Content-Length")
        return body

    def _classify(self, answer: Answer, method: str) -> e.ProviderError:
        status = answer.status
        known = self.explain(answer) if self.explain is not None else None
        if known is not None:
            return self._dressed(known, answer, method)
        if status == 401:
            return self._error(e.AccessRejected, "a fresh login was refused (401)", answer, method)
        if status == 403:
            return self._error(e.RightMissing, "the server forbids it (403)", answer, method)
        if status == 404:
            return self._error(e.NotFound, "the server does not know it (404)", answer, method)
        if status == 409:
            return self._error(e.AlreadyThere, "the name exists (409)", answer, method)
        if status == 429:
            return self._error(e.RateLimited, "too many calls (429)", answer, method)
        if 300 <= status < 400:
            return self._error(e.NotJson, f"the server redirects ({status}), as to a login page", answer, method)
        if 400 <= status < 500:
            return self._error(e.RequestRejected, f"the request was refused ({status})", answer, method)
        if status >= 500:
            return self._error(e.ServerFailed, f"the server failed ({status})", answer, method)
        return self._error(e.NotJson, "the answer is a page that asks for a login", answer, method)

    def _error(self, kind: type[e.ProviderError], found: str, answer: Answer, method: str) -> e.ProviderError:
        return self._dressed(kind(found), answer, method)

    def _dressed(self, problem: e.ProviderError, answer: Answer, method: str) -> e.ProviderError:
        """The error with system, call and status, and with what the server asked for as a wait."""
        problem.where = {"system": self.system, "field": f"{method} {urlsplit(answer.url).path}", **problem.where}
        if isinstance(problem, e.Retry):
            problem.retry_after = _retry_after(answer.headers)
        problem.where["status"] = answer.status
        return problem


def _looks_like_json(answer: Answer) -> bool:
    start = answer.body[:64].lstrip()[:1]
    return start in (b"{", b"[")


def _never_sent(problem: requests.exceptions.ConnectionError) -> bool:
    """True where the connection was never made, so that not one byte of the request left."""
    text = repr(problem)
    return "NewConnectionError" in text or "NameResolutionError" in text or "Connection refused" in text


def _tls_refused(problem: requests.exceptions.SSLError) -> bool:
    """True where TLS was never agreed on; False where a running TLS connection broke."""
    text = repr(problem)
    return not any(word in text for word in ("EOF", "BAD_RECORD_MAC", "BAD_LENGTH", "CLOSED"))
