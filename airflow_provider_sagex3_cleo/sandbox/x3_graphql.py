"""The GraphQL side of the fake Sage X3: POST /xtrem/api with a client-signed token.

As Sage's own sample and developer pages show it: 20 rows by default on every level, cursors to be sent back as they
are, filters and sort orders as strings, decimals as strings, words for menus, null for a record that is not there,
`extensions.diagnoses` in good answers too, an HTML stack trace where the body is not JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.server import Reply, Request, SandboxServer
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.sandbox.x3_filter import cursor_of, parse_cursor, read_filter, read_order
from airflow_provider_sagex3_cleo.sandbox.x3_introspection import introspect, is_introspection
from airflow_provider_sagex3_cleo.sandbox.x3_language import Field, LanguageError, parse_query
from airflow_provider_sagex3_cleo.sandbox.x3_oauth import OAuthDoor
from airflow_provider_sagex3_cleo.sandbox.x3_packages import packages
from airflow_provider_sagex3_cleo.sandbox.x3_rows import KEYS, Row, children, order_values, select, whole, window
from airflow_provider_sagex3_cleo.sandbox.x3_schema import MENUS, Collection, Leaf, Member, NodeType
from airflow_provider_sagex3_cleo.sandbox.x3_token import ConnectedApp
from airflow_provider_sagex3_cleo.sandbox.x3_where import QueryError

__all__ = ["DEFAULT_FIRST", "GraphqlSettings", "GraphqlSide"]

DEFAULT_FIRST: Final = 20
_PAGE_INFO: Final = ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")
_QUERY_ARGUMENTS: Final = ("first", "after", "filter", "orderBy")
_STACK_TRACE: Final = (
    "<!DOCTYPE html>\n<html><head><title>Error</title></head><body>"
    "<pre>SyntaxError: Unexpected token in JSON at position {at}<br> &nbsp; &nbsp;at JSON.parse (&lt;anonymous&gt;)"
    "<br> &nbsp; &nbsp;at parse (body-parser/lib/types/json.js)</pre></body></html>\n"
)


@dataclass
class GraphqlSettings:
    """What a test may change while it runs.

    Attributes:
        root: 'x3Purchasing', or 'xtremX3Purchasing' for the names before 2022 R3.
        basic: whether Basic is taken beside the token (a site may switch it off).
        diagnoses: whether good answers carry `extensions.diagnoses`.
        denied: dotted paths (`purchaseOrder.buyer`) that the user may not read: null there, and an error beside data.
        introspection: whether the schema may be asked about itself.
    """

    root: str = "x3Purchasing"
    basic: bool = False
    diagnoses: bool = True
    denied: list[str] = field(default_factory=list)
    introspection: bool = True


class _Refused(Exception):
    """The query does not fit the schema: 400."""


@dataclass
class _Run:
    """One execution: what went wrong beside the data."""

    errors: list[dict[str, Any]] = field(default_factory=list)

    def fail(self, message: str, path: Sequence[str | int]) -> None:
        diagnoses = [{"severity": 4, "message": message, "path": []}]
        self.errors.append({"message": message, "path": list(path), "extensions": {"diagnoses": diagnoses}})


class GraphqlSide:
    """Adds the route of /xtrem/api to a server.

    Args:
        folder: what `x-xtrem-endpoint` must say.
        app: the connected application whose tokens are taken.
        login, password: what Basic must bring where it is allowed.
    """

    def __init__(
        self, server: SandboxServer, world: World, *, folder: str, app: ConnectedApp, login: str, password: str,
        oauth: OAuthDoor,
    ) -> None:  # fmt: skip
        self.world, self.folder, self.app, self.settings = world, folder, app, GraphqlSettings()
        self._oauth = oauth
        self._basic = "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()
        server.route("POST", r"/xtrem/api/?", self._post)
        server.admin("graphql", self.configure)

    def configure(self, **settings: Any) -> None:
        """Change settings of this side or of the connected app by name. Raises: LookupError for an unknown one."""
        for name, value in settings.items():
            home = next((h for h in (self.settings, self.app) if name in h.__dataclass_fields__), None)
            if home is None:
                raise LookupError(f"no setting {name}")
            setattr(home, name, value)

    @property
    def _packages(self) -> Mapping[str, Mapping[str, NodeType]]:
        return packages(self.settings.root)

    def _post(self, request: Request) -> Reply:
        refused = self._refusal(request)
        if refused is not None:
            return refused
        try:
            body = request.json()
        except ValueError as exc:
            return Reply.html(_STACK_TRACE.format(at=getattr(exc, "pos", 0)), 400)
        if request.headers.get("x-xtrem-endpoint") != self.folder:
            return _errors(400, f"Unknown endpoint {request.headers.get('x-xtrem-endpoint')!r}")
        try:
            selection = parse_query(str(body.get("query", "")), body.get("variables") or {})
            if is_introspection(selection) and self.settings.introspection:
                return Reply.json({"data": introspect(selection, self._packages)})
            self._check(selection)
        except (LanguageError, _Refused, AttributeError) as exc:
            return _errors(400, str(exc))
        request.notes["query"] = [
            f"{n.name}.{q.name}" for root in selection for n in root.selection for q in n.selection
        ]
        run = _Run()
        try:
            with self.world.lock:
                data: Any = {
                    root.key: {
                        node.key: self._node_queries(
                            node, self._packages[root.name][node.name], run, (root.key, node.key)
                        )
                        for node in root.selection
                    }
                    for root in selection
                }
        except QueryError as exc:
            run.fail(str(exc), [])
            data = None
        answer: dict[str, Any] = {"data": data}
        if run.errors:
            answer["errors"] = run.errors
        if self.settings.diagnoses and data is not None:
            message = "Operation completed successfully."
            answer["extensions"] = {"diagnoses": [{"severity": 1, "message": message, "path": []}]}
        return Reply.json(answer)

    def _refusal(self, request: Request) -> Reply | None:
        authorization = request.headers.get("authorization", "")
        if authorization.startswith("Bearer "):
            token = authorization.removeprefix("Bearer ")
            if self._oauth.knows(token):
                return None if self._oauth.opens(authorization) else Reply.text("Unauthorized", 401)
            return self.app.refusal(token)
        if self.settings.basic and authorization == self._basic:
            return None
        return Reply.text("Unauthorized", 401, (("WWW-Authenticate", 'Basic realm="Syracuse"'),))

    # The schema:

    def _check(self, selection: Sequence[Field]) -> None:
        for root in selection:
            if root.name not in self._packages:
                raise _Refused(_unknown(root.name, "Query"))
            nodes = self._packages[root.name]
            for node in root.selection:
                if node.name not in nodes:
                    raise _Refused(_unknown(node.name, root.name[0].upper() + root.name[1:]))
                for query in node.selection:
                    _check_query(query, nodes[node.name], f"{nodes[node.name].name}Queries", ("query", "read"))

    # The answer:

    def _node_queries(self, field_: Field, node: NodeType, run: _Run, path: tuple[str | int, ...]) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for query in field_.selection:
            here = (*path, query.key)
            if query.name == "read":
                answer[query.key] = self._read(query, node, run, here)
            else:
                answer[query.key] = self._connection(query, node, run, here, below=None)
        return answer

    def _read(self, query: Field, node: NodeType, run: _Run, path: tuple[str | int, ...]) -> Any:
        wanted = json.dumps({"_id": str(query.arguments.get("_id"))})
        order = read_order("{_id:1}", node)
        rows = select(self.world, node.table, read_filter(wanted, node), order, count=1)
        return self._node(query.selection, rows[0], node, run, path) if rows else None

    def _connection(
        self, query: Field, node: NodeType, run: _Run, path: tuple[str | int, ...], *, below: Sequence[Row] | None
    ) -> dict[str, Any]:
        """One page of a node's query, of all rows or of those below one record."""
        arguments = query.arguments
        first = arguments.get("first")
        count = DEFAULT_FIRST if first is None else int(first)
        condition = read_filter(arguments["filter"], node) if arguments.get("filter") else None
        order = read_order(arguments.get("orderBy") or "{_id:1}", node)
        after = parse_cursor(arguments["after"], order) if arguments.get("after") else None
        if below is None:
            rows = select(self.world, node.table, condition, order, after=after, count=count + 1)
        else:
            rows = window(below, condition, order, after=after, count=count + 1)
        page = rows[:count]
        answer: dict[str, Any] = {}
        cursors = [cursor_of(order_values(row, order)) for row in page]
        for part in query.selection:
            if part.name == "edges":
                answer[part.key] = [
                    {
                        inner.key: cursor
                        if inner.name == "cursor"
                        else self._node(inner.selection, row, node, run, (*path, part.key, n, inner.key))
                        for inner in part.selection
                    }
                    for n, (row, cursor) in enumerate(zip(page, cursors, strict=True))
                ]
            elif part.name == "pageInfo":
                info = {
                    "hasNextPage": len(rows) > count,
                    "hasPreviousPage": after is not None,
                    "startCursor": cursors[0] if cursors else None,
                    "endCursor": cursors[-1] if cursors else None,
                }
                answer[part.key] = {inner.key: info[inner.name] for inner in part.selection}
            else:
                answer[part.key] = self._total(node, condition, below)
        return answer

    def _total(self, node: NodeType, condition: Any, below: Sequence[Row] | None) -> int:
        if below is not None:
            return sum(condition is None or condition.test(row) for row in below)
        everything = len(self.world.index[node.table])
        return len(select(self.world, node.table, condition, read_order("{_id:1}", node), count=everything))

    def _node(
        self, selection: Sequence[Field], row: Row, node: NodeType, run: _Run, path: tuple[str | int, ...]
    ) -> dict[str, Any]:
        row = whole(self.world, node.table, row)
        key = "|".join(str(row[column]) for column in KEYS[node.table])
        stamp = row.get("UPDDATTIM")
        system = {
            "_id": key,
            "_etag": hashlib.sha1(f"{key}{stamp}".encode(), usedforsecurity=False).hexdigest(),
            "_createStamp": stamp,
            "_createUser": "ADMIN",
            "_updateUser": "ADMIN",
        }
        full, name = {**row, **system}, node.name[0].lower() + node.name[1:]
        return {
            part.key: self._member(part, node.members[part.name], full, run, (*path, part.key), f"{name}.{part.name}")
            for part in selection
        }

    def _member(
        self, part: Field, member: Member, row: Row, run: _Run, path: tuple[str | int, ...], dotted: str
    ) -> Any:
        if dotted in self.settings.denied:
            run.fail(f"You are not authorized to read {dotted}", path)
            return None
        if isinstance(member, Leaf):
            return _value(member, row.get(member.column), run, path)
        if isinstance(member, Collection):
            rows = children(self.world, member.kind, row)
            return {q.key: self._connection(q, member.node, run, (*path, q.key), below=rows) for q in part.selection}
        if not str(row.get(member.column) or "").strip():
            return None
        return {
            inner.key: self._member(
                inner, member.members[inner.name], row, run, (*path, inner.key), f"{dotted}.{inner.name}"
            )
            for inner in part.selection
        }


