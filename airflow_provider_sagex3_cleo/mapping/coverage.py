"""Which codes of a record need an entry in the tables of its agreement, and whether it is there.

One list for all document families: a new table is taken up by a line in `USES`, and counts as soon as agreements or
the common tables have a key of its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from airflow_provider_sagex3_cleo.mapping.order_lines import gtin_for
from airflow_provider_sagex3_cleo.partners.agreement import ITEM_QUALIFIERS, Agreement
from airflow_provider_sagex3_cleo.partners.tables import Tables
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["OPTIONAL", "USES", "Use", "missing", "uses"]

#: Entity -> (table, column of header or lines that holds the code).
USES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "purchase_orders": (
        ("units", "lines.UOM"), ("units", "lines.PUU"), ("sites", "lines.PRHFCY"), ("payment_terms", "PTE"),
        ("items", "lines.ITMREF"),
    ),
    "sales_invoices": (
        ("units", "lines.SAU"), ("payment_terms", "PTE"), ("charges", "INVDTA"), ("taxes", "TAX"),
        ("addresses", "BPAADD"), ("items", "lines.ITMREF"),
    ),
    "deliveries": (
        ("units", "lines.SAU"), ("addresses", "BPAADD"), ("carriers", "BPTNUM"), ("sites", "STOFCY"),
        ("items", "lines.ITMREF"),
    ),
}  # fmt: skip

#: Tables without whose entry a document still goes; without any other it is held.
OPTIONAL: Final = frozenset({"addresses"})

#: Where an array counts only in the places that have a value.
_VALUED: Final[Mapping[str, tuple[str, ...]]] = {"INVDTA": ("INVDTAAMT",), "TAX": ("BASTAX", "AMTTAX")}
#: The same table under another name in tables.yaml.
_COMMON: Final[Mapping[str, str]] = {"payment_terms": "terms"}


@dataclass(frozen=True, slots=True)
class Use:
    """One code that a record uses. `number`: what the record itself says the partner calls the item."""

    table: str
    column: str
    code: str
    address: str | None = None
    number: str | None = None


def uses(record: Record) -> Iterator[Use]:
    """The codes of a record, each as often as it is used. An entity that is not in `USES` uses none."""
    for table, column in USES.get(record.entity, ()):
        if column.startswith("lines."):
            name = column.removeprefix("lines.")
            for line in record.all_lines:
                yield from _of_line(table, name, line, record)
        else:
            for code in _header(record.fields, column):
                yield Use(table, column, code)


def _header(fields: Mapping[str, Any], column: str) -> Iterator[str]:
    value = fields.get(column)
    values = value if isinstance(value, list) else [value]
    for place, each in enumerate(values):
        beside = _VALUED.get(column, ())
        filled = not beside or any(_at(fields.get(name), place) not in (None, "", "0", 0) for name in beside)
        if each not in (None, "", 0, "0") and filled:
            yield str(each)


def _at(values: Any, place: int) -> Any:
    return values[place] if isinstance(values, list) and place < len(values) else None


def _of_line(table: str, name: str, line: Mapping[str, Any], record: Record) -> Iterator[Use]:
    code = line.get(name)
    if table == "sites":
        code = code or record.fields.get("RCPFCY")
        if code:
            yield Use(table, f"lines.{name}", str(code), _text(line.get("FCYADD")))
    elif table == "items" and code:
        yield Use(table, f"lines.{name}", str(code), number=_text(line.get("ITMREFBPS")) or _sold_number(line, record))
    elif code:
        yield Use(table, f"lines.{name}", str(code))


def _sold_number(line: Mapping[str, Any], record: Record) -> str | None:
    """The customer's own number of the item, by the sales order that the line names."""
    order = record.related.get("sales_orders", {}).get(str(line.get("SOHNUM")), {})
    sold = [each for each in order.get("lines", ()) if each.get("SOPLIN") == line.get("SOPLIN")]
    return next((text for each in sold if (text := _text(each.get("ITMREFBPC")))), None)


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def missing(use: Use, agreement: Agreement, tables: Tables) -> bool:
    """Whether a code has no entry though the agreement's documents look for one."""
    if use.table == "items":
        return not _item_known(use, agreement, tables)
    if use.table == "sites":
        return tables.site_key(use.code, use.address) is None
    if use.table == "payment_terms" and agreement.terms == "none":
        return False
    if use.column == "lines.PUU" and agreement.quantity_unit == "order":
        return False
    if use.column == "lines.UOM" and agreement.quantity_unit == "price":
        return False
    own = getattr(agreement, use.table, None)
    common = getattr(tables, _COMMON.get(use.table, use.table), None)
    if own is None and common is None:
        return False  # nobody keeps this table
    return use.code not in (own or {}) and use.code not in (common or {})


def _item_known(use: Use, agreement: Agreement, tables: Tables) -> bool:
    """Whether a line with this item finds the references that the agreement asks for."""
    item, number = tables.items.get(use.code), agreement.item_numbers.get(use.code)
    ours, theirs = ("buyer", "vendor") if agreement.role in ("supplier", "pay_to") else ("vendor", "buyer")
    known = {ours}
    if use.number or (item and agreement.partner in item.vendor):
        known.add(theirs)
    if number:
        known.add(ITEM_QUALIFIERS[number.qualifier] if number.qualifier else theirs)
    if gtin_for(item, agreement):
        known.add("gtin")
    if item and item.manufacturer:
        known.add("manufacturer")
    wanted = {ITEM_QUALIFIERS[qualifier] for qualifier in agreement.items.order}
    return set(agreement.items.required) <= known and bool(wanted & known)
