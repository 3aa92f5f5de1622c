"""Who is known to Cleo: connections (partners that Cleo calls) and users (partners that log in), read only.

Collections come in pages: `startIndex` from 0, `count`, `filter`; the answer holds `totalResults` (number or text) and
`resources`. There is no search over all users: each authenticator lists its own. Source: Cleo's public batch client.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = ["Authenticator", "CleoConnection", "CleoUser", "authenticator_of", "collection", "connection_of", "matching",
           "user_of"]  # fmt: skip

Fetch = Callable[[str, dict[str, str]], Answer]

_NAME: Final = re.compile(r"\w+(?:\.\w+)*")
_OPERATORS: Final = ("eq", "sw")


@dataclass(frozen=True)
class CleoConnection:
    """A partner that Cleo calls. `enabled` and `ready` are None where Cleo does not say; `type` as2, sftp, ftp ...

    `partner_id` is what the setting `partner_id_field` finds in the row; `path` is where the row itself is read."""

    id: str
    alias: str
    type: str
    enabled: bool | None
    ready: bool | None
    not_ready_reason: str = ""
    partner_id: str = ""
    path: str = field(default="", compare=False)


@dataclass(frozen=True)
class Authenticator:
    """A group of users; `users_path` is where Cleo says they are listed, empty where it does not say."""

    id: str
    alias: str
    type: str
    users_path: str = ""


@dataclass(frozen=True)
class CleoUser:
    """A partner that logs in to Cleo. User names are unique over all authenticators."""

    id: str
    username: str
    authenticator: str
    enabled: bool | None
    ready: bool | None = None
    not_ready_reason: str = ""
    path: str = field(default="", compare=False)


def matching(name: str, value: str, operator: str = "eq") -> str:
    """A filter expression: `name` equals (eq) or starts with (sw) `value`.

    Raises: SettingFault for a quote inside the value, which nobody documents how to write."""
    if '"' in value or "\\" in value or operator not in _OPERATORS or not _NAME.fullmatch(name):
        raise e.SettingFault(
            "this cannot be asked of Cleo", system="cleo", field=f"filter {name} {operator}", value=value,
            expected='eq or sw, and a value without " and \\', remedy="look for something else",
        )  # fmt: skip
    return f'{name} {operator} "{value}"'


def collection(fetch: Fetch, path: str, *, count: int, filter: str = "") -> Iterator[dict[str, Any]]:
    """Yield the rows of a collection, each id once, in the server's order, one page in memory.

    Ends at the total or at an empty page, whichever comes first; a page may be shorter than asked for.

    Raises: NotJson where an answer is no collection; PageLoop where the server repeats a page."""
    seen: set[str] = set()
    start = 0
    while True:
        query = {"startIndex": str(start), "count": str(count)} | ({"filter": filter} if filter else {})
        rows, total = _page(fetch(path, query), path)
        fresh = [row for row in rows if row["id"] not in seen]
        seen.update(row["id"] for row in fresh)
        yield from fresh
        start += len(rows)
        if not rows or (total is not None and start >= total):
            return
        if not fresh:
            raise e.PageLoop("the collection repeats a page", system="cleo", record=path, field="startIndex",
                             value=start, remedy="report it to the Cleo administrator")  # fmt: skip


def connection_of(row: Mapping[str, Any], path: str = "", partner_id_field: str = "") -> CleoConnection:
    """A connection from its row. Raises: NotJson where it has no alias.

    Args:
        path: the collection, for a row without a link of its own.
        partner_id_field: name of the field with the partner's id, its parts apart by dots; empty for none.
    """
    partner_id: Any = row if partner_id_field else ""
    for part in partner_id_field.split(".") if partner_id_field else ():
        partner_id = partner_id.get(part) if isinstance(partner_id, Mapping) else None
    return CleoConnection(
        row["id"], _named(row, "alias"), str(row.get("type") or ""), _switch(row.get("enabled")),
        _switch(row.get("ready")), str(row.get("notReadyReason") or ""),
        partner_id if isinstance(partner_id, str) else "", _path(row, path),
    )  # fmt: skip


def authenticator_of(row: Mapping[str, Any]) -> Authenticator:
    """An authenticator from its row. Raises: NotJson where it has no alias."""
    return Authenticator(row["id"], _named(row, "alias"), str(row.get("type") or ""), _link(row, "users"))


def user_of(row: Mapping[str, Any], authenticator: str, path: str = "") -> CleoUser:
    """A user from its row; `path` as for `connection_of`. Raises: NotJson where it has no user name."""
    return CleoUser(
        row["id"], _named(row, "username"), authenticator, _switch(row.get("enabled")), _switch(row.get("ready")),
        str(row.get("notReadyReason") or ""), _path(row, path),
    )  # fmt: skip


def _page(answer: Answer, path: str) -> tuple[list[dict[str, Any]], int | None]:
    try:
        content = answer.json()
    except ValueError as problem:
        raise _no_collection(path, "not JSON") from problem
    rows = content.get("resources") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise _no_collection(path, "JSON without resources")
    if any(not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"] for row in rows):
        raise _no_collection(path, "a collection with a row without id")
    total = str(content.get("totalResults", "")).strip()
    return rows, int(total) if total.isascii() and total.isdecimal() else None


def _named(row: Mapping[str, Any], field: str) -> str:
    name = row.get(field)
    if not isinstance(name, str) or not name:
        raise _no_collection(str(row["id"]), f"a row without {field}")
    return name


def _link(row: Mapping[str, Any], relation: str) -> str:
    """The path of a link, which comes as an object or as an array of them; empty where there is none."""
    links = row.get("_links")
    found = links.get(relation) if isinstance(links, dict) else None
    each = found[0] if isinstance(found, list) and found else found
    href = each.get("href") if isinstance(each, dict) else None
    return href if isinstance(href, str) else ""


def _path(row: Mapping[str, Any], collection_path: str) -> str:
    return _link(row, "self") or f"{collection_path}/{quote(row['id'], safe='')}"


def _switch(value: Any) -> bool | None:
    """A switch, which Cleo shows as boolean or as text, both within one object."""
    words = {"true": True, "false": False}
    return value if isinstance(value, bool) else words.get(str(value).strip().lower())


def _no_collection(record: str, what: str) -> e.NotJson:
    return e.NotJson(f"the answer is {what}", system="cleo", record=record,
                     remedy="check connections_path and authenticators_path of the connection")  # fmt: skip
