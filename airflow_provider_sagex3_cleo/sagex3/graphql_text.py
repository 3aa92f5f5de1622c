"""Queries of GraphQL as text: selections, filters, orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.sagex3.keyset import FIRST_STAMP, Bounds
from airflow_provider_sagex3_cleo.sagex3.reader import format_stamp, split_key
from airflow_provider_sagex3_cleo.sagex3.spec import EntitySpec
from airflow_provider_sagex3_cleo.sagex3.spec_types import Column, Constant

__all__ = [
    "ascending",
    "key_filter",
    "key_paths",
    "line_fields",
    "quoted",
    "record_fields",
    "selection",
    "up_to_rows",
    "window_filter",
]

MOST_PLACES = 100


def window_filter(bounds: Bounds, only: Mapping[str, Constant] = MappingProxyType({})) -> str:
    """The filter of a window: stamps as times, business dates as plain days; lower inside, upper outside.

    `only` are properties that must have these values."""
    constants = {name: quoted(value) if isinstance(value, str) else str(value).lower() for name, value in only.items()}
    return "{" + ",".join([_window(bounds), *map(":".join, constants.items())]) + "}"


def _window(bounds: Bounds) -> str:
    spec, lower, upper = bounds.spec, bounds.lower, bounds.upper
    stamp = spec.graphql.stamp
    if bounds.by == "cursor":
        return _range((stamp,), format_stamp(lower or FIRST_STAMP), None if upper is None else format_stamp(upper))
    path = None if spec.business_date is None else spec.columns[spec.business_date].graphql
    if path is None:
        raise SettingFault(
            "cannot be filtered by GraphQL", system="sagex3", field=spec.business_date,
            remedy="give the column its graphql name in the entity specification",
        )  # fmt: skip
    first, end = ("" if each is None else each.date().isoformat() for each in (lower, upper))
    return _range(path, first or FIRST_STAMP.date().isoformat(), end or None)


def _range(path: Sequence[str], first: str, end: str | None) -> str:
    return _below(path, f"{{_gte:'{first}'}}" if end is None else f"{{_gte:'{first}',_lt:'{end}'}}")


def _below(path: Sequence[str], condition: str) -> str:
    """A condition on the property at the end of a path, without the outer brackets."""
    *above, last = path
    found = f"{last}:{condition}"
    for step in reversed(above):
        found = f"{step}:{{{found}}}"
    return found


def key_paths(spec: EntitySpec) -> list[tuple[str, ...]]:
    """The paths of the key's columns, below a header node."""
    return [spec.columns[name].graphql or () for name in spec.key]


def key_filter(spec: EntitySpec, keys: Sequence[str], paths: Sequence[Sequence[str]] = ()) -> str:
    """The filter that these records pass and no others.

    `paths` are those of the key's columns; default: below a header node."""
    columns, paths = [spec.columns[name] for name in spec.key], paths or key_paths(spec)
    if len(columns) == 1:
        return "{" + _below(paths[0], f"{{_in:[{','.join(_key_part(columns[0], key) for key in keys)}]}}") + "}"
    each = [zip(paths, map(_key_part, columns, split_key(key, len(columns))), strict=True) for key in keys]
    return "{_or:[" + ",".join("{" + ",".join(_below(*part) for part in parts) + "}" for parts in each) + "]}"


def _key_part(column: Column, part: str) -> str:
    """A part of a key as the filter wants it: numbers bare, menus by their word, all else in quotes."""
    if column.type.menu is not None and part.isdecimal():
        return quoted(column.type.menu.words.get(int(part), part))
    return part if column.type.kind == "int" and part.isdecimal() else quoted(part)


def quoted(text: str) -> str:
    """A text in single quotes, as relaxed JSON takes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def ascending(paths: Iterable[Sequence[str]]) -> str:
    """An orderBy, each path going up; the steps of a path are nested."""
    return "{" + ",".join(_below(path, "1") for path in paths) + "}"


def selection(paths: Iterable[tuple[str, ...]]) -> str:
    """Paths as a GraphQL selection, sub-nodes grouped: [('a',), ('b', 'c'), ('b', 'd')] -> 'a b{c d}'.

    A step that ends with '[]' is a collection, of which all rows are asked for."""
    tree: dict[str, Any] = {}
    for path in paths:
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
    return _written(tree)


def _written(tree: Mapping[str, Any]) -> str:
    return " ".join(_member(name, below) for name, below in tree.items())


def _member(name: str, below: Mapping[str, Any]) -> str:
    if not below:
        return name
    if name.endswith("[]"):
        rows = f"edges{{node{{{_written(below)}}}}} pageInfo{{hasNextPage}}"
        return f"{name.removesuffix('[]')}{{query(first:{MOST_PLACES}){{{rows}}}}}"
    return f"{name}{{{_written(below)}}}"


@lru_cache(maxsize=64)
def line_fields(spec: EntitySpec) -> str:
    """The selection of one line."""
    return selection(c.graphql for c in (spec.lines.columns.values() if spec.lines else ()) if c.graphql)


@lru_cache(maxsize=64)
def record_fields(spec: EntitySpec) -> str:
    """The selection of one record with its arrays and its lines."""
    graphql = spec.graphql
    paths = [column.graphql for column in spec.columns.values() if column.graphql]
    if graphql.beside is not None:
        paths.append((*graphql.beside, graphql.stamp))
    if graphql.place is not None:
        paths += [(*up_to_rows(path), graphql.place) for path in paths if up_to_rows(path)]
    fields = selection(paths)
    if graphql.lines is None:
        return fields
    lines = f"edges{{node{{{line_fields(spec)}}}}} pageInfo{{hasNextPage endCursor}}"
    return f"{fields} {graphql.lines}{{query(first:{graphql.lines_first}){{{lines}}}}}"


def up_to_rows(path: tuple[str, ...]) -> tuple[str, ...]:
    """The part of a path that ends with its collection; empty where it has none."""
    places = [place for place, step in enumerate(path) if step.endswith("[]")]
    return path[: places[0] + 1] if places else ()
