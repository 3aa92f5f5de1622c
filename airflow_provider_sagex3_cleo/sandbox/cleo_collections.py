"""The fake Cleo's collections: connections, authenticators, users; pages from 0, a small filter, odd totals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["READ_ONLY", "Directory", "Paging", "Unfiltered", "replaced", "sample_connections"]

#: What a PUT does not change, whatever it says; passwords are never shown, and stay where none is sent.
READ_ONLY: Final = ("id", "active", "editable", "runnable", "ready", "notReadyReason", "meta", "_links")
_FILTER: Final = re.compile(r'\s*(\w+)\s+(eq|sw)\s+"([^"]*)"\s*')


class Unfiltered(Exception):
    """The filter expression cannot be understood."""


class Directory:
    """Connections, and users by authenticator, as rows that Cleo shows. Change the rows at will.

    Attributes:
        connections: rows of `/connections`.
        authenticators: rows of `/authenticators`.
        users: authenticator id -> rows of its users.
    """

    def __init__(self, connections: int, prefix: str) -> None:
        self._prefix = prefix
        self.connections: list[dict[str, Any]] = sample_connections(connections)
        self.authenticators: list[dict[str, Any]] = []
        self.users: dict[str, list[dict[str, Any]]] = {}
        for alias, kind in (("Partners", "nativeUser"), ("Staff", "systemLdap")):
            ident = f"aUth{len(self.authenticators) + 1:018d}"
            self.authenticators.append(
                {
                    "id": ident, "alias": alias, "type": kind, "enabled": True,
                    "meta": {"resourceType": "authenticator"},
                    "_links": {"users": {"href": f"{prefix}/authenticators/{ident}/users"}},
                }
            )  # fmt: skip
            self.users[ident] = []
        for n in range(1, 6):
            self.add_user("Partners", f"login-{n:03d}")
        self.add_user("Staff", "edi-office", enabled="false")

    def settle(self, connections: Sequence[str], users: Sequence[str]) -> None:
        """Hold these partners in place of the sample ones, beside a connection and a user that belong to nobody."""
        self.connections.clear()
        for rows in self.users.values():
            rows.clear()
        for alias in (*connections, "Former Partner"):
            self.add_connection(alias)
        for username in users:
            self.add_user("Partners", username)
        self.add_user("Staff", "edi-office", enabled="false")

    def add_connection(self, alias: str, **fields: Any) -> None:
        """One more connection, an enabled and ready AS2 one unless told otherwise."""
        ident = f"cOnn{len(self.connections) + 1:018d}"
        self.connections.append({"id": ident, "alias": alias, "type": "as2", "enabled": True, "ready": True} | fields)

    def add_user(self, authenticator: str, username: str, **fields: Any) -> None:
        """One more user of an authenticator, named by its alias. Raises: LookupError, ValueError"""
        group = next((row for row in self.authenticators if row["alias"] == authenticator), None)
        if group is None:
            raise LookupError(f"no authenticator {authenticator!r}")
        if any(row["username"] == username for rows in self.users.values() for row in rows):
            raise ValueError(f"user names are unique; {username!r} exists")
        ident = f"uSer{sum(map(len, self.users.values())) + 1:018d}"
        row = {"id": ident, "username": username, "enabled": True, "meta": {"resourceType": "user"}}
        self.users[group["id"]].append(row | fields)

    def remove_connection(self, alias: str) -> None:
        """Take a connection away. Raises: LookupError"""
        kept = [row for row in self.connections if row["alias"] != alias]
        if len(kept) == len(self.connections):
            raise LookupError(f"no connection {alias!r}")
        self.connections[:] = kept

    def remove_user(self, username: str) -> None:
        """Take a user away. Raises: LookupError"""
        for rows in self.users.values():
            for row in rows:
                if row["username"] == username:
                    rows.remove(row)
                    return
        raise LookupError(f"no user {username!r}")

    def one(self, ident: str, authenticator_id: str | None = None) -> dict[str, Any] | None:
        """The connection, or the user of an authenticator, of this id."""
        rows = self.connections if authenticator_id is None else self.users.get(authenticator_id, [])
        return next((row for row in rows if row["id"] == ident), None)

    def users_of(self, authenticator_id: str) -> list[dict[str, Any]] | None:
        """The users of an authenticator; None where there is no such one."""
        return self.users.get(authenticator_id)


def replaced(row: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Put `body` in the place of the row, in place, as Cleo does: all of it, but for what is read-only."""
    kept = {name: row[name] for name in READ_ONLY if name in row}
    row.clear()
    row.update({name: value for name, value in body.items() if name not in READ_ONLY} | kept)
    return row


class Paging:
    """How collections are cut into pages. Change the attributes at will.

    Attributes:
        limit: most rows in one page, whatever `count` says; also the default of `count`.
        total_as_text: totalResults comes as text.
        total_off: so many rows more (or fewer) than there are stand in totalResults.
        ends_early: pages are empty from this row on though the total says more; None for never.
    """

    def __init__(self) -> None:
        self.limit = 100
        self.total_as_text = False
        self.total_off = 0
        self.ends_early: int | None = None

    def page(self, rows: Sequence[Mapping[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
        """The answer to one listing call. Raises: Unfiltered, ValueError"""
        fitting = [row for row in rows if _fits(row, query.get("filter", ""))]
        start, count = max(int(query.get("startIndex") or 0), 0), int(query.get("count") or self.limit)
        shown = fitting[start : start + min(count, self.limit)]
        if self.ends_early is not None and start >= self.ends_early:
            shown = []
        total = len(fitting) + self.total_off
        return {"totalResults": str(total) if self.total_as_text else total, "resources": list(shown)}


def sample_connections(number: int) -> list[dict[str, Any]]:
    """Connections as Cleo shows them; each third is not ready, each fourth an SFTP one."""
    rows = []
    for n in range(1, number + 1):
        ident = f"cOnn{n:018d}"
        row: dict[str, Any] = {
            "id": ident, "alias": f"partner-{n:03d}", "type": "sftp" if n % 4 == 0 else "as2", "enabled": True,
            "active": "true", "ready": n % 3 != 0, "meta": {"resourceType": "connection"},
            "_links": {"self": {"href": f"/api/connections/{ident}"}},
        }  # fmt: skip
        if n % 3 == 0:
            row["notReadyReason"] = "no partner certificate"
        rows.append(row)
    return rows


def _fits(row: Mapping[str, Any], expression: str) -> bool:
    if not expression.strip():
        return True
    match = _FILTER.fullmatch(expression)
    if match is None:
        raise Unfiltered(expression)
    name, operator, value = match.groups()
    have = str(row.get(name, ""))
    return have == value if operator == "eq" else have.startswith(value)
