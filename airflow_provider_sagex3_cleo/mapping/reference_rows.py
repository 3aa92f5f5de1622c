"""Suppliers, customers, products and units as rows of a reference file: columns, types and version of each schema.

A schema's columns never change meaning: a new or changed column is a new version, with a file name of its own
(docs/partners.md lists the columns; a test keeps that page, the JSON Schema files and this module equal).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, Literal

from airflow_provider_sagex3_cleo.documents.base import EXACT
from airflow_provider_sagex3_cleo.errors import ProviderError, ValueUnreadable
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.sagex3.reader import Record

__all__ = ["SCHEMAS", "ReferenceColumn", "ReferenceRows", "ReferenceSchema", "json_schema", "reference_rows",
           "shipped_json_schema"]  # fmt: skip

Value = str | bool | None

_FLAG: Final = {1: False, 2: True}  # local menu 1
_STATUS: Final = {
    1: "active", 2: "in_development", 3: "shortage", 4: "not_renewed", 5: "obsolete", 6: "unusable",
}  # local menu 246  # fmt: skip
_TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"type": ["string", "null"]},
    "flag": {"type": ["boolean", "null"]},
    "decimal": {"type": ["string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "status": {"enum": [*_STATUS.values(), None]},
}


@dataclass(frozen=True)
class ReferenceColumn:
    """One column: where it comes from in Sage X3 (the first of `source` that has a value), and how it is written."""

    name: str
    source: tuple[str, ...]
    meaning: str
    type: Literal["text", "flag", "decimal", "status"] = "text"


@dataclass(frozen=True)
class ReferenceSchema:
    """The columns of one entity's file. The first one is the code, which is never empty and stands once."""

    name: str
    version: int
    columns: tuple[ReferenceColumn, ...]

    @property
    def title(self) -> str:
        return f"{self.name}/{self.version}"

    @property
    def header(self) -> tuple[str, ...]:
        """All columns of the file, name and version of the schema first."""
        return ("schema", "schema_version", *(column.name for column in self.columns))


_C = ReferenceColumn
_PARTNER: Final = (
    _C("country", ("CRY",), "country code of Sage X3"),
    _C("currency", ("CUR",), "currency code of Sage X3"),
    _C("payment_terms", ("PTE",), "payment term of Sage X3"),
    _C("language", ("LAN",), "language code of Sage X3"),
    _C("tax_id", ("EECNUM", "CRN"), "tax or registration number"),
)
SCHEMAS: Final[Mapping[str, ReferenceSchema]] = {
    "suppliers": ReferenceSchema(
        "suppliers",
        1,
        (
            _C("code", ("BPSNUM",), "code of the supplier"),
            _C("name", ("BPSNAM", "BPRNAM0"), "name"),
            _C("name2", ("BPRNAM1",), "second line of the name"),
            _C("active", ("ENAFLG",), "whether the supplier is active", "flag"),
            _C("category", ("BSGCOD",), "category"),
            _C("address", ("BPAADD",), "code of the default address"),
            _C("pay_to", ("BPRPAY",), "partner who is paid"),
            *_PARTNER,
        ),
    ),
    "customers": ReferenceSchema(
        "customers",
        1,
        (
            _C("code", ("BPCNUM",), "code of the customer"),
            _C("name", ("BPCNAM", "BPRNAM0"), "name"),
            _C("name2", ("BPRNAM1",), "second line of the name"),
            _C("active", ("BPCSTA", "ENAFLG"), "whether the customer is active", "flag"),
            _C("category", ("BCGCOD",), "category"),
            _C("address", ("BPAADD",), "code of the default address"),
            _C("ship_to_address", ("BPDADD",), "code of the default delivery address"),
            _C("bill_to", ("BPCINV",), "customer who is billed"),
            *_PARTNER,
        ),
    ),
    "products": ReferenceSchema(
        "products",
        1,
        (
            _C("code", ("ITMREF",), "code of the product"),
            _C("description", ("ITMDES1",), "description"),
            _C("description2", ("ITMDES2",), "second line of it"),
            _C("status", ("ITMSTA",), "state of the product", "status"),
            _C("gtin", ("EANCOD",), "bar code"),
            _C("category", ("TCLCOD",), "category"),
            _C("stock_unit", ("STU",), "unit of stock"),
            _C("purchase_unit", ("PUU",), "unit of purchase"),
            _C("purchase_to_stock", ("PUUSTUCOE",), "stock units in a purchase unit", "decimal"),
            _C("sales_unit", ("SAU",), "unit of sale"),
            _C("sales_to_stock", ("SAUSTUCOE",), "stock units in a sales unit", "decimal"),
            _C("weight", ("ITMWEI",), "weight of a stock unit", "decimal"),
            _C("weight_unit", ("WEU",), "unit of the weight"),
        ),
    ),
    "units": ReferenceSchema(
        "units",
        1,
        (
            _C("code", ("UOM",), "code of the unit"),
            _C("decimals", ("UOMDEC",), "how many decimals a quantity may have", "decimal"),
        ),
    ),
}


