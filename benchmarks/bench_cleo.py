"""The Cleo client with read-back against a bare `requests` loop doing the same two calls.

The server is as small as a server can be and runs in a process of its own, so that what is measured is the client.
Rounds of both are taken in turn and the fastest of each counts, because other work on the machine only ever slows.
"""

from __future__ import annotations

import multiprocessing
import socketserver
import time
from collections.abc import Callable
from typing import Any

import requests

from airflow_provider_sagex3_cleo.cleo.client import CleoClient
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings

__all__ = ["run"]

FILE = (
    b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       ~\n" + b"PO1*1*5*EA*10.25**VP*A-1~\n" * 160
)
ROUNDS = 12
LEAST = 0.6


class _Connection(socketserver.StreamRequestHandler):
    """Keeps what is PUT and gives it back; answers any POST as a login."""

    disable_nagle_algorithm = True
    files: dict[bytes, bytes] = {}  # noqa: RUF012 - one store for all connections

    def handle(self) -> None:
        while True:
            method, _, rest = self.rfile.readline().partition(b" ")
            if not method:
                return
            path, size = rest.split(b" ")[0], 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                if line[:15].lower() == b"content-length:":
                    size = int(line[15:])
            body = self.rfile.read(size)
            if method == b"PUT":
                self.files[path] = body
                self._answer(b"201 Created", b"{}")
            elif method == b"POST":
                self._answer(b"200 OK", b'{"access_token":"t","expires_in":3600}')
            else:
                self._answer(b"200 OK", self.files[path])

    def _answer(self, status: bytes, body: bytes) -> None:
        head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        self.wfile.write(head + body)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def _serve(port: Any) -> None:
    with _Server(("127.0.0.1", 0), _Connection) as server:
        port.send(server.server_address[1])
        server.serve_forever()


def run(n: int = 150) -> list[dict[str, Any]]:
    """Hand over and read back `n` files in each of some rounds, through the client and bare.

    Returns one row: files a second of both, CPU seconds of the client per file, their ratio and its least value."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        port = ours.recv()
        settings = CleoSettings.from_connection(
            "bench", "127.0.0.1", port, "http", "edi", "pw", {"environment": "test"}
        )
        with CleoClient(settings) as client, requests.Session() as session:
            session.trust_env = False
            _bare(session, port, 20)
            _client(client, 20)
            bare, through, cpu = [], [], 0.0
            for _ in range(ROUNDS):
                bare.append(_seconds(lambda: _bare(session, port, n)))
                started_cpu = time.process_time()
                through.append(_seconds(lambda: _client(client, n)))
                cpu += time.process_time() - started_cpu
    finally:
        process.terminate()
        process.join()
    ratio = min(bare) / min(through)
    return [
        {
            "name": "cleo: upload and read back, client against a bare requests loop",
            "files": n,
            "files_per_s": round(n / min(through), 1),
            "bare_files_per_s": round(n / min(bare), 1),
            "cpu_ms_per_file": round(1000 * cpu / (n * ROUNDS), 3),
            "ratio": round(ratio, 3),
            "least_ratio": LEAST,
            "ok": ratio >= LEAST,
        }
    ]


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _bare(session: requests.Session, port: int, n: int) -> None:
    headers = {"Authorization": "Bearer t", "Content-Type": "application/edi-x12"}
    for number in range(n):
        url = f"http://127.0.0.1:{port}/api/files/bare/{number}.edi"
        session.put(url, data=FILE, headers=headers, timeout=60).raise_for_status()
        if session.get(url, headers=headers, timeout=60).content != FILE:
            raise AssertionError(f"file {number} came back changed")


def _client(client: CleoClient, n: int) -> None:
    for number in range(n):
        client.upload("client", f"{number}.edi", FILE, deadline_s=60)
        if client.read("client", f"{number}.edi") != FILE:
            raise AssertionError(f"file {number} came back changed")


if __name__ == "__main__":
    for row in run():
        print(row)
