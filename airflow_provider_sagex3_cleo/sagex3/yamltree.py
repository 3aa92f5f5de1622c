"""YAML that remembers where each value stands, so that a fault can name file, line and field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from airflow_provider_sagex3_cleo.errors import SettingFault

__all__ = ["Node", "merge", "parse"]

_SYSTEM = "entity specification"


@dataclass(frozen=True)
class Node:
    """One value of a YAML file: `value` is a dict of Nodes, a list of Nodes, or a scalar. `line` counts from 1."""

    value: Any
    file: str
    line: int
    path: str

    def fault(self, found: str, *, expected: str = "", remedy: str = "correct the file and run again") -> SettingFault:
        """A SettingFault that names file, line and field of this node."""
        where = f"{self.file}:{self.line}: {self.path}" if self.path else f"{self.file}:{self.line}"
        return SettingFault(found, system=_SYSTEM, field=where, expected=expected, remedy=remedy)

    def mapping(self, known: Iterable[str] | None = None) -> dict[str, Node]:
        """The value as a mapping; with `known`, a key outside it is a fault that lists the known ones."""
        if not isinstance(self.value, dict):
            raise self.fault("is not a mapping", expected="name: value pairs")
        if known is not None:
            allowed = tuple(known)
            for key, node in self.value.items():
                if key not in allowed:
                    raise node.fault(f"unknown field '{key}'", expected="one of " + ", ".join(allowed))
        return self.value

    def items(self) -> list[Node]:
        """The value as a list."""
        if not isinstance(self.value, list):
            raise self.fault("is not a list", expected="[a, b, ...]")
        return self.value

    def get(self, key: str) -> Node:
        """A field that must be there."""
        found = self.mapping().get(key)
        if found is None or found.value is None:
            raise self.fault(f"field '{key}' is missing")
        return found

    def opt(self, key: str) -> Node | None:
        """A field that may be absent or null."""
        found = self.mapping().get(key)
        return None if found is None or found.value is None else found

    def text(self) -> str:
        """The value as text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.fault("is not a text", expected="a name")
        return self.value.strip()

    def integer(self, least: int = 1) -> int:
        """The value as a whole number, at least `least`."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < least:
            raise self.fault("is not such a number", expected=f"a whole number of at least {least}")
        return self.value

    def names(self, known: Iterable[str] | None = None) -> tuple[str, ...]:
        """The value as a list of names, each one of `known` where that is given."""
        allowed = None if known is None else tuple(known)
        found = []
        for node in self.items():
            name = node.text()
            if allowed is not None and name not in allowed:
                raise node.fault(f"unknown name '{name}'", expected="one of " + ", ".join(allowed))
            found.append(name)
        return tuple(found)


def parse(text: str, file: str) -> Node:
    """The document as a tree of nodes.

    Raises: SettingFault for text that is not YAML, an empty document, or a key that stands twice."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        here = Node(None, file, (mark.line + 1) if mark else 1, "")
        raise here.fault(f"is not YAML ({getattr(problem, 'problem', None) or 'unreadable'})") from problem
    if root is None:
        raise Node(None, file, 1, "").fault("is empty", expected="entity names with their fields")
    return _node(root, file, "")


def _node(raw: yaml.Node, file: str, path: str) -> Node:
    line = raw.start_mark.line + 1
    if isinstance(raw, yaml.MappingNode):
        found: dict[str, Node] = {}
        for key_node, value_node in raw.value:
            key = str(key_node.value)
            child = _node(value_node, file, f"{path}.{key}" if path else key)
            child = Node(child.value, file, key_node.start_mark.line + 1, child.path)
            if key in found:
                raise child.fault(f"stands twice (first in line {found[key].line})")
            found[key] = child
        return Node(found, file, line, path)
    if isinstance(raw, yaml.SequenceNode):
        return Node([_node(each, file, f"{path}[{at}]") for at, each in enumerate(raw.value)], file, line, path)
    return Node(_scalar(raw), file, line, path)


def _scalar(raw: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(raw, deep=True)
    finally:
        loader.dispose()


def merge(base: Node, over: Node) -> Node:
    """`over` laid on `base`: mappings field by field, anything else replaced; a null takes a field out."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    return Node(dict(_merged(base.value, over.value)), over.file, over.line, over.path)


def _merged(base: dict[str, Node], over: dict[str, Node]) -> Iterator[tuple[str, Node]]:
    for key, node in base.items():
        if key not in over:
            yield key, node
        elif over[key].value is not None:
            yield key, merge(node, over[key])
    for key, node in over.items():
        if key not in base and node.value is not None:
            yield key, node
