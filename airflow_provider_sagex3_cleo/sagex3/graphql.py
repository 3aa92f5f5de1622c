"""Sage X3 by GraphQL (Xtrem): keys by cursor, whole records by their keys, long orders' lines by a query of their own.

Source: public pages on X3 Services; range operators, `_in` and many names are in docs/assumptions.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.assemble import Rows, graphql_record, read_whole
from airflow_provider_sagex3_cleo.sagex3.graphql_answers import Page, at, nested_lines, read_page
from airflow_provider_sagex3_cleo.sagex3.graphql_text import (
    ascending,
    key_filter,
    key_paths,
    line_fields,
    quoted,
    record_fields,
    selection,
    window_filter,
)
from airflow_provider_sagex3_cleo.sagex3.keyset import Bounds, KeyWalk, Listed, Row, header_only, make_row
from airflow_provider_sagex3_cleo.sagex3.normalise import compile_type
from airflow_provider_sagex3_cleo.sagex3.probe import probe_details, probe_list
from airflow_provider_sagex3_cleo.sagex3.reader import By, KeyPage, ProbeResult, Record, join_key
from airflow_provider_sagex3_cleo.sagex3.related import Relatives
from airflow_provider_sagex3_cleo.sagex3.sessions import SessionTransport, in_order, open_transport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = ["GraphqlReader"]

LINES_PAGE = 500


class GraphqlReader:
    """Reads by GraphQL. See `Reader`."""

    def __init__(self, settings: SageX3Settings, transport: SessionTransport | None = None) -> None:
        self.settings = settings
        self.transport = transport or open_transport(settings)
        self.meter = self.transport.meter
        self._relatives = Relatives(self._batch)

    def close(self) -> None:
        """Close all sessions."""
        self.transport.close()

    def sources(self, spec: EntitySpec) -> tuple[str, ...]:
        """The key sources that show rows of their own."""
        shown = spec.graphql.sources
        return tuple(name for name in spec.sources if name in shown and shown[name].same_as is None)

    def key_pages(
        self, spec: EntitySpec, source: str, *, lower: datetime | None, upper: datetime | None = None,
        by: By = "cursor",
    ) -> Iterator[KeyPage]:  # fmt: skip
        """See `Reader.key_pages`."""
        if by == "business_date":
            header_only(spec, source)
        bounds = Bounds(spec, lower, upper, by)
        walk = KeyWalk(_place(spec, source), self.settings.page_cap, len(spec.key), bounds)
        pages = self._key_query(spec, source, bounds, self.settings.page_size)
        yield from walk.read(
            Listed([_row(spec, source, node) for node in page.nodes], page.server_time, page.more) for page in pages
        )

    def details(self, spec: EntitySpec, keys: Sequence[str]) -> Iterator[Record]:
        """See `Reader.details`. Holds `details_size` records for each session."""
        size = self.settings.details_size
        parts = [keys[at : at + size] for at in range(0, len(keys), size)]
        for records in in_order(partial(self._batch, spec), parts, self.settings.sessions):
            yield from records

    def probe(self, spec: EntitySpec) -> list[ProbeResult]:
        """See `Reader.probe`: a list of one row per source, and the details of one record."""
        found = [
            probe_list(f"GraphQL {_place(spec, source)} list", partial(self._first, spec, source))
            for source in self.sources(spec)
        ]
        name = f"GraphQL {spec.graphql.root}.{spec.graphql.node} details"
        found.append(probe_details(name, lambda: self._probe_detail(spec)))
        if unread := (*spec.unnamed, *spec.attached):
            found.append(ProbeResult(f"{name}, without", True, ", ".join(unread)))
        return found

    def _first(self, spec: EntitySpec, source: str) -> Row | None:
        page = next(self._key_query(spec, source, Bounds(spec, None, None, "cursor"), 1))
        return _row(spec, source, page.nodes[0]) if page.nodes else None

    def _probe_detail(self, spec: EntitySpec) -> list[str] | None:
        row = self._first(spec, spec.sources[0])
        if row is None:
            return None
        self._batch(spec, [row.key(len(spec.key))])  # a name that the schema does not know is refused, and named
        return []

    def _key_query(self, spec: EntitySpec, source: str, bounds: Bounds, size: int) -> Iterator[Page]:
        place, order = spec.graphql.sources[source], ascending((name,) for name in spec.graphql.order)
        return self._rows(spec, source, window_filter(bounds, place.only), order, size)

    def _rows(self, spec: EntitySpec, source: str, condition: str, order: str, size: int) -> Iterator[Page]:
        """Pages of a key source: keys and stamps of the rows that meet a condition."""
        place, graphql = spec.graphql.sources[source], spec.graphql
        fields = selection([*place.record_key, (graphql.stamp,), ("_id",)])
        return self._connection((place.root or graphql.root, place.node), fields, condition, order, size)

    def _listed_lines(self, spec: EntitySpec, keys: Sequence[str]) -> Callable[[EntitySpec, str], int | None]:
        """How many lines the list of their table shows, where the specification wants it compared.

        These records are counted together; one whose count is wanted again is asked for alone."""
        source = spec.listed
        if source is None or source not in spec.graphql.sources:
            return lambda spec, key: None
        ready = self._counted(spec, source, keys)

        def listed(spec: EntitySpec, key: str) -> int:
            return ready.pop(key) if key in ready else self._counted(spec, source, [key])[key]

        return listed

    def _counted(self, spec: EntitySpec, source: str, keys: Sequence[str]) -> dict[str, int]:
        """How many rows a source lists of each record; read to the empty page, each row counted once."""
        if not keys:
            return {}
        place = spec.graphql.sources[source]
        condition, order = key_filter(spec, keys, place.record_key), ascending([*place.record_key, ("_id",)])
        pages = self._rows(spec, source, condition, order, self.settings.page_size)
        lines = {_row(spec, source, node).parts for page in pages for node in page.nodes}
        counts = Counter(join_key(parts[: len(spec.key)]) for parts in lines)
        return {key: counts[key] for key in keys}

    def _batch(self, spec: EntitySpec, keys: Sequence[str]) -> list[Record]:
        """The records of these keys in their order. Keys count as gone when two queries for nothing but them give no
        record: an answer that was cut off only leads to another question."""
        found: dict[str, Record] = {}
        missing, empty_answers = list(keys), 0
        while missing and empty_answers < 2:
            found.update((record.key, record) for record in self._read(spec, missing))
            left = [key for key in missing if key not in found]
            empty_answers = empty_answers + 1 if len(left) == len(missing) else 0
            missing = left
        whole: list[Record] = []
        listed = self._listed_lines(spec, list(found))
        for key in keys:
            if key in found:
                record = read_whole(spec, _again(found[key], partial(self._one, spec, key)), listed)
                whole += [] if record is None else [record]
        return self._relatives.added(spec, whole)

    def _one(self, spec: EntitySpec, key: str) -> Record | None:
        return next(iter(self._read(spec, [key])), None)

    def _read(self, spec: EntitySpec, keys: Sequence[str]) -> list[Record]:
        graphql, build = spec.graphql, graphql_record(spec)
        condition, order = key_filter(spec, keys), ascending(key_paths(spec))
        records = []
        pages = self._connection((graphql.root, graphql.node), record_fields(spec), condition, order, len(keys))
        page = next(pages)
        for place, node in enumerate(page.nodes):
            rows, complete = nested_lines(node, graphql.lines)
            record = build(node, rows if complete else self._lines(spec, str(at(node, key_paths(spec)[0]))))
            records.append(replace(record, fault=page.faults[place]) if place in page.faults else record)
        return records

    def _lines(self, spec: EntitySpec, key: str) -> Rows:
        """All lines of one record, by a query of their own."""
        graphql = spec.graphql
        if graphql.line_node is None or graphql.line_parent is None or spec.lines is None:
            raise e.SettingFault(
                "an order has more lines than one query gives", system="sagex3", record=key,
                field="graphql.line_node", remedy="name line_node and line_parent in the entity specification",
            )  # fmt: skip
        condition = f"{{{graphql.line_parent}:{{_id:{quoted(key)}}}}}"
        names = [spec.lines.columns[name].graphql for name in spec.lines.key]
        order = ascending(name for name in names if name)
        fields = line_fields(spec)
        rows: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        for page in self._connection((graphql.root, graphql.line_node), fields, condition, order, LINES_PAGE):
            rows.update((tuple(at(node, name) for name in names if name), node) for node in page.nodes)
        return list(rows.values())

    def _connection(self, where: tuple[str, str], fields: str, condition: str, order: str, size: int) -> Iterator[Page]:
        """The pages of a query up to and with the empty one, which proves the end; goes on from the last row's cursor.

        `where` is the package and the node. Raises: PageLoop where a cursor comes twice."""
        root, node = where
        query = (
            f"query($n:Int,$after:String,$f:String,$o:String){{{root}{{{node}{{query(first:$n,after:$after,filter:$f,"
            f"orderBy:$o){{edges{{cursor node{{{fields}}}}} pageInfo{{hasNextPage endCursor}}}}}}}}}}"
        )
        path = (root, node, "query")
        after: str | None = None
        used: set[str] = set()
        while True:
            variables = {"n": size, "after": after, "f": condition, "o": order}
            page = self._ask(query, variables, path)
            yield page
            if not page.nodes:
                return
            after = page.cursor
            if not isinstance(after, str) or after in used:
                raise e.PageLoop("the same page cursor came again", system="sagex3", field=".".join(path))
            used.add(after)

    def _ask(self, query: str, variables: Mapping[str, Any], path: tuple[str, ...]) -> Page:
        """One POST; the page under `path`. An error in the answer is an error, whatever data comes beside it."""
        found: list[Page] = []

        def accept(answer: Answer) -> None:
            found[:] = [read_page(answer, path)]

        self.transport.send(
            "POST", self.settings.graphql_path, repeatable=True, json={"query": query, "variables": dict(variables)},
            headers={"x-xtrem-endpoint": self.settings.folder}, accept=accept,
        )  # fmt: skip
        return found[0]


def _again(first: Record, read: Callable[[], Record | None]) -> Callable[[], Record | None]:
    """Reads that begin with the record at hand."""
    ready = [first]
    return lambda: ready.pop() if ready else read()


def _place(spec: EntitySpec, source: str) -> str:
    """Package and node of a key source, for people."""
    place = spec.graphql.sources[source]
    return f"{place.root or spec.graphql.root}.{place.node}"


def _row(spec: EntitySpec, source: str, node: Mapping[str, Any]) -> Row:
    place, stamp = spec.graphql.sources[source], spec.graphql.stamp
    columns = [spec.columns[name] for name in spec.key]
    key = [compile_type(column.type)(at(node, path)) for column, path in zip(columns, place.record_key, strict=True)]
    names = [*map(".".join, place.record_key), "_id"]
    return make_row(place.node, [*key, node.get("_id")], node.get(stamp), names, stamp)
