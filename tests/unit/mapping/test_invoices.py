"""Sales invoices become documents that say what Sage X3 says, or a sentence; the published mapping equals the code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from airflow_provider_sagex3_cleo.documents.invoice import Invoice, InvoiceLine
from airflow_provider_sagex3_cleo.errors import (
    AgreementIncomplete,
    FieldMissing,
    GateUnknown,
    NoLines,
    PriceMismatch,
    ProviderError,
    TotalMismatch,
    UnknownItem,
    UnmappedValue,
    ValueUnreadable,
)
from airflow_provider_sagex3_cleo.mapping.invoice_table import invoice_mapping_page, invoice_mapping_table
from airflow_provider_sagex3_cleo.mapping.sales_invoices import commercial, facts, gate, to_document
from airflow_provider_sagex3_cleo.partners import Agreement, Book, Identity, Tables
from airflow_provider_sagex3_cleo.partners.invoicing import CreditNoteRules, InvoiceRules
from airflow_provider_sagex3_cleo.partners.ordering import SOURCES
from airflow_provider_sagex3_cleo.partners.tables import Item
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from tests.unit.mapping.test_table import Watched

PAGE = Path(__file__).parents[3] / "docs" / "mapping-810.md"
SPEC = load_specs()["sales_invoices"]
CENT = Decimal("0.01")
STAMP = datetime(2026, 5, 4, 8, tzinfo=UTC)

HEADER: dict[str, Any] = {
    "NUM": "INV-1", "INVSTA": 3, "INVTYP": 1, "SIVTYP": "INV", "INVDAT": "2026-05-04", "BPCINV": "C0001",
    "BPCORD": "C0001", "BPAINV": "INV", "BPRNAM0": "Example Retail", "BPRNAM1": None, "BPAADDLIG0": "1 Example Plaza",
    "BPAADDLIG1": None, "BPAADDLIG2": None, "POSCOD": "43215", "CTY": "Columbus", "SAT": "OH", "CRY": "US",
    "BPAADD": "ST001", "BPDNAM0": "Example Retail Store 1", "BPDNAM1": None, "BPDADDLIG0": "2 Example Plaza",
    "BPDADDLIG1": None, "BPDADDLIG2": None, "BPDPOSCOD": "43215", "BPDCTY": "Columbus", "BPDSAT": "OH",
    "BPDCRY": "US", "SALFCY": "NJ01", "STOFCY": "NJ01", "CPY": "EXDIS", "CUR": "USD", "PTE": "NET30", "INVREF": None,
    "INVNUM": "INV-0", "PRITYP": 1, "AMTNOT": "120", "AMTATI": "128.4", "TAX": ["NJS"], "BASTAX": ["120"],
    "AMTTAX": ["8.4"], "INVDTA": [1, 3], "INVDTAAMT": ["25", "5"], "INVDTATYP": [1, 1], "SIHTEX1": None,
    "SIHTEX2": None, "UPDDATTIM": "2026-05-04T08:00:00Z",
}  # fmt: skip
LINE: dict[str, Any] = {
    "SIDLIN": 1000, "ITMREF": "ITM00001", "ITMDES": "Bolt, zinc", "QTY": "40", "SAU": "UN", "NETPRI": "2.5",
    "NETPRINOT": "2.5", "GROPRI": "2.5", "AMTNOTLIN": "100", "FOCFLG": 1, "SOHNUM": "SO-1", "SOPLIN": 1000,
    "SOQSEQ": 1000, "SIDTEX": None, "UPDDATTIM": "2026-05-04T08:00:00Z",
}  # fmt: skip
LINE |= {f"DISCRGVAL{n}": "0" for n in range(1, 10)}
SOLD: dict[str, Any] = {
    "CUSORDREF": "PO-4711", "ORDDAT": "2026-04-20",
    "lines": [{"SOPLIN": 1000, "SOQSEQ": 1000, "ITMREFBPC": "B-1", "LINORDNUM": "7", "BPAADD": "ST001"}],
}  # fmt: skip
BOOK = Book(
    [
        Identity.model_validate(
            {
                "key": "us",
                "company": "EXDIS",
                "name": "Example Distribution Inc",
                "ids": {"qualifier": "ZZ", "id": "EXDIS"},
                "remit_to": {"name": "Example Lockbox"},
            }
        )
    ],
    Tables.model_validate(
        {
            "units": {"UN": "EA"},
            "charges": {"1": {"kind": "charge", "code": "D240"}, "3": {"kind": "allowance", "code": "C310"}},
            "taxes": {"NJS": {"kind": "ST", "rate": "7"}},
        }
    ),
    [],
)


def invoice(
    *, lines: list[dict[str, Any]] | None = None, orders: dict[str, Any] | None = None, **header: Any
) -> Record:
    rows = [LINE] if lines is None else lines
    related = {"sales_orders": {"SO-1": SOLD} if orders is None else orders}
    return Record("sales_invoices", "INV-1", STAMP, {**HEADER, **header}, tuple(map(dict, rows)), None, related)


def agreement(**keys: Any) -> Agreement:
    base = {
        "id": "retail-810", "partner": "C0001", "role": "bill_to", "set": "810", "stage": "live",
        "effective_from": "2026-01-01", "ids": {"qualifier": "ZZ", "id": "EXRETAIL"}, "folder": "outbound/retail",
    }  # fmt: skip
    return Agreement.model_validate({**base, **keys})


def document(record: Record, **keys: Any) -> Invoice:
    return to_document(record, agreement(**keys), BOOK)


def test_a_good_invoice_says_what_sage_x3_says() -> None:
    made = document(invoice(), party={"kind": "assigned_by_buyer", "id": "77"}, terms="send",
                    payment_terms={"NET30": {"net_days": 30}})  # fmt: skip
    assert (made.number, made.kind, made.currency, made.total) == ("INV-1", "invoice", "USD", Decimal("128.4"))
    assert (made.order_number, made.order_date) == ("PO-4711", date(2026, 4, 20))
    assert [(a.kind, a.code, a.amount) for a in made.allowances] == [
        ("charge", "D240", Decimal(25)),
        ("allowance", "C310", Decimal(5)),
    ]
    assert [(t.kind, t.rate, t.base, t.amount) for t in made.taxes] == [
        ("ST", Decimal(7), Decimal(120), Decimal("8.4"))
    ]
    (line,) = made.lines
    assert (line.quantity, line.unit, line.unit_price, line.amount) == (40, "EA", Decimal("2.5"), 100)
    assert (line.item.buyer, line.item.vendor, line.order_line) == ("B-1", "ITM00001", "7")
    assert made.seller.name == "Example Distribution Inc"
    assert made.remit_to is not None
    assert made.remit_to.name == "Example Lockbox"
    assert made.bill_to.identifier == "77"
    assert made.terms is not None
    assert made.terms.net_days == 30
    assert made.original_invoice is None


def test_the_gate_lets_posted_invoices_through_and_nothing_else() -> None:
    verdicts = {value: gate(invoice(INVSTA=value), SPEC).verdict for value in (1, 2, 3, None)}
    assert verdicts == {1: "wait", 2: "unknown", 3: "send", None: "unknown"}
    assert gate(invoice(INVTYP=5), SPEC).verdict == "never"
    assert gate(invoice(INVTYP=5, INVSTA=1), SPEC).verdict == "never"
    assert gate(invoice(INVTYP=6), SPEC).verdict == "unknown"


@pytest.mark.parametrize("kind", [2, 4])
def test_a_credit_note_needs_a_convention_and_then_names_the_credited_invoice(kind: int) -> None:
    with pytest.raises(AgreementIncomplete, match="credit notes need `credit_notes` in the agreement"):
        document(invoice(INVTYP=kind))
    made = document(invoice(INVTYP=kind), invoice={"credit_notes": {}})
    assert (made.kind, made.original_invoice) == ("credit_note", "INV-0")


def test_a_debit_note_goes_as_an_invoice_only_where_the_agreement_says_so() -> None:
    with pytest.raises(AgreementIncomplete, match="debit note"):
        document(invoice(INVTYP=3))
    assert document(invoice(INVTYP=3), invoice={"debit_notes": "send"}).kind == "invoice"


def test_several_customer_orders_are_held_named_or_left_out_by_agreement() -> None:
    lines = [LINE, {**LINE, "SIDLIN": 2000, "SOHNUM": "SO-2", "QTY": "8", "AMTNOTLIN": "20"}]
    orders = {"SO-1": SOLD, "SO-2": {**SOLD, "CUSORDREF": "PO-4712"}}
    record = invoice(lines=lines, orders=orders, AMTATI="148.4")
    with pytest.raises(AgreementIncomplete, match="several orders of the customer: PO-4711, PO-4712"):
        document(record)
    assert document(record, invoice={"several_orders": "first"}).order_number == "PO-4711"
    assert document(record, invoice={"several_orders": "none"}).order_number is None
    same = invoice(lines=lines, orders={"SO-1": SOLD, "SO-2": SOLD}, AMTATI="148.4")
    assert document(same).order_number == "PO-4711"  # one order of the customer, entered as two
    unnamed = invoice(lines=lines, orders={"SO-1": SOLD}, AMTATI="148.4")
    with pytest.raises(AgreementIncomplete, match="PO-4711 and one without a number"):
        document(unnamed)


def test_an_invoice_without_a_customers_order_is_held_unless_that_is_agreed() -> None:
    record = invoice(orders={})
    with pytest.raises(AgreementIncomplete, match="no sales order of the invoice has a customer's order number"):
        document(record)
    assert document(record, invoice={"order_number": "optional"}).order_number is None


def test_an_element_or_tax_without_an_entry_is_held_and_an_empty_one_is_nothing() -> None:
    with pytest.raises(UnmappedValue, match="invoice element 9 has no entry, and its value is 3"):
        document(invoice(INVDTA=[9], INVDTAAMT=["3"]))
    assert len(document(invoice(INVDTA=[1, 3, 9], INVDTAAMT=["25", "5", "0"])).allowances) == 2
    with pytest.raises(UnmappedValue, match="tax ODD has no entry"):
        document(invoice(TAX=["ODD"]))
    with pytest.raises(FieldMissing):
        document(invoice(TAX=[]))
    with pytest.raises(GateUnknown, match="includes tax"):
        document(invoice(INVDTATYP=[2, 1]))
    made = document(invoice(INVDTA=[9], INVDTAAMT=["20"]), charges={"9": {"kind": "charge", "code": "D980"}})
    assert made.allowances[0].code == "D980"


def test_a_percentage_becomes_the_amount_that_the_total_proves() -> None:
    made = document(invoice(INVDTA=[1], INVDTAAMT=["20"], INVDTATYP=[3]))
    assert (made.allowances[0].amount, made.allowances[0].percent) == (Decimal(20), Decimal(20))
    with pytest.raises(TotalMismatch):
        document(invoice(INVDTA=[1], INVDTAAMT=["19.9"], INVDTATYP=[3]))


def test_prices_with_tax_are_held_where_the_line_has_none_without() -> None:
    with pytest.raises(PriceMismatch, match="prices include tax"):
        document(invoice(lines=[{**LINE, "NETPRINOT": None}], PRITYP=2))
    assert document(invoice(lines=[{**LINE, "NETPRINOT": None}])).lines[0].unit_price == Decimal("2.5")
    assert document(invoice(lines=[{**LINE, "NETPRI": "2.675"}], PRITYP=2)).lines[0].unit_price == Decimal("2.5")


def test_a_line_that_does_not_add_up_is_held_and_a_broken_one_quarantined() -> None:
    with pytest.raises(PriceMismatch, match="quantity x price is 100"):
        document(invoice(lines=[{**LINE, "AMTNOTLIN": "100.02"}]))
    for column, value in (("QTY", "0"), ("QTY", "-1"), ("NETPRINOT", "-2.5"), ("SIDLIN", 0)):
        with pytest.raises(ValueUnreadable):
            document(invoice(lines=[{**LINE, column: value}]))
    with pytest.raises(NoLines):
        document(invoice(lines=[]))


def test_an_item_without_the_reference_asked_for_is_held() -> None:
    with pytest.raises(UnknownItem, match="buyer"):
        document(invoice(orders={"SO-1": {**SOLD, "lines": []}}), items={"order": ["BP"], "required": ["buyer"]})


def test_the_customers_item_number_comes_from_the_sales_order_else_from_the_table() -> None:
    tables = BOOK.tables.model_copy(update={"items": {"ITM00001": Item(vendor={"C0001": "FROM-TABLE"})}})
    book = Book(BOOK.identities.values(), tables, [])
    assert to_document(invoice(), agreement(), book).lines[0].item.buyer == "B-1"
    bare = invoice(orders={"SO-1": {**SOLD, "lines": []}})
    assert to_document(bare, agreement(), book).lines[0].item.buyer == "FROM-TABLE"


def test_the_agreements_own_item_number_goes_before_the_sales_orders() -> None:
    numbers = {"ITM00001": {"id": "CAT-7"}}
    assert document(invoice(), item_numbers=numbers).lines[0].item.buyer == "CAT-7"
    sold = document(invoice(), item_numbers={"ITM00001": {"id": "X-7", "qualifier": "VP"}}).lines[0].item
    assert (sold.buyer, sold.vendor) == ("B-1", "X-7")


def test_an_unknown_payment_term_is_held() -> None:
    with pytest.raises(UnmappedValue, match="payment terms"):
        document(invoice(), terms="send")


def test_stamps_prints_and_references_change_nothing_and_amounts_do() -> None:
    plain = commercial(invoice())
    assert commercial(invoice(UPDDATTIM="2027-01-01T00:00:00Z", INVREF="X", STOFCY="TX01")) == plain
    for column, value in (("AMTATI", "1"), ("BPCINV", "C2"), ("INVDTAAMT", ["1"])):
        assert commercial(invoice(**{column: value})) != plain
    assert commercial(invoice(lines=[{**LINE, "QTY": "41"}])) != plain


AMOUNTS = st.decimals("0.01", "99999.99", places=2)


@settings(max_examples=150, deadline=None)
@given(
    priced=st.lists(
        st.tuples(st.decimals("0.001", "9999", places=3), st.decimals("0", "999", places=4)), min_size=1, max_size=6
    ),
    freight=AMOUNTS,
    discount=AMOUNTS,
    taxes=st.lists(AMOUNTS, max_size=4),
    wrong_by=st.integers(1, 10**7),
)
def test_the_document_adds_up_to_sage_x3s_total_or_is_held_naming_both(
    priced: list[tuple[Decimal, Decimal]], freight: Decimal, discount: Decimal, taxes: list[Decimal], wrong_by: int
) -> None:
    lines = [
        {**LINE, "SIDLIN": 1000 * n, "QTY": f"{quantity:f}", "NETPRINOT": f"{price:f}",
         "AMTNOTLIN": f"{(quantity * price).quantize(CENT, ROUND_HALF_UP):f}"}
        for n, (quantity, price) in enumerate(priced, 1)
    ]  # fmt: skip
    total = sum((Decimal(line["AMTNOTLIN"]) for line in lines), Decimal(0)) + freight - discount + sum(taxes)
    how: dict[str, Any] = {
        "lines": lines, "INVDTAAMT": [f"{freight:f}", f"{discount:f}"], "TAX": ["NJS"] * len(taxes),
        "BASTAX": ["1"] * len(taxes), "AMTTAX": [f"{tax:f}" for tax in taxes],
    }  # fmt: skip
    made = document(invoice(**how, AMTATI=f"{total:f}"))
    signs = {"charge": 1, "allowance": -1}
    parts = [line.amount for line in made.lines] + [tax.amount for tax in made.taxes]
    assert sum(parts) + sum(signs[a.kind] * a.amount for a in made.allowances) == made.total == total
    assert [(line.quantity, line.unit_price) for line in made.lines] == priced
    other = total + CENT * wrong_by
    with pytest.raises(TotalMismatch) as caught:
        document(invoice(**how, AMTATI=f"{other:f}"))
    assert f"{total:.2f}" in str(caught.value)
    assert f"{other:.2f}" in str(caught.value)


def test_mapping_raises_nothing_but_errors_of_the_tree() -> None:
    """Whatever stands in one column, the answer is a document or one sentence."""
    odd = (None, "", "x", "1599-12-31", -1, 0, 7, "9" * 60, "\ud800", "1e400", "NaN")
    for column in HEADER:
        for value in odd:
            wrong = [value] if isinstance(HEADER[column], list) else value
            _no_surprise(invoice(**{column: wrong}) if column != "NUM" else invoice())
    for column in LINE:
        for value in odd:
            _no_surprise(invoice(lines=[{**LINE, column: value}]))
    for column in ("CUSORDREF", "ORDDAT"):
        for value in odd:
            _no_surprise(invoice(orders={"SO-1": {**SOLD, column: value}}))


def _no_surprise(record: Record) -> None:
    steps: tuple[Callable[[], Any], ...] = (
        lambda: facts(record), lambda: gate(record, SPEC), lambda: document(record), lambda: commercial(record),
    )  # fmt: skip
    for step in steps:
        with suppress(ProviderError):
            step()


# --- the published mapping ---
def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == invoice_mapping_page()


def test_the_table_names_exactly_the_columns_the_mapping_reads() -> None:
    seen: set[str] = set()
    for kind, price in ((1, "2.5"), (2, None)):
        plain = invoice(INVTYP=kind, lines=[{**LINE, "NETPRINOT": price}])
        lines = tuple(Watched(row, seen, "lines.") for row in plain.lines)
        sold = Watched(
            {**SOLD, "lines": [Watched(row, seen, "orders.lines.") for row in SOLD["lines"]]}, seen, "orders."
        )
        record = Record(
            plain.entity, plain.key, STAMP, Watched(plain.fields, seen), lines, None, {"sales_orders": {"SO-1": sold}}
        )
        facts(record)
        gate(record, SPEC)
        wanted: dict[str, Any] = {
            key: {word: {"qualifier": f"Z{n}", "from": word} for n, word in enumerate(words)}
            for key, words in SOURCES["810"].items()
        }
        document(record, invoice={"credit_notes": {}, "line_note_reference": "L1"}, terms="send",
                 payment_terms={"NET30": {}}, notes={"qualifier": "L1"}, **wanted)  # fmt: skip
        document(record, invoice={"credit_notes": {}}, discounts="gross_with_sac")
        commercial(record)
    named = {column for row in invoice_mapping_table() for column in row.columns}
    assert (seen | {"NUM"}) - {"orders.lines"} == named  # the number is the record's key


def test_every_column_of_the_table_is_in_the_specification() -> None:
    related = SPEC.related["sales_orders"]
    known = set(SPEC.columns) | {f"lines.{name}" for name in SPEC.lines.columns}
    known |= {f"orders.{name}" for name in related.columns} | {f"orders.lines.{name}" for name in related.line_columns}
    assert {column for row in invoice_mapping_table() for column in row.columns} <= known


def test_every_field_of_the_table_is_in_the_document() -> None:
    for row in invoice_mapping_table():
        model: type[BaseModel] = Invoice
        parts = row.field.split(".") if row.field else []
        if parts[:1] == ["lines"]:
            model, parts = InvoiceLine, parts[1:]
        if parts:
            assert parts[0] in model.model_fields, row


def test_every_key_the_table_names_is_in_the_agreement_or_the_tables() -> None:
    words = {part for row in invoice_mapping_table() for part in row.condition.split("`")[1::2]}
    keys = {word.split(":")[0] for word in words}
    known = {*Agreement.model_fields, *InvoiceRules.model_fields, *CreditNoteRules.model_fields}
    assert keys <= known | {*Identity.model_fields, *Tables.model_fields}
