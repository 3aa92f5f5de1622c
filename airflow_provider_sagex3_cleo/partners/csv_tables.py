"""Tables from CSV, in the shape their YAML has."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from airflow_provider_sagex3_cleo.partners.marks import Marked, read_csv

__all__ = ["ITEM_COLUMNS", "SITE_COLUMNS", "code_table_from", "code_tables", "items_from", "sites_from"]

#: The column that holds Sage X3's code, and the one that holds the partner's where that is all there is.
KEY, VALUE = "x3", "value"

ITEM_COLUMNS = ("item", "gtin", "manufacturer", "partner", "vendor")
SITE_COLUMNS = (
    "site",
    "address",
    "name",
    "name2",
    "line1",
    "line2",
    "line3",
    "city",
    "state",
    "postal_code",
    "country",
    "kind",
    "id",
    "phone",
    "email",
)


def items_from(path: Path, name: str) -> tuple[dict[str, Any], Marked]:
    """Items by code. Several rows of one item add up, one for each supplier's own number (`partner`, `vendor`)."""
    rows, marked = read_csv(path, name, ITEM_COLUMNS, "item")
    items: dict[str, Any] = {}
    for line, row in rows:
        entry = items.setdefault(row["item"], {"vendor": {}})
        loc = ("items", row["item"])
        marked.lines.setdefault(loc, line)
        for column in ("gtin", "manufacturer"):
            if column in row and entry.setdefault(column, row[column]) != row[column]:
                marked.lines[("items", row["item"], column)] = line
                marked.fault((*loc, column), f"item {row['item']} has two values for '{column}'")
        if ("partner" in row) != ("vendor" in row):
            marked.lines[(*loc, "vendor")] = line
            marked.fault((*loc, "vendor"), "'partner' and 'vendor' go together")
        elif "partner" in row and entry["vendor"].setdefault(row["partner"], row["vendor"]) != row["vendor"]:
            marked.lines[(*loc, "vendor")] = line
            marked.fault((*loc, "vendor"), f"item {row['item']} has two numbers at partner {row['partner']}")
    return items, marked


def sites_from(path: Path, name: str) -> tuple[dict[str, Any], Marked]:
    """Sites by 'SITE' or 'SITE/ADDRESS'."""
    rows, marked = read_csv(path, name, SITE_COLUMNS, "site")
    sites: dict[str, Any] = {}
    for line, row in rows:
        key = f"{row['site']}/{row['address']}" if "address" in row else row["site"]
        if key in sites:
            first = marked.line(("sites", key))
            marked.lines[("sites", f"{key} again")] = line
            marked.fault(("sites", f"{key} again"), f"site {key} stands twice (first in line {first})")
            continue
        marked.lines[("sites", key)] = line
        entry: dict[str, Any] = {column: row[column] for column in ("name", "name2") if column in row}
        address: dict[str, Any] = {c: row[c] for c in ("city", "state", "postal_code", "country") if c in row}
        if lines := [row[c] for c in ("line1", "line2", "line3") if c in row]:
            address["lines"] = lines
        desk = {column: row[column] for column in ("phone", "email") if column in row}
        party = {column: row[column] for column in ("kind", "id") if column in row}
        for part, values in (("address", address), ("contact", desk), ("party", party)):
            if values:
                entry[part] = values
        sites[key] = entry
    return sites, marked


def code_tables(model: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """The cross-reference tables of a settings model by key, each with the columns its CSV may have.

    A table is a mapping from a code of Sage X3 to one value, or to an entry whose keys are the columns."""
    found: dict[str, tuple[str, ...]] = {}
    for name, info in model.model_fields.items():
        if typing.get_origin(info.annotation) is not dict:
            continue
        entry = typing.get_args(info.annotation)[1]
        plain = not (isinstance(entry, type) and issubclass(entry, BaseModel))
        found[info.alias or name] = (KEY, VALUE) if plain else (KEY, *entry.model_fields)
    return found


def code_table_from(path: Path, name: str, table: str, columns: tuple[str, ...]) -> tuple[dict[str, Any], Marked]:
    """One table by code. A code that stands twice is a fault that names both lines."""
    rows, marked = read_csv(path, name, columns, KEY)
    entries: dict[str, Any] = {}
    for line, row in rows:
        code = row.pop(KEY)
        loc = (table, code)
        if code in entries:
            again = (table, f"{code} again")
            marked.lines[again] = line
            marked.fault(again, f"code {code} stands twice (first in line {marked.line(loc)})")
            continue
        marked.lines[loc] = line
        if columns == (KEY, VALUE) and VALUE not in row:
            marked.fault(loc, f"'{VALUE}' is empty")
        entries[code] = row.get(VALUE) if columns == (KEY, VALUE) else row
    return entries, marked