def _check_query(query: Field, node: NodeType, type_name: str, allowed: Sequence[str]) -> None:
    if query.name not in allowed:
        raise _Refused(_unknown(query.name, type_name))
    known = ("_id",) if query.name == "read" else _QUERY_ARGUMENTS
    for argument in query.arguments:
        if argument not in known:
            raise _Refused(f'Unknown argument "{argument}" on field "{type_name}.{query.name}".')
    if query.name == "read":
        _check_node(query.selection, node)
        return
    for part in query.selection:
        if part.name == "edges":
            for inner in part.selection:
                if inner.name == "node":
                    _check_node(inner.selection, node)
                elif inner.name != "cursor":
                    raise _Refused(_unknown(inner.name, f"{node.name}Edge"))
        elif part.name == "pageInfo":
            for inner in part.selection:
                if inner.name not in _PAGE_INFO:
                    raise _Refused(_unknown(inner.name, "PageInfo"))
        elif part.name != "totalCount":
            raise _Refused(_unknown(part.name, f"{node.name}Connection"))


def _check_node(selection: Sequence[Field], node: NodeType) -> None:
    if not selection:
        raise _Refused(f'Field "node" of type "{node.name}" must have a selection of subfields.')
    for part in selection:
        _check_member(part, node.members, node.name)


