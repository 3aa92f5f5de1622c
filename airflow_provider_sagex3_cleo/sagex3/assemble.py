"""Raw answers made records: one compiled plan per specification and transport, so that both give equal records."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from airflow_provider_sagex3_cleo.errors import PageDrift, RequestRejected
from airflow_provider_sagex3_cleo.sagex3.graphql_answers import at
from airflow_provider_sagex3_cleo.sagex3.graphql_text import up_to_rows
from airflow_provider_sagex3_cleo.sagex3.normalise import Converter, compile_type, plan
from airflow_provider_sagex3_cleo.sagex3.reader import Record, join_key, parse_stamp
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["Rows", "graphql_record", "read_whole", "rest_record"]

Raw = Mapping[str, Any]
Rows = Sequence[Raw]
COUNT_READS = 3
COUNT_PAUSE_S = 0.2
_NO_ROW: Raw = {}


@lru_cache(maxsize=64)
def rest_record(spec: EntitySpec) -> Callable[[Raw], Record]:
    """The function that makes a record of one REST detail: header columns beside two arrays of child rows.

    It raises RequestRejected where the detail lacks the key, the stamp or a child array."""
    planned = plan(spec.columns.values())
    header = tuple((column.name, convert) for column, convert in planned if not column.slots)
    arrays = tuple((column.name, column.rest_names, convert) for column, convert in planned if column.slots)
    optional = {column.name for column in spec.columns.values() if column.optional}
    join = spec.rest.lines

    def build(raw: Raw) -> Record:
        for name in (*spec.key, spec.stamp):
            _must(spec, raw, name)
        fields = {name: convert(raw.get(name)) for name, convert in header}
        fields |= {name: [convert(raw.get(place)) for place in places] for name, places, convert in arrays}
        _fill(spec, fields)
        for name in optional - raw.keys():
            del fields[name]
        stamps = [fields[spec.stamp]]
        lines: list[dict[str, Any]] = []
        if join is not None and spec.lines is not None:
            children, joined = _child(spec, raw, join.child), _child(spec, raw, join.joined)
            stamps += [row.get(spec.stamp) for row in children]
            stamps += [row.get(spec.stamp) for row in joined]
            find = _finder(joined, join.by, join.sequence)
            lines = [line(row, find(row)) for row in children]
        return _record(spec, fields, lines, stamps)

    line = _rest_line(spec)
    return build


def _fill(spec: EntitySpec, fields: dict[str, Any]) -> None:
    """Arrays in their canonical form: a place that holds nothing is null, and none is left after the last that does.

    Sites differ in how many places they have, and a collection may leave empty ones out."""
    arrays = [column for column in spec.columns.values() if column.slots and column.name in fields]
    for column in sorted(arrays, key=lambda each: each.leader is not None):
        values = [None if value in (None, 0, "0") else value for value in fields[column.name]]
        if column.leader is not None:
            lead = fields.get(column.leader, ())
            values = [value if mark is not None else None for value, mark in zip(values, lead, strict=False)]
        while values and values[-1] is None:
            values.pop()
        fields[column.name] = values


def _rest_line(spec: EntitySpec) -> Callable[[Raw, Raw | None], dict[str, Any]]:
    """One line from its row of the child table and its row of the joined table (None where it has none)."""
    if spec.lines is None or spec.rest.lines is None:
        return lambda row, other: {}
    child, joined = spec.rest.lines.child, spec.rest.lines.joined
    steps: list[tuple[str, Converter, int]] = []  # name, converter, and the table asked first: 0 child, 1 joined
    twice: list[tuple[str, Converter]] = []  # columns of both tables
    optional = {column.name for column in spec.lines.columns.values() if column.optional}
    for column, convert in plan(spec.lines.columns.values()):
        here, there = not column.tables or child in column.tables, joined in column.tables
        steps.append((column.name, convert, 0 if here else 1))
        if here and there:
            twice.append((column.name, convert))
    stamp = spec.stamp

    def build(row: Raw, other: Raw | None) -> dict[str, Any]:
        tables = (row.get, _NO_ROW.get if other is None else other.get)
        found = {name: convert(tables[at](name)) for name, convert, at in steps}
        if other is not None:
            for name, convert in twice:
                value = found[name]
                if value is None:
                    found[name] = convert(other.get(name))
                elif name == stamp:
                    found[name] = _latest(value, convert(other.get(name)))
        for name in optional - row.keys() - (other or _NO_ROW).keys():
            del found[name]
        return found

    return build


def _finder(joined: Rows, by: tuple[str, ...], sequence: tuple[str, str] | None) -> Callable[[Raw], Raw | None]:
    """Finds a child row's partner: the same `by` and sequence; else the only one with the same `by`, else none."""
    child_names, joined_names = ((*by, name) for name in sequence or ("", ""))
    exact = {} if sequence is None else {_mark(row, joined_names): row for row in joined}

    @cache
    def alone() -> dict[tuple[str, ...], Raw | None]:
        found: dict[tuple[str, ...], Raw | None] = {}
        for row in joined:
            base = _mark(row, by)
            found[base] = row if found.get(base, row) == row else None
        return found

    def find(row: Raw) -> Raw | None:
        return (exact and exact.get(_mark(row, child_names))) or alone().get(_mark(row, by))

    return find


