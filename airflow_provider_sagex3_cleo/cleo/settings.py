"""What a Cleo connection says. Every fact that public sources leave open is a setting with a documented default."""

from __future__ import annotations

import dataclasses
import logging
import math
import re
import string
import typing
import warnings
from collections.abc import Mapping
from typing import Any, Final, Self
from urllib.parse import urlsplit

from airflow_provider_sagex3_cleo import errors as e

__all__ = ["DIALECT_NAMES", "CleoSettings", "known_extras"]

log = logging.getLogger(__name__)

DIALECT_NAMES: Final = ("rest", "template", "server")
_PLACEHOLDERS_OF: Final = {"list_path": {"prefix", "folder"}} | {
    f"{name}_path": {"prefix"} for name in ("login", "check", "server", "connections", "authenticators")
}
_VERBS: Final = ("list", "read", "delete")
#: The HTTP service takes Basic only and recommends POST; its listing is assumed to be text.
_DEFAULTS_OF: Final[dict[str, dict[str, Any]]] = {
    "server": {"auth": "basic", "upload_method": "POST", "delete_method": "POST", "list_format": "lines"}
}
_UNUSED_BY: Final = {"server": ("upload_path", "list_path", "read_path", "delete_path")}
_TRUE: Final = {"true", "yes", "on", "1"}
_FALSE: Final = {"false", "no", "off", "0"}


def _extra(default: Any, help: str, *, choices: tuple[str, ...] = (), least: float | None = None) -> Any:
    """A field that a connection's extras may set; `least` is the smallest number allowed."""
    return dataclasses.field(default=default, metadata={"help": help, "choices": choices, "least": least})


