"""Describe: what this site's GraphQL schema calls the columns of an entity, as an entity file of what differs.

Introspection is open, and most descriptions end with the X3 column in brackets: "Code (BPCNUM)". Names differ between
releases and sites; a path is taken over only where the schema has every step of it. Source: public notes on V12.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.sagex3.graphql_text import up_to_rows
from airflow_provider_sagex3_cleo.sagex3.sessions import SessionTransport
from airflow_provider_sagex3_cleo.sagex3.settings import SageX3Settings
from airflow_provider_sagex3_cleo.sagex3.spec import Column, EntitySpec
from airflow_provider_sagex3_cleo.sagex3.spec_types import GraphqlSource, word_key
from airflow_provider_sagex3_cleo.transport import Answer

__all__ = ["Description", "Schema", "SchemaField", "SchemaType", "describe"]

_COLUMN = re.compile(r"\(([A-Z][A-Z0-9_]{1,19})\)\s*$")
_TYPE = (
    "query($t:String!){__type(name:$t){name fields{name description type{name kind ofType{name kind ofType{name kind "
    "ofType{name kind}}}}} enumValues{name}}}"
)
_ASK = "ask the administrator whether introspection is allowed for this user"
_BARRING = "no property was taken for it, and a gate asks for it: without its `graphql` name nothing is read by GraphQL"
_KEYS = ("code", "id", "_id")
_DEEP = 3


@dataclass(frozen=True)
class SchemaField:
    """A property: its X3 column where the description names one, and the name of its type."""

    name: str
    column: str | None
    type_name: str
    is_object: bool
    is_enum: bool = False


@dataclass(frozen=True)
class SchemaType:
    """A type of the schema; `words` are an enumeration's."""

    fields: Mapping[str, SchemaField]
    words: tuple[str, ...]


@dataclass
class Description:
    """What was found: one line per column that is not as specified, and what a site's file has to say.

    `same` is the number of columns that the site has under the specified name; `more` are columns that it has and the
    specification does not name, with their types; `barring` are columns of gates that were not found, without which
    nothing is read."""

    entity: str
    origin: str = "the site's GraphQL schema"
    lost: str = "no such property; `graphql: null` takes it out of the query"
    same: int = 0
    lines: list[str] = field(default_factory=list)
    differs: dict[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)
    barring: list[str] = field(default_factory=list)

    def file(self) -> str:
        """The entity file as YAML: only what differs; columns nobody found stand in it as comments."""
        head = f"# From {self.origin}; only what differs from the specification of the package.\n"
        body = yaml.safe_dump({self.entity: self.differs}, sort_keys=False)
        lost = [f"# {name}: {self.lost}\n" for name in self.missing if name not in self.barring]
        more = [f"# {name}: {{type: {kind}}} is there too\n" for name, kind in self.more.items()]
        barring = [f"# {name}: {_BARRING}\n" for name in self.barring]
        return head + body + "".join(lost + more + barring)


