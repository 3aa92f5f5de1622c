"""The REST side of the fake Sage X3: api1 with lists (`$query`), details (`$details`), Basic login and sessions.

As the public pages describe it (Sage help 12, integration guide; Sage's api1 examples): 20 rows by default, absolute
next-links on another host name and below /mobile1/, children in `$details` only, an unknown property answered by 500,
a session cookie and a session for every call without one.
"""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from airflow_provider_sagex3_cleo.sandbox.server import Reply, Request, SandboxServer
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.sandbox.x3_oauth import OAuthDoor
from airflow_provider_sagex3_cleo.sandbox.x3_rows import FACETS, KEYS, Row, complete_order, key_rows, select
from airflow_provider_sagex3_cleo.sandbox.x3_where import (
    STAMP,
    Condition,
    QueryError,
    UnknownProperty,
    parse_order,
    parse_where,
)

__all__ = ["DEFAULT_COUNT", "NEXT_HOST", "RestSettings", "RestSide"]

DEFAULT_COUNT: Final = 20
NEXT_HOST: Final = "http://x3-app-01.example.internal:8124"
COOKIE: Final = "syracuse.sid.8124"


@dataclass
class RestSettings:
    """What a test may change while it runs, by attribute or by the admin call `rest`.

    Attributes:
        session_limit: sessions at once; None for no limit.
        session_life_s: a session unused for so long is gone (Sage's example: 20 minutes).
        licence_status, licence_text: the answer beyond the limit (the real text is not public).
        slow_first_s: how long the first call of a session takes more.
        numbers_as_text: decimals as strings, as some builds send them.
    """

    session_limit: int | None = None
    session_life_s: float = 1200.0
    licence_status: int = 503
    licence_text: str = "Maximum number of sessions reached: no licence available"
    slow_first_s: float = 0.0
    numbers_as_text: bool = False
    basic: bool = True


@dataclass
class _Sessions:
    last_use: dict[str, datetime] = field(default_factory=dict)
    opened: int = 0


