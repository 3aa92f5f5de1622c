"""A fake Cleo on loopback HTTP: login, files and folders, connections, and the older `/server` calls.

    with CleoFake(folders=("outbound/850",)) as cleo:
        cleo.store.folder("outbound/850", pickup="at_once")
        ...                                   # a client works against cleo.url
        assert [row.name for row in cleo.store.journal()] == [...]

Everything is reachable in-process (`store`, `logins`, `paging`, `server`) and from elsewhere over /_sandbox/
(`cleo_admin.CleoAdmin`). What is assumed of the real one is listed in docs/assumptions.md, section Cleo.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from airflow_provider_sagex3_cleo.sandbox.cleo_collections import Directory, Paging, Unfiltered, replaced
from airflow_provider_sagex3_cleo.sandbox.cleo_logins import LOGIN_ANSWERS, LOGIN_ERRORS, CleoLogins
from airflow_provider_sagex3_cleo.sandbox.cleo_server import SERVER_LISTINGS, ServerCalls, form_parts
from airflow_provider_sagex3_cleo.sandbox.cleo_store import CleoStore, Refusal
from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.server import Handler, Reply, Request, SandboxServer

__all__ = ["CleoFake", "UploadManners"]

DEFAULT_USERS: Final = {"edi-sender": "Sandbox-1-cleo"}
UPLOAD_ANSWERS: Final = ("json", "empty", "page")
_CHOICES: Final = {
    "answer": LOGIN_ANSWERS, "error": LOGIN_ERRORS, "upload_answer": UPLOAD_ANSWERS, "server_listing": SERVER_LISTINGS,
}  # fmt: skip
_CUTS: Final = ("before", "during", "after")


@dataclass
class UploadManners:
    """How a good upload is answered: status, body (json, empty, page), and whether JSON tells the stored name."""

    upload_status: int = 201
    upload_answer: str = "json"
    tell_name: bool = True


class CleoFake:
    """One fake Cleo; a context manager.

    Args:
        clock: shared with the fake Sage X3; token life, pick-up and lag run on it.
        users: login -> password.
        folders: folders that are there from the start.
        prefix: the REST API's resource path.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        port: int = 0,
        users: Mapping[str, str] = DEFAULT_USERS,
        folders: Iterable[str] = (),
        prefix: str = "/api",
        connections: int = 12,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.logins = CleoLogins(self.clock, users)
        self.store = CleoStore(self.clock)
        self.paging, self.uploads = Paging(), UploadManners()
        self.service = ServerCalls(self.store, self.logins, self._thanks)
        self.directory = Directory(connections, prefix.rstrip("/"))
        for name in folders:
            self.store.folder(name)
        self.server = SandboxServer("cleo", self.clock, port=port, tls=tls)
        self.server.expired = Reply.json({"message": "Access token is invalid or has expired"}, 401)
        self._routes(prefix.rstrip("/"))
        self._admin_calls()

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.server.url

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self.server.start()
        return self

    def stop(self) -> None:
        """Stop serving."""
        self.server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def configure(self, **options: Any) -> None:
        """Set options of logins, paging, uploads, the HTTP service and the size limit by name. Raises: ValueError"""
        homes = (self.logins, self.paging, self.uploads, self.store, self.service)
        known = {name: home for home in homes for name in vars(home) if not name.startswith("_")}
        for name, value in options.items():
            if name not in known:
                raise ValueError(f"no option {name!r}; known are {', '.join(sorted(known))}")
            if name in _CHOICES and value not in _CHOICES[name]:
                raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}")
            setattr(known[name], name, value)

    def cut_upload(
        self, when: str, path: str = "", *, times: int = 1, method: str = "PUT", dialect: str = "rest"
    ) -> None:
        """Break the connection of the next uploads before, during (a part is stored) or after storing; no answer comes.

        `path` is a regular expression on folder/name; for the HTTP service (dialect server) on the file name."""
        if when not in _CUTS:
            raise ValueError(f"when is one of {', '.join(_CUTS)}")
        if when == "during":
            self.store.truncate(path, times=times)
        kind = "refuse" if when == "before" else "lose_answer"
        if dialect == "server":
            self.server.fault(kind, "/server", text=f"request=send.*{path}", times=times)
        else:
            self.server.fault(kind, f"/files/.*{path}", method=method, times=times)

    def _routes(self, prefix: str) -> None:
        front, door = re.escape(prefix), self._behind_the_door
        self.server.route("POST", f"{front}/authentication", self.logins.sign_in)
        self.server.route("GET", f"{front}/connections", door(self._list_connections))
        self.server.route("GET", f"{front}/authenticators", door(self._list_authenticators))
        self.server.route("GET", f"{front}/authenticators/(?P<id>[^/]+)/users", door(self._list_users))
        for place in ("connections", "authenticators/(?P<group>[^/]+)/users"):
            self.server.route("GET", f"{front}/{place}/(?P<id>[^/]+)", door(self._show_object))
            self.server.route("PUT", f"{front}/{place}/(?P<id>[^/]+)", door(self._replace_object))
        self.server.route("GET", f"{front}/files/(?P<path>.+)", door(self._list_or_read))
        self.server.route("PUT", f"{front}/files/(?P<folder>.+)/(?P<name>[^/]+)", door(self._upload))
        self.server.route("POST", f"{front}/files/(?P<path>.+)", door(self._post))
        self.server.route("DELETE", f"{front}/files/(?P<folder>.+)/(?P<name>[^/]+)", door(self._delete))
        for method in ("GET", "POST", "PUT", "DELETE"):
            self.server.route(method, "/server", _refusing(self.service.serve))

    def _behind_the_door(self, handler: Handler) -> Handler:
        answered = _refusing(handler)

        def guarded(request: Request) -> Reply:
            if request.headers.get("cookie"):
                request.notes["cookie"] = request.headers["cookie"]
            refusal = self.logins.admit(request)
            return refusal if refusal is not None else answered(request)

        return guarded

    def _list_connections(self, request: Request) -> Reply:
        return self._page(self.directory.connections, request)

    def _list_authenticators(self, request: Request) -> Reply:
        return self._page(self.directory.authenticators, request)

    def _list_users(self, request: Request) -> Reply:
        rows = self.directory.users_of(request.args["id"])
        return Reply.json({"message": "Not found"}, 404) if rows is None else self._page(rows, request)

    def _show_object(self, request: Request) -> Reply:
        return Reply.json(self._object(request))

    def _replace_object(self, request: Request) -> Reply:
        row = self._object(request)
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise Refusal(415, "Unsupported Media Type")
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refusal(400, "Invalid request body")
        request.notes["fields"] = sorted(body)
        return Reply.json(replaced(row, body))

    def _object(self, request: Request) -> dict[str, Any]:
        """The connection or user that a path names. Raises: Refusal"""
        row = self.directory.one(request.args["id"], request.args.get("group"))
        if row is None:
            raise Refusal(404, "Not found")
        return row

    def _page(self, rows: list[dict[str, Any]], request: Request) -> Reply:
        try:
            return Reply.json(self.paging.page(rows, request.query))
        except (Unfiltered, ValueError):
            return Reply.json({"message": "Invalid filter or paging parameter"}, 400)

    def _list_or_read(self, request: Request) -> Reply:
        path = request.args["path"].rstrip("/")
        folder, _, name = path.rpartition("/")
        if self.store.has_folder(path) or not folder:
            rows = [
                {"name": file.name, "size": len(file.data), "modified": file.stored_at.isoformat()}
                for file in self.store.listing(path)
            ]
            return self._page(rows, request)
        data = self.store.read(folder, name)
        return Reply(200, (("Content-Type", "application/octet-stream"),), data)

    def _upload(self, request: Request) -> Reply:
        return self._stored(request, request.args["folder"], request.args["name"])

    def _post(self, request: Request) -> Reply:
        """POST names the file in the path, or in the part of a multipart form sent to the folder."""
        path = request.args["path"].rstrip("/")
        if self.store.has_folder(path):
            return self._stored(request, path, "")
        folder, _, name = path.rpartition("/")
        return self._stored(request, folder, name)

    def _stored(self, request: Request, folder: str, name: str) -> Reply:
        data = request.body
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            part_name, data = _only_file(request)
            name = name or part_name
        if not name or name.startswith(".") or "\\" in name or ".." in f"{folder}/{name}".split("/"):
            raise Refusal(400, "Invalid path")
        stored_as = self.store.put(folder, name, data)
        request.notes["stored_as"] = stored_as
        return self._thanks(stored_as, len(data))

    def _thanks(self, stored_as: str, size: int) -> Reply:
        manners = self.uploads
        if manners.upload_answer == "page":
            return Reply.html("<html><body>Thank you</body></html>", manners.upload_status)
        if manners.upload_answer == "empty" or manners.upload_status == 204:
            return Reply(manners.upload_status)
        content = {"name": stored_as, "size": size} if manners.tell_name else {"size": size}
        return Reply.json(content, manners.upload_status)

    def _delete(self, request: Request) -> Reply:
        self.store.delete(request.args["folder"], request.args["name"])
        return Reply(204)

    def _admin_calls(self) -> None:
        admin, store, logins = self.server.admin, self.store, self.logins
        admin("configure", self.configure)
        admin("folder", lambda folder, **settings: {"folder": store.folder(folder, **settings).name})
        admin("folders", store.folder_names)
        admin("remove_folder", lambda folder: store.remove_folder(folder))
        admin("files", lambda folder: {name: _as_text(data) for name, data in self._files(folder).items()})
        admin("journal", self._journal)
        admin("pick_up", lambda folder, file_name=None: store.pick_up(folder, file_name))
        admin("place", lambda folder, file_name, data: store.place(folder, file_name, base64.b64decode(data)))
        admin("truncate", store.truncate)
        admin("cut_upload", self.cut_upload)
        admin("add_connection", self.directory.add_connection)
        admin("add_user", self.directory.add_user)
        admin("remove_connection", self.directory.remove_connection)
        admin("remove_user", self.directory.remove_user)
        admin("expire_tokens", logins.expire_tokens)
        admin("change_node", logins.change_node)
        admin("set_password", lambda login, password: logins.users.update({login: password}))
        admin("unlock", logins.unlock)
        admin("logins", lambda: [asdict(login_try) for login_try in logins.tries()])

    def _files(self, folder: str) -> dict[str, bytes]:
        try:
            return self.store.files(folder)
        except Refusal as exc:
            raise LookupError(exc.message) from exc

    def _journal(self, folder: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        return [
            {
                "number": row.number, "folder": row.folder, "name": row.name, "asked_name": row.asked_name,
                "at": row.at.isoformat(), "data": _as_text(row.data),
            }
            for row in self.store.journal(folder, after=after)
        ]  # fmt: skip


def _refusing(handler: Handler) -> Handler:
    """The handler, with a refusal of the store as an answer."""

    def answered(request: Request) -> Reply:
        try:
            return handler(request)
        except Refusal as exc:
            return Reply.json({"message": exc.message}, exc.status)

    return answered


def _as_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _only_file(request: Request) -> tuple[str, bytes]:
    """Name and content of the first file in a multipart form. Raises: Refusal"""
    file = form_parts(request)[1]
    if file is None:
        raise Refusal(400, "No file in the form")
    return file