def _check_member(part: Field, members: Mapping[str, Member], type_name: str) -> None:
    member = members.get(part.name)
    if member is None:
        raise _Refused(_unknown(part.name, type_name))
    if isinstance(member, Leaf):
        if part.selection:
            raise _Refused(f'Field "{part.name}" must not have a selection since it is no object.')
        return
    shown = member.node.name if isinstance(member, Collection) else member.type_name
    if not part.selection:
        raise _Refused(f'Field "{part.name}" of type "{shown}" must have a selection of subfields.')
    for inner in part.selection:
        if isinstance(member, Collection):
            _check_query(inner, member.node, f"{shown}Collection", ("query",))
        else:
            _check_member(inner, member.members, shown)


def _value(leaf: Leaf, value: Any, run: _Run, path: tuple[str | int, ...]) -> Any:
    """A column as GraphQL shows it: words for menus, strings for decimals."""
    if leaf.boolean:
        return value == 2
    if leaf.menu is not None:
        word = MENUS[leaf.menu].get(value)
        if word is None:
            run.fail(f"Enum cannot represent value: {value}", path)
        return word
    match value:
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
    return value


def _unknown(name: str, type_name: str) -> str:
    return f'Cannot query field "{name}" on type "{type_name}".'


def _errors(status: int, message: str) -> Reply:
    return Reply.json({"errors": [{"message": message}]}, status)
