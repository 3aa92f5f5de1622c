"""What the fake's GraphQL schema says of itself: `__schema{queryType}` and `__type(name)`, columns in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_sagex3_cleo.sandbox.x3_language import Field
from airflow_provider_sagex3_cleo.sandbox.x3_schema import MENUS, Collection, Member, NodeType, Reference

__all__ = ["introspect", "is_introspection"]

Type = dict[str, Any]


def is_introspection(selection: Sequence[Field]) -> bool:
    """Whether a query asks for the schema and nothing else."""
    return bool(selection) and all(root.name in ("__schema", "__type") for root in selection)


def introspect(selection: Sequence[Field], packages: Mapping[str, Mapping[str, NodeType]]) -> dict[str, Any]:
    """The data of an introspection query over the nodes of all packages."""
    types = _types(packages)
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


def _types(packages: Mapping[str, Mapping[str, NodeType]]) -> dict[str, Type]:
    found: dict[str, Type] = {}
    roots = {root: (root, _object(root[0].upper() + root[1:])) for root in packages}
    _add(found, "Query", {"x3Stock": ("", _object("X3Stock")), **roots})
    _add(found, "X3Stock", {"lot": ("Lot", _object("LotQueries"))})
    _add(found, "LotQueries", {"read": ("", _object("Lot"))})
    for root, nodes in packages.items():
        queries = {name: (node.name, _object(f"{node.name}Queries")) for name, node in nodes.items()}
        _add(found, root[0].upper() + root[1:], queries)
        for node in nodes.values():
            _add(found, f"{node.name}Queries", {
                "query": ("", _object(f"{node.name}Connection")), "read": ("", _object(node.name)),
            })  # fmt: skip
            _add_node(found, node)
    for number, words in MENUS.items():
        found[f"Menu{number}"] = {
            "name": f"Menu{number}", "kind": "ENUM", "fields": None,
            "enumValues": [{"name": word} for word in words.values()],
        }  # fmt: skip
    return found


def _add_node(found: dict[str, Type], node: NodeType) -> None:
    """A node with what lies around its rows."""
    connection, edge = f"{node.name}Connection", f"{node.name}Edge"
    _add(found, f"{node.name}Collection", {"query": ("", _object(connection))})
    _add(found, connection, {"edges": ("", _wrapped("LIST", _object(edge)))})
    _add(found, edge, {"node": ("", _wrapped("NON_NULL", _object(node.name))), "cursor": ("", _scalar("String"))})
    _add_members(found, node.name, node.members)


def _add_members(found: dict[str, Type], name: str, members: Mapping[str, Member]) -> None:
    fields: dict[str, tuple[str, Type]] = {}
    for member_name, member in members.items():
        words = "".join(f" {c.lower()}" if c.isupper() else c for c in member_name).capitalize()
        if isinstance(member, Collection):
            _add_node(found, member.node)
            fields[member_name] = (words, _object(f"{member.node.name}Collection"))
        elif isinstance(member, Reference):
            _add_members(found, member.type_name, member.members)
            fields[member_name] = (f"{words} ({member.column})", _object(member.type_name))
        else:
            inner = _scalar("Boolean" if member.boolean else "String")
            if member.menu:
                inner = {"name": f"Menu{member.menu}", "kind": "ENUM", "ofType": None}
            system = member_name.startswith("_") or member.column == "PLACE"
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
