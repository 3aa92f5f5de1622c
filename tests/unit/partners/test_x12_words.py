"""Agreements and the X12 room use the same words, though neither reads the other's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from airflow_provider_sagex3_cleo.partners import Agreement, load_book
from airflow_provider_sagex3_cleo.partners.agreement import GTIN_QUALIFIERS, ITEM_QUALIFIERS
from airflow_provider_sagex3_cleo.x12 import Delimiters, Envelope
from airflow_provider_sagex3_cleo.x12.set_810 import CreditNotes, Rules810
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850
from airflow_provider_sagex3_cleo.x12.set_850.rules import GTIN_LENGTHS, ITEM_REFERENCES

EXAMPLES = Path(__file__).parents[3] / "examples" / "agreements"


def rules(agreement: Agreement) -> Rules850:
    values: dict[str, Any] = agreement.rules_850()
    return Rules850(**{**values, "delimiters": Delimiters(**values["delimiters"])})


def test_an_agreement_without_wishes_has_the_writers_defaults() -> None:
    plain = Agreement.model_validate({"id": "a", "partner": "S", "set": "850"})
    assert rules(plain) == Rules850()


def test_item_qualifiers_and_gtin_lengths_are_the_same_on_both_sides() -> None:
    assert dict(ITEM_REFERENCES) == ITEM_QUALIFIERS
    assert {qualifier: length for length, qualifier in GTIN_QUALIFIERS.items()} == dict(GTIN_LENGTHS)


def test_payment_terms_have_what_the_writer_asks_for() -> None:
    electrical = load_book(EXAMPLES).agreement("electrical-850")
    assert electrical is not None
    terms = rules(electrical).terms
    assert terms is not None
    assert terms["NET30"].net_days == 30


def test_every_example_makes_an_envelope(write: Callable[..., Path]) -> None:
    book = load_book(EXAMPLES)
    for agreement in book.agreements:
        ids = asdict(agreement.envelope(book.identity(agreement, "EXDIS", "NJ01")))
        envelope = Envelope(**{**ids, "delimiters": Delimiters(**ids["delimiters"])})
        assert {field.name for field in fields(Envelope)} == set(ids)
        assert envelope.usage == agreement.usage


def invoice_rules(**keys: Any) -> Rules810:
    values = Agreement.model_validate({"id": "a", "partner": "C", "role": "bill_to", "set": "810", **keys}).rules_810()
    notes = values["credit_notes"]
    made = {"delimiters": Delimiters(**values["delimiters"]), "credit_notes": notes and CreditNotes(**notes)}
    return Rules810(**{**values, **made})


def test_an_agreement_without_wishes_has_the_writers_defaults_for_invoices() -> None:
    assert invoice_rules(terms="send") == Rules810()
    assert invoice_rules().terms is False
    assert invoice_rules(currency="false").currency_role is None


def test_credit_notes_have_what_the_writer_asks_for() -> None:
    assert invoice_rules(invoice={"credit_notes": {}}).credit_notes == CreditNotes()
    assert invoice_rules(invoice={"credit_notes": {"type": "CN", "amounts": "negative", "reference": None}}) == (
        Rules810(credit_notes=CreditNotes("CN", "negative", None), terms=False)
    )


def test_two_parties_of_one_role_are_a_clash_of_the_agreement() -> None:
    both = {"id": "a", "partner": "C", "set": "810", "invoice": {"seller_role": "RI"}}
    assert ("invoice", "two parties have the same role: RI ST BT RI") in Agreement.model_validate(both).clashes()
