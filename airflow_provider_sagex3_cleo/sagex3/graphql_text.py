"""Queries of GraphQL as text: selections, filters, orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.sagex3.keyset import FIRST_STAMP, Bounds
from airflow_provider_sagex3_cleo.sagex3.reader import format_stamp
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec

__all__ = ["ascending", "line_fields", "quoted", "record_fields", "selection", "window_filter"]


def window_filter(bounds: Bounds) -> str:
    """The filter of a window: stamps as times, business dates as plain days; lower inside, upper outside."""
    spec, lower, upper = bounds.spec, bounds.lower, bounds.upper
    stamp = spec.graphql.stamp
    if bounds.by == "cursor":
        return _range((stamp,), format_stamp(lower or FIRST_STAMP), None if upper is None else format_stamp(upper))
    path = spec.columns[spec.business_date].graphql
    if path is None:
        raise SettingFault(
            "cannot be filtered by GraphQL", system="sagex3", field=spec.business_date,
            remedy="give the column its graphql name in the entity specification",
        )  # fmt: skip
    first, end = ("" if each is None else each.date().isoformat() for each in (lower, upper))
    return _range(path, first or FIRST_STAMP.date().isoformat(), end or None)


def _range(path: Sequence[str], first: str, end: str | None) -> str:
    found = f"{{_gte:'{first}'}}" if end is None else f"{{_gte:'{first}',_lt:'{end}'}}"
    for step in reversed(path):
        found = f"{{{step}:{found}}}"
    return found


def quoted(text: str) -> str:
    """A text in single quotes, as relaxed JSON takes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def ascending(paths: Iterable[Sequence[str]]) -> str:
    """An orderBy, each path going up; the steps of a path are nested."""
    found = []
    for path in paths:
        text = "1"
        for step in reversed(path):
            text = f"{step}:{text}" if text == "1" else f"{step}:{{{text}}}"
        found.append(text)
    return "{" + ",".join(found) + "}"


def selection(paths: Iterable[tuple[str, ...]]) -> str:
    """Paths as a GraphQL selection, sub-nodes grouped: [('a',), ('b', 'c'), ('b', 'd')] -> 'a b{c d}'."""
    tree: dict[str, Any] = {}
    for path in paths:
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
    return _written(tree)


def _written(tree: Mapping[str, Any]) -> str:
    return " ".join(f"{name}{{{_written(below)}}}" if below else name for name, below in tree.items())


@lru_cache(maxsize=64)
def line_fields(spec: EntitySpec) -> str:
    """The selection of one line."""
    return selection(c.graphql for c in (spec.lines.columns.values() if spec.lines else ()) if c.graphql)


@lru_cache(maxsize=64)
def record_fields(spec: EntitySpec) -> str:
    """The selection of one record with its lines."""
    fields = selection([(spec.graphql.key,), *(c.graphql for c in spec.columns.values() if c.graphql)])
    if spec.graphql.lines is None:
        return fields
    lines = f"edges{{node{{{line_fields(spec)}}}}} pageInfo{{hasNextPage endCursor}}"
    return f"{fields} {spec.graphql.lines}{{query(first:{spec.graphql.lines_first}){{{lines}}}}}"
