"""Walking a list by (stamp, key): where it starts, where it goes on, and what must never happen on the way.

Many rows may share one stamp (batch jobs), so a place in the list is always a stamp and a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from airflow_provider_sagex3_cleo.errors import PageLoop, RequestRejected, SettingFault
from airflow_provider_sagex3_cleo.sagex3.normalise import compile_type
from airflow_provider_sagex3_cleo.sagex3.reader import By, KeyPage, KeyStamp, format_stamp, join_key, parse_stamp
from airflow_provider_sagex3_cleo.sagex3.spec import ColumnType, EntitySpec
from airflow_provider_sagex3_cleo.sagex3.spec_types import Constant

__all__ = [
    "FIRST_STAMP",
    "Bounds",
    "KeyWalk",
    "Listed",
    "Row",
    "beyond",
    "header_only",
    "literal",
    "make_row",
    "only_condition",
]

FIRST_STAMP = datetime(1900, 1, 1, tzinfo=UTC)  # null dates lie before it: a row without a stamp is in no list
SHORT_WINDOW = timedelta(days=1)
_TEXT = compile_type(ColumnType("text"))
_stamp = lru_cache(maxsize=4096)(parse_stamp)  # all lines of an order have one, and it is compared by identity then


class Row(NamedTuple):
    """One row of a key list: the parts of its own key as text, the first of them being the record's key; its stamp."""

    parts: tuple[str, ...]
    stamp: datetime

    def key(self, parts: int) -> str:
        """The key of the record, which has so many parts."""
        return self.parts[0] if parts == 1 else join_key(self.parts[:parts])


def make_row(source: str, values: Iterable[Any], stamp: Any, names: Iterable[str], stamp_name: str) -> Row:
    """A row from raw values.

    Raises: RequestRejected where the key or the stamp is missing: the list does not show the column."""
    parts = tuple([str(value) if type(value) is int else _TEXT(value) or "" for value in values])
    if "" in parts:
        raise _not_shown(source, [*names][parts.index("")])
    moment = _stamp(stamp) if type(stamp) is str else None
    if moment is None:
        raise _not_shown(source, stamp_name)
    return Row(parts, moment)


def _not_shown(source: str, name: str) -> RequestRejected:
    return RequestRejected(
        "the list does not show this column, or a row has no value in it", system="sagex3", field=f"{source}.{name}",
        remedy="put it on the representation's $query facet, or correct its name in the entity specification",
    )  # fmt: skip


def header_only(spec: EntitySpec, source: str) -> None:
    """Refuse to read by business date what has none: a line source, or an entity without such a date."""
    if spec.business_date is None or source != spec.sources[0]:
        raise SettingFault(
            "cannot be read by business date", system="sagex3", field=source,
            expected=spec.sources[0] if spec.business_date else "a business_date in the entity specification",
            remedy="read the header source only, or by cursor",
        )  # fmt: skip


def literal(value: str, kind: str) -> str:
    """A key part as it stands in a `where`: a number bare, a text in single quotes, inner quotes doubled."""
    if kind == "int" and value.removeprefix("-").isdecimal():
        return value
    return "'" + value.replace("'", "''") + "'"


def beyond(key: Mapping[str, str], parts: Sequence[str]) -> str:
    """The condition of the rows after this one, where rows are sorted by the columns of `key`."""
    columns = list(zip(key.items(), parts, strict=True))
    (name, kind), part = columns.pop()
    found = f"{name} gt {literal(part, kind)}"
    while columns:
        (name, kind), part = columns.pop()
        value = literal(part, kind)
        found = f"({name} gt {value} or ({name} eq {value} and {found}))"
    return found


def only_condition(only: Mapping[str, Constant]) -> str:
    """The condition that columns have these values; empty where nothing is asked for."""
    kinds = {name: "int" if isinstance(value, int) else "text" for name, value in only.items()}
    return " and ".join(f"{name} eq {literal(str(value), kinds[name])}" for name, value in only.items())


