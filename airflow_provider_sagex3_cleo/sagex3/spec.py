"""Entity specifications: the defaults that come with the package, and a site's YAML laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any, cast

from airflow_provider_sagex3_cleo.errors import SettingFault
from airflow_provider_sagex3_cleo.sagex3.spec_types import (
    VERDICTS,
    Attached,
    ChildSpec,
    Column,
    ColumnType,
    Constant,
    EntitySpec,
    GateRule,
    GraphqlKeySource,
    GraphqlSource,
    Kind,
    Menu,
    Related,
    RestKeySource,
    RestLines,
    RestSource,
    Verdict,
    word_key,
)
from airflow_provider_sagex3_cleo.sagex3.yamltree import Node, merge, parse

__all__ = ["ChildSpec", "Column", "ColumnType", "EntitySpec", "GateRule", "GraphqlSource", "RestSource", "load_specs"]

_TOP = (
    "name", "key", "stamp", "business_date", "line_count", "sources", "menus", "columns", "lines", "gates",
    "line_gates", "rest", "graphql", "related", "unique", "attached", "load",
)  # fmt: skip
_KINDS = ("text", "clob", "int", "decimal", "date", "time", "datetime")


def load_specs(path: str | Path | None = None) -> dict[str, EntitySpec]:
    """All entities by name: the package's own, with the site's file laid over them where `path` is given.

    The site's file names entities at its top; below, only what differs. A field set to null is taken out.

    Raises: SettingFault naming file, line and field, with the known fields."""
    trees = _defaults()
    if path is not None:
        site = Path(path)
        try:
            text = site.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise SettingFault(
                "the file cannot be read", system="entity specification", field=str(site),
                remedy="check the path and its rights",
            ) from problem  # fmt: skip
        for name, over in parse(text, site.name).mapping(trees).items():
            trees[name] = merge(trees[name], over)
    found = {name: _entity(tree) for name, tree in trees.items()}
    return {name: _with_related(spec, trees[name].opt("related"), found) for name, spec in found.items()}


def _defaults() -> dict[str, Node]:
    folder = resources.files("airflow_provider_sagex3_cleo.sagex3") / "entities"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            tree = parse(file.read_text(encoding="utf-8"), file.name)
            found[tree.get("name").text()] = tree
    return found


def _entity(tree: Node) -> EntitySpec:
    tree.mapping(_TOP)
    menus = _menus(tree.opt("menus"))
    columns = _columns(tree.get("columns"), menus, with_tables=False)
    lines_node = tree.opt("lines")
    lines = None if lines_node is None else _lines(lines_node, menus)
    sources = tree.get("sources").names()
    count, graphql = tree.opt("line_count"), tree.opt("graphql")
    business_date, unique, load = tree.opt("business_date"), tree.opt("unique"), tree.opt("load")
    by_rest = tree.get("rest").get("sources")
    spec = EntitySpec(
        name=tree.get("name").text(),
        key=tree.get("key").names(columns),
        stamp=_one_of(tree.get("stamp"), columns),
        business_date=None if business_date is None else _one_of(business_date, columns),
        line_count=None if count is None else _one_of(count, columns),
        sources=sources,
        columns=columns,
        lines=lines,
        gates=_gates(tree.opt("gates"), columns),
        line_gates=_gates(tree.opt("line_gates"), {} if lines is None else lines.columns),
        rest=_rest(tree.get("rest"), sources),
        graphql_source=None if graphql is None else _graphql(graphql, sources, by_rest.mapping()),
        menus=menus,
        attached=_attached(tree.opt("attached"), columns, menus),
        unique=() if unique is None else unique.names(columns),
        load=() if load is None else load.names(columns),
    )
    for each in spec.rest.sources.values():
        if each.through is not None and each.through not in columns:
            raise tree.get("rest").fault(f"unknown column '{each.through}'", expected="one of " + ", ".join(columns))
    if spec.columns[spec.stamp].type.kind != "datetime":
        raise tree.get("stamp").fault("is not a datetime column")
    if spec.business_date is not None and spec.columns[spec.business_date].type.kind != "date":
        raise tree.get("business_date").fault("is not a date column")
    key_columns = [(name, spec.columns[name]) for name in spec.key]
    if lines is not None:
        key_columns += [(f"lines.{name}", lines.columns[name]) for name in lines.key]
    for shown, column in key_columns:
        if graphql is not None and column.graphql is None:
            raise tree.get("key").fault(f"the key column '{shown}' has no GraphQL path")
    return spec


def _one_of(node: Node, known: Mapping[str, Any]) -> str:
    name = node.text()
    if name not in known:
        raise node.fault(f"unknown column '{name}'", expected="one of " + ", ".join(known))
    return name


def _menus(node: Node | None) -> dict[int, Menu]:
    found: dict[int, Menu] = {}
    for number, words in {} if node is None else node.mapping().items():
        if not number.isdigit():
            raise words.fault("a menu is named by its number")
        by_value = {}
        for value, word in words.mapping().items():
            if not value.isdigit():
                raise word.fault("a menu's value is a whole number")
            by_value[int(value)] = word.text()
        menu = Menu(int(number), by_value)
        if len(menu.values) != len(by_value):
            raise words.fault("two values have one word")
        found[menu.number] = menu
    return found


def _type(node: Node, menus: Mapping[int, Menu]) -> ColumnType:
    text = node.text()
    if text in _KINDS:
        return ColumnType(cast(Kind, text))
    first, _, number = text.partition(" ")
    if first == "menu" and number.isdigit() and int(number) in menus:
        return ColumnType("menu", menus[int(number)])
    known = [*_KINDS, *(f"menu {number}" for number in menus)]
    raise node.fault(f"unknown type '{text}'", expected="one of " + ", ".join(known))


def _columns(node: Node, menus: Mapping[int, Menu], *, with_tables: bool) -> dict[str, Column]:
    known = ("type", "graphql", "assumed", "optional", *(("rest",) if with_tables else ("slots", "leader")))
    found: dict[str, Column] = {}
    for name, each in node.mapping().items():
        each.mapping(known)
        path, tables, assumed, slots = (each.opt(key) for key in ("graphql", "rest", "assumed", "slots"))
        leader, optional = each.opt("leader"), each.opt("optional")
        for flag in (assumed, optional):
            if flag is not None and not isinstance(flag.value, bool):
                raise flag.fault("is not true or false")
        found[name] = Column(
            name=name,
            type=_type(each.get("type"), menus),
            graphql=None if path is None else _path(path, array=slots is not None),
            tables=() if tables is None else tables.names(),
            assumed=assumed is not None and bool(assumed.value),
            slots=0 if slots is None else slots.integer(),
            leader=None if leader is None else leader.text(),
            optional=optional is not None and bool(optional.value),
        )
    for name, column in found.items():
        if column.leader is not None and not (column.slots and column.leader in found and found[column.leader].slots):
            raise node.get(name).fault("an array is led by another array")
    return found


def _path(node: Node, *, array: bool = False) -> tuple[str, ...]:
    """The steps of a GraphQL path. Raises: SettingFault where an array has no collection in it, or a value has one."""
    steps = tuple(node.text().split("."))
    if sum(step.endswith("[]") for step in steps) != array:
        raise node.fault("is no path of this column", expected="names with dots; in an array's one name ends with []")
    return steps


def _lines(node: Node, menus: Mapping[int, Menu]) -> ChildSpec:
    node.mapping(("key", "columns"))
    columns = _columns(node.get("columns"), menus, with_tables=True)
    return ChildSpec(key=node.get("key").names(columns), columns=columns)


def _gates(node: Node | None, columns: Mapping[str, Column]) -> dict[str, GateRule]:
    found: dict[str, GateRule] = {}
    for column, lists in {} if node is None else node.mapping(columns).items():
        verdicts: dict[int | str, Verdict] = {}
        for verdict, values in lists.mapping(VERDICTS).items():
            for value in values.items():
                if not isinstance(value.value, int | str) or isinstance(value.value, bool):
                    raise value.fault("is neither a number nor a word")
                key = _gate_value(value, columns[column].type)
                if key in verdicts:
                    raise value.fault(f"the value {value.value!r} stands in two lists")
                verdicts[key] = cast(Verdict, verdict)
        found[column] = GateRule(column, verdicts)
    return found


def _gate_value(node: Node, kind: ColumnType) -> int | str:
    """Numbers and words are both accepted for a menu; the number is what a record holds."""
    value: int | str = node.value
    if kind.menu is None or isinstance(value, int):
        return value
    number = kind.menu.values.get(word_key(value))
    if number is None:
        raise node.fault(f"unknown word '{value}'", expected="one of " + ", ".join(kind.menu.words.values()))
    return number


def _rest(node: Node, sources: tuple[str, ...]) -> RestSource:
    node.mapping(("sources", "details", "beside", "lines"))
    listed = node.get("sources").mapping()
    found = {}
    for name in sources:
        if name not in listed:
            raise node.get("sources").fault(f"source '{name}' is missing")
        each = listed[name]
        each.mapping(("class", "representation", "key", "only", "through"))
        through = each.opt("through")
        found[name] = RestKeySource(
            each.get("class").text(), each.get("representation").text(), _rest_key(each.get("key")),
            _constants(each.opt("only")), None if through is None else through.text(),
        )  # fmt: skip
    details = node.get("details")
    details.mapping(("class", "representation"))
    beside = node.opt("beside")
    if beside is not None:
        beside.mapping(("class", "representation"))
    return RestSource(
        sources=found,
        details_class=details.get("class").text(),
        details_representation=details.get("representation").text(),
        lines=_rest_lines(node.opt("lines"), sources),
        beside=None if beside is None else (beside.get("class").text(), beside.get("representation").text()),
    )


def _rest_key(node: Node) -> dict[str, str]:
    key = {column: kind.text() for column, kind in node.mapping().items()}
    for column, kind in key.items():
        if kind not in ("text", "int"):
            raise node.mapping()[column].fault(f"unknown type '{kind}'", expected="text or int")
    return key


def _attached(node: Node | None, columns: Mapping[str, Column], menus: Mapping[int, Menu]) -> dict[str, Attached]:
    found = {}
    for name, each in {} if node is None else node.mapping().items():
        each.mapping(("class", "representation", "match", "only", "key", "columns"))
        found[name] = Attached(
            cls=each.get("class").text(),
            representation=each.get("representation").text(),
            match={column: _one_of(own, columns) for column, own in each.get("match").mapping().items()},
            only=_constants(each.opt("only")),
            key=_rest_key(each.get("key")),
            columns=_columns(each.get("columns"), menus, with_tables=False),
        )
    return found


def _with_related(spec: EntitySpec, node: Node | None, known: Mapping[str, EntitySpec]) -> EntitySpec:
    """The specification with what its records name, of specifications that are read already."""
    found = {}
    for name, each in {} if node is None else node.mapping(known).items():
        each.mapping(("by", "columns", "lines"))
        other, lines = known[name], each.opt("lines")
        if len(other.key) != 1:
            raise each.fault("has a key of several columns, which one column cannot name")
        found[name] = Related(
            by=_one_of(each.get("by"), {} if spec.lines is None else spec.lines.columns),
            spec=other,
            columns=each.get("columns").names(other.columns),
            line_columns=() if lines is None else lines.names({} if other.lines is None else other.lines.columns),
        )
    return replace(spec, related=found) if found else spec


def _rest_lines(node: Node | None, sources: tuple[str, ...]) -> RestLines | None:
    if node is None:
        return None
    node.mapping(("child", "joined", "by", "sequence", "listed"))
    joined, sequence, listed = node.opt("joined"), node.opt("sequence"), node.opt("listed")
    if listed is not None and listed.text() not in sources:
        raise listed.fault(f"'{listed.text()}' is no source", expected="one of " + ", ".join(sources) + ", or null")
    pair = None if sequence is None else sequence.names()
    if sequence is not None and pair is not None and len(pair) != 2:
        raise sequence.fault("is not a pair", expected="[column of child, column of joined]")
    return RestLines(
        child=node.get("child").text(),
        joined=None if joined is None else joined.text(),
        by=node.get("by").names(),
        sequence=None if pair is None else (pair[0], pair[1]),
        listed=None if listed is None else listed.text(),
    )


def _constants(node: Node | None) -> dict[str, Constant]:
    found: dict[str, Constant] = {}
    for name, each in {} if node is None else node.mapping().items():
        if not isinstance(each.value, str | int):
            raise each.fault("is neither a text, a number nor true or false")
        found[name] = each.value
    return found


def _graphql(node: Node, sources: tuple[str, ...], by_rest: Iterable[str]) -> GraphqlSource:
    """Where GraphQL finds the entity; `by_rest` are the names of all sources of REST, used here or not."""
    node.mapping(
        ("root", "node", "stamp", "order", "lines", "lines_first", "line_node", "line_parent", "beside", "place",
         "sources", "rest_only")
    )  # fmt: skip
    listed, rest_only = node.get("sources").mapping(), node.opt("rest_only")
    hidden = () if rest_only is None else rest_only.names(name for name in by_rest if name != sources[0])
    found: dict[str, GraphqlKeySource] = {}
    for name in sources:
        if name in hidden:
            continue
        if name not in listed:
            raise node.get("sources").fault(f"source '{name}' is missing")
        each = listed[name]
        each.mapping(("root", "node", "record_key", "only", "same_as"))
        same_as = each.opt("same_as")
        if same_as is None:
            own_root, key = each.opt("root"), each.get("record_key")
            found[name] = GraphqlKeySource(
                each.get("node").text(),
                tuple(map(_path, key.value if isinstance(key.value, list) else [key])),
                None if own_root is None else own_root.text(),
                _constants(each.opt("only")),
            )
        elif same_as.text() in found:
            found[name] = replace(found[same_as.text()], same_as=same_as.text())
        else:
            raise same_as.fault(f"'{same_as.text()}' is no source before this one")
    lines, line_node, line_parent = node.opt("lines"), node.opt("line_node"), node.opt("line_parent")
    lines_first, beside, place = node.opt("lines_first"), node.opt("beside"), node.opt("place")
    return GraphqlSource(
        root=node.get("root").text(),
        node=node.get("node").text(),
        stamp=node.get("stamp").text(),
        order=node.get("order").names(),
        lines=None if lines is None else lines.text(),
        lines_first=100 if lines_first is None else lines_first.integer(),
        line_node=None if line_node is None else line_node.text(),
        line_parent=None if line_parent is None else line_parent.text(),
        sources=found,
        beside=None if beside is None else _path(beside),
        place=None if place is None else place.text(),
    )