class RestSide:
    """Adds the routes of api1 to a server.

    Args:
        endpoint: the Syracuse endpoint name in the path.
        login, password: what Basic must bring.
        oauth: knows the access tokens that open as well as Basic does.
    """

    def __init__(
        self, server: SandboxServer, world: World, *, endpoint: str, login: str, password: str, oauth: OAuthDoor
    ) -> None:
        self.world, self.endpoint, self.settings = world, endpoint, RestSettings()
        self._clock, self._sessions, self._oauth = server.clock, _Sessions(), oauth
        self._basic = "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()
        base = r"(?:/mobile1)?/api1/x3/erp/(?P<endpoint>[^/]+)"
        server.route("GET", base + r"/(?P<table>\w+)", self._guarded(self._list))
        server.route("GET", base + r"/(?P<table>\w+)\('(?P<key>.*)'\)", self._guarded(self._details))
        server.admin("rest", self.configure)
        server.admin("sessions", lambda: {"opened": self.sessions_opened, "open": self.sessions_open})
        server.admin("lose_sessions", self.lose_sessions)

    @property
    def sessions_opened(self) -> int:
        """How many sessions were opened so far: each call without a cookie opens one."""
        return self._sessions.opened

    @property
    def sessions_open(self) -> int:
        """How many sessions are alive now."""
        self._forget_idle()
        return len(self._sessions.last_use)

    def configure(self, **settings: Any) -> None:
        """Change settings by name. Raises: LookupError for an unknown one."""
        for name, value in settings.items():
            if name not in RestSettings.__dataclass_fields__:
                raise LookupError(f"no setting {name}")
            setattr(self.settings, name, value)

    def lose_sessions(self) -> int:
        """End all sessions at once, as a restarted node does. Returns how many."""
        lost = len(self._sessions.last_use)
        self._sessions.last_use.clear()
        return lost

    # Login and sessions:

    def _guarded(self, handler: Any) -> Any:
        def guarded(request: Request) -> Reply:
            with self.world.lock:
                refused, cookie = self._admit(request)
            if refused is not None:
                return refused
            if cookie and self.settings.slow_first_s:
                time.sleep(self.settings.slow_first_s)
            reply: Reply = handler(request)
            if cookie:
                attributes = f"{COOKIE}={cookie}; Path=/; HttpOnly"
                return Reply(reply.status, (*reply.headers, ("Set-Cookie", attributes)), reply.body)
            return reply

        return guarded

    def _admit(self, request: Request) -> tuple[Reply | None, str]:
        """A refusal, or the id of a session opened for this request ('' when it brought a live one)."""
        self._forget_idle()
        cookies = dict(part.strip().partition("=")[::2] for part in request.headers.get("cookie", "").split(";"))
        brought = next((value for name, value in cookies.items() if name.startswith("syracuse.sid")), None)
        authorization = request.headers.get("authorization")
        if brought is not None:
            known = authorization in (None, self._basic) or self._oauth.opens(authorization)
            if brought not in self._sessions.last_use or not known:
                return self._unauthorized(), ""
            self._sessions.last_use[brought] = self._clock.now()
            return None, ""
        basic = authorization == self._basic and self.settings.basic
        if not basic and not self._oauth.opens(authorization):
            return self._unauthorized(), ""
        limit = self.settings.session_limit
        if limit is not None and len(self._sessions.last_use) >= limit:
            return _diagnoses(self.settings.licence_status, self.settings.licence_text), ""
        session = "s%3A" + uuid.uuid4().hex
        self._sessions.last_use[session] = self._clock.now()
        self._sessions.opened += 1
        request.notes["session"] = "opened"
        return None, session

    def _unauthorized(self) -> Reply:
        challenge = (("WWW-Authenticate", 'Basic realm="Syracuse"'),) if self.settings.basic else ()
        return Reply.text("Unauthorized", 401, challenge)

    def _forget_idle(self) -> None:
        oldest = self._clock.now() - timedelta(seconds=self.settings.session_life_s)
        self._sessions.last_use = {s: at for s, at in self._sessions.last_use.items() if at >= oldest}

    # Lists and details:

    def _list(self, request: Request) -> Reply:
        table = request.args["table"]
        missing = self._unknown(request, table, "$query")
        if missing is not None:
            return missing
        query, facet = request.query, FACETS[table]
        try:
            count, start = int(query.get("count", DEFAULT_COUNT)), int(query.get("startIndex", 1))
            where: Condition | None = parse_where(query["where"], facet) if query.get("where") else None
            order = complete_order(table, parse_order(query.get("orderBy", ""), facet))
        except UnknownProperty as exc:
            return _diagnoses(500, f"Property {exc} does not exist in the representation {table}")
        except (QueryError, ValueError) as exc:
            return _diagnoses(400, f"Invalid query: {exc}")
        with self.world.lock:
            if query.get("key", "").startswith("gt."):
                rows = key_rows(self.world, table, query["key"][3:].split("~"), count=count + 1)
            else:
                rows = select(self.world, table, where, order, skip=start - 1, count=count + 1)
            resources = [self._resource(table, {name: row[name] for name in facet}) for row in rows[:count]]
        body: dict[str, Any] = {
            "$url": self._public(request.path, query),
            "$descriptor": f"{table} list",
            "$startIndex": start,
            "$itemsPerPage": count,
            "$resources": resources,
        }
        if len(rows) > count:
            body["$links"] = {"$next": {"$url": self._next(request.path, query, resources, start + count)}}
        return Reply.json(body)

    def _details(self, request: Request) -> Reply:
        table, key = request.args["table"], request.args["key"].replace("''", "'")
        missing = self._unknown(request, table, "$details")
        if missing is not None:
            return missing
        with self.world.lock:
            row = self._row(table, key)
        if row is None:
            return _diagnoses(404, f"Record not found: {table}('{key}')")
        request.notes["key"] = key
        return Reply.json(self._resource(table, row))

    def _unknown(self, request: Request, table: str, facet: str) -> Reply | None:
        if request.args["endpoint"] != self.endpoint:
            return _diagnoses(404, f"Endpoint not found: {request.args['endpoint']}")
        if table not in FACETS:
            return _diagnoses(404, f"Class not found: {table}")
        if request.query.get("representation") != f"{table}.{facet}":
            return _diagnoses(404, f"Representation not found: {request.query.get('representation')}")
        return None

    def _row(self, table: str, key: str) -> Row | None:
        store = self.world.stores.get(table)
        if store is not None:
            found: Row | None = store.detail(table, key)
            return found
        return self._order(key) if table == "PORDER" else self._line(table, key)

    def _order(self, key: str) -> dict[str, Any] | None:
        order = self.world.get(key)
        if order is None:
            return None
        lines = order.lines
        return order.full_header() | {"PORDERQ": [line.q for line in lines], "PORDERP": [line.p for line in lines]}

    def _line(self, table: str, key: str) -> dict[str, Any] | None:
        number, *rest = key.split("~")
        order = self.world.get(number)
        for line in order.lines if order else ():
            row = line.q if table == "PORDERQ" else line.p
            if [str(row[name]) for name in KEYS[table][1:]] == rest:
                return row
        return None

    def _resource(self, table: str, row: Row) -> dict[str, Any]:
        key = "~".join(str(row[name]) for name in KEYS[table])
        return {
            "$uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{table}/{key}")),
            "$key": key,
            "$url": f"{NEXT_HOST}/mobile1/api1/x3/erp/{self.endpoint}/{table}('{key}')?representation={table}.$details",
            "$etag": hashlib.sha1(f"{key}{row[STAMP]}".encode(), usedforsecurity=False).hexdigest(),
            **self._values(row),
        }

    def _values(self, row: Row) -> dict[str, Any]:
        return {name: self._value(value) for name, value in row.items()}

    def _value(self, value: Any) -> Any:
        match value:
            case list():
                return [self._values(row) for row in value]
            case datetime():
                return f"{value:%Y-%m-%dT%H:%M:%SZ}"
            case date():
                return value.isoformat()
            case Decimal():
                plain = format(value, "f")
                exact = Decimal(repr(float(value))) == value  # a JSON number where it loses nothing
                return plain if self.settings.numbers_as_text or not exact else float(value)
        return value

    def _public(self, path: str, query: Mapping[str, str]) -> str:
        """An address as the server knows itself: another host name than the client's, and below /mobile1/."""
        return f"{NEXT_HOST}/mobile1{path.removeprefix('/mobile1')}?{urlencode(query)}"

    def _next(self, path: str, query: Mapping[str, str], resources: list[dict[str, Any]], start: int) -> str:
        if query.get("key", "").startswith("gt."):
            return self._public(path, {**query, "key": f"gt.{resources[-1]['$key']}"})
        return self._public(path, {**query, "startIndex": str(start)})


def _diagnoses(status: int, message: str) -> Reply:
    return Reply.json({"$diagnoses": [{"$severity": "error", "$message": message}]}, status)
