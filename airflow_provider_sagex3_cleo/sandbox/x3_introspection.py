"""What the fake's GraphQL schema says of itself: `__schema{queryType}` and `__type(name)`, columns in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_sagex3_cleo.sandbox.x3_language import Field
from airflow_provider_sagex3_cleo.sandbox.x3_schema import MENUS, Leaf, NodeType, Reference

__all__ = ["introspect", "is_introspection"]

Type = dict[str, Any]


def is_introspection(selection: Sequence[Field]) -> bool:
    """Whether a query asks for the schema and nothing else."""
    return bool(selection) and all(root.name in ("__schema", "__type") for root in selection)


def introspect(selection: Sequence[Field], root: str, nodes: Mapping[str, NodeType]) -> dict[str, Any]:
    """The data of an introspection query over the nodes below one root."""
    types = _types(root, nodes)
    answers = {
        field.key: {"queryType": types["Query"]} if field.name == "__schema" else types.get(field.arguments["name"])
        for field in selection
    }
    return {field.key: _shown(answers[field.key], field.selection) for field in selection}


def _shown(value: Any, selection: Sequence[Field]) -> Any:
    """Only what was selected."""
    if isinstance(value, list):
        return [_shown(each, selection) for each in value]
    if not isinstance(value, dict) or not selection:
        return value
    return {field.key: _shown(value.get(field.name), field.selection) for field in selection}


def _types(root: str, nodes: Mapping[str, NodeType]) -> dict[str, Type]:
    top = root[0].upper() + root[1:]
    found: dict[str, Type] = {}
    _add(found, "Query", {"x3Stock": ("", _object("X3Stock")), root: ("Purchasing", _object(top))})
    _add(found, "X3Stock", {"lot": ("Lot", _object("LotQueries"))})
    _add(found, "LotQueries", {"read": ("", _object("Lot"))})
    _add(found, top, {name: (node.name, _object(f"{node.name}Queries")) for name, node in nodes.items()})
    for node in nodes.values():
        connection, edge = f"{node.name}Connection", f"{node.name}Edge"
        below = {name: ("Lines", _object(f"{nodes[other].name}Collection")) for name, other in node.collections.items()}
        _add(found, f"{node.name}Queries", {"query": ("", _object(connection)), "read": ("", _object(node.name))})
        _add(found, f"{node.name}Collection", {"query": ("", _object(connection))})
        _add(found, connection, {"edges": ("", _wrapped("LIST", _object(edge)))})
        _add(found, edge, {"node": ("", _wrapped("NON_NULL", _object(node.name))), "cursor": ("", _scalar("String"))})
        _add_node(found, node.name, node.members, below)
    for number, words in MENUS.items():
        found[f"Menu{number}"] = {
            "name": f"Menu{number}", "kind": "ENUM", "fields": None,
            "enumValues": [{"name": word} for word in words.values()],
        }  # fmt: skip
    return found


def _add_node(
    found: dict[str, Type], name: str, members: Mapping[str, Leaf | Reference], more: Mapping[str, tuple[str, Type]]
) -> None:
    fields = dict(more)
    for member_name, member in members.items():
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in member_name).capitalize()
        if isinstance(member, Reference):
            _add_node(found, member.type_name, member.members, {})
            fields[member_name] = (f"{words} ({member.column})", _object(member.type_name))
        else:
            inner = {"name": f"Menu{member.menu}", "kind": "ENUM", "ofType": None} if member.menu else _scalar("String")
            system = member_name.startswith("_")
            fields[member_name] = (words if system else f"{words} ({member.column})", _wrapped("NON_NULL", inner))
    _add(found, name, fields)


def _add(found: dict[str, Type], name: str, fields: Mapping[str, tuple[str, Type]]) -> None:
    found[name] = {
        "name": name, "kind": "OBJECT", "enumValues": None,
        "fields": [{"name": each, "description": words, "type": kind} for each, (words, kind) in fields.items()],
    }  # fmt: skip


def _object(name: str) -> Type:
    return {"name": name, "kind": "OBJECT", "ofType": None}


def _scalar(name: str) -> Type:
    return {"name": name, "kind": "SCALAR", "ofType": None}


def _wrapped(kind: str, inner: Type) -> Type:
    return {"name": None, "kind": kind, "ofType": inner}
