"""GraphQL filters and sort orders (relaxed JSON) turned into conditions on columns, and page cursors."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.x3_language import LanguageError, parse_relaxed
from airflow_provider_sagex3_cleo.sandbox.x3_rows import KEYS, NUMBERED, complete_order
from airflow_provider_sagex3_cleo.sandbox.x3_schema import MENUS, Collection, Leaf, Member, NodeType, Reference
from airflow_provider_sagex3_cleo.sandbox.x3_where import Condition, QueryError, all_of, any_of, compared

__all__ = ["cursor_of", "parse_cursor", "read_filter", "read_order"]

_OPERATORS: Final = {"_eq": "eq", "_ne": "ne", "_lt": "lt", "_lte": "le", "_gt": "gt", "_gte": "ge"}
_DATES: Final = frozenset(
    {"ORDDAT", "EXTRCPDAT", "DEMRCPDAT", "INVDAT", "ACCDAT", "BPRDAT", "VLYSTR", "VLYEND"}
    | {"SHIDAT", "DLVDAT", "ARVDAT"}
)


def read_filter(text: str, node: NodeType) -> Condition:
    """A filter string as a condition. An object and a list both mean 'and'. Raises: QueryError"""
    try:
        value = parse_relaxed(text)
    except LanguageError as exc:
        raise QueryError(f"filter cannot be read: {exc}") from exc
    return _condition(value, node)


def read_order(text: str, node: NodeType) -> list[tuple[str, bool]]:
    """An orderBy string as columns in a total order; `_id` stands for the columns of the key. Raises: QueryError"""
    try:
        value = parse_relaxed(text)
    except LanguageError as exc:
        raise QueryError(f"orderBy cannot be read: {exc}") from exc
    order: list[tuple[str, bool]] = []
    for part in value if isinstance(value, list) else [value]:
        _collect_order(part, node.members, node, order)
    return complete_order(node.table, order)


def cursor_of(values: Sequence[Any]) -> str:
    """A page cursor: the list of sort values and a check number, as in `["AO005"]#40`."""
    keys = json.dumps([_plain(v) for v in values], ensure_ascii=False, separators=(",", ":"))
    return f"{keys}#{zlib.crc32(keys.encode()) % 100:02d}"


def parse_cursor(text: str, order: Sequence[tuple[str, bool]]) -> list[Any]:
    """The sort values in a cursor. Raises: QueryError when it was not made for this order or was changed"""
    keys, _, check = text.rpartition("#")
    if not keys or check != f"{zlib.crc32(keys.encode()) % 100:02d}":
        raise QueryError("invalid cursor")
    values = json.loads(keys)
    if len(values) != len(order):
        raise QueryError("the cursor belongs to another orderBy")
    return [_literal(column, value) for (column, _), value in zip(order, values, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


def _condition(value: Any, node: NodeType) -> Condition:
    if isinstance(value, list):
        return all_of([_condition(part, node) for part in value]) if value else Condition(lambda row: True)
    if not isinstance(value, dict):
        raise QueryError("a filter is an object or a list of objects")
    parts = [_member(name, wanted, node.members, node) for name, wanted in value.items()]
    return all_of(parts) if parts else Condition(lambda row: True)


def _member(name: str, wanted: Any, members: Mapping[str, Member], node: NodeType) -> Condition:
    if name in ("_and", "_or"):
        if not isinstance(wanted, list) or not wanted:
            raise QueryError(f"{name} needs a list")
        return (all_of if name == "_and" else any_of)([_condition(part, node) for part in wanted])
    member = members.get(name)
    if member is None or isinstance(member, Collection):
        raise QueryError(f"unknown property {name!r} in filter of {node.name}")
    if name == "_id" and members is node.members:
        return _test(wanted, lambda op, v: _by_id(op, v, node))
    if isinstance(member, Reference) and isinstance(wanted, dict) and not _is_operators(wanted, member):
        return all_of([_member(inner, below, member.members, node) for inner, below in wanted.items()])
    column, menu = member.column, member.menu if isinstance(member, Leaf) else None
    return _test(wanted, lambda op, v: compared(column, op, _literal(column, v, menu)))


def _is_operators(wanted: Mapping[str, Any], member: Reference) -> bool:
    return all(key.startswith("_") and key not in member.members for key in wanted)


def _test(wanted: Any, one: Callable[[str, Any], Condition]) -> Condition:
    if not isinstance(wanted, dict):
        return one("eq", wanted)
    parts: list[Condition] = []
    for op, value in wanted.items():
        if op == "_in":
            parts.append(any_of([one("eq", v) for v in value]) if value else Condition(lambda row: False))
        elif op == "_nin":
            parts += [one("ne", v) for v in value]
        elif op in _OPERATORS:
            parts.append(one(_OPERATORS[op], value))
        else:
            raise QueryError(f"unknown operator {op!r} in filter")
    return all_of(parts)


def _by_id(op: str, value: Any, node: NodeType) -> Condition:
    """A test of `_id`: the key's columns joined by `|`."""
    columns, parts = KEYS[node.table], str(value).split("|")
    if len(columns) == 1:
        return compared(columns[0], op, str(value))
    if len(parts) != len(columns) or op not in ("eq", "ne"):
        raise QueryError(f"_id {value!r} cannot be tested by {op}")
    equal = all_of([compared(c, "eq", _literal(c, p)) for c, p in zip(columns, parts, strict=True)])
    return equal if op == "eq" else Condition(lambda row: not equal.test(row))


def _literal(column: str, value: Any, menu: int | None = None) -> Any:
    """A value of the filter in the column's own type. Raises: QueryError"""
    try:
        if isinstance(value, bool):
            return 2 if value else 1
        if menu is not None and isinstance(value, str):
            return next(number for number, word in MENUS[menu].items() if word == value)
        if isinstance(value, str) and column == "UPDDATTIM":
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        if isinstance(value, str) and column in _DATES:
            return date.fromisoformat(value)
        if isinstance(value, str) and column in NUMBERED:
            return int(value)
    except (ValueError, StopIteration):
        raise QueryError(f"invalid value {value!r} for {column}") from None
    return value


def _collect_order(part: Any, members: Mapping[str, Any], node: NodeType, order: list[tuple[str, bool]]) -> None:
    if not isinstance(part, dict):
        raise QueryError("an orderBy is an object or a list of objects")
    for name, way in part.items():
        member = members.get(name)
        if member is None or isinstance(member, Collection):
            raise QueryError(f"unknown property {name!r} in orderBy of {node.name}")
        if isinstance(way, dict) and isinstance(member, Reference):
            _collect_order(way, member.members, node, order)
        elif way not in (1, -1):
            raise QueryError(f"orderBy of {name!r} is 1 or -1")
        elif name == "_id" and members is node.members:
            order += [(column, way == -1) for column in KEYS[node.table] if column not in dict(order)]
        else:
            order.append((member.column, way == -1))