@dataclass(frozen=True)
class Bounds:
    """What a list is asked for. Cursor bounds are times, business dates plain days; lower inside, upper outside.

    `only` is a condition that every row of a REST list meets; empty for none. The methods give REST's `where`."""

    spec: EntitySpec
    lower: datetime | None
    upper: datetime | None
    by: By
    only: str = ""

    def first(self) -> str:
        """The condition of the first page."""
        lower = self.lower if self.by == "cursor" and self.lower is not None else FIRST_STAMP
        return " and ".join([f"{self.spec.stamp} ge {_at(lower)}", *self._others()])

    def after(self, key: Mapping[str, str], place: Row) -> str:
        """The condition of the page after `place`."""
        stamp, at, rest = self.spec.stamp, _at(place.stamp), beyond(key, place.parts)
        return " and ".join([f"({stamp} gt {at} or ({stamp} eq {at} and {rest}))", *self._others()])

    def _others(self) -> list[str]:
        found = [self.only] if self.only else []
        if self.by == "cursor":
            return found if self.upper is None else [*found, f"{self.spec.stamp} lt {_at(self.upper)}"]
        name = self.spec.business_date
        if self.lower is not None:
            found.append(f"{name} ge @{self.lower.date().isoformat()}@")
        if self.upper is not None:
            found.append(f"{name} lt @{self.upper.date().isoformat()}@")
        return found


def _at(moment: datetime) -> str:
    return f"@{format_stamp(moment)}@"


@dataclass(frozen=True, slots=True)
class Listed:
    """One answer of a list: its rows, the server's clock, and whether the server itself says that more follow."""

    rows: Sequence[Row]
    server_time: datetime | None
    more: bool


class KeyWalk:
    """Guards one walk through a list: rows in order, none twice, always forward, and an end.

    The end of a list is an empty answer, because a page that was cut off looks like the last one. One short page
    alone is believed where the window is short: the next poll reads it again. So a quiet poll costs one request.

    Args:
        name: the list, for messages.
        cap: pages after which the walk is stopped.
        parts: how many parts of a row's key are the record's key.
        bounds: the window.
    """

    def __init__(self, name: str, cap: int, parts: int, bounds: Bounds) -> None:
        self.name, self.cap, self.parts, self.bounds = name, cap, parts, bounds
        self.pages = 0
        self.position: Row | None = None
        self._seen: set[Row] = set()
        self._tokens: set[str] = set()

    def read(self, answers: Iterable[Listed]) -> Iterator[KeyPage]:
        """The pages for the caller; `answers` is asked for one more only where the walk goes on.

        Raises: see `new_rows`."""
        held: Listed | None = None
        for answer in answers:
            fresh = Listed(self.new_rows(answer.rows), answer.server_time, answer.more)
            if held is not None:
                yield self.page(held, last=not fresh.rows)
            if not fresh.rows:
                if held is None:
                    yield self.page(fresh, last=True)
                return
            if self.pages == 1 and not answer.more and self._read_again_soon(answer.server_time):
                yield self.page(fresh, last=True)
                return
            held = fresh

    def _read_again_soon(self, server_time: datetime | None) -> bool:
        lower, upper = self.bounds.lower, self.bounds.upper or server_time
        return self.bounds.by == "cursor" and lower is not None and upper is not None and upper - lower < SHORT_WINDOW

    def new_rows(self, rows: Sequence[Row]) -> list[Row]:
        """The rows not seen on this page or the page before, which `position` follows.

        Raises:
            RequestRejected: stamps go backwards, so the server does not sort as asked.
            PageLoop: there are rows, but none is new; or too many pages."""
        self.pages += 1
        if self.pages > self.cap:
            raise self._loop(f"more than {self.cap} pages")
        fresh: list[Row] = []
        seen_here: set[Row] = set()
        for row in rows:
            if row in self._seen or row in seen_here:
                continue
            if self.position is not None and row.stamp < self.position.stamp:
                raise RequestRejected(
                    "the rows do not come in the order asked for", system="sagex3", field=self.name,
                    remedy="make sure that the stamp can be sorted on ($query facet or node)",
                )  # fmt: skip
            seen_here.add(row)
            fresh.append(row)
            self.position = row
        if rows and not fresh:
            raise self._loop("the same page came again")
        self._seen = seen_here
        return fresh

    def token(self, token: str) -> str:
        """A next-link or cursor that must not come twice."""
        if token in self._tokens:
            raise self._loop("the same next-link came again")
        self._tokens.add(token)
        return token

    def page(self, answer: Listed, *, last: bool) -> KeyPage:
        """The page for the caller: each (key, stamp) once."""
        if answer.server_time is None:
            raise RequestRejected(
                "the answer has no Date header, which is the clock of Sage X3", system="sagex3", field=self.name,
                remedy="let the proxy pass the Date header",
            )  # fmt: skip
        pairs = dict.fromkeys([(row.key(self.parts), row.stamp) for row in answer.rows])
        return KeyPage(tuple([KeyStamp(*pair) for pair in pairs]), answer.server_time, last)

    def _loop(self, found: str) -> PageLoop:
        return PageLoop(found, system="sagex3", field=self.name)