@dataclass(frozen=True)
class ReferenceRows:
    """Rows by code, each in the order of the schema's columns, and a sentence for each record that is left out."""

    rows: tuple[tuple[Value, ...], ...]
    held: tuple[str, ...]


def reference_rows(schema: ReferenceSchema, records: Iterable[Record]) -> ReferenceRows:
    """The rows of a file. Records that cannot be told apart by their code, or cannot be read, are left out, with a
    sentence each; the others go on."""
    held: list[str] = []
    found: dict[str, list[tuple[str, tuple[Value, ...]]]] = {}
    for record in records:
        try:
            values = _values(schema, record)
        except ProviderError as problem:
            held.append(f"{problem.sentence} It is left out of the file.")
            continue
        found.setdefault(str(values[0]).casefold(), []).append((record.key, values))
    rows = []
    for same in found.values():
        if len(same) == 1:
            rows.append(same[0][1])
        else:
            keys = " and ".join(f"'{key}'" for key, _ in same)
            codes = " = ".join(f"'{values[0]}'" for _, values in same)
            held.append(
                f"{schema.name} {keys} of Sage X3 have one code, {codes}: all of them are left out of the file. "
                "Correct one of them in Sage X3."
            )
    return ReferenceRows(tuple(sorted(rows, key=lambda row: str(row[0]))), tuple(held))


def _values(schema: ReferenceSchema, record: Record) -> tuple[Value, ...]:
    row = Row(record.key, record.fields)
    code = row.needed(schema.columns[0].source[0])
    values = (code, *(_value(column, row) for column in schema.columns[1:]))
    for column, value in zip(schema.columns, values, strict=True):
        if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
            raise ValueUnreadable("holds half a character", **row.where(column.source[0]))
    return values


def _value(column: ReferenceColumn, row: Row) -> Value:
    for source in column.source:
        if column.type == "decimal":
            number = row.number(source)
            value: Value = None if number is None else f"{number.normalize(EXACT):f}"
        elif column.type == "text":
            value = row.text(source)
        else:
            words: Mapping[Any, Any] = _FLAG if column.type == "flag" else _STATUS
            value = words.get(row.data.get(source))
        if value is not None:
            return value
    return None


def json_schema(schema: ReferenceSchema) -> dict[str, Any]:
    """The JSON Schema of one line of the JSON Lines file."""
    named = {
        column.name: {**_TYPES[column.type], "description": column.meaning} for column in schema.columns
    }  # fmt: skip
    named[schema.columns[0].name] |= {"type": "string", "minLength": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{schema.name}, version {schema.version}",
        "type": "object",
        "properties": {"schema": {"const": schema.name}, "schema_version": {"const": schema.version}, **named},
        "required": list(schema.header),
        "additionalProperties": False,
    }


def shipped_json_schema(schema: ReferenceSchema) -> dict[str, Any]:
    """The JSON Schema file that comes with the package."""
    file = resources.files("airflow_provider_sagex3_cleo.mapping") / "schemas" / f"{schema.name}_v{schema.version}.json"
    shipped: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return shipped
