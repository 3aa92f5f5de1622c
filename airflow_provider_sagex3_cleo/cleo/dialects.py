"""How the file calls of one site look: a dialect turns folder and name into a call, and an answer into files.

No public source shows Cleo's REST file calls in full, so `rest` builds them from settings with assumed defaults, and
`template` takes whole calls (path and query) of one's own. `server` speaks the older HTTP service of Harmony and
VLTrader, whose calls are documented and whose statuses and listing are not. See docs/assumptions.md, section Cleo.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = [
    "DIALECTS",
    "Call",
    "Dialect",
    "FilePage",
    "RemoteFile",
    "RestDialect",
    "ServerDialect",
    "TemplateDialect",
    "is_page",
]


@dataclass(frozen=True)
class Call:
    """One HTTP call; `request` holds what `Transport.send` hands on (params, data, files, headers)."""

    method: str
    path: str
    ok: frozenset[int]
    request: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteFile:
    """A file in a folder of Cleo. `size` in bytes, None where the listing does not say."""

    name: str
    size: int | None = None


@dataclass(frozen=True)
class FilePage:
    """One page of a listing. `total` is the number of files in the folder, None where the server does not say."""

    files: tuple[RemoteFile, ...]
    rows: int
    total: int | None
    last: bool = False


class Dialect(Protocol):
    """What the client asks of a dialect. Names and folders come checked, not quoted."""

    def probe(self) -> Call:
        """A cheap call that a server answers only to a good login."""
        ...

    def upload(self, folder: str, name: str, data: bytes) -> Call:
        """The call that hands a file over."""
        ...

    def stored_name(self, answer: Answer) -> str | None:
        """The name under which the server says it stored the file, where it says so."""
        ...

    def list(self, folder: str, start: int) -> Call:
        """The call for the page of a folder's listing that begins at row `start` (from 0)."""
        ...

    def page(self, answer: Answer) -> FilePage:
        """The files of one page. Raises: NotJson where the answer is no listing."""
        ...

    def read(self, folder: str, name: str) -> Call:
        """The call for a file's content."""
        ...

    def delete(self, folder: str, name: str) -> Call:
        """The call that deletes a file."""
        ...


class RestDialect:
    """Files as resources below the API's prefix; listings as Cleo's other collections (startIndex from 0, count)."""

    def __init__(self, settings: CleoSettings) -> None:
        self._settings = settings
        self._upload_ok, self._delete_ok = frozenset(settings.upload_ok), frozenset(settings.delete_ok)

    def probe(self) -> Call:
        """The read that `check_path` names; whether it exists and is allowed differs from site to site."""
        return Call("GET", self._settings.path(self._settings.check_path), frozenset({200, 403, 404}))

    def upload(self, folder: str, name: str, data: bytes) -> Call:
        """Raw body, or a multipart form whose one part carries the file name."""
        s = self._settings
        return Call(s.upload_method, self._path(s.upload_path, folder, name), self._upload_ok, self._body(name, data))

    def stored_name(self, answer: Answer) -> str | None:
        """The answer's field `stored_name_field`, if the answer is a JSON object that has it as text."""
        if not answer.body.lstrip().startswith(b"{"):
            return None
        try:
            told = answer.json().get(self._settings.stored_name_field)
        except ValueError:
            return None
        return told if isinstance(told, str) and told else None

    def list(self, folder: str, start: int) -> Call:
        """One page of the collection."""
        s = self._settings
        window = {s.list_start_param: str(start), s.list_count_param: str(s.page_count)}
        return Call("GET", self._path(s.list_path, folder), frozenset({200, 204}), {"params": window})

    def page(self, answer: Answer) -> FilePage:
        """A JSON object with rows and a total (number or text), a bare JSON array, or one name per line."""
        if is_page(answer):
            raise _no_listing("a web page")
        if self._settings.list_format == "lines":
            lines = [line.strip() for line in answer.body.decode("utf-8", "replace").splitlines()]
            return _whole([self._line(line) for line in lines if line])
        if not answer.body.strip():
            return _whole([])
        try:
            content = answer.json()
        except ValueError as problem:
            raise _no_listing("not JSON") from problem
        if isinstance(content, list):
            return _whole([self._file(row) for row in content])
        rows = content.get(self._settings.list_items_field) if isinstance(content, dict) else None
        if not isinstance(rows, list):
            raise _no_listing(f"JSON without {self._settings.list_items_field}")
        total = _count(content.get(self._settings.list_total_field))
        return FilePage(tuple(self._file(row) for row in rows), len(rows), total)

    def read(self, folder: str, name: str) -> Call:
        """The file's content as it is."""
        return Call("GET", self._path(self._settings.read_path, folder, name), frozenset({200, 404}))

    def delete(self, folder: str, name: str) -> Call:
        """Delete one file; 404 says that it is gone already."""
        s = self._settings
        return Call(s.delete_method, self._path(s.delete_path, folder, name), self._delete_ok | {404})

    def _path(self, template: str, folder: str, name: str = "") -> str:
        return self._settings.path(template, folder=quote(folder), name=quote(name, safe=""))

    def _body(self, name: str, data: bytes) -> dict[str, Any]:
        s = self._settings
        if s.upload_body == "multipart":
            return {"files": {s.upload_field: (name, data, s.content_type)}}
        return {"data": data, "headers": {"Content-Type": s.content_type}}

    def _line(self, line: str) -> RemoteFile:
        match = re.fullmatch(self._settings.list_line, line)
        if match is None or not match["name"]:
            raise _no_listing("a line that list_line does not fit")
        return RemoteFile(match["name"], _count(match.groupdict().get("size")))

    def _file(self, row: Any) -> RemoteFile:
        s = self._settings
        name = row if isinstance(row, str) else row.get(s.list_name_field) if isinstance(row, dict) else None
        if not isinstance(name, str) or not name:
            raise _no_listing(f"a row without {s.list_name_field}")
        return RemoteFile(name, _count(row.get(s.list_size_field)) if isinstance(row, dict) else None)


