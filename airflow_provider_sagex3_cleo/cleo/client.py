"""The words of Cleo's API: upload, list, read, delete, check; connections and users, read only."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import quote

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.cleo import directory
from airflow_provider_sagex3_cleo.cleo.auth import BasicAuth, PasswordGrantAuth
from airflow_provider_sagex3_cleo.cleo.dialects import DIALECTS, Call, RemoteFile, is_page
from airflow_provider_sagex3_cleo.cleo.names import check_file_name, check_folder, check_stored_name
from airflow_provider_sagex3_cleo.cleo.settings import CleoSettings
from airflow_provider_sagex3_cleo.transport import Answer, Meter, Transport

__all__ = ["CheckLine", "CleoClient", "UploadResult"]

_UPLOAD_REMEDIES: Final = {
    400: "compare the file name with the name pattern allowed in this mailbox",
    403: "ask the Cleo administrator for the right to write into this folder",
    404: "check the folder's name in the agreement; if it is right, check upload_path of the connection",
    405: "check upload_method and upload_path of the connection",
    413: "ask the Cleo administrator for the largest size allowed",
    415: "check content_type and upload_body of the connection",
}
_READ_REMEDIES: Final = {
    403: "ask the Cleo administrator for the right to read this folder",
    404: "check the folder's name in the agreement; if it is right, check the path settings of the connection",
}
_DIRECTORY_REMEDIES: Final = {
    400: "ask without a filter, or compare the filter with what this release of Cleo offers",
    403: "ask the Cleo administrator for the right to read connections and authenticators",
    404: "check connections_path and authenticators_path of the connection; not every Cleo offers them",
}
_UNREACHABLE: Final = "check host, port and schema of the connection, and the way there (firewall, time-outs)"
_BASIC_OFF: Final = ", or set auth to password in case Basic is switched off on this server"


@dataclass(frozen=True)
class UploadResult:
    """An accepted upload: Cleo has the bytes, nothing more.

    `stored_name` is the name the server reports where it differs from the one given."""

    status: int
    stored_name: str | None = None


@dataclass(frozen=True)
class CheckLine:
    """One finding of `check`; `remedy` is empty where all is well."""

    ok: bool
    what: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{'ok ' if self.ok else 'RED'} {self.what}: {self.found}"
        return f"{text}. {self.remedy[:1].upper()}{self.remedy[1:]}." if self.remedy else text


class CleoClient:
    """One Cleo server. Logs in when first needed, keeps cookies, may be shared between threads.

    Every method may raise AccessRejected, RightMissing, NotFound, RequestRejected, TlsRejected (a person must act) and
    Retry errors of the transport."""

    def __init__(self, settings: CleoSettings) -> None:
        self.settings = settings
        self._transport = Transport(
            "cleo", settings.base_url, conn_id=settings.conn_id, verify=settings.verify,
            connect_timeout_s=settings.connect_timeout, read_timeout_s=settings.timeout,
            deadline_s=settings.deadline_s, attempts=settings.attempts, rate_limit=settings.rate_limit,
        )  # fmt: skip
        if settings.auth == "basic":
            self._transport.auth = BasicAuth(settings.login, settings.password)
        else:
            self._transport.auth = PasswordGrantAuth(settings, self._transport)
        self._dialect = DIALECTS[settings.dialect](settings)
        hint = {403: _BASIC_OFF} if settings.auth == "basic" else {}
        self._upload_remedies = {status: text + hint.get(status, "") for status, text in _UPLOAD_REMEDIES.items()}
        self._read_remedies = {status: text + hint.get(status, "") for status, text in _READ_REMEDIES.items()}

    @property
    def meter(self) -> Meter:
        """What went over the wire so far."""
        return self._transport.meter

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def upload(self, folder: str, name: str, data: bytes, *, deadline_s: float | None = None) -> UploadResult:
        """Hand one file over, once: only a 429 is tried again, as it says that nothing was done.

        Args:
            deadline_s: seconds for everything, waits and login included; no byte of the file leaves after it.

        Raises:
            AnswerLost: the bytes left and their fate is unknown: no answer, 5xx, a redirect or a web page.
            AlreadyThere: a file of this name exists and was not replaced (409).
            RightMissing, NotFound, AccessRejected, RequestRejected, SettingFault: nothing was stored.
            RateLimited and any other Retry: nothing was stored, or not one byte left."""
        folder, name = check_folder(folder), check_file_name(name)
        if len(data) > self.settings.max_bytes:
            raise e.RequestRejected(
                f"the file has {len(data)} bytes", system="cleo", record=f"file {folder}/{name}", field="max_bytes",
                expected=f"at most {self.settings.max_bytes}", remedy="put fewer documents into one file",
            )  # fmt: skip
        with _about(f"file {folder}/{name}", self._upload_remedies):
            answer = self._send(self._dialect.upload(folder, name, data), repeatable=False, deadline_s=deadline_s)
            if is_page(answer) and not self.settings.upload_page_ok:
                raise e.AnswerLost(
                    f"the upload was answered with a web page ({answer.status})", system="cleo",
                    expected="an empty answer or JSON",
                )  # fmt: skip
        told = self._dialect.stored_name(answer)
        return UploadResult(answer.status, told if told != name else None)

    def list(self, folder: str) -> builtins.list[RemoteFile]:
        """The files of a folder, all pages, each name once, in the server's order.

        A listing may lag behind and a file may be picked up at any moment: it proves presence, never absence.

        Raises: PageLoop where the server repeats a page; SettingFault where listing is off."""
        self._demand("can_list")
        folder = check_folder(folder)
        with _about(f"folder {folder}", self._read_remedies):
            return [file for page in self._pages(folder) for file in page]

    def read(self, folder: str, name: str, *, size: int | None = None) -> bytes | None:
        """The bytes of a file; None where there is no such file (or folder).

        `size` is what the listing says: a web page of just this size is the file itself.

        Raises: NotJson for a web page in place of the file; SettingFault where reading is off."""
        self._demand("can_read")
        folder, name = check_folder(folder), check_stored_name(name)
        with _about(f"file {folder}/{name}", self._read_remedies):
            answer = self._send(self._dialect.read(folder, name))
            if answer.status == 404:
                return None
            if is_page(answer) and len(answer.body) != size:
                raise e.NotJson("the file was answered with a web page", system="cleo")
        return answer.body

    def delete(self, folder: str, name: str) -> bool:
        """Delete one file; False where it was gone already.

        Raises: SettingFault where deleting is off (the default)."""
        self._demand("can_delete")
        folder, name = check_folder(folder), check_stored_name(name)
        with _about(f"file {folder}/{name}", self._read_remedies):
            return self._send(self._dialect.delete(folder, name), repeatable=True).status != 404

    def connections(self, filter: str = "") -> builtins.list[directory.CleoConnection]:
        """The partners that Cleo calls, all pages.

        Args:
            filter: as `directory.matching` writes it, such as `alias eq "ACME"`; empty for all.

        Raises: NotJson where the answer is no collection, PageLoop where the server repeats a page."""
        with _about("the connections", _DIRECTORY_REMEDIES):
            path = self.settings.path(self.settings.connections_path)
            rows = directory.collection(self._fetch, path, count=self.settings.page_count, filter=filter)
            return [directory.connection_of(row, path, self.settings.partner_id_field) for row in rows]

    def users(self, filter: str = "") -> builtins.list[directory.CleoUser]:
        """The partners that log in to Cleo: those of each authenticator in turn, all pages.

        Args:
            filter: such as `username eq "acme"`, asked of each authenticator; empty for all.

        Raises: as `connections`; LinkRefused where Cleo names another host."""
        settings = self.settings
        groups = settings.path(settings.authenticators_path)
        found: builtins.list[directory.CleoUser] = []
        with _about("the users", _DIRECTORY_REMEDIES):
            for row in directory.collection(self._fetch, groups, count=settings.page_count):
                group = directory.authenticator_of(row)
                path = group.users_path or f"{groups}/{quote(group.id, safe='')}/users"
                rows = directory.collection(self._fetch, path, count=settings.page_count, filter=filter)
                found += [directory.user_of(each, group.alias, path) for each in rows]
        return found

    def read_object(self, path: str) -> dict[str, Any]:
        """A connection or user as Cleo shows it, at the path its row names.

        Raises: NotJson where it is no object."""
        with _about(path, _DIRECTORY_REMEDIES):
            found = json.loads(self._transport.send("GET", path).body)
            if not isinstance(found, dict):
                raise e.NotJson("the answer is no object", system="cleo")
        return found

    def change_object(self, path: str, seen: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        """Write a connection or user back with some fields changed, once.

        Cleo replaces the whole object: `seen` is what `read_object` gave, without the fields of `read_only_fields`.

        Raises: SettingFault where changing is off (the default); AnswerLost where the outcome is unknown."""
        self._demand("can_change")
        s = self.settings
        read_only = {name.strip() for name in s.read_only_fields.split(",")}
        body = {name: value for name, value in seen.items() if name not in read_only} | dict(change)
        with _about(path, _DIRECTORY_REMEDIES):
            self._transport.send(
                s.change_method, path, ok=frozenset(s.change_ok), want_json=False,
                data=json.dumps(body, ensure_ascii=False).encode(), headers={"Content-Type": "application/json"},
            )  # fmt: skip

    def has_folder(self, folder: str) -> bool | None:
        """Whether Cleo knows the folder; None where that cannot be asked (can_list is off, or the call is refused)."""
        if not self.settings.can_list:
            return None
        folder = check_folder(folder)
        try:
            with _about(f"folder {folder}", self._read_remedies):
                self._dialect.page(self._send(self._dialect.list(folder, 0)))
        except e.NotFound:
            return False
        except (e.RightMissing, e.RequestRejected):
            return None
        return True

    def check(self, folders: Sequence[str] = (), *, deadline_s: float = 10.0) -> builtins.list[CheckLine]:
        """Try the login and the first page of each folder's listing; one line each, nothing is raised or changed.

        `deadline_s` is for each call. Basic has no login call, so the dialect's probe stands in for it."""
        lines = [self._check_login(deadline_s)]
        for folder in folders if lines[0].ok else ():
            what = f"Cleo folder {folder}"
            if not self.settings.can_list:
                lines.append(CheckLine(True, what, "not tried, as can_list is off"))
                continue
            try:
                folder = check_folder(folder)
                with _about(f"folder {folder}", self._read_remedies):
                    page = self._dialect.page(self._send(self._dialect.list(folder, 0), deadline_s=deadline_s))
                total = len(page.files) if page.total is None else page.total
                lines.append(CheckLine(True, what, f"readable, {total} files"))
            except e.ProviderError as problem:
                lines.append(_red(what, problem))
        return lines

    def _check_login(self, deadline_s: float) -> CheckLine:
        settings = self.settings
        what = f"Cleo {settings.base_url} ({settings.environment})"
        try:
            if isinstance(self._transport.auth, PasswordGrantAuth):
                self._transport.auth.sign_in(deadline_s)
                return CheckLine(True, what, f"login {settings.login} accepted")
            status = self._send(self._dialect.probe(), deadline_s=deadline_s).status
        except e.ProviderError as problem:
            return _red(what, problem)
        said = "accepted" if status == 200 else f"not refused ({status}), proven by a folder only"
        return CheckLine(True, what, f"Basic login {settings.login} {said}")

    def _pages(self, folder: str) -> Iterator[builtins.list[RemoteFile]]:
        seen: set[str] = set()
        start = 0
        while True:
            page = self._dialect.page(self._send(self._dialect.list(folder, start)))
            fresh = [file for file in page.files if file.name not in seen]
            seen.update(file.name for file in fresh)
            yield fresh
            start += page.rows
            if page.last or not page.rows or (page.total is not None and start >= page.total):
                return
            if not fresh:
                raise e.PageLoop(
                    "the listing repeats a page", system="cleo", field=self.settings.list_start_param, value=start,
                    remedy="check list_start_param and list_count_param of the connection",
                )  # fmt: skip

    def _send(self, call: Call, *, repeatable: bool | None = None, deadline_s: float | None = None) -> Answer:
        return self._transport.send(
            call.method, call.path, ok=call.ok, want_json=False, repeatable=repeatable, deadline_s=deadline_s,
            **call.request,
        )  # fmt: skip

    def _fetch(self, path: str, query: dict[str, str]) -> Answer:
        return self._transport.send("GET", path, params=query)

    def _demand(self, setting: str) -> None:
        if not getattr(self.settings, setting):
            raise e.SettingFault(
                "this call is switched off", system="cleo", record=f"connection {self.settings.conn_id}", field=setting,
                expected="true", remedy="switch it on if this Cleo offers the call",
            )  # fmt: skip


def _red(what: str, problem: e.ProviderError) -> CheckLine:
    lost = isinstance(problem, (e.ConnectionLost, e.AnswerTimedOut, e.DeadlinePassed))
    return CheckLine(False, what, problem.found, _UNREACHABLE if lost else problem.remedy)


@contextmanager
def _about(record: str, remedies: dict[int, str]) -> Iterator[None]:
    """Say in an error which file or folder it was about, and what helps here for its status."""
    try:
        yield
    except e.ProviderError as problem:
        problem.where.setdefault("record", record)
        status = problem.where.get("status")
        if isinstance(problem, e.Fail) and status in remedies:
            problem.remedy = remedies[status]
        raise
