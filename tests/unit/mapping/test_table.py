"""The published mapping equals the code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from airflow_provider_sagex3_cleo.documents import OrderLine, PurchaseOrder
from airflow_provider_sagex3_cleo.errors import ProviderError
from airflow_provider_sagex3_cleo.mapping.purchase_orders import commercial, facts, gate, to_document
from airflow_provider_sagex3_cleo.mapping.table import mapping_page, mapping_table
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.ordering import SOURCES
from airflow_provider_sagex3_cleo.partners.tables import Tables
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec_types import EntitySpec

Make = Callable[..., Any]
PAGE = Path(__file__).parents[3] / "docs" / "mapping-850.md"


class Watched(dict[str, Any]):
    """A row that remembers which columns were asked for."""

    def __init__(self, values: dict[str, Any], seen: set[str], prefix: str = "") -> None:
        super().__init__(values)
        self.seen, self.prefix = seen, prefix

    def get(self, key: str, default: Any = None) -> Any:
        self.seen.add(self.prefix + key)
        return super().get(key, default)


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == mapping_page()


def test_the_table_names_exactly_the_columns_the_mapping_reads(
    order: Make, line: Make, second: Make, agreement: Make, book: Make, spec: EntitySpec
) -> None:
    seen: set[str] = set()
    plain = order()
    how: dict[str, Any] = {
        "terms": "send",
        "payment_terms": {"NET30": {}},
        "bill_to": "invoice_site",
        "printed_only": True,
    }
    how["dates"] = {"ship": {"qualifier": "010", "from": "expected", "lines": True}}
    how["notes"] = {"qualifier": "L1"}
    for key, words in SOURCES["850"].items():
        how[key] = {word: {"qualifier": f"Z{n}", "from": word} for n, word in enumerate(words)}
    for rows in (
        [line(DEMRCPDAT=None, EXTRCPDAT=None), second(PRHFCY=None)],
        [line(), second(LINCLEFLG=2, RCPQTYPUU="1")],
    ):
        gross = {"discounts": "gross_with_sac", "sac": {"footer_charge": "D240"}}
        for keys in (how, {**how, "quantity_unit": "price"}, {**how, **gross}):
            lines = tuple(Watched(row, seen, "lines.") for row in rows)
            record = Record(plain.entity, plain.key, plain.stamp, Watched(plain.fields, seen), lines)
            facts(record)
            gate(record, spec, agreement(**keys))
            to_document(record, agreement(**keys), book())
            commercial(record, agreement(**keys), book())
    named = {column for row in mapping_table() for column in row.columns}
    assert seen | {"POHNUM"} == named  # the number is the record's key


def test_every_column_of_the_table_is_in_the_specification(spec: EntitySpec) -> None:
    known = set(spec.columns) | {f"lines.{name}" for name in spec.lines.columns}
    assert {column for row in mapping_table() for column in row.columns} <= known


def test_every_field_of_the_table_is_in_the_document() -> None:
    for row in mapping_table():
        model: type[BaseModel] = PurchaseOrder
        parts = row.field.split(".") if row.field else []
        if parts[:1] == ["lines"]:
            model, parts = OrderLine, parts[1:]
        if parts:
            assert parts[0] in model.model_fields, row


def test_every_key_the_table_names_is_in_the_agreement_or_the_tables() -> None:
    words = {part for row in mapping_table() for part in row.condition.split("`")[1::2]}
    keys = {word.split(":")[0] for word in words}
    assert keys <= {*Agreement.model_fields, *Tables.model_fields}


def test_mapping_raises_nothing_but_errors_of_the_tree(order: Make, agreement: Make, book: Make) -> None:
    """Whatever stands in one column, the answer is a document or one sentence."""
    odd = (None, "", "x", "1599-12-31", -1, 0, 7, "9" * 60, "\ud800", "1e400", "NaN")
    good = order()
    for column in good.fields:
        for value in odd:
            _no_surprise(order(**{column: value}) if column != "POHNUM" else good, agreement, book)
    for column in good.lines[0]:
        for value in odd:
            _no_surprise(order(lines=[{**good.lines[0], column: value}, good.lines[1]]), agreement, book)


def _no_surprise(record: Record, agreement: Make, book: Make) -> None:
    for step in (lambda: facts(record), lambda: to_document(record, agreement(), book()),
                 lambda: commercial(record, agreement(), book())):  # fmt: skip
        with suppress(ProviderError):
            step()
