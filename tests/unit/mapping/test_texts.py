"""Texts of orders, lines and invoices go out as notes where the agreement asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.errors import AgreementIncomplete, GateUnknown, NotRepresentable
from airflow_provider_sagex3_cleo.mapping.purchase_orders import to_document
from tests.unit.mapping.test_invoices import BOOK, LINE, invoice
from tests.unit.mapping.test_invoices import agreement as invoice_agreement
from tests.unit.mapping.test_references import rows

Make = Callable[..., Any]
LONG = " ".join(["Deliver at the rear gate of hall three"] * 12)


@pytest.mark.parametrize(("release", "order_text", "line_text"), [
    ("004010", "MSG*Ring the bell.", "MSG*Wrap it."), ("005010", "MTX*GEN*Ring the bell.", "MTX*LIN*Wrap it."),
])  # fmt: skip
def test_texts_go_out_in_the_segment_of_the_release(
    release: str, order_text: str, line_text: str, order: Make, line: Make, agreement: Make, book: Make
) -> None:
    record = order(TEX1="Ring the bell.\nAsk for Pat.", TEX2="Thank you.", lines=[line(LINTEX="Wrap it.")])
    found = rows(record, agreement(release=release, notes={"qualifier": "L1"}), book())
    segment = order_text[:3]
    assert [row.split("*")[-1] for row in found if row.startswith(segment)] == [
        "Ring the bell.", "Ask for Pat.", "Thank you.", "Wrap it.",
    ]  # fmt: skip
    assert order_text in found
    assert line_text in found
    assert [row for row in found if row.startswith("N9")] == ["N9*L1**ORDER NOTES", "N9*L1**LINE NOTES"]


def test_only_the_texts_that_are_asked_for_go_out(order: Make, line: Make, agreement: Make, book: Make) -> None:
    record = order(TEX1="Ring the bell.", TEX2="Thank you.", lines=[line(LINTEX="Wrap it.")])
    wanted = agreement(notes={"qualifier": "L1", "header": "false", "lines": "false"})
    assert [row for row in rows(record, wanted, book()) if row.startswith("MSG")] == ["MSG*Thank you."]


def test_a_long_text_is_held_or_split_at_blanks_and_never_cut(order: Make, agreement: Make, book: Make) -> None:
    with pytest.raises(NotRepresentable, match="characters"):
        rows(order(TEX1=LONG), agreement(notes={"qualifier": "L1"}), book())
    found = rows(order(TEX1=LONG), agreement(notes={"qualifier": "L1"}, split_text=True), book())
    assert " ".join(row.removeprefix("MSG*") for row in found if row.startswith("MSG")) == LONG


@pytest.mark.parametrize("text", [r"{\rtf1\ansi Ring}", "<p>Ring</p>"])
def test_a_formatted_text_is_held(text: str, order: Make, agreement: Make, book: Make) -> None:
    with pytest.raises(GateUnknown, match="formatted"):
        to_document(order(TEX1=text), agreement(notes={"qualifier": "L1"}), book())


def test_a_text_column_that_a_site_does_not_show_holds_the_order(order: Make, agreement: Make, book: Make) -> None:
    record = order()
    del record.fields["TEX2"]
    with pytest.raises(AgreementIncomplete, match="not read"):
        to_document(record, agreement(notes={"qualifier": "L1"}), book())
    to_document(record, agreement(notes={"qualifier": "L1", "footer": "false"}), book())


def test_an_invoice_says_its_texts() -> None:
    record, wanted = invoice(SIHTEX1="Paid by lockbox.", SIHTEX2="Thank you."), invoice_agreement(
        release="005010", notes={"qualifier": "L1"}
    )  # fmt: skip
    found = rows(record, wanted, BOOK, entity="sales_invoices")
    assert [row for row in found if row.startswith(("N9", "MSG"))] == [
        "N9*L1**INVOICE NOTES", "MSG*Paid by lockbox.", "MSG*Thank you.",
    ]  # fmt: skip


def texts_of(record: Any, **keys: Any) -> list[str]:
    found = rows(record, invoice_agreement(**keys), BOOK, entity="sales_invoices")
    return [row for row in found if row.startswith(("N9", "MSG", "NTE", "REF", "IT1"))]


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_a_line_of_an_invoice_says_its_text_in_a_reference_where_that_is_agreed(release: str) -> None:
    record = invoice(SIHTEX1="Paid by lockbox.", lines=[{**LINE, "SIDTEX": "Two cartons.\nBack order."}])
    wanted = {"release": release, "invoice": {"line_note_reference": "L1"}}
    line = "IT1*1000*40*EA*2.5**VP*ITM00001*BP*B-1"
    assert texts_of(record, **wanted) == [line, "REF*L1**Two cartons.", "REF*L1**Back order."]
    assert texts_of(record, **wanted, notes={"qualifier": "L1"})[:3] == [
        "N9*L1**INVOICE NOTES", "MSG*Paid by lockbox.", line,
    ]  # fmt: skip
    assert texts_of(record, release=release, notes={"qualifier": "L1", "header": "false"}) == [line]


def test_a_text_of_an_invoices_line_that_is_too_long_is_held_or_split() -> None:
    record = invoice(lines=[{**LINE, "SIDTEX": LONG}])
    with pytest.raises(NotRepresentable, match=r"REF03"):
        texts_of(record, invoice={"line_note_reference": "L1"})
    found = texts_of(record, invoice={"line_note_reference": "L1"}, too_long={"notes": "split"})[1:]
    assert " ".join(row.removeprefix("REF*L1**") for row in found) == LONG


def test_texts_of_an_invoice_go_out_as_nte_where_that_is_agreed() -> None:
    record = invoice(SIHTEX1="\n".join(f"Line {n}" for n in range(1, 101)))
    wanted = {"notes": {"qualifier": "INV"}, "invoice": {"note_segment": "NTE"}}
    found = texts_of(record, **wanted)
    assert (found[0], found[99], len(found)) == ("NTE*INV*Line 1", "NTE*INV*Line 100", 101)
    with pytest.raises(NotRepresentable, match="at most 100 NTE"):
        texts_of(invoice(SIHTEX1="\n".join(["x"] * 101)), **wanted)
    with pytest.raises(NotRepresentable, match="at most 10 MSG"):
        texts_of(record, notes={"qualifier": "L1"})
