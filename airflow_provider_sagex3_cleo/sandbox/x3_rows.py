"""Rows of the tables for a query: filtered, sorted, a window of them; fast where the order is by stamp."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from airflow_provider_sagex3_cleo.sandbox.deliveries import DELIVERY_KEYS
from airflow_provider_sagex3_cleo.sandbox.sales import SALES_TABLES
from airflow_provider_sagex3_cleo.sandbox.stampindex import Entry
from airflow_provider_sagex3_cleo.sandbox.world import World
from airflow_provider_sagex3_cleo.sandbox.x3_where import STAMP, Condition, sortable

__all__ = ["FACETS", "KEYS", "Ordering", "Row", "complete_order", "key_rows", "order_values", "select", "window"]

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
}  # fmt: skip
"""What a REST list shows of each table, and so what it can be filtered and sorted by."""


KINDS: Final[Mapping[str, type]] = dict.fromkeys(
    ("POHNUM", "NUM", "SOHNUM", "SDHNUM", "VCRNUM", "PACNUM", "BOLNUM"), str
)
"""Columns of keys that hold text; the others hold numbers."""


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
    past = [int(part) if KINDS.get(key, int) is int else part for key, part in zip(KEYS[table], after, strict=True)]
    return select(world, table, None, order, after=past, count=count)


def _row_maker(world: World, table: str) -> Callable[[Entry], Row]:
    if table == "PORDER":
        return lambda entry: world.orders[entry[1]].header
    if table in SALES_TABLES:
        return lambda entry: world.sales.row(table, entry)
    if table in DELIVERY_KEYS:
        return lambda entry: world.deliveries.row(table, entry)
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
