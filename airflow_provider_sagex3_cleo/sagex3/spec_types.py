"""What an entity of Sage X3 looks like, as frozen data: columns, menus, gates, and where each transport finds them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from airflow_provider_sagex3_cleo.errors import SettingFault

__all__ = [
    "Attached",
    "ChildSpec",
    "Column",
    "ColumnType",
    "Constant",
    "EntitySpec",
    "GateRule",
    "GraphqlKeySource",
    "GraphqlSource",
    "Menu",
    "Related",
    "RestKeySource",
    "RestLines",
    "RestSource",
    "Verdict",
    "word_key",
]

Kind = Literal["text", "clob", "int", "decimal", "date", "time", "datetime", "menu"]
Constant = str | int | bool
Verdict = Literal["send", "wait", "never", "closed", "unknown"]

VERDICTS: tuple[Verdict, ...] = ("never", "closed", "wait", "send")


def word_key(word: str) -> str:
    """A menu word without case, blanks and punctuation: 'In full', 'inFull' and 'IN_FULL' are one."""
    return re.sub(r"[\W_]+", "", word).casefold()


@dataclass(frozen=True)
class Menu:
    """A local menu of X3: its number, and the word GraphQL has for each value."""

    number: int
    words: Mapping[int, str]

    @property
    def values(self) -> dict[str, int]:
        """Value by word, the words in the form of `word_key`."""
        return {word_key(word): value for value, word in self.words.items()}


@dataclass(frozen=True)
class ColumnType:
    """text, clob (text of several lines), int, decimal, date, time (HHMM), datetime, or menu with its words."""

    kind: Kind
    menu: Menu | None = None

    def __str__(self) -> str:
        return f"menu {self.menu.number}" if self.menu else self.kind


@dataclass(frozen=True)
class Column:
    """One column: its X3 name and type, its GraphQL path below the node, and for lines the REST child tables.

    With `slots` it is an array of so many places, which REST shows as NAME0, NAME1 ...; its value is a list. GraphQL
    shows it as a collection, whose step of the path ends with '[]'. With `leader` a place counts only where that
    array has a value in it.

    `optional`: a detail of REST that does not show it makes a record without it, and no fault."""

    name: str
    type: ColumnType
    graphql: tuple[str, ...] | None = None
    tables: tuple[str, ...] = ()
    assumed: bool = False
    slots: int = 0
    leader: str | None = None
    optional: bool = False

    @property
    def rest_names(self) -> tuple[str, ...]:
        """What REST calls it: its name, or the names of its places."""
        return tuple(f"{self.name}{place}" for place in range(self.slots)) or (self.name,)


@dataclass(frozen=True)
class ChildSpec:
    """The lines of a record: key columns (also the order of lines) and columns."""

    key: tuple[str, ...]
    columns: Mapping[str, Column]


@dataclass(frozen=True)
class GateRule:
    """What each value of one status column means for sending."""

    column: str
    verdicts: Mapping[int | str, Verdict]

    def verdict(self, value: int | str | None) -> Verdict:
        """`unknown` for a value that no list names, the empty one included."""
        return "unknown" if value is None else self.verdicts.get(value, "unknown")


@dataclass(frozen=True)
class RestKeySource:
    """A list of keys and stamps by REST: class, representation, key columns with 'text' or 'int'.

    `only` are values that a row must have, by column. With `through`, a row names no record by its key: it belongs to
    every record whose header column `through` holds the row's first key part."""

    cls: str
    representation: str
    key: Mapping[str, str]
    only: Mapping[str, Constant] = field(default_factory=dict)
    through: str | None = None


@dataclass(frozen=True)
class RestLines:
    """How the two child arrays of a detail make lines: rows of `child`, each with its row of `joined`.

    They meet on the columns `by` and the pair `sequence` (child's, joined's), else on `by` alone. `listed` is the
    source whose list must show as many lines as were read, for a table whose header does not count them."""

    child: str
    joined: str | None
    by: tuple[str, ...]
    sequence: tuple[str, str] | None
    listed: str | None = None


@dataclass(frozen=True)
class RestSource:
    """Where REST (api1) finds the entity.

    `beside` are class and representation of a second table of the same key whose columns stand on the same record."""

    sources: Mapping[str, RestKeySource]
    details_class: str
    details_representation: str
    lines: RestLines | None
    beside: tuple[str, str] | None = None


@dataclass(frozen=True)
class GraphqlKeySource:
    """A list of keys and stamps by GraphQL: node, the paths of the record's key, and what a row must have to count
    (`only`). `root` is the node's package where it is not the entity's; `same_as` names the source that shows the same
    rows."""

    node: str
    record_key: tuple[tuple[str, ...], ...]
    root: str | None = None
    only: Mapping[str, Constant] = field(default_factory=dict)
    same_as: str | None = None