@dataclasses.dataclass(frozen=True, kw_only=True)
class CleoSettings:
    """One Cleo server and how this site's REST calls look. Seconds end in `_s` (`timeout` is in seconds too).

    Which defaults are assumed is listed in docs/assumptions.md, section Cleo."""

    conn_id: str
    base_url: str
    login: str
    password: str = dataclasses.field(repr=False)

    environment: str = _extra("", "which side of the environment lock this is", choices=("test", "production"))
    dialect: str = _extra("rest", "how the file calls look", choices=DIALECT_NAMES)
    verify: bool | str = _extra(True, "check the certificate: true, the path of a CA bundle, or false")
    timeout: float = _extra(60.0, "seconds of silence allowed while an answer is awaited", least=0.1)
    connect_timeout: float = _extra(10.0, "seconds to connect", least=0.1)
    deadline_s: float = _extra(300.0, "seconds for one call with all its attempts", least=1)
    attempts: int = _extra(5, "tries of a call that may be repeated (an upload never is)", least=1)
    rate_limit: float | None = _extra(None, "calls a second at most; empty for no limit", least=0.01)

    auth: str = _extra("password", "password grant with a token, or Basic on each call", choices=("password", "basic"))
    api_prefix: str = _extra("/api", "resource path of the REST API")
    login_path: str = _extra("{prefix}/authentication", "path of the login call")
    check_path: str = _extra("{prefix}/connections?count=1", "cheap read that proves a Basic login in `check`")
    token_life_s: float = _extra(3600.0, "life of a token whose answer has no expires_in", least=1)
    renew_lead_s: float = _extra(60.0, "renew a token so long before it ends", least=0)
    login_attempts: int = _extra(2, "logins that may fail before no more are tried (accounts lock)", least=1)

    upload_method: str = _extra("PUT", "method of the upload", choices=("PUT", "POST"))
    upload_path: str = _extra("{prefix}/files/{folder}/{name}", "path of the upload")
    upload_ok: tuple[int, ...] = _extra((200, 201, 204), "statuses that say the bytes arrived")
    upload_body: str = _extra("raw", "the bytes as the body, or as a multipart form", choices=("raw", "multipart"))
    upload_field: str = _extra("file", "name of the form field in a multipart upload")
    content_type: str = _extra("application/edi-x12", "content type of the file")
    stored_name_field: str = _extra("name", "field of the answer to an upload that holds the stored file's name")
    upload_page_ok: bool = _extra(False, "take a web page with a good status as success of an upload")
    max_bytes: int = _extra(100_000_000, "largest file that is handed over, in bytes", least=1)

    can_list: bool = _extra(True, "whether folders can be listed")
    list_path: str = _extra("{prefix}/files/{folder}", "path of a folder's listing")
    list_format: str = _extra("json", "a JSON collection, or one name per line", choices=("json", "lines"))
    list_items_field: str = _extra("resources", "field of the listing that holds the files")
    list_total_field: str = _extra("totalResults", "field of the listing that holds the number of files")
    list_name_field: str = _extra("name", "field of a listed file that holds its name")
    list_size_field: str = _extra("size", "field of a listed file that holds its size in bytes")
    list_start_param: str = _extra("startIndex", "query parameter for the first row, counted from 0")
    list_count_param: str = _extra("count", "query parameter for the rows of one page")
    page_count: int = _extra(100, "rows asked for in one page of a listing", least=1)

    list_line: str = _extra(
        "(?P<name>.+)", "list_format lines: regular expression of a line, with the group `name` and perhaps `size`"
    )

    can_read: bool = _extra(True, "whether a file can be read back")
    read_path: str = _extra("{prefix}/files/{folder}/{name}", "path of a file's content")
    can_delete: bool = _extra(False, "whether files may be deleted (only for files that this program uploaded)")
    delete_method: str = _extra("DELETE", "method of the delete", choices=("DELETE", "POST"))
    delete_path: str = _extra("{prefix}/files/{folder}/{name}", "path of the delete")
    delete_ok: tuple[int, ...] = _extra((200, 202, 204), "statuses that say the file is gone")

    connections_path: str = _extra("{prefix}/connections", "path of the collection of connections")
    authenticators_path: str = _extra("{prefix}/authenticators", "path of the collection of authenticators")
    partner_id_field: str = _extra("", "field of a connection that holds the partner's interchange id, if there is one")
    can_change: bool = _extra(False, "whether `partners apply` may change connections and users")
    change_method: str = _extra("PUT", "method of the change of a connection or user", choices=("PUT", "POST"))
    change_ok: tuple[int, ...] = _extra((200,), "statuses that say the object was changed")
    read_only_fields: str = _extra(
        "id, active, editable, runnable, ready, notReadyReason, meta, _links",
        "fields of a connection or user that are left out when it is written back, apart by commas",
    )
    server_path: str = _extra("/server", "dialect server: path of the HTTP service")

    @classmethod
    def from_connection(
        cls,
        conn_id: str,
        host: str | None,
        port: int | None,
        schema: str | None,
        login: str | None,
        password: str | None,
        extras: Mapping[str, Any],
    ) -> Self:
        """Settings from the parts of an Airflow connection. An extra that is None or '' counts as not given.

        Warns about a password over plain http and about verify=false.

        Raises: SettingFault naming the part, what is wrong with it, and what is known."""
        given = {name: value for name, value in extras.items() if value is not None and value != ""}
        known = {f.name: f for f in known_extras()}
        for name in sorted(given.keys() - known.keys()):
            raise _fault(conn_id, name, "unknown extra", expected="one of " + ", ".join(sorted(known)))
        hints = typing.get_type_hints(cls)
        values = {name: _value(conn_id, known[name], hints[name], value) for name, value in given.items()}
        if not login or not password:
            raise _fault(conn_id, "login" if not login else "password", "is empty", remedy="fill it in")
        dialect = values.get("dialect", "rest")
        if dialect == "template":
            _narrow_to_given(conn_id, values)
        for name in _UNUSED_BY.get(dialect, ()):
            if name in values:
                raise _fault(conn_id, name, f"has no meaning under dialect {dialect}", remedy="remove it")
        values = _DEFAULTS_OF.get(dialect, {}) | values
        settings = cls(
            conn_id=conn_id, base_url=_base_url(conn_id, host, port, schema), login=login, password=password, **values
        )  # fmt: skip
        settings._check()
        settings._warn()
        return settings

    @property
    def target(self) -> str:
        """The server as "host:port" (no port where it is the scheme's own): what a ledger is bound to."""
        return urlsplit(self.base_url).netloc

    def describe(self) -> list[tuple[str, str]]:
        """Each setting as (name, value) for a person; of the password only that it is set."""
        shown = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)} | {"password": "set"}
        return [(name, "" if value is None else str(value)) for name, value in shown.items()]

    def path(self, template: str, **names: str) -> str:
        """A path template filled in; `names` must be quoted for a URL already."""
        return template.format(prefix=self.api_prefix.rstrip("/"), **names)

    def _check(self) -> None:
        if not self.environment:
            raise _fault(self.conn_id, "environment", "is missing", expected="test or production", remedy="add it")
        if self.dialect == "server" and self.auth != "basic":
            raise _fault(self.conn_id, "auth", "does not fit dialect server", value=self.auth,
                         expected="basic, the only login of the HTTP service")  # fmt: skip
        self._check_line()
        for field in known_extras():
            if field.name.endswith("_path"):
                self._check_template(field.name, getattr(self, field.name))
        for name in ("upload_ok", "delete_ok", "change_ok"):
            if not getattr(self, name) or any(not 200 <= status < 300 for status in getattr(self, name)):
                raise _fault(self.conn_id, name, "must be statuses of success", value=str(getattr(self, name)),
                             expected="numbers from 200 to 299")  # fmt: skip

    def _check_line(self) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", FutureWarning)
                groups = re.compile(self.list_line).groupindex
        except (re.error, RecursionError, OverflowError, FutureWarning) as problem:
            raise _fault(self.conn_id, "list_line", f"is no regular expression ({problem})",
                         value=self.list_line) from problem  # fmt: skip
        if "name" not in groups:
            raise _fault(self.conn_id, "list_line", "does not name the file", value=self.list_line,
                         expected="a group (?P<name>...)")  # fmt: skip

    def _warn(self) -> None:
        host = urlsplit(self.base_url).hostname or ""
        if self.base_url.startswith("http://") and not host.startswith("127.") and host not in ("localhost", "::1"):
            log.warning("Connection %s: the password goes over plain http; use https", self.conn_id)
        if self.verify is False:
            log.warning(
                "Connection %s: verify is false, so the certificate is not checked; put the CA bundle's path there",
                self.conn_id,
            )

    def _check_template(self, name: str, template: str) -> None:
        try:
            used = {part for _, part, _, _ in string.Formatter().parse(template) if part is not None}
        except ValueError as problem:
            raise _fault(self.conn_id, name, f"is no template ({problem})", value=template) from problem
        allowed = _PLACEHOLDERS_OF.get(name, {"prefix", "folder", "name"})
        if used - allowed:
            raise _fault(self.conn_id, name, "has an unknown placeholder", value=template,
                         expected="only " + ", ".join(f"{{{p}}}" for p in sorted(allowed)))  # fmt: skip
        carries_name = name in ("upload_path", "read_path", "delete_path")
        named_elsewhere = name == "upload_path" and self.upload_body == "multipart"
        if carries_name and "name" not in used and not named_elsewhere:
            raise _fault(self.conn_id, name, "does not name the file", value=template, expected="{name} in it")
        filled = self.path(template, **dict.fromkeys(used - {"prefix"}, "x"))
        if not filled.startswith("/") or "://" in filled or ".." in filled or "\\" in filled:
            raise _fault(self.conn_id, name, "is no path on this server", value=template, expected="a path from '/' on")


