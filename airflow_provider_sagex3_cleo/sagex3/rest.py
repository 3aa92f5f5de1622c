"""Sage X3 by REST (api1): lists by `$query`, whole records by `$details`.

Source: public pages on api1; class names, brackets in `where` and the form of dates are in docs/assumptions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3 import keyset
from airflow_provider_sagex3_cleo.sagex3.assemble import read_whole, rest_record
from airflow_provider_sagex3_cleo.sagex3.attached import with_attached
from airflow_provider_sagex3_cleo.sagex3.keyset import Bounds, KeyWalk, Listed, Row, header_only, only_condition
from airflow_provider_sagex3_cleo.sagex3.probe import probe_details, probe_list
from airflow_provider_sagex3_cleo.sagex3.reader import (
    By,
    KeyPage,
    KeyStamp,
    ProbeResult,
    Record,
    format_stamp,
    join_key,
    parse_stamp,
    split_key,
)
from airflow_provider_sagex3_cleo.sagex3.related import Relatives
from airflow_provider_sagex3_cleo.sagex3.sessions import SessionTransport, in_order, open_transport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.sagex3.spec_types import Attached, RestKeySource
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = ["RestReader", "detail_url", "list_url"]

T = TypeVar("T")
NAMED_AT_ONCE = 20


@dataclass(frozen=True)
class _Page:
    """One answer of a list: its rows as they came, the next-link, and whether it holds as many rows as it may."""

    rows: list[Mapping[str, Any]]
    next_url: str | None
    full: bool


class RestReader:
    """Reads by REST. See `Reader`."""

    def __init__(self, settings: SageX3Settings, transport: SessionTransport | None = None) -> None:
        self.settings = settings
        self.transport = transport or open_transport(settings)
        self.meter = self.transport.meter
        self._relatives = Relatives(self._wholes)

    def close(self) -> None:
        """Close all sessions."""
        self.transport.close()

    def sources(self, spec: EntitySpec) -> tuple[str, ...]:
        """All key sources of the specification."""
        return spec.sources

    def key_pages(
        self, spec: EntitySpec, source: str, *, lower: datetime | None, upper: datetime | None = None,
        by: By = "cursor",
    ) -> Iterator[KeyPage]:  # fmt: skip
        """See `Reader.key_pages`."""
        if by == "business_date":
            header_only(spec, source)
        place = spec.rest.sources[source]
        bounds = Bounds(spec, lower, upper, by, only_condition(place.only))
        name = f"{place.cls} ({place.representation}.$query)"
        walk = KeyWalk(name, self.settings.page_cap, len(spec.key), bounds)
        for page in walk.read(self._lists(spec, place, walk)):
            yield page if place.through is None else self._named(spec, place.through, page)

    def _named(self, spec: EntitySpec, through: str, page: KeyPage) -> KeyPage:
        """The keys of the records whose column `through` holds a key of this page, with that row's stamp."""
        stamps = {row.key: row.stamp for row in page.rows}
        header = spec.rest.sources[spec.sources[0]]
        values, found = list(stamps), []
        for start in range(0, len(values), NAMED_AT_ONCE):
            group = values[start : start + NAMED_AT_ONCE]
            where = " or ".join(f"{through} eq {keyset.literal(value, 'text')}" for value in group)
            for raw in self._rows(spec, header, f"({where})"):
                stamp = stamps.get(str(raw.get(through, "")).strip())
                if stamp is None:
                    raise _not_shown(header.cls, through)
                found.append(KeyStamp(join_key([str(raw[name]).strip() for name in spec.key]), stamp))
        return KeyPage(tuple(found), page.server_time, page.last)

    def _rows(self, spec: EntitySpec, place: RestKeySource, where: str) -> Iterator[Mapping[str, Any]]:
        """All rows of a list that meet a condition, each once, in the order of the key. Holds the keys of them.

        The list ends with an empty answer: a page that was cut off looks like the last one.

        Raises: PageLoop where a page brings nothing new; what `Transport.send` raises."""
        seen: set[tuple[str, ...]] = set()
        condition = where
        while True:
            url = self._list_url(place, condition, order=tuple(place.key))
            _, page = self._get(spec, url, lambda body: self._page(body, place.cls))
            parts: tuple[str, ...] = ()
            before = len(seen)
            for raw in page.rows:
                parts = _key_parts(place, raw)
                if parts not in seen:
                    seen.add(parts)
                    yield raw
            if not page.rows:
                return
            if len(seen) == before:
                raise e.PageLoop("the same rows came again", system="sagex3", field=place.cls)
            condition = " and ".join(filter(None, (where, keyset.beyond(place.key, parts))))

    def _attached_rows(self, spec: EntitySpec, each: Attached, where: str) -> Iterator[Mapping[str, Any]]:
        try:
            yield from self._rows(spec, RestKeySource(each.cls, each.representation, each.key), where)
        except (e.NotFound, e.RequestRejected) as problem:
            problem.expected = ", ".join(each.columns)
            problem.remedy = (
                f"correct {each.cls} under `attached` in the entity specification, or set it to null there where this "
                "site does without it"
            )
            raise

    def _lists(self, spec: EntitySpec, place: RestKeySource, walk: KeyWalk) -> Iterator[Listed]:
        """The answers of a list without end, each asked for after the one before was looked at."""
        order = (spec.stamp, *place.key)
        url = self._list_url(place, walk.bounds.first(), order=order)
        while True:
            answer, page = self._get(spec, url, lambda body: self._page(body, place.cls))
            rows = [self._row(spec, place, raw) for raw in page.rows]
            yield Listed(rows, answer.server_time, page.full or page.next_url is not None)
            if self.settings.paging == "next" and page.next_url is not None:
                url = walk.token(self._own(page.next_url, place.cls))
            else:
                assert walk.position is not None  # the walk ends at an empty answer
                url = self._list_url(place, walk.bounds.after(place.key, walk.position), order=order)

    def details(self, spec: EntitySpec, keys: Sequence[str]) -> Iterator[Record]:
        """See `Reader.details`. Holds twice as many records as there are sessions."""
        for record in in_order(partial(self._whole, spec), keys, self.settings.sessions):
            if record is not None:
                yield record

    def probe(self, spec: EntitySpec) -> list[ProbeResult]:
        """See `Reader.probe`: a list of one row per source, and the details of one record."""
        found = [
            probe_list(f"REST {spec.rest.sources[source].cls} list", partial(self._first_row, spec, source))
            for source in spec.sources
        ]
        found.append(probe_details(f"REST {spec.rest.details_class} details", lambda: self._probe_detail(spec)))
        for name, each in spec.attached.items():
            found.append(probe_list(f"REST {each.cls} list ({name})", partial(self._first_attached, spec, each)))
        return found

    def _first_attached(self, spec: EntitySpec, each: Attached) -> Mapping[str, Any] | None:
        """One row with the columns that are wanted of it; None where there is no row. Raises: RequestRejected."""
        row = next(self._attached_rows(spec, each, only_condition(each.only)), None)
        for name in each.columns:
            if row is not None and name not in row:
                raise _not_shown(each.cls, name)
        return row

    def _first_row(self, spec: EntitySpec, source: str) -> Row | None:
        place = spec.rest.sources[source]
        where = Bounds(spec, None, None, "cursor", only_condition(place.only)).first()
        url = self._list_url(place, where, order=(spec.stamp, *place.key), count=1)
        _, page = self._get(spec, url, lambda body: self._page(body, place.cls))
        return self._row(spec, place, page.rows[0]) if page.rows else None

    def _probe_detail(self, spec: EntitySpec) -> list[str] | None:
        """Columns that the detail of one record lacks; None where there is no record to look at."""
        row = self._first_row(spec, spec.sources[0])
        if row is None:
            return None
        raw = self._raw(spec, row.key(len(spec.key)))
        asked = {name: column for name, column in spec.columns.items() if not column.optional}
        missing = [name for name, column in asked.items() if column.rest_names[0] not in raw]
        if spec.lines is None or spec.rest.lines is None:
            return missing
        rest_record(spec)(raw)  # refuses a detail without arrays of lines
        tables: dict[str | None, Any] = {
            name: (raw[name] or [None])[0] for name in (spec.rest.lines.child, spec.rest.lines.joined) if name
        }
        for name, column in spec.lines.columns.items():
            shown = [tables[table] for table in column.tables if tables.get(table)]
            if shown and not column.optional and not any(name in row for row in shown):
                missing.append(f"lines.{name}")
        return missing

    def _whole(self, spec: EntitySpec, key: str) -> Record | None:
        record = read_whole(spec, lambda: self._detail(spec, key), self._listed_lines)
        if record is None:
            return None
        return with_attached(spec, self._relatives.added(spec, [record])[0], partial(self._attached_rows, spec))

    def _listed_lines(self, spec: EntitySpec, key: str) -> int | None:
        """How many lines the list of their table shows, where the specification wants it compared."""
        if spec.listed is None:
            return None
        place = spec.rest.sources[spec.listed]
        return sum(1 for _ in self._rows(spec, place, self._key_condition(spec, place, key)))

    @staticmethod
    def _key_condition(spec: EntitySpec, place: RestKeySource, key: str) -> str:
        """The condition of one record's rows: the first columns of their key are the record's."""
        columns = zip(place.key.items(), split_key(key, len(spec.key)), strict=False)
        return " and ".join(f"{name} eq {keyset.literal(part, kind)}" for (name, kind), part in columns)

    def _wholes(self, spec: EntitySpec, keys: Sequence[str]) -> list[Record]:
        return [record for key in keys if (record := self._whole(spec, key)) is not None]

    def _detail(self, spec: EntitySpec, key: str) -> Record | None:
        """One record; None where the key is gone."""
        try:
            return self._record(spec, key, self._raw(spec, key))
        except e.NotFound as problem:
            if self._is_gone(spec, key):
                return None
            raise e.NotFound(
                "the detail is not found though the list shows the key", system="sagex3", record=key,
                field=f"{spec.rest.details_class} ({spec.rest.details_representation}.$details)",
                remedy="check class and representation under rest.details in the entity specification",
            ) from problem  # fmt: skip

    def _raw(self, spec: EntitySpec, key: str) -> Mapping[str, Any]:
        """The detail as it came, with the columns of the table beside it; the later stamp of both."""
        own, beside = (spec.rest.details_class, spec.rest.details_representation), spec.rest.beside
        _, raw = self._get(spec, detail_url(self.settings, *own, key), partial(_object, spec))
        if beside is None:
            return raw
        try:
            _, other = self._get(spec, detail_url(self.settings, *beside, key), partial(_object, spec))
        except e.NotFound:  # one odd record: whatever needs its columns says so
            return raw
        stamps = [moment for each in (raw, other) if (moment := parse_stamp(each.get(spec.stamp))) is not None]
        return {**other, **raw, spec.stamp: format_stamp(max(stamps)) if stamps else None}

    def _record(self, spec: EntitySpec, key: str, raw: Mapping[str, Any]) -> Record:
        record = rest_record(spec)(raw)
        if record.key != key:
            raise e.PageDrift("the answer holds another record", system="sagex3", record=key, value=record.key)
        return record

    def _is_gone(self, spec: EntitySpec, key: str) -> bool:
        """Whether the list no longer shows the key. A class that is unknown is not found here either, and raises."""
        place = spec.rest.sources[spec.sources[0]]
        where = self._key_condition(spec, place, key)
        _, page = self._get(spec, self._list_url(place, where, count=1), lambda body: self._page(body, place.cls))
        return not page.rows

    def _get(self, spec: EntitySpec, url: str, read: Callable[[Any], T]) -> tuple[Answer, T]:
        """One GET; what `read` makes of the JSON body. A body that is broken is asked for again."""
        found: list[T] = []

        def accept(answer: Answer) -> None:
            try:
                body = answer.json()
            except ValueError as problem:
                raise e.PageDrift("the JSON is broken", system="sagex3", field=urlsplit(url).path) from problem
            found[:] = [read(body)]

        try:
            answer = self.transport.send("GET", url, accept=accept)
        except e.RequestRejected as problem:
            if "unknown" in problem.where:
                known = [*spec.columns, *(spec.lines.columns if spec.lines else ())]
                problem.expected = "one of " + ", ".join(dict.fromkeys(known))
            raise
        return answer, found[0]

    def _page(self, body: Any, cls: str) -> _Page:
        rows = body.get("$resources") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise e.NotJson("the answer has no $resources", system="sagex3", field=cls)
        link = ((body.get("$links") or {}).get("$next") or {}).get("$url")
        total = body.get("$totalResults")
        if not rows and (link is not None or (isinstance(total, int) and total > 0 and _start(body) == 0)):
            raise e.PageDrift("the page is empty though it promises rows", system="sagex3", field=cls)
        size = body.get("$itemsPerPage")
        most = min(size, self.settings.page_size) if isinstance(size, int) and size > 0 else self.settings.page_size
        return _Page(rows, link if isinstance(link, str) else None, len(rows) >= most)

    @staticmethod
    def _row(spec: EntitySpec, place: RestKeySource, raw: Mapping[str, Any]) -> Row:
        return keyset.make_row(place.cls, map(raw.get, place.key), raw.get(spec.stamp), place.key, spec.stamp)

    def _list_url(
        self, place: RestKeySource, where: str, *, order: Sequence[str] = (), count: int | None = None
    ) -> str:
        query = {"where": where} if where else {}
        if order:
            query["orderBy"] = ",".join(f"{name} asc" for name in order)
        return list_url(self.settings, place.cls, place.representation, count or self.settings.page_size, **query)

    def _own(self, link: str, cls: str) -> str:
        """A next-link on the configured host; where it is the same list under another path, on our path too.

        Raises: LinkRefused where rewriting is off and the link names another host."""
        parts = urlsplit(link)
        here = urlsplit(self.settings.base_url)
        if not self.settings.rewrite_links and parts.netloc and parts[:2] != here[:2]:
            raise e.LinkRefused(
                "the next-link leads to another host", system="sagex3", field=cls, value=parts.netloc,
                expected=here.netloc, remedy="set rewrite_links to true, or paging to keyset",
            )  # fmt: skip
        same_list = self.settings.rewrite_links and parts.path.rstrip("/").endswith("/" + quote(cls, safe=""))
        path = _path(self.settings, cls) if same_list else parts.path
        return f"{path}?{parts.query}"