class TemplateDialect(RestDialect):
    """Calls of one's own: the path settings are whole calls, query included; a listing comes in one answer."""

    def list(self, folder: str, start: int) -> Call:
        """The call as it stands in `list_path`."""
        return Call("GET", self._path(self._settings.list_path, folder), frozenset({200, 204}))

    def page(self, answer: Answer) -> FilePage:
        """The whole listing."""
        return _whole(list(super().page(answer).files))


class ServerDialect(TemplateDialect):
    """The HTTP service of Harmony and VLTrader: one path, and the call's name and place on the request line.

    Source: Cleo's HTTP Server Command Reference (user guide): request, directory and filename, POST recommended."""

    def probe(self) -> Call:
        """The service's own login call."""
        return self._call("POST", frozenset({200, 403, 404}), "connect0")

    def upload(self, folder: str, name: str, data: bytes) -> Call:
        """`send`: the bytes as the body, or in a multipart form."""
        request = self._body(name, data) | {"params": _place("send", folder, name)}
        return Call(self._settings.upload_method, self._settings.path(self._settings.server_path), self._upload_ok,
                    request)  # fmt: skip

    def list(self, folder: str, start: int) -> Call:
        """`list`: all waiting files in one answer."""
        return self._call("POST", frozenset({200, 204}), "list", folder)

    def read(self, folder: str, name: str) -> Call:
        """`receive`: the file's content as it is."""
        return self._call("POST", frozenset({200, 404}), "receive", folder, name)

    def delete(self, folder: str, name: str) -> Call:
        """`delete`; 404 says that the file is gone already."""
        return self._call(self._settings.delete_method, self._delete_ok | {404}, "delete", folder, name)

    def _call(self, method: str, ok: frozenset[int], request: str, folder: str = "", name: str = "") -> Call:
        """A call without a body; it names a content type all the same, as VLProxy answers 415 without one."""
        return Call(method, self._settings.path(self._settings.server_path), ok, {
            "params": _place(request, folder, name), "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        })  # fmt: skip


DIALECTS: dict[str, Callable[[CleoSettings], Dialect]] = {
    "rest": RestDialect,
    "template": TemplateDialect,
    "server": ServerDialect,
}


def is_page(answer: Answer) -> bool:
    """True for a web page: a login, proxy or maintenance page that came with a status of success."""
    if "text/html" in answer.headers.get("Content-Type", "").lower():
        return True
    return answer.body[:256].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _place(request: str, folder: str, name: str) -> dict[str, str]:
    """The parameters of one call of the HTTP service; a directory ends with `/`, as in Cleo's examples."""
    given = {"directory": f"{folder}/" if folder else "", "filename": name}
    return {"request": request} | {key: value for key, value in given.items() if value}


def _whole(files: list[RemoteFile]) -> FilePage:
    return FilePage(tuple(files), len(files), len(files), last=True)


def _count(value: Any) -> int | None:
    """A count or size, whether it came as number or text; None where it says nothing."""
    text = str(value).strip()
    return int(text) if text.isdecimal() else None


def _no_listing(what: str) -> e.NotJson:
    return e.NotJson(
        f"the listing of a folder is {what}", system="cleo",
        remedy="check list_path, list_format and the list_ fields of the connection",
    )  # fmt: skip
