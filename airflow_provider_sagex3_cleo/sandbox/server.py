"""A small HTTP/1.1 server for the fakes: routes, a clock of its own, a request log, faults on demand, an admin door.

Standard library only, because a fault must reach the socket itself (see docs/decisions/sandbox-http.md). Bound to
127.0.0.1 and nothing else. A fake adds routes and admin calls:

    server = SandboxServer("cleo", Clock())
    server.route("PUT", r"/api/files/(?P<folder>[^/]+)/(?P<name>[^/]+)", put_file)     # put_file(Request) -> Reply
    server.admin("pick_up", pick_up)            # POST /_sandbox/pick_up {"folder": ...} -> pick_up(folder=...)
    server.start()
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import struct
import threading
import time
import urllib.parse
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self

from airflow_provider_sagex3_cleo.sandbox.admin import SandboxAdmin
from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.faults import RESHAPED, RUNS_HANDLER, Fault, FaultBook

__all__ = ["Handler", "LogRow", "Reply", "Request", "SandboxAdmin", "SandboxServer"]

ADMIN_PREFIX: Final = "/_sandbox/"
LOG_SIZE: Final = 50_000
JSON_TYPE: Final = "application/json; charset=utf-8"
HTML_TYPE: Final = "text/html; charset=utf-8"

MAINTENANCE_PAGE: Final = "<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1><p>Maintenance</p></body></html>"
LOGIN_PAGE: Final = '<!DOCTYPE html><html><body><form action="/auth/login" method="post">Sign in</form></body></html>'


@dataclass(frozen=True)
class Request:
    """One request: `path` decoded and without query, `query` the last value of each name, header names in lower case.

    `args` are the named groups of the route. What a handler puts into `notes` is shown in the request log.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    args: Mapping[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON. Raises: ValueError"""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The body as form fields, the last value of each name."""
        return dict(urllib.parse.parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """One answer. `headers` are pairs, as a name may come twice; the server adds Date and Content-Length."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
        """An answer with a JSON body, compact, UTF-8."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
        return cls(status, (("Content-Type", JSON_TYPE), *headers), text.encode())

    @classmethod
    def text(cls, text: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
        """An answer in plain text."""
        return cls(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), text.encode())

    @classmethod
    def html(cls, text: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
        """An answer that is a web page."""
        return cls(status, (("Content-Type", HTML_TYPE), *headers), text.encode())


Handler = Callable[[Request], Reply]


@dataclass(frozen=True)
class LogRow:
    """One request as logged. `status` 0 means that no answer was sent; `at` is the sandbox's time, ISO 8601."""

    at: str
    method: str
    path: str
    query: Mapping[str, str]
    status: int
    bytes_in: int
    bytes_out: int
    fault: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)


class SandboxServer:
    """One fake's server. A context manager; `start` takes a free port when `port` is 0.

    Attributes:
        reshape: how this fake spoils a good answer: `truncated_page`, `duplicate_rows`, `loop_next`.
        expired: the answer for the fault `expired`; a fake may put its own text here.
    """

    def __init__(self, name: str, clock: Clock, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.name, self.clock, self.faults = name, clock, FaultBook()
        self.reshape: dict[str, Callable[[Reply], Reply]] = {}
        self.expired = Reply.json({"error": "invalid_token", "error_description": "The token has expired"}, 401)
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self._admin: dict[str, Callable[..., Any]] = {}
        self._log: deque[LogRow] = deque(maxlen=LOG_SIZE)
        self._http = _Http(("127.0.0.1", port), _Connection, self, tls)
        self._thread: threading.Thread | None = None
        self._register_own_calls()

    @property
    def port(self) -> int:
        """The port it is bound to."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._http.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name=self.name, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every open connection."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()
        self._http.drop_connections()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def route(self, method: str, pattern: str, handler: Handler) -> None:
        """Answer requests of this method whose whole decoded path fits the regular expression; first one added wins."""
        self._routes.append((method, re.compile(pattern), handler))

    def admin(self, name: str, call: Callable[..., Any]) -> None:
        """Offer a function as POST /_sandbox/<name>; the JSON body becomes keyword arguments, the result JSON."""
        self._admin[name] = call

    def fault(self, kind: str, path: str = "", **settings: Any) -> int:
        """Arm a fault (see `faults`). Returns its number. Raises: ValueError for a kind this server cannot play"""
        if kind in RESHAPED and kind not in self.reshape:
            raise ValueError(f"{self.name} has no pages to spoil by {kind!r}")
        return self.faults.add(Fault(kind, path, **settings))

    def log(self, *, method: str = "", path: str = "") -> list[LogRow]:
        """The requests so far, oldest first, filtered by method and a regular expression on the path."""
        return [r for r in list(self._log) if (not method or r.method == method) and re.search(path, r.path)]

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self._log.clear()

    def _register_own_calls(self) -> None:
        self.admin("fault", lambda **settings: {"number": self.fault(**settings)})
        self.admin("faults", self.faults.listing)
        self.admin("clear_faults", lambda number=None: self.faults.clear(number))
        self.admin("log", lambda **where: [asdict(row) for row in self.log(**where)])
        self.admin("clear_log", self.clear_log)
        self.admin("clock", lambda: {"now": self.clock.now().isoformat()})
        self.admin("set_clock", lambda moment: {"now": self.clock.set(datetime.fromisoformat(moment)).isoformat()})
        self.admin("advance_clock", lambda seconds: {"now": self.clock.advance(seconds).isoformat()})
        self.admin("freeze_clock", lambda: {"now": self.clock.freeze().isoformat()})
        self.admin("run_clock", lambda: {"now": self.clock.run().isoformat()})

    # What a connection asks of the server:

    def answer(self, request: Request) -> Reply:
        """The answer of the first route that fits; 404 without one, 405 when only the method differs."""
        known = False
        for method, pattern, handler in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            known = True
            if method == request.method:
                return handler(replace(request, args={k: v or "" for k, v in match.groupdict().items()}))
        return (
            Reply.json({"message": "Method not allowed"}, 405) if known else Reply.json({"message": "Not found"}, 404)
        )

    def answer_admin(self, request: Request) -> Reply:
        """The answer of an admin call: its result as JSON, or 400 with the reason."""
        call = self._admin.get(request.path.removeprefix(ADMIN_PREFIX))
        if call is None:
            return Reply.json({"error": f"no admin call; known are {', '.join(sorted(self._admin))}"}, 404)
        try:
            return Reply.json(call(**(request.json() if request.body else {})))
        except (TypeError, ValueError, LookupError) as exc:
            return Reply.json({"error": f"{type(exc).__name__}: {exc}"}, 400)

    def note(self, row: LogRow) -> None:
        """Write one row of the request log."""
        self._log.append(row)

    def spoiled(self, fault: Fault, reply: Reply | None) -> Reply:
        """The answer that a fault puts in place of the right one (`reply`, where its handler ran)."""
        if reply is not None:
            if fault.kind == "cut_body":
                return replace(reply, body=reply.body[: len(reply.body) // 2])
            return self.reshape[fault.kind](reply)
        given = tuple(fault.headers.items())
        match fault.kind:
            case "rate_limit":
                return Reply.json(
                    {"message": "Too many requests"}, 429, (("Retry-After", f"{fault.seconds:g}"), *given)
                )
            case "error":
                return Reply.json({"message": "Internal server error"}, 500, given)
            case "maintenance":
                return Reply.html(MAINTENANCE_PAGE, 503, given)
            case "login_page":
                return Reply.html(LOGIN_PAGE, 200, given)
            case "redirect":
                return Reply(302, (("Location", "/auth/login"), *given))
            case "expired":
                return replace(self.expired, headers=(*self.expired.headers, *given))
            case "wrong_json":
                return Reply.json({"unexpected": [1, 2, 3]}, 200, given)
        kind = () if any(name.lower() == "content-type" for name, _ in given) else (("Content-Type", JSON_TYPE),)
        return Reply(fault.status, (*kind, *given), fault.body.encode())


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        connection: type[BaseHTTPRequestHandler],
        sandbox: SandboxServer,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(address, connection)
        self.sandbox, self.tls = sandbox, tls
        self._open: set[socket.socket] = set()

    def server_bind(self) -> None:
        """Bind without the reverse look-up of the name that the standard library does here."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection; the TLS handshake is done here, in the connection's own thread."""
        if self.tls is not None:
            request.settimeout(10)
            request = self.tls.wrap_socket(request, server_side=True)
            request.settimeout(None)
        self._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self._open.discard(request)
            if self.tls is not None:
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""

    def drop_connections(self) -> None:
        """End the connections that clients keep alive."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def __getattr__(self, name: str) -> Any:
        """Every method is served alike: `do_GET`, `do_PUT` ... are one."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the request log is the sandbox's own."""

    def _serve(self) -> None:
        sandbox = self.server.sandbox
        raw_path, _, raw_query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=urllib.parse.unquote(raw_path),
            query=dict(urllib.parse.parse_qsl(raw_query, keep_blank_values=True)),
            headers={k.lower(): v for k, v in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        if request.path.startswith(ADMIN_PREFIX):
            self._send(sandbox.answer_admin(request))
            return
        text = urllib.parse.unquote_plus(raw_query) + "\n" + request.body.decode("utf-8", "replace")
        fault = sandbox.faults.strike(request.method, request.path, text)
        reply = None
        if fault is not None and fault.kind == "delay":
            time.sleep(fault.seconds)
        if fault is None or fault.kind in RUNS_HANDLER:
            reply = self._handled(request)
        if fault is not None and fault.kind not in {"delay", "refuse", "lose_answer", "reset"}:
            reply = sandbox.spoiled(fault, reply)
        answered = fault is None or fault.kind not in {"refuse", "lose_answer"}
        sandbox.note(
            LogRow(
                at=sandbox.clock.now().isoformat(),
                method=request.method,
                path=request.path,
                query=request.query,
                status=reply.status if reply is not None and answered else 0,
                bytes_in=len(request.body),
                bytes_out=len(reply.body) if reply is not None and answered else 0,
                fault=fault.kind if fault is not None else "",
                notes=request.notes,
            )
        )
        if reply is None or not answered:
            self._hang_up()
        elif fault is not None and fault.kind == "reset":
            self._send(reply, cut=True)
            self._reset()
        else:
            self._send(reply)

    def _handled(self, request: Request) -> Reply:
        try:
            return self.server.sandbox.answer(request)
        except Exception as exc:  # noqa: BLE001 - a fault of the fake itself must be seen by the test that meets it
            return Reply.text(f"sandbox fault: {type(exc).__name__}: {exc}", 500)

    def _send(self, reply: Reply, *, cut: bool = False) -> None:
        phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Unknown"
        head = [f"HTTP/1.1 {reply.status} {phrase}", f"Date: {self.server.sandbox.clock.http_date()}"]
        head += [f"{name}: {value}" for name, value in reply.headers]
        head.append(f"Content-Length: {len(reply.body)}")
        body = b"" if self.command == "HEAD" else reply.body[: len(reply.body) // 2] if cut else reply.body
        self.wfile.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body)
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _reset(self) -> None:
        """Close with RST instead of FIN: linger for zero seconds."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
