"""A transaction set as a tree: each segment with its named values, and inside it what its loop or level holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from airflow_provider_sagex3_cleo.x12 import standard
from airflow_provider_sagex3_cleo.x12.envelope import release_of
from airflow_provider_sagex3_cleo.x12.fields import Field, fields
from airflow_provider_sagex3_cleo.x12.model import RELEASES
from airflow_provider_sagex3_cleo.x12.reader import (
    Group,
    Interchange,
    Segment,
    Separators,
    TransactionSet,
    element,
    interchanges,
)
from airflow_provider_sagex3_cleo.x12.structure import structure

__all__ = ["Node", "as_json", "node_of", "tables_of", "tree", "walk"]


@dataclass(slots=True)
class Node:
    """A segment, its name and values, and the segments of the loop it opens (of an HL: of the levels below as well)."""

    segment: Segment
    name: str
    fields: list[Field]
    inside: list[Node] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.segment.elements[0]


def tables_of(interchange: Interchange, group: Group | None = None) -> standard.Release:
    """The tables that describe an interchange or a group best."""
    named = release_of(group) if group else None
    version = element(interchange.header, 12)
    fitting = (r for r in RELEASES if standard.release(r).isa12 == version)
    return standard.release(named or next(fitting, RELEASES[0]))


def tree(tables: standard.Release, item: TransactionSet, separators: Separators) -> list[Node]:
    """The set as a tree, ST and SE included. A set without tables is a plain list."""
    nodes = [node_of(tables, segment, separators) for segment in item.segments]
    if item.set_id not in tables.sets:
        return nodes
    order = structure(tables.name, item.set_id)
    _, states = order.check([node.id for node in nodes])
    top: list[Node] = []
    opened: list[tuple[int, Node]] = []
    levels: dict[str, Node] = {}
    for node, state in zip(nodes, states, strict=True):
        around = [opener for opener in order.loops[state] if opener != state]
        while opened and [opener for opener, _ in opened] != around[: len(opened)]:
            opened.pop()
        parent = levels.get(element(node.segment, 2)) if node.id == "HL" else None
        target = parent.inside if parent else opened[-1][1].inside if opened else top
        target.append(node)
        if state in order.loops[state]:
            opened.append((state, node))
        if node.id == "HL":
            levels[element(node.segment, 1)] = node
    return top


def node_of(tables: standard.Release, segment: Segment, separators: Separators) -> Node:
    """One segment with its name and values."""
    described = tables.segments.get(segment.elements[0])
    named = list(fields(tables, segment.elements, separators.component))
    return Node(segment, described.name if described else "(not in our tables)", named)


def as_json(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    """Each interchange of a stream as plain JSON values: envelope, groups, sets, segments with names and meanings.

    Raises:
        ReadFault: the file does not begin with a usable ISA."""
    for interchange in interchanges(stream):
        tables, marks = tables_of(interchange), interchange.separators
        yield {
            "header": _json(node_of(tables, interchange.header, marks)),
            "delimiters": dict(zip(("segment", "element", "component", "repetition"), marks, strict=True)),
            "acknowledgments": [_json(node_of(tables, ta1, marks)) for ta1 in interchange.acknowledgments],
            "groups": [
                {
                    "header": _json(node_of(tables_of(interchange, group), group.header, marks)),
                    "sets": [
                        {
                            "set": item.set_id,
                            "control": item.control,
                            "segments": [_json(x) for x in tree(tables_of(interchange, group), item, marks)],
                        }
                        for item in group.sets
                    ],
                }
                for group in interchange.groups
            ],
        }


def _json(node: Node) -> dict[str, Any]:
    values: dict[str, Any] = {"segment": node.id, "name": node.name, "position": node.segment.position}
    values["elements"] = [_field(x) for x in node.fields]
    if node.inside:
        values["inside"] = [_json(x) for x in node.inside]
    return values


def _field(value: Field) -> dict[str, str]:
    found = {"element": value.place, "name": value.name, "value": value.value}
    return {**found, "meaning": value.meaning} if value.meaning else found


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """All nodes of a tree, each before what is inside it."""
    for node in nodes:
        yield node
        yield from walk(node.inside)
