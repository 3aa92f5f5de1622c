"""Rows of the tables for a query: filtered, sorted, a window of them; fast where the order is by stamp."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.deliveries import DELIVERY_KEYS
from airflow_provider_sagex3_cleo.sandbox.purchases import PURCHASE_KEYS
from airflow_provider_sagex3_cleo.sandbox.references import REFERENCE_KEYS
from airflow_provider_sagex3_cleo.sandbox.stampindex import Entry
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.sandbox.x3_where import STAMP, Condition, sortable

__all__ = [
    "BESIDE",
    "FACETS",
    "KEYS",
    "NUMBERED",
    "PLACES",
    "Ordering",
    "Row",
    "children",
    "complete_order",
    "key_rows",
    "order_values",
    "select",
    "whole",
    "window",
]

Row = Mapping[str, Any]
Ordering = Sequence[tuple[str, bool]]
"""Columns to sort by, each with whether it goes down."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "PORDER": ("POHNUM",),
    "PORDERQ": ("POHNUM", "POPLIN", "POQSEQ"),
    "PORDERP": ("POHNUM", "POPLIN", "POPSEQ"),
    "LINES": ("POHNUM", "POPLIN", "POQSEQ"),
    "SINVOICEV": ("NUM",),
    "SINVOICE": ("NUM",),
    "SINVOICED": ("NUM", "SIDLIN"),
    "SORDER": ("SOHNUM",),
    "SORDERQ": ("SOHNUM", "SOPLIN", "SOQSEQ"),
    "SORDERP": ("SOHNUM", "SOPLIN", "SOPSEQ"),
    **DELIVERY_KEYS,
    **PURCHASE_KEYS,
    **REFERENCE_KEYS,
    "PLACES": ("PLACE",),
}
FACETS: Final[Mapping[str, tuple[str, ...]]] = {
    "PORDER": (
        "POHNUM", "POHTYP", "ORDDAT", "BPSNUM", "BPRNAM0", "POHFCY", "CPY", "CUR", "APPFLG", "CLEFLG", "RCPFLG", STAMP,
    ),
    "PORDERQ": ("POHNUM", "POPLIN", "POQSEQ", STAMP),
    "PORDERP": ("POHNUM", "POPLIN", "POPSEQ", STAMP),
    "SINVOICEV": ("NUM", "INVDAT", "BPCINV", "SALFCY", "INVSTA", STAMP),
    "SINVOICE": ("NUM", "INVTYP", "CPY", "CUR", STAMP),
    "SINVOICED": ("NUM", "SIDLIN", STAMP),
    "SORDER": ("SOHNUM", "CUSORDREF", "ORDDAT", "BPCORD", "ORDSTA", STAMP),
    "SORDERQ": ("SOHNUM", "SOPLIN", "SOQSEQ", STAMP),
    "SORDERP": ("SOHNUM", "SOPLIN", "SOPSEQ", STAMP),
    "SDELIVERY": ("SDHNUM", "SHIDAT", "BPCORD", "STOFCY", "CFMFLG", "BOLNUM", STAMP),
    "SDELIVERYD": ("SDHNUM", "SDDLIN", STAMP),
    "SPACK": (*DELIVERY_KEYS["SPACK"], "SCCCOD", "PCK", STAMP),
    "SPACKD": (*DELIVERY_KEYS["SPACKD"], "ITMREF", "QTY", "SAU", STAMP),
    "BILLLADH": ("BOLNUM", "BOLTYP", "BPTNUM", "SCAC", "PRONUM", STAMP),
    "PINVOICEV": ("NUM", "PIHTYP", "BPR", "CUR", STAMP),
    "PINVOICE": ("NUM", "INVTYP", "BPRVCR", "ACCDAT", STAMP),
    "PINVOICED": ("NUM", "PIDLIN", STAMP),
    "BPSUPPLIER": ("BPSNUM", "BPSNAM", "ENAFLG", STAMP),
    "BPCUSTOMER": ("BPCNUM", "BPCNAM", "BPCSTA", STAMP),
    "BPARTNER": ("BPRNUM", "BPRNAM0", "BPSFLG", "BPCFLG", STAMP),
    "BPADDRESS": ("BPATYP", "BPANUM", "BPAADD", STAMP),
    "ITMMASTER": ("ITMREF", "ITMDES1", "ITMSTA", STAMP),
    "GACCOUNT": ("COA", "ACC", "DES", "ENAFLG", STAMP),
    "TABUNIT": ("UOM", "UOMDEC", STAMP),
}  # fmt: skip
"""What a REST list shows of each table, and so what it can be filtered and sorted by."""

NUMBERED: Final = frozenset(
    {
        "POPLIN",
        "POQSEQ",
        "POPSEQ",
        "REVNUM",
        "SIDLIN",
        "SOPLIN",
        "SOQSEQ",
        "SOPSEQ",
        "PIDLIN",
        "BPATYP",
        "PLACE",
        "SDDLIN",
        "VCRTYP",
        "VCRLIN",
        "PACIND",
        "PACSEQ",
        "VCRSEQ",
    }
)
"""Columns of keys that hold whole numbers."""

BESIDE: Final[Mapping[str, tuple[str, str]]] = {
    "SINVOICEV": ("SINVOICE", "NUM"),
    "PINVOICEV": ("PINVOICE", "NUM"),
    "BPSUPPLIER": ("BPARTNER", "BPSNUM"),
    "BPCUSTOMER": ("BPARTNER", "BPCNUM"),
}
"""What a GraphQL node shows through a reference: the second table of the same key, and the column that names it. The
second row's stamp is `BESIDE.UPDDATTIM`."""