@dataclass(frozen=True)
class GraphqlSource:
    """Where GraphQL finds the entity.

    `beside` is the reference to the node of a second table of the same key, whose stamp counts as well. `place` is the
    property that says which place of an array (from 1) a row of a collection is; None: they come in order."""

    root: str
    node: str
    stamp: str
    order: tuple[str, ...]
    lines: str | None
    lines_first: int
    line_node: str | None
    line_parent: str | None
    sources: Mapping[str, GraphqlKeySource]
    beside: tuple[str, ...] | None = None
    place: str | None = None


@dataclass(frozen=True, eq=False)
class Related:
    """Records of another entity that a record names in its lines, read with it.

    Of each only these columns of header and lines are kept."""

    by: str
    spec: EntitySpec
    columns: tuple[str, ...]
    line_columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Attached:
    """Rows of another table that belong to a record, read from that table's list with the record.

    `match` pairs a column of the table with the record's header column of the same value; `only` are values that a
    row must have besides. `key` tells the rows of one record apart ('text' or 'int')."""

    cls: str
    representation: str
    match: Mapping[str, str]
    only: Mapping[str, Constant]
    key: Mapping[str, str]
    columns: Mapping[str, Column]


@dataclass(frozen=True, eq=False)
class EntitySpec:
    """One entity. `sources` are the key sources in polling order, the header's first.

    `stamp` is the column of the latest change (UTC, 1 s or finer); `business_date` a plain date, or None;
    `line_count` the header column that says how many lines there are, or None; `unique` are columns whose value no two
    records should share (a bar code); `load` are columns that records of one load have in common, the number of the
    load first."""

    name: str
    key: tuple[str, ...]
    stamp: str
    business_date: str | None
    line_count: str | None
    sources: tuple[str, ...]
    columns: Mapping[str, Column]
    lines: ChildSpec | None
    gates: Mapping[str, GateRule]
    line_gates: Mapping[str, GateRule]
    rest: RestSource
    graphql_source: GraphqlSource | None
    menus: Mapping[int, Menu] = field(default_factory=dict)
    related: Mapping[str, Related] = field(default_factory=dict)
    attached: Mapping[str, Attached] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    load: tuple[str, ...] = ()

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of everything in the specification: changes when a site's file changes what is read or sent."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    @property
    def graphql(self) -> GraphqlSource:
        """Where GraphQL finds the entity, for reading it.

        Raises: SettingFault for an entity that is read by REST only, or of which a gate's column cannot be had."""
        if self.graphql_source is None:
            raise SettingFault(
                f"{self.name} are read by REST only", system="sagex3", field="transport", value="graphql",
                expected="rest", remedy="give their DAG a Sage X3 connection with transport rest",
            )  # fmt: skip
        if self._blind_gates:
            raise SettingFault(
                f"{self.name} cannot be read by GraphQL: nothing could tell what may be sent", system="sagex3",
                field=", ".join(f"{name}.graphql" for name in self._blind_gates),
                expected="the path of each column that a gate asks for",
                remedy=f"run `sagex3-cleo describe --entity {self.name} --by graphql --write FILE`, which finds a "
                "column by its name in brackets at the end of a description, and let the setting entities_file name "
                "what it wrote; or read by REST",
            )  # fmt: skip
        return self.graphql_source

    @cached_property
    def _blind_gates(self) -> tuple[str, ...]:
        """Columns of gates that have no GraphQL path."""
        gates = {*self.gates, *(f"lines.{name}" for name in self.line_gates)}
        return tuple(name for name in self.unnamed if name in gates)

    @cached_property
    def unnamed(self) -> tuple[str, ...]:
        """Columns that have no GraphQL path and so are not read by GraphQL, lines as 'lines.NAME'."""
        return tuple(name for name, column in self._all_columns.items() if column.graphql is None)

    @property
    def listed(self) -> str | None:
        """The source whose list must show as many lines as were read; None where the header counts them."""
        return None if self.rest.lines is None else self.rest.lines.listed

    def load_of(self, fields: Mapping[str, Any]) -> str | None:
        """The load of a record: the values of `load`, joined by '~'; None where it has no number of a load."""
        values = ["" if (value := fields.get(name)) is None else str(value) for name in self.load]
        return "~".join(values) if values and values[0] else None

    @property
    def children(self) -> dict[str, ChildSpec]:
        """The child collections by name."""
        return {} if self.lines is None else {"lines": self.lines}

    @property
    def assumed(self) -> tuple[str, ...]:
        """Columns whose GraphQL name no public page confirms, lines as 'lines.NAME'."""
        return tuple(name for name, column in self._all_columns.items() if column.assumed)

    @property
    def _all_columns(self) -> dict[str, Column]:
        lines = {} if self.lines is None else self.lines.columns
        return {**self.columns, **{f"lines.{name}": column for name, column in lines.items()}}