def _mark(row: Raw, names: Sequence[str]) -> tuple[str, ...]:
    """The values of some columns as text, so that 1000, "1000" and " 1000" are the same."""
    return tuple([str(row.get(name)).strip() for name in names])


@lru_cache(maxsize=64)
def graphql_record(spec: EntitySpec) -> Callable[[Raw, Rows], Record]:
    """The function that makes a record of one GraphQL node and the nodes of its lines.

    A column without a path is not on the record. It raises RequestRejected where the node lacks the key or the stamp,
    or shows an array in part only."""
    header = _paths(column for column in spec.columns.values() if not column.slots)
    arrays = _paths(column for column in spec.columns.values() if column.slots)
    per_line = () if spec.lines is None else _paths(spec.lines.columns.values())
    beside = None if spec.graphql.beside is None else (*spec.graphql.beside, spec.graphql.stamp)
    moment = compile_type(spec.columns[spec.stamp].type)

    def build(node: Raw, rows: Rows) -> Record:
        fields = {name: convert(_at(node, path)) for name, path, convert in header}
        for name, path, convert in arrays:
            fields[name] = [convert(value) for value in _places(spec, node, name, path)]
        _fill(spec, fields)
        for name in (*spec.key, spec.stamp):
            if fields.get(name) is None:
                raise _lacking(spec, name)
        if beside is not None:
            fields[spec.stamp] = _latest(fields[spec.stamp], moment(_at(node, beside)))
        lines = [{name: convert(_at(row, path)) for name, path, convert in per_line} for row in rows]
        return _record(spec, fields, lines, [fields[spec.stamp], *(line.get(spec.stamp) for line in lines)])

    return build


def _places(spec: EntitySpec, node: Raw, name: str, path: tuple[str, ...]) -> list[Any]:
    """The raw values of an array by place, from the collection of its rows.

    Raises: RequestRejected where the collection is not whole, or does not say which place a row is."""
    steps = up_to_rows(path)
    parent = at(node, steps[:-1])
    if parent is None:
        return []
    query = at(parent, (steps[-1].removesuffix("[]"), "query"))
    edges = at(query, ("edges",))
    whole = isinstance(edges, list) and at(query, ("pageInfo", "hasNextPage")) is False
    found: dict[int, Any] = {}
    for number, edge in enumerate(edges if whole else (), 1):
        row = at(edge, ("node",))
        place = str(number if spec.graphql.place is None else at(row, (spec.graphql.place,)))
        value = at(row, path[len(steps) :])
        whole = whole and place.isdecimal() and place != "0" and found.setdefault(int(place), value) == value
    if not whole:
        raise RequestRejected(
            "the array is not there whole, row by row with its place from 1", system="sagex3",
            field=f"{spec.name}.{name}",
            remedy="correct its path, or graphql.place, in the entity specification",
        )  # fmt: skip
    return [found.get(place) for place in range(1, max(found, default=0) + 1)]


def _paths(columns: Iterable[Any]) -> tuple[tuple[str, tuple[str, ...], Converter], ...]:
    return tuple((column.name, column.graphql, convert) for column, convert in plan(columns) if column.graphql)


