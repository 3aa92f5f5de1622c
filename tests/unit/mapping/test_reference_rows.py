"""Rows of reference files: what stands in each column, what is left out and why; the shipped schemas equal the code."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.mapping.reference_rows import (
    SCHEMAS,
    ReferenceSchema,
    json_schema,
    reference_rows,
    shipped_json_schema,
)
from airflow_provider_sagex3_cleo.pipeline.csv_out import csv_bytes
from airflow_provider_sagex3_cleo.pipeline.reference_files import FORMATS
from airflow_provider_sagex3_cleo.sagex3.reader import Record

PAGE = (Path(__file__).parents[3] / "docs" / "partners.md").read_text(encoding="utf-8")
EVERY = pytest.mark.parametrize("schema", SCHEMAS.values(), ids=lambda schema: schema.title)
PRODUCTS, SUPPLIERS = SCHEMAS["products"], SCHEMAS["suppliers"]


def record(entity: str, key: str, **fields: Any) -> Record:
    return Record(entity, key, datetime(2026, 11, 24, tzinfo=UTC), fields)


def supplier(code: str, name: str = "Example", **more: Any) -> Record:
    return record("suppliers", code, **{"BPSNUM": code, "BPSNAM": name, "ENAFLG": 2, **more})


def made(schema: ReferenceSchema, *records: Record) -> list[dict[str, Any]]:
    data = FORMATS["jsonl"](schema, reference_rows(schema, records).rows, True)
    return [json.loads(line) for line in data.decode().splitlines()]


def test_a_supplier_says_its_name_and_whether_it_is_active() -> None:
    (row,) = made(SUPPLIERS, supplier("S1", BPRNAM1="Order Desk", CRY="US", ENAFLG=1))
    assert row["schema"], row["schema_version"] == ("suppliers", 1)
    assert (row["code"], row["name"], row["name2"], row["active"], row["country"]) == (
        "S1", "Example", "Order Desk", False, "US",
    )  # fmt: skip


def test_a_name_comes_from_the_business_partner_where_the_supplier_has_none() -> None:
    assert made(SUPPLIERS, supplier("S1", "", BPRNAM0="From partner"))[0]["name"] == "From partner"


def test_a_product_has_its_state_in_words_and_its_factors_exact() -> None:
    product = record("products", "ITM1", ITMREF="ITM1", ITMDES1="Bolt", ITMSTA=5, PUUSTUCOE="12.50", SAUSTUCOE="100")
    (row,) = made(PRODUCTS, product)
    assert (row["status"], row["purchase_to_stock"], row["sales_to_stock"]) == ("obsolete", "12.5", "100")


def test_rows_stand_in_the_order_of_their_codes_whatever_order_they_came_in() -> None:
    records = [supplier("S3"), supplier("S1"), supplier("S2")]
    assert [row["code"] for row in made(SUPPLIERS, *records)] == ["S1", "S2", "S3"]
    assert made(SUPPLIERS, *records) == made(SUPPLIERS, *reversed(records))


def test_records_with_one_code_are_left_out_with_a_sentence_that_names_both() -> None:
    found = reference_rows(SUPPLIERS, [supplier("ACME"), supplier("acme"), supplier("S2")])
    assert [row[0] for row in found.rows] == ["S2"]
    (sentence,) = found.held
    assert "suppliers 'ACME' and 'acme' of Sage X3 have one code" in sentence


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (supplier("", BPSNUM=None), "BPSNUM: is empty"),
        (supplier("S1", "half \ud800"), "BPSNAM: holds half a character"),
    ],
)
def test_a_record_that_cannot_be_said_is_left_out_with_a_sentence_and_the_others_go_on(
    bad: Record, sentence: str
) -> None:
    found = reference_rows(SUPPLIERS, [bad, supplier("S2")])
    assert [row[0] for row in found.rows] == ["S2"]
    assert sentence in found.held[0]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=20)), max_size=6))
@settings(deadline=None, max_examples=200)
def test_whatever_texts_there_are_both_formats_hold_the_same_values(pairs: list[tuple[str, str]]) -> None:
    found = reference_rows(SUPPLIERS, [supplier(code, name) for code, name in pairs])
    table = list(csv.reader(io.StringIO(FORMATS["csv"](SUPPLIERS, found.rows, False).decode(), newline="")))
    assert table[0] == list(SUPPLIERS.header)
    lines = [json.loads(line) for line in FORMATS["jsonl"](SUPPLIERS, found.rows, False).decode().split("\n")[:-1]]
    assert [row[2:4] for row in table[1:]] == [[line["code"], line["name"] or ""] for line in lines]
    assert len(lines) + len(found.held) <= max(len(pairs), 1)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "\tx", "\r=x"])
def test_no_cell_is_a_formula_to_a_spreadsheet(text: str) -> None:
    ((cell,),) = list(csv.reader(io.StringIO(csv_bytes(["name"], [[text]]).decode(), newline="")))[1:]
    assert cell == f"'{text}"
    ((raw,),) = list(csv.reader(io.StringIO(csv_bytes(["name"], [[text]], guard=False).decode(), newline="")))[1:]
    assert raw == text


@EVERY
def test_the_json_schema_that_is_shipped_equals_the_columns(schema: ReferenceSchema) -> None:
    assert shipped_json_schema(schema) == json_schema(schema)


@EVERY
def test_each_line_fits_the_json_schema(schema: ReferenceSchema) -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator(json_schema(schema))
    code = schema.columns[0].source[0]
    bare = record(schema.name, "A", **{code: "A"})
    full = record(schema.name, "B", **{s: "1" for c in schema.columns for s in c.source} | {code: "B"})
    for line in made(schema, bare, full):
        assert list(validator.iter_errors(line)) == []
    assert list(validator.iter_errors({"schema": schema.name}))


@EVERY
def test_the_page_lists_the_columns(schema: ReferenceSchema) -> None:
    for column in schema.columns:
        row = f"| `{column.name}` | {column.type} | {', '.join(column.source)} | {column.meaning} |"
        assert row in PAGE.split(f"### {schema.title}")[1].split("###")[0]
