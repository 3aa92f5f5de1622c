"""The published mapping of changes equals the code."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from airflow_provider_sagex3_cleo.documents import ItemReferences, OrderLine, PurchaseOrder
from airflow_provider_sagex3_cleo.documents.order_change import LineChange, OrderChange
from airflow_provider_sagex3_cleo.mapping.change_table import change_mapping_page, change_mapping_table
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.changing import ChangeRules
from airflow_provider_sagex3_cleo.sagex3.spec_types import EntitySpec

PAGE = Path(__file__).parents[3] / "docs" / "mapping-860.md"
INSIDE: dict[tuple[type[BaseModel], str], type[BaseModel]] = {
    (OrderChange, "order"): PurchaseOrder,
    (OrderChange, "lines"): LineChange,
    (LineChange, "line"): OrderLine,
    (OrderLine, "item"): ItemReferences,
}


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == change_mapping_page()


def test_every_field_of_the_table_is_in_the_document() -> None:
    for row in change_mapping_table():
        model: type[BaseModel] = OrderChange
        for part in row.field.split(".") if row.field else []:
            assert part in model.model_fields or hasattr(model, part), row
            model = INSIDE.get((model, part), model)


def test_every_value_of_the_document_is_in_the_table() -> None:
    fields = {row.field for row in change_mapping_table()}
    assert set(OrderChange.model_fields) - {"header_changes"} <= fields
    assert {"lines.left_to_receive", "lines.changes"} <= fields


def test_every_column_of_the_table_is_in_the_specification(spec: EntitySpec) -> None:
    known = set(spec.columns) | {f"lines.{name}" for name in spec.lines.columns}
    assert {column for row in change_mapping_table() for column in row.columns} <= known


def test_every_key_the_table_names_is_in_the_agreement() -> None:
    words = {part for row in change_mapping_table() for part in row.condition.split("`")[1::2]}
    assert {word.split(":")[0] for word in words} <= set(Agreement.model_fields) | set(ChangeRules.model_fields)
