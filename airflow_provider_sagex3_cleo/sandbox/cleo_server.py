"""The fake Cleo's HTTP service: `/server?request=connect0|send|list|receive|delete`, Basic only.

Parameters ride on the request line, in a form body or in a multipart form. Source of the calls: Cleo's HTTP Server
Command Reference; statuses and the listing's text are assumed (docs/assumptions.md, section Cleo).
"""

from __future__ import annotations

import email.parser
import email.policy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from airflow_provider_sagex3_cleo.sandbox.cleo_logins import CleoLogins
from airflow_provider_sagex3_cleo.sandbox.cleo_store import CleoStore, Refusal
from airflow_provider_sagex3_cleo.sandbox.server import Reply, Request

__all__ = ["SERVER_LISTINGS", "ServerCalls", "form_parts"]

SERVER_LISTINGS: Final = ("names", "sizes")
_CHALLENGE: Final = (("WWW-Authenticate", 'Basic realm="Cleo Harmony"'),)
_OURS: Final = ("request", "directory", "filename")


class ServerCalls:
    """The service's calls over the fake's folders and logins.

    Attributes:
        server_listing: a listing's lines are names, or names and sizes divided by a tab.
    """

    def __init__(self, store: CleoStore, logins: CleoLogins, thanks: Callable[[str, int], Reply]) -> None:
        self.server_listing = "names"
        self._store, self._logins, self._thanks = store, logins, thanks

    def serve(self, request: Request) -> Reply:
        """One call. Without Basic credentials 401 and a challenge: the content has crossed for nothing by then.

        Raises: Refusal"""
        scheme = request.headers.get("authorization", "").partition(" ")[0]
        refusal = self._logins.admit(request) if scheme == "Basic" else Reply.text("Authentication required", 401)
        if refusal is not None:
            return replace(refusal, headers=(*refusal.headers, *_CHALLENGE)) if refusal.status == 401 else refusal
        given, file = _parameters(request)
        folder, name = given.get("directory", "inbox/").strip("/"), given.get("filename", "")
        match given.get("request"):
            case "connect0":
                return Reply.text("Connected")
            case "send":
                sent_as, data = file or ("payload", request.body)
                return self._send(request, folder, name or sent_as, data)
            case "list":
                return Reply.text("".join(self._line(f.name, len(f.data)) for f in self._store.listing(folder)))
            case "receive":
                return Reply(200, (("Content-Type", "application/octet-stream"),), self._store.read(folder, name))
            case "delete":
                self._store.delete(folder, name)
                return Reply(200)
        return Reply.text("Unknown request", 400)

    def _send(self, request: Request, folder: str, name: str, data: bytes) -> Reply:
        if name.startswith(".") or "/" in name or "\\" in name or ".." in folder.split("/"):
            raise Refusal(400, "Invalid path")
        stored_as = self._store.put(folder, name, data)
        request.notes["stored_as"] = stored_as
        return self._thanks(stored_as, len(data))

    def _line(self, name: str, size: int) -> str:
        return f"{name}\t{size}\r\n" if self.server_listing == "sizes" else f"{name}\r\n"


def form_parts(request: Request) -> tuple[dict[str, str], tuple[str, bytes] | None]:
    """The fields of a multipart form, and name and content of its first file where there is one."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.body)
    fields: dict[str, str] = {}
    file: tuple[str, bytes] | None = None
    for part in form.iter_parts() if form.is_multipart() else ():
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        if part.get_filename():
            file = file or (str(part.get_filename()), content)
        else:
            fields[str(part.get_param("name", header="content-disposition"))] = content.decode("utf-8", "replace")
    return fields, file


def _parameters(request: Request) -> tuple[Mapping[str, str], tuple[str, bytes] | None]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "multipart/form-data":
        fields, file = form_parts(request)
        return {**request.query, **fields}, file
    if kind == "application/x-www-form-urlencoded":
        return {**request.query, **{name: v for name, v in request.form().items() if name in _OURS}}, None
    return request.query, None