PLACES: Final = {
    "taxes": ("TAX", "BASTAX", "AMTTAX"),
    "elements": ("INVDTA", "INVDTAAMT", "INVDTATYP"),
    "packings": ("PCU", "PCUSTUCOE"),
}
"""Arrays of a row that GraphQL shows as a collection: the columns whose places make its rows. The first one says which
places are filled; the others are left out."""


def complete_order(table: str, order: Ordering) -> list[tuple[str, bool]]:
    """An order made total by the columns of the key, in the direction of the last one given."""
    named = {name for name, _ in order}
    down = order[-1][1] if order else False
    return [*order, *((key, down) for key in KEYS[table] if key not in named)]


def order_values(row: Row, order: Ordering) -> tuple[Any, ...]:
    """What a row is sorted by: the start of the next page when it is the last of this one."""
    return tuple(row[name] for name, _ in order)


def select(
    world: World,
    table: str,
    condition: Condition | None,
    order: Ordering,
    *,
    after: Sequence[Any] | None = None,
    skip: int = 0,
    count: int,
) -> list[Row]:
    """Rows of a table that pass the condition, in a total order, `count` of them after `skip` and past `after`.

    An order by stamp and then by key, all one way, walks the index; any other sorts all that pass. The caller holds
    the world's lock."""
    make = _row_maker(world, table)
    low, high = (condition.lowest, condition.highest) if condition else (None, None)
    down = order[0][1]
    by_index = [name for name, _ in order] == [STAMP, *KEYS[table]] and all(way == down for _, way in order)
    if condition is not None and condition.numbers is not None:
        by_index = False
        entries: Iterable[Entry] = [e for n in condition.numbers for e in world.entries_of(n, table)]
    else:
        if by_index and after is not None and isinstance(after[0], datetime):
            low, high = (low, after[0]) if down else (after[0], high)
        entries = world.index[table].between(low, high, newest_first=by_index and down)
    rows = map(make, entries)
    if by_index:
        passing = filter(condition.test, rows) if condition else rows
        return list(islice(_past(passing, order, after), skip, skip + count))
    return window(rows, condition, order, after=after, skip=skip, count=count)


def window(
    rows: Iterable[Row],
    condition: Condition | None,
    order: Ordering,
    *,
    after: Sequence[Any] | None = None,
    skip: int = 0,
    count: int,
) -> list[Row]:
    """The same for rows at hand: filter, sort, go past `after`, skip, take."""
    kept = [row for row in rows if condition is None or condition.test(row)]
    for name, way in reversed(order):
        kept.sort(key=_sorter(name), reverse=way)
    return list(islice(_past(iter(kept), order, after), skip, skip + count))


def key_rows(world: World, table: str, after: Sequence[str], *, count: int) -> list[Row]:
    """Rows in order of the class key, past this key."""
    order = [(key, False) for key in KEYS[table]]
    past = [int(part) if key in NUMBERED else part for key, part in zip(KEYS[table], after, strict=True)]
    return select(world, table, None, order, after=past, count=count)


def whole(world: World, table: str, row: Row) -> Row:
    """A row with what GraphQL shows beside it: totals, the row of the second header table, the price of a line."""
    if table == "PORDER":
        return world.orders[row["POHNUM"]].full_header()
    if table == "SORDERQ":
        price = next((each for each in world.sales.orders[row["SOHNUM"]].prices if each["SOPLIN"] == row["SOPLIN"]), {})
        return {**price, **row}
    if table not in BESIDE:
        return row
    other, column = BESIDE[table]
    beside = world.stores[other].detail(other, row[column])
    return row if beside is None else {**beside, **row, f"BESIDE.{STAMP}": beside[STAMP]}


def children(world: World, kind: str, parent: Row) -> list[Row]:
    """The rows of a collection below a whole row: lines of a document, or the filled places of some arrays."""
    if kind == "LINES":
        return [line.merged() for line in world.orders[parent["POHNUM"]].lines]
    if kind in PLACES:
        columns = PLACES[kind]
        rows = [{"PLACE": n + 1, **{c: parent[f"{c}{n}"] for c in columns if f"{c}{n}" in parent}} for n in range(30)]
        return [row for row in rows if row.get(columns[0])]
    header, number = {
        "SORDERQ": ("SORDER", "SOHNUM"),
        "SINVOICED": ("SINVOICEV", "NUM"),
        "PINVOICED": ("PINVOICEV", "NUM"),
        "SDELIVERYD": ("SDELIVERY", "SDHNUM"),
    }[kind]
    return [whole(world, kind, row) for row in world.stores[header].detail(header, parent[number])[kind]]


def _row_maker(world: World, table: str) -> Callable[[Entry], Row]:
    if table == "PORDER":
        return lambda entry: world.orders[entry[1]].header
    store = world.stores.get(table)
    if store is not None:
        return lambda entry: whole(world, table, store.row(table, entry))
    if table == "LINES":
        return lambda entry: world.line(entry[1], entry[2]).merged()
    line, sequence = KEYS[table][1:]
    return lambda entry: {"POHNUM": entry[1], line: entry[2], sequence: entry[3], STAMP: entry[0]}


def _past(rows: Iterator[Row], order: Ordering, after: Sequence[Any] | None) -> Iterator[Row]:
    if after is None:
        return rows
    return (row for row in rows if _is_past(row, order, after))


def _is_past(row: Row, order: Ordering, after: Sequence[Any]) -> bool:
    for (name, down), mark in zip(order, after, strict=True):
        mine, theirs = _comparable(row[name]), _comparable(mark)
        if mine != theirs:
            return (mine < theirs) if down else (mine > theirs)
    return False


def _sorter(name: str) -> Callable[[Row], tuple[bool, Any]]:
    return lambda row: _comparable(row[name])


def _comparable(value: Any) -> tuple[bool, Any]:
    return (value is not None, sortable(value) if value is not None else 0)
