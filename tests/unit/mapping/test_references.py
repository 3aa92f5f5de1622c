"""References and ids that an agreement chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import AgreementIncomplete, UnmappedValue
from airflow_provider_sagex3_cleo.mapping.purchase_orders import to_document
from airflow_provider_sagex3_cleo.mapping.references import INVOICE_SOURCES, ORDER_SOURCES
from airflow_provider_sagex3_cleo.partners.agreement import Agreement
from airflow_provider_sagex3_cleo.partners.ordering import SOURCES
from airflow_provider_sagex3_cleo.pipeline.flows import flow_of
from tests.unit.mapping.test_invoices import BOOK, document, invoice

Make = Callable[..., Any]
US = {
    "name": "Example Distribution Newark",
    "party": {"kind": "assigned_by_buyer", "id": "NJ01"},
    "more_ids": [{"kind": "gln", "id": "0012345000065"}],
}


def rows(record: Any, agreement: Agreement, book: Any, *, entity: str = "purchase_orders") -> list[str]:
    flow = flow_of(entity)
    written = flow.write(record, agreement, book, flow.rules(agreement))
    assert not written.lost
    return ["*".join(row) for row in written.body.segments]


def test_the_words_of_agreements_and_the_columns_of_the_mapping_are_the_same() -> None:
    for set_id, columns in (("850", ORDER_SOURCES), ("810", INVOICE_SOURCES)):
        assert {word for words in SOURCES[set_id].values() for word in words} == set(columns)


def test_contract_project_and_department_go_with_the_partners_qualifiers(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    wanted = agreement(
        references={
            "contract": {"qualifier": "CT", "text": "C-7"},
            "project": {"qualifier": "JB", "from": "project"},
            "department": {"qualifier": "DP", "from": "buyer", "codes": {"JD": "038"}},
        },
        line_references={"place": {"qualifier": "19", "from": "place_of_use"}},
    )
    record = order(PJTH="PRJ-9", lines=[line(USEPLC="HALL 3"), line(POPLIN=2000)])
    found = rows(record, wanted, book())
    assert [row for row in found if row.startswith("REF")] == [
        "REF*IL*REQ-7", "REF*CT*C-7", "REF*JB*PRJ-9", "REF*DP*038", "REF*19*HALL 3",
    ]  # fmt: skip
    assert found.index("REF*19*HALL 3") < next(n for n, row in enumerate(found) if row.startswith("PO1*2000"))


@pytest.mark.parametrize(
    ("rule", "column", "sentence"),
    [
        ({"from": "project", "required": "true"}, "PJTH", "is empty, and the agreement requires it"),
        ({"from": "buyer", "codes": {"XX": "1"}}, "BUY", "has no entry in `codes`"),
    ],
)
def test_a_reference_that_cannot_be_said_holds_the_order(
    rule: dict[str, Any], column: str, sentence: str, order: Make, agreement: Make, book: Make
) -> None:
    with pytest.raises(UnmappedValue, match=sentence) as held:
        to_document(order(), agreement(references={"it": {"qualifier": "ZZ", **rule}}), book())
    assert held.value.where["field"] == column


def test_a_record_that_was_read_without_the_column_is_held_and_not_sent_without_the_reference(
    order: Make, agreement: Make, book: Make
) -> None:
    record = order()
    del record.fields["PJTH"]
    wanted = agreement(references={"project": {"qualifier": "JB", "from": "project"}})
    with pytest.raises(AgreementIncomplete, match="a column that is not read"):
        to_document(record, wanted, book())


@pytest.mark.parametrize(("kind", "end"), [(None, "*92*NJ01"), ("gln", "*UL*0012345000065"), ("none", "")])
def test_a_site_is_shown_by_the_id_the_agreement_chooses(
    kind: str | None, end: str, order: Make, agreement: Make, book: Make
) -> None:
    found = rows(order(), agreement(shown_ids={"ship_to": kind}), book(sites={"NJ01": US}))
    assert f"N1*ST*Example Distribution Newark{end}" in found


def test_an_id_that_is_not_there_holds_the_order_and_names_the_table(order: Make, agreement: Make, book: Make) -> None:
    with pytest.raises(UnmappedValue, match="gln") as held:
        to_document(order(), agreement(shown_ids={"buyer": "gln"}), book())
    assert "identity us in identities.yaml" in held.value.remedy


def test_roles_are_the_partners_and_an_empty_one_leaves_the_party_out(order: Make, agreement: Make, book: Make) -> None:
    keys = {"buyer_role": "OB", "seller_role": "VN", "ship_to_role": None, "bill_to": "invoice_site"}
    found = rows(order(), agreement(**keys, bill_to_role="BS"), book())
    assert [row.split("*")[1] for row in found if row.startswith("N1")] == ["OB", "VN", "BS"]


def test_invoices_have_references_too() -> None:
    keys = {
        "references": {"contract": {"qualifier": "CT", "text": "C-7"}, "buyer": {"qualifier": "YD", "from": "sold_to"}},
        "line_references": {"order": {"qualifier": "SO", "from": "sales_order"}},
    }
    made = document(invoice(), **keys)
    assert [(r.name, r.value) for r in made.references] == [("contract", "C-7"), ("buyer", "C0001")]
    assert [(r.name, r.value) for line in made.lines for r in line.references] == [("order", "SO-1")]
    found = rows(invoice(), Agreement.model_validate(
        {"id": "a", "partner": "C0001", "role": "bill_to", "set": "810", "stage": "live", "folder": "x",
         "effective_from": "2026-01-01", "ids": {"qualifier": "ZZ", "id": "EX"}, **keys}
    ), BOOK, entity="sales_invoices")  # fmt: skip
    assert [row for row in found if row.startswith("REF")] == ["REF*CT*C-7", "REF*YD*C0001", "REF*SO*SO-1"]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"references": {"a": {"qualifier": "ZZ", "from": "sales_order"}}}, "cannot come from 'sales_order' in a 850"),
        ({"references": {"a": {"qualifier": "IL", "text": "x"}}}, "two references have the qualifier IL"),
        ({"line_references": {"a": {"qualifier": "ZZ", "text": "x"}, "b": {"qualifier": "ZZ", "text": "y"}}},
         "two references have the qualifier ZZ"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_a_clash(keys: dict[str, Any], sentence: str, agreement: Make) -> None:
    assert any(sentence in said for _, said in agreement(**keys).clashes())


def test_two_parties_of_one_role_are_a_clash_where_both_are_sent(agreement: Make) -> None:
    twice = ("seller_role", "two parties have the same role: BY BY ST")
    assert agreement(seller_role="BY").clashes() == [twice]
    assert agreement(seller_role="BT").clashes() == []
    assert [key for key, _ in agreement(seller_role="BT", bill_to="invoice_site").clashes()] == ["seller_role"]
