"""How the file calls of one site look: a dialect turns folder and name into a call, and an answer into files.

No public source shows Cleo's file calls in full, so `rest` builds them from settings with assumed defaults, and
`template` takes whole calls (path and query) of one's own. See docs/assumptions.md, section Cleo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = ["DIALECTS", "Call", "Dialect", "FilePage", "RemoteFile", "RestDialect", "TemplateDialect", "is_page"]


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

    def upload(self, folder: str, name: str, data: bytes) -> Call:
        """Raw body, or a multipart form whose one part carries the file name."""
        s = self._settings
        path = self._path(s.upload_path, folder, name)
        if s.upload_body == "multipart":
            request: dict[str, Any] = {"files": {s.upload_field: (name, data, s.content_type)}}
        else:
            request = {"data": data, "headers": {"Content-Type": s.content_type}}
        return Call(s.upload_method, path, self._upload_ok, request)

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
            names = [line.strip() for line in answer.body.decode("utf-8", "replace").splitlines()]
            return _whole([RemoteFile(name) for name in names if name])
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


DIALECTS: dict[str, Callable[[CleoSettings], Dialect]] = {"rest": RestDialect, "template": TemplateDialect}


def is_page(answer: Answer) -> bool:
    """True for a web page: a login, proxy or maintenance page that came with a status of success."""
    if "text/html" in answer.headers.get("Content-Type", "").lower():
        return True
    return answer.body[:256].lstrip().lower().startswith((b"<!doctype html", b"<html"))


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