def _at(node: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(node, dict):
            return None
        node = node.get(name)
    return node


def _record(spec: EntitySpec, fields: dict[str, Any], lines: list[dict[str, Any]], stamps: Iterable[Any]) -> Record:
    moments = [moment for moment in map(_moment, {*stamps}) if moment is not None]
    if not moments:
        raise _lacking(spec, spec.stamp)
    key = join_key([fields[name] for name in spec.key])
    if spec.lines is not None:
        lines = _sorted_once(key, lines, spec.lines.key)
    return Record(spec.name, key, max(moments), fields, tuple(lines))


def _sorted_once(record: str, lines: list[dict[str, Any]], key: tuple[str, ...]) -> list[dict[str, Any]]:
    """The lines by their key, a line that came twice once.

    Raises: PageDrift where one key came with two contents."""
    places = [tuple([_sortable(line[name]) for name in key]) for line in lines]
    if all(one < next_one for one, next_one in pairwise(places)):
        return lines
    found: dict[tuple[tuple[int, int, str], ...], dict[str, Any]] = {}
    for place, line in zip(places, lines, strict=True):
        if found.setdefault(place, line) != line:
            numbers = join_key([line[name] for name in key])
            raise PageDrift("one line came twice, with two contents", system="sagex3", record=record, value=numbers)
    return [found[place] for place in sorted(found)]


@lru_cache(maxsize=4096)
def _moment(text: Any) -> datetime | None:
    moment = parse_stamp(text)
    return moment if moment is not None and moment.year >= 1900 else None


def _latest(one: Any, other: Any) -> Any:
    first, second = _moment(one), _moment(other)
    return other if first is not None and second is not None and second > first else one


def _sortable(value: Any) -> tuple[int, int, str]:
    """Numbers before texts before nothing: a raw text in a key column must not stop the sort."""
    if isinstance(value, int):
        return (0, value, "")
    return (1, 0, value) if isinstance(value, str) else (2, 0, "")


def _must(spec: EntitySpec, raw: Raw, name: str) -> None:
    if raw.get(name) is None:
        raise _lacking(spec, name)


def _lacking(spec: EntitySpec, name: str) -> RequestRejected:
    return RequestRejected(
        "the answer lacks this field", system="sagex3", field=f"{spec.name}.{name}",
        remedy="put it on the representation's facets, or correct its name in the entity specification",
    )  # fmt: skip


def _child(spec: EntitySpec, raw: Raw, name: str | None) -> Rows:
    if name is None:
        return ()
    rows = raw.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RequestRejected(
            "the detail lacks this array of lines", system="sagex3", field=f"{spec.name}.{name}",
            remedy="put the lines on the $details facet of the representation",
        )  # fmt: skip
    return rows


def read_whole(
    spec: EntitySpec,
    read: Callable[[], Record | None],
    listed: Callable[[EntitySpec, str], int | None] = lambda spec, key: None,
) -> Record | None:
    """Read a record until it has as many lines as its header counts; after `COUNT_READS` times it carries a fault.

    A line added between two tables is read whole the next time; a count that is wrong in Sage X3 itself must not
    stop the other records.

    Args:
        listed: how many lines the list of their table shows, where the header does not count them; None: not asked."""
    record = read()
    for attempt in range(1, COUNT_READS):
        if record is None or record.fault is not None or _miscount(spec, record, listed) is None:
            return record
        time.sleep(COUNT_PAUSE_S * attempt)
        record = read()
    fault = None if record is None or record.fault is not None else _miscount(spec, record, listed)
    return record if record is None or fault is None else replace(record, fault=fault)


def _miscount(spec: EntitySpec, record: Record, listed: Callable[[EntitySpec, str], int | None]) -> str | None:
    """What is wrong with the number of lines; None where it agrees, or where there is nothing to compare with.

    A line may have several rows (sequences): the count may mean either."""
    rows = len(record.all_lines)
    if (shown := listed(spec, record.key)) is not None and shown != rows:
        return f"the list of lines shows {shown}, but {rows} were read"
    counted = None if spec.line_count is None else record.fields.get(spec.line_count)
    if spec.lines is None or not isinstance(counted, int):
        return None
    numbers = len({line[spec.lines.key[0]] for line in record.all_lines})
    return (
        None
        if counted in (rows, numbers)
        else (f"the header counts {counted} lines ({spec.line_count}), but {rows} were read")
    )
