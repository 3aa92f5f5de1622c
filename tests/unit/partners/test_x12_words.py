"""Agreements and the X12 room use the same words, though neither reads the other's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_args

from airflow_provider_sagex3_cleo.partners import Agreement, load_book
from airflow_provider_sagex3_cleo.partners.agreement import GTIN_QUALIFIERS, ITEM_QUALIFIERS
from airflow_provider_sagex3_cleo.partners.changing import ChangeCode, ChangeKind
from airflow_provider_sagex3_cleo.partners.shipping import ShipmentRules
from airflow_provider_sagex3_cleo.x12 import Delimiters, Envelope
from airflow_provider_sagex3_cleo.x12.set_810 import CreditNotes, Rules810
from airflow_provider_sagex3_cleo.x12.set_850 import Rules850
from airflow_provider_sagex3_cleo.x12.set_850.rules import GTIN_LENGTHS, ITEM_REFERENCES
from airflow_provider_sagex3_cleo.x12.set_856 import Rules856
from airflow_provider_sagex3_cleo.x12.set_860 import CHANGE_CODES, Rules860
from airflow_provider_sagex3_cleo.x12.standard import release

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
        ids = asdict(agreement.envelope_ids(book.identity(agreement, "EXDIS", "NJ01")))
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


def test_what_an_invoice_cannot_say_is_a_clash_of_the_agreement() -> None:
    def clashes(**keys: Any) -> list[tuple[str, str]]:
        return Agreement.model_validate({"id": "a", "partner": "C", "role": "bill_to", "set": "810", **keys}).clashes()

    no_n9 = ("notes", "a line of an 810 has no N9: `invoice: line_note_reference` says where its text goes")
    assert clashes(notes={"qualifier": "L1"}) == []
    assert clashes(notes={"qualifier": "L1", "lines": True}) == [no_n9]
    assert clashes(notes={"qualifier": "L1", "lines": True}, invoice={"line_note_reference": "L1"}) == []
    assert [key for key, _ in clashes(notes={"lines": False}, invoice={"line_note_reference": "L1"})] == ["invoice"]
    twice = {"order_line_reference": "LI", "line_note_reference": "LI"}
    assert clashes(invoice=twice) == [("line_references", "two references have the qualifier LI")]
    assert [key for key, _ in clashes(line_ship_to="sdq")] == ["line_ship_to"]
    assert clashes(line_ship_to="sdq", addresses={"ST1": {"kind": "assigned_by_buyer", "id": "7"}}) == []


def shipment_rules(**keys: Any) -> Rules856:
    values = Agreement.model_validate({"id": "a", "partner": "C", "role": "sold_to", "set": "856", **keys}).rules_856()
    return Rules856(**{**values, "delimiters": Delimiters(**values["delimiters"])})


def test_an_agreement_without_wishes_has_the_writers_defaults_for_shipments() -> None:
    assert shipment_rules() == Rules856()


def test_every_wish_about_shipments_reaches_the_writer() -> None:
    wishes: dict[str, Any] = {
        "packs": "always", "needs": ["carrier_code", "weight"], "line_id": "order", "count": "items", "children": False,
        "sscc_mark": "AA", "packaging": "CTN", "tracking_reference": "2I", "expected_date_qualifier": None,
    }  # fmt: skip
    made = shipment_rules(shipment=wishes, hash_total=False, vendor_reference=None)
    assert {name: getattr(made, name) for name in wishes} == {**wishes, "needs": ("carrier_code", "weight")}
    assert (made.hash_total, made.vendor_reference) == (False, None)


def test_all_that_an_agreement_may_need_is_a_field_of_the_shipment() -> None:
    everything = get_args(get_args(ShipmentRules.model_fields["needs"].annotation)[0])
    assert shipment_rules(shipment={"needs": list(everything)}).needs == everything


def test_what_does_not_go_together_in_an_agreement_for_shipments_is_a_clash() -> None:
    keys = {"id": "a", "partner": "C", "set": "856", "shipment": {"ship_to_role": "SF"}}
    assert Agreement.model_validate(keys).clashes() == [
        ("shipment", "two parties have the same role: SF SF"),
        ("role", "an 856 goes to ship_to or sold_to, not to 'supplier'"),
    ]


def change_rules(change: dict[str, Any] | None = None, **keys: Any) -> Rules860:
    agreement = Agreement.model_validate({"id": "a", "partner": "S", "set": "860", "change": change or {}, **keys})
    assert agreement.clashes() == []
    values = agreement.rules_860()
    return Rules860(**{**values, "delimiters": Delimiters(**values["delimiters"])})


def test_an_agreement_without_wishes_has_the_writers_defaults_for_changes() -> None:
    assert change_rules() == Rules860()


def test_what_an_agreement_says_of_changes_reaches_the_writer() -> None:
    said = change_rules(
        {
            "cancel_purpose": "03",
            "type": "CP",
            "lines": "all",
            "quantity": "difference",
            "cancel_lines": "true",
            "codes": {"date": "RS"},
            "accepted_codes": ["AI", "DI", "NC", "RS", "CA"],
        },
        line_ship_to="n1",
        date_qualifier="010",
    )
    assert said == Rules860(
        cancel_purpose="03",
        change_type="CP",
        lines="all",
        quantity="difference",
        cancel_lines=True,
        codes={"date": "RS"},
        accepted_codes=("AI", "DI", "NC", "RS", "CA"),
        line_ship_to=True,
        date_qualifier="010",
    )


def test_kinds_and_codes_of_changes_are_the_same_on_both_sides() -> None:
    assert set(get_args(ChangeKind)) == set(CHANGE_CODES)
    described = release("004010").segments["POC"].slots[1].element
    assert set(get_args(ChangeCode)) == set(described.codes)  # type: ignore[union-attr]


def test_wishes_for_changes_that_contradict_each_other_are_clashes() -> None:
    change = {"purpose": "05", "codes": {"date": "RS"}, "accepted_codes": ["AI", "DI", "CA"]}
    keys = {"id": "a", "partner": "S", "set": "860", "change": change}
    assert Agreement.model_validate(keys).clashes() == [
        ("change", "purpose 05 replaces the whole order: write `lines: all` and `quantity: new` with it"),
        ("change", "`codes` has what `accepted_codes` has not: RS"),
    ]
    keys["change"] = {"lines": "all", "accepted_codes": ["AI", "DI", "CA"]}
    assert Agreement.model_validate(keys).clashes() == [
        ("change", "`lines: all` needs a code for lines that stay as they are, such as NC")
    ]
