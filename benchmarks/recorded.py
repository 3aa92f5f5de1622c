"""Answers of the sandbox's Sage X3, recorded once and served again from memory by a process of its own.

One recorded order stands for many: the server puts another number and another stamp into the recorded bytes, both as
long as the recorded ones. How many orders there are is the number at the end of the endpoint's name ("ORDERS1000"), so
one server serves every bench. What the server costs is not counted: it is another process, and it keeps what it has
served once.
"""

from __future__ import annotations

import json
import multiprocessing
import re
import socketserver
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests

from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sandbox.agreements import write_agreements
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox

__all__ = ["LINES", "START", "RecordedX3", "Recording", "connection", "order_number", "record"]

LINES = 20
START = datetime(2026, 11, 2, 8, tzinfo=UTC)
TEMPLATES = 300
TABLES = ("PORDER", "PORDERQ", "PORDERP")
KEPT = 20_000
_STAMP = START.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
_DETAIL = re.compile(r"/PORDER\('(\w+)'\)$")
_AFTER = re.compile(r"POHNUM (?:gt|eq) '(\w+)'")
_AFTER_LINE = re.compile(r"POPLIN eq (\d+)")


def order_number(index: int) -> str:
    """The number of the index-th order: 12 characters."""
    return f"POB{index:09d}"


@dataclass(frozen=True)
class Template:
    """One recorded order: its number, its detail, and its rows in the list of each table."""

    number: bytes
    detail: bytes
    rows: dict[str, list[bytes]]


@dataclass(frozen=True)
class Recording:
    """All recorded orders."""

    templates: list[Template]


def record(agreements: Path, templates: int = TEMPLATES) -> Recording:
    """Enter orders of 20 lines in a sandbox, read them once, and write the agreements they can be sent under."""
    with Sandbox(1, orders=60, start=START, frozen=True) as sandbox:
        write_agreements(agreements, sandbox.world)
        numbers = [sandbox.world.new_order(lines=LINES, number=order_number(n)) for n in range(templates)]
        access = sandbox.access()["sagex3"]
        root = f"{sandbox.x3_url}/api1/x3/erp/{access['extra']['folder']}"
        with requests.Session() as session:
            session.trust_env, session.auth = False, (access["login"], access["password"])

            def read(path: str, **query: str) -> bytes:
                answer = session.get(f"{root}/{path}", params=query, timeout=60)
                answer.raise_for_status()
                return answer.content

            found = []
            for number in numbers:
                lists = {
                    table: json.loads(
                        read(table, representation=f"{table}.$query", count="100", where=f"POHNUM eq '{number}'")
                    )["$resources"]
                    for table in TABLES
                }
                rows = {table: [_compact(row) for row in listed] for table, listed in lists.items()}
                detail = read(f"PORDER('{number}')", representation="PORDER.$details")
                found.append(Template(number.encode(), detail, rows))
    return Recording(found)


def _compact(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class Pages:
    """Answers by URL, made from the recording when first asked for."""

    recording: Recording
    kept: dict[str, bytes] = field(default_factory=dict)

    def answer(self, url: str) -> bytes:
        """The body for a path with query."""
        body = self.kept.get(url)
        if body is None:
            parts = urlsplit(url)
            path, query = unquote(parts.path), dict(parse_qsl(parts.query))
            detail = _DETAIL.search(path)
            if detail is not None:
                body = self._detail(detail.group(1))
            else:
                body = self._list(path, query["where"], int(query["count"]))
            if len(self.kept) < KEPT:
                self.kept[url] = body
        return body

    def _detail(self, number: str) -> bytes:
        index = int(number[3:])
        return self._as(self.recording.templates[index % len(self.recording.templates)].detail, index)

    def _as(self, recorded: bytes, index: int) -> bytes:
        """The recorded bytes with the number and the stamp of the index-th order."""
        template = self.recording.templates[index % len(self.recording.templates)]
        stamp = (START + timedelta(seconds=index // 5)).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        return recorded.replace(template.number, order_number(index).encode()).replace(_STAMP, stamp)

    def _list(self, path: str, where: str, count: int) -> bytes:
        """The page after the place that `where` names; an empty one after the last row."""
        *_, endpoint, table = path.split("/")
        orders, per_order = int(endpoint.removeprefix("ORDERS")), len(self.recording.templates[0].rows[table])
        first, after = 0, _AFTER.search(where)
        if after is not None:
            line = _AFTER_LINE.search(where)
            done = int(line.group(1)) // 1000 if line is not None else 1
            first = int(after.group(1)[3:]) * per_order + done
        rows = []
        for place in range(first, min(first + count, orders * per_order)):
            index, line_index = divmod(place, per_order)
            template = self.recording.templates[index % len(self.recording.templates)]
            rows.append(self._as(template.rows[table][line_index], index))
        head = b'{"$descriptor":"%s list","$startIndex":1,"$itemsPerPage":%d,"$resources":[' % (table.encode(), count)
        return head + b",".join(rows) + b"]}"


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        while True:
            _, _, rest = self.rfile.readline().partition(b" ")
            if not rest:
                return
            cookie = b"Set-Cookie: syracuse.sid.8124=s1; Path=/; HttpOnly\r\n"
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                if line[:7].lower() == b"cookie:":
                    cookie = b""
            body = server.pages.answer(rest.split(b" ")[0].decode())
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json; charset=utf-8\r\n%s"
                b"Content-Length: %d\r\n\r\n%s" % (server.date, cookie, len(body), body)
            )


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, recording: Recording) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.pages = Pages(recording)
        self.date = format_datetime(datetime.now(UTC).replace(microsecond=0), usegmt=True).encode()


def _serve(recording: Recording, port: Any) -> None:
    with _Server(recording) as server:
        port.send(server.server_address[1])
        server.serve_forever()


class RecordedX3:
    """The server in a process of its own; a context manager.

    Args:
        recording: what it serves.
    """

    def __init__(self, recording: Recording) -> None:
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe(duplex=False)
        self._process = spawn.Process(target=_serve, args=(recording, theirs), daemon=True)
        self._process.start()
        self.port: int = ours.recv()

    def __enter__(self) -> RecordedX3:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def connection(port: int, orders: int) -> SageX3Settings:
    """The connection to a recorded Sage X3 that holds so many orders."""
    extras = {"environment": "test", "folder": "BENCH", "endpoint": f"ORDERS{orders}"}
    return SageX3Settings.from_connection("sagex3_default", "127.0.0.1", port, "http", "edi", "pw", extras)