def _key_parts(place: RestKeySource, raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The key of a row as text. Raises: RequestRejected where the list does not show it."""
    for name in place.key:
        if raw.get(name) is None:
            raise _not_shown(place.cls, name)
    return tuple(str(raw[name]).strip() for name in place.key)


def _not_shown(cls: str, name: str) -> e.RequestRejected:
    return e.RequestRejected(
        "the list does not show this column", system="sagex3", field=f"{cls}.{name}",
        remedy="put it on the representation's $query facet, or correct the entity specification",
    )  # fmt: skip


def list_url(settings: SageX3Settings, cls: str, representation: str, count: int, **query: str) -> str:
    """Address of a list of `count` rows; `query` are further parameters."""
    query = {"representation": f"{representation}.$query", "count": str(count), **query}
    return f"{_path(settings, cls)}?{urlencode(query, quote_via=quote, safe='$')}"


def detail_url(settings: SageX3Settings, cls: str, representation: str, key: str) -> str:
    """Address of one record."""
    name = quote(key.replace("'", "''"), safe="~")
    return f"{_path(settings, cls)}('{name}')?{urlencode({'representation': f'{representation}.$details'}, safe='$')}"


def _path(settings: SageX3Settings, cls: str) -> str:
    return f"{settings.rest_path}/{quote(settings.endpoint, safe='')}/{quote(cls, safe='')}"


def _object(spec: EntitySpec, body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict) or not any(name in body for name in spec.columns):
        raise e.NotJson("the answer is not a record", system="sagex3")
    return body


def _start(body: Mapping[str, Any]) -> int:
    """Rows before this page, where `$startIndex` counts from 1."""
    start = body.get("$startIndex")
    return start - 1 if isinstance(start, int) and start > 1 else 0
