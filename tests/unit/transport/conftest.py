"""A server on loopback that answers as it is told, one answer after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.transport import Transport


@dataclass(frozen=True)
class Say:
    """One answer. `promised` replaces Content-Length; `cut` closes the connection instead of answering."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    cut: bool = False
    wait: threading.Event | None = None
    pieces: float = 0.0


@dataclass(frozen=True)
class Seen:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server:
    """Says the answers of `script` in turn, the last one for ever; keeps what it saw."""

    def __init__(self) -> None:
        self.script: list[Say] = [Say()]
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                say = outer._next(Seen(self.command, self.path, dict(self.headers.items()), body))
                if say.wait is not None:
                    say.wait.wait(10)
                if say.cut:
                    self.close_connection = True
                    return
                self.send_response(say.status)
                for name, value in say.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(say.body) if say.promised is None else say.promised))
                self.end_headers()
                try:
                    for byte in range(len(say.body)) if say.pieces else ():
                        self.wfile.write(say.body[byte : byte + 1])
                        self.wfile.flush()
                        outer.pause.wait(say.pieces)
                    if not say.pieces:
                        self.wfile.write(say.body)
                except OSError:
                    self.close_connection = True
                if say.promised is not None:
                    self.close_connection = True

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _serve

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        self.pause = threading.Event()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def says(self, *answers: Say) -> None:
        self.script = list(answers)

    def _next(self, seen: Seen) -> Say:
        with self._lock:
            self.seen.append(seen)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def stop(self) -> None:
        self.pause.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def transport(server: Server) -> Iterator[Callable[..., Transport]]:
    """Opens transports to the server."""
    opened: list[Transport] = []

    def make(**settings: Any) -> Transport:
        opened.append(Transport(**{"system": "sagex3", "base_url": server.url, "attempts": 3, **settings}))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def say() -> type[Say]:
    """Makes one answer of the scripted server."""
    return Say