def known_extras() -> tuple[dataclasses.Field[Any], ...]:
    """The fields that a connection's extras may set, with `help`, `choices` and `least` in their metadata."""
    return tuple(f for f in dataclasses.fields(CleoSettings) if "help" in f.metadata)


def _narrow_to_given(conn_id: str, values: dict[str, Any]) -> None:
    """Nothing is assumed for a dialect of one's own: a verb without its path is not there."""
    if "upload_path" not in values:
        raise _fault(conn_id, "upload_path", "is missing", expected="a path template, as dialect is template")
    for verb in _VERBS:
        values.setdefault(f"can_{verb}", f"{verb}_path" in values)


def _base_url(conn_id: str, host: str | None, port: int | None, schema: str | None) -> str:
    text = (host or "").strip().rstrip("/")
    scheme, _, rest = text.partition("://") if "://" in text else (schema or "https", "", text)
    if scheme.lower() not in ("http", "https"):
        raise _fault(conn_id, "schema", "is not a way to reach Cleo", value=scheme, expected="https or http")
    try:
        parts = urlsplit(f"{scheme.lower()}://{rest}")
        own_port = parts.port
    except ValueError as problem:
        raise _fault(conn_id, "host", f"cannot be read ({problem})", expected="a host name") from problem
    if not parts.hostname or parts.path or parts.query or parts.username or any(c.isspace() for c in rest):
        raise _fault(conn_id, "host", "is not a host name", expected="a host name without path and login")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    used_port = port or own_port
    return f"{parts.scheme}://{name}:{used_port}" if used_port else f"{parts.scheme}://{name}"


def _value(conn_id: str, field: dataclasses.Field[Any], hint: Any, value: Any) -> Any:
    try:
        read = _read_as(hint, value)
    except ValueError as problem:
        raise _fault(conn_id, field.name, "cannot be read", value=str(value), expected=str(problem)) from problem
    choices, least = field.metadata["choices"], field.metadata["least"]
    if choices and read not in choices:
        raise _fault(conn_id, field.name, "is unknown", value=str(value), expected="one of " + ", ".join(choices))
    if least is not None and read is not None and read < least:
        raise _fault(conn_id, field.name, "is too small", value=str(value), expected=f"at least {least:g}")
    return read


def _read_as(hint: Any, value: Any) -> Any:
    """A form gives text where JSON gives a number, a boolean or a list: both are read. Raises: ValueError"""
    if hint is bool:
        return _boolean(value)
    if hint == bool | str:
        try:
            return _boolean(value)
        except ValueError:
            return _text(value)
    if hint is int:
        number = _number(value)
        if number != int(number):
            raise ValueError("a whole number")
        return int(number)
    if hint is float or hint == float | None:
        return _number(value)
    if hint == tuple[int, ...]:
        items = value if isinstance(value, (list, tuple)) else str(value).replace(",", " ").split()
        return tuple(int(_number(item)) for item in items)
    return _text(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("true or false")
    return word in _TRUE


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError("a number")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError("a number") from None
    if not math.isfinite(number):
        raise ValueError("a finite number")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text")
    return value.strip()


def _fault(conn_id: str, part: str, found: str, *, remedy: str = "", **more: Any) -> e.SettingFault:
    return e.SettingFault(
        found, system="cleo", record=f"connection {conn_id}", field=part,
        remedy=f"{remedy} in the connection" if remedy else "correct it in the connection", **more,
    )  # fmt: skip