class Schema:
    """The site's schema, asked type by type."""

    def __init__(self, settings: SageX3Settings, transport: SessionTransport) -> None:
        self._settings, self._transport = settings, transport
        self._types: dict[str, SchemaType] = {}

    def query_type(self) -> str:
        """Name of the type at the top. Raises: RequestRejected where introspection is switched off."""
        found = self._ask("{__schema{queryType{name}}}", {}, "__schema")
        name = (found.get("queryType") or {}).get("name")
        return name if isinstance(name, str) else "Query"

    def type(self, name: str) -> SchemaType:
        """A type by name. Raises: RequestRejected where the schema does not show it."""
        if name not in self._types:
            found = self._ask(_TYPE, {"t": name}, f"type {name}")
            fields = [_field(raw) for raw in found.get("fields") or () if isinstance(raw, dict)]
            words = [str(raw.get("name")) for raw in found.get("enumValues") or () if isinstance(raw, dict)]
            self._types[name] = SchemaType({each.name: each for each in fields}, tuple(words))
        return self._types[name]

    def follow(self, type_name: str, path: Sequence[str]) -> SchemaField | None:
        """The property at the end of a path below a type; None where a step is missing. A collection's step ends
        with '[]' and leads to its rows."""
        here: SchemaField | None = None
        for step in _single_steps(path):
            if here is not None and not here.is_object:
                return None
            here = self.type(type_name).fields.get(step)
            if here is None:
                return None
            type_name = here.type_name
        return here

    def _ask(self, query: str, variables: Mapping[str, Any], what: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def accept(answer: Answer) -> None:
            try:
                data = answer.json().get("data")
            except (ValueError, AttributeError) as problem:
                raise e.NotJson("the answer is not a GraphQL answer", system="sagex3", field=what) from problem
            value = next(iter(data.values()), None) if isinstance(data, dict) else None
            if not isinstance(value, dict):
                raise e.RequestRejected("the schema does not show this", system="sagex3", field=what)
            found[:] = [value]

        try:
            self._transport.send(
                "POST", self._settings.graphql_path, repeatable=True,
                json={"query": query, "variables": dict(variables)},
                headers={"x-xtrem-endpoint": self._settings.folder}, accept=accept,
            )  # fmt: skip
        except e.RequestRejected as problem:
            problem.remedy = _ASK
            raise
        return found[0]


def describe(spec: EntitySpec, schema: Schema) -> Description:
    """Compare one entity specification with the site's schema.

    Raises:
        NotFound: no package of the schema has the node.
        RequestRejected: introspection is off.
        SettingFault: the entity has no GraphQL part."""
    found, graphql = Description(spec.name), spec.graphql_source or spec.graphql
    root, root_type = _root(graphql.root, graphql.node, spec.name, schema)
    where: dict[str, Any] = {}
    if root != graphql.root:
        where["root"] = root
        found.lines.append(f"root: {root} instead of {graphql.root}")
    node_type = _row_type(schema, root_type, graphql.node)
    assert node_type is not None, "the root was chosen by it"
    columns = dict(_compare(found, spec.columns, schema, node_type, "", spec.gates, graphql.beside))
    if sources := _sources(found, spec.name, graphql, schema):
        where["sources"] = sources
    line_columns: dict[str, Any] = {}
    line_type = _row_type(schema, root_type, graphql.line_node) if graphql.line_node else None
    if spec.lines is not None and line_type is None:
        found.lines.append(f"lines: no node {graphql.line_node}")
        found.missing.append("graphql.line_node")
    elif spec.lines is not None and line_type is not None:
        line_columns = dict(_compare(found, spec.lines.columns, schema, line_type, "lines.", spec.line_gates))
        lines = _collection(schema, node_type, graphql.lines, line_type)
        if lines is None:
            found.missing.append("graphql.lines")
        elif lines != graphql.lines:
            where["lines"] = lines
            found.lines.append(f"lines: {lines} instead of {graphql.lines}")
    parts = {"columns": columns, "lines": {"columns": line_columns} if line_columns else {}, "graphql": where}
    found.differs = {name: part for name, part in parts.items() if part}
    return found


def _root(specified: str, node: str, entity: str, schema: Schema) -> tuple[str, str]:
    """The package that has the node: the specified one, else the first other one."""
    packages = schema.type(schema.query_type()).fields
    for name in sorted(packages, key=lambda each: (each != specified, each)):
        each = packages[name]
        if each.is_object and _row_type(schema, each.type_name, node) is not None:
            return name, each.type_name
    raise e.NotFound(
        f"no package of the schema has the node {node}", system="sagex3", record=entity,
        remedy="check the user's rights, and whether X3 Services is installed for this folder",
    )  # fmt: skip


def _sources(found: Description, entity: str, graphql: GraphqlSource, schema: Schema) -> dict[str, dict[str, str]]:
    """The key sources whose node lies in another package than specified; a path that is missing is told."""
    differs = {}
    for name, source in graphql.sources.items():
        if source.same_as is not None or (source.root is None and source.node in (graphql.node, graphql.line_node)):
            continue
        specified = source.root or graphql.root
        root, root_type = _root(specified, source.node, entity, schema)
        row_type = _row_type(schema, root_type, source.node) or ""
        for path in (*source.record_key, *((each,) for each in source.only), (graphql.stamp,)):
            if schema.follow(row_type, path) is None:
                found.lines.append(f"source {name}: {root}.{source.node} has no {'.'.join(path)}")
                found.missing.append(f"graphql.sources.{name}")
        if root != specified:
            differs[name] = {"root": root}
            found.lines.append(f"source {name}: root {root} instead of {specified}")
    return differs


def _row_type(schema: Schema, type_name: str, node: str) -> str | None:
    """The type of the rows that `node{query{edges{node}}}` gives."""
    end = schema.follow(type_name, (node, "query", "edges", "node"))
    return None if end is None else end.type_name


def _collection(schema: Schema, type_name: str, specified: str | None, line_type: str) -> str | None:
    """The property of the header that holds the lines."""
    names = sorted(schema.type(type_name).fields, key=lambda each: (each != specified, each))
    for name in names:
        each = schema.type(type_name).fields[name]
        if each.is_object and schema.type(each.type_name).fields.keys() >= {"query"}:
            end = schema.follow(each.type_name, ("query", "edges", "node"))
            if end is not None and end.type_name == line_type:
                return name
    return None


def _compare(
    found: Description, columns: Mapping[str, Column], schema: Schema, type_name: str, prefix: str,
    gates: Collection[str], beside: tuple[str, ...] | None = None,
) -> Iterator[tuple[str, dict[str, str]]]:  # fmt: skip
    """Yield the columns that have another path in this schema; count and tell the others.

    A column is looked for on the node, on the node of the second header (`beside`), and in the column's collection. Of
    two properties that name it, none is taken."""
    for name, column in columns.items():
        path = None if column.graphql is None else ".".join(column.graphql)
        end = schema.follow(type_name, column.graphql) if column.graphql else None
        if end is not None and not end.is_object:
            found.same += 1
            _check_words(found, schema, column, end, prefix)
            continue
        rows = up_to_rows(column.graphql or ())
        homes = [rows] if column.slots else [(), *([beside] if beside else [])]
        better = _by_column(schema, type_name, name, homes)
        if len(better) == 1:
            told = ".".join(better[0])
            found.lines.append(f"{prefix}{name}: {told}" + (f" instead of {path}" if path else ", not specified"))
            if (end := schema.follow(type_name, better[0])) is not None:
                _check_words(found, schema, column, end, prefix)
            yield name, {"graphql": told}
            continue
        both = " and ".join(map(".".join, better))
        why = f"{both} have its name in their descriptions; choose one" if both else "not found"
        found.lines.append(f"{prefix}{name}: {why} ({f'specified as {path}' if path else 'not specified'})")
        if name in gates:
            found.barring.append(f"{prefix}{name}")
        if name in gates or path is not None:
            found.missing.append(f"{prefix}{name}")


def _by_column(
    schema: Schema, type_name: str, column: str, homes: Sequence[tuple[str, ...]]
) -> list[tuple[str, ...]]:  # fmt: skip
    """The paths of the properties whose descriptions end with this column; through a reference to its key.

    `homes` are the paths below which they may lie; the first one that has any counts."""
    for home in homes:
        end = schema.follow(type_name, home)
        if home and (end is None or not end.is_object):
            continue
        fields = schema.type(end.type_name if end else type_name).fields.values()
        named = [each for each in fields if each.column == column]
        if named:
            if len(named) > 1:
                return [(*home, each.name) for each in named]
            below = _key_below(schema, named[0]) if named[0].is_object else ()
            return [] if below is None else [(*home, named[0].name, *below)]
    return []


def _key_below(schema: Schema, reference: SchemaField, deep: int = _DEEP) -> tuple[str, ...] | None:
    """Steps from a reference down to the value of its key."""
    fields = schema.type(reference.type_name).fields if deep else {}
    for name in _KEYS:
        if name in fields:
            below = _key_below(schema, fields[name], deep - 1) if fields[name].is_object else ()
            if below is not None:
                return (name, *below)
    return None


def _check_words(found: Description, schema: Schema, column: Column, end: SchemaField, prefix: str) -> None:
    if column.type.menu is None or not end.is_enum:  # a flag may be true or false
        return
    known = column.type.menu.values
    strange = [word for word in schema.type(end.type_name).words if word_key(word) not in known]
    if strange:
        found.lines.append(
            f"{prefix}{column.name}: menu {column.type.menu.number} has words nobody knows: {', '.join(strange)}; add "
            "them under `menus`"
        )


def _single_steps(path: Sequence[str]) -> Iterator[str]:
    for step in path:
        yield step.removesuffix("[]")
        if step.endswith("[]"):
            yield from ("query", "edges", "node")


def _field(raw: Mapping[str, Any]) -> SchemaField:
    named = _COLUMN.search(str(raw.get("description") or ""))
    inner = raw.get("type") or {}
    while inner.get("ofType"):
        inner = inner["ofType"]
    kind = inner.get("kind")
    return SchemaField(
        str(raw.get("name")), named[1] if named else None, str(inner.get("name")), kind == "OBJECT", kind == "ENUM"
    )
