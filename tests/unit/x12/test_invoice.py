"""Invoice -> 810: what is written where, what is held, and which single faults are found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import Destination, ItemReferences, Party
from airflow_provider_sagex3_cleo.documents.invoice import AllowanceOrCharge, Invoice, InvoiceLine, PaymentTerms, Tax
from airflow_provider_sagex3_cleo.x12 import SetBody, set_810
from airflow_provider_sagex3_cleo.x12.set_810 import CreditNotes, Rules810, build, compare
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from benchmarks.edits import Edit, change, drop, drop_all, insert, mutated, swap
from tests.support.x12 import file_of

MakeParty = Callable[..., Party]

FREIGHT = AllowanceOrCharge(kind="charge", code="D240", amount=Decimal("7.50"), description="Freight")
DISCOUNT = AllowanceOrCharge(kind="allowance", code="C310", amount=Decimal("2.25"), percent=Decimal("10"))
SALES_TAX = Tax(kind="ST", rate=Decimal("7"), base=Decimal("36.25"), amount=Decimal("2.54"))


def invoice_line(number: int, **more: Any) -> InvoiceLine:
    values: dict[str, Any] = {
        "item": ItemReferences(buyer=f"BP{number}", vendor=f"VP-{number}", description=f"Hex bolt M{number}"),
        "quantity": Decimal(10),
        "unit": "EA",
        "unit_price": Decimal("1.225"),
        "amount": Decimal("12.25"),
        "order_line": f"{number}0",
    }
    return InvoiceLine(number=number, **{**values, **more})


@pytest.fixture
def make_invoice(make_party: MakeParty) -> Callable[..., Invoice]:
    def make(**more: Any) -> Invoice:
        values: dict[str, Any] = {
            "number": "INV26000091",
            "invoice_date": date(2026, 11, 24),
            "currency": "USD",
            "order_number": "4500012345",
            "order_date": date(2026, 11, 3),
            "seller": make_party("OWN", "Example Distribution", address=None),
            "bill_to": make_party("ACC", "Example Accounts", address=None),
            "ship_to": make_party("STO", "Example Store", address=None),
            "remit_to": make_party("BNK", "Example Lockbox", address=None),
            "vendor_number": "V100",
            "department": "17",
            "terms": PaymentTerms(net_days=30),
            "ship_date": date(2026, 11, 23),
            "bill_of_lading": "BOL77",
            "carrier_code": "EXPC",
            "allowances": (FREIGHT,),
            "taxes": (SALES_TAX,),
            "lines": (invoice_line(1), invoice_line(2, amount=Decimal("10.00"), allowances=(DISCOUNT,))),
            "total": Decimal("32.29"),
        }
        return Invoice(**{**values, **more})

    return make


Make = Callable[..., Invoice]


def rows(body: SetBody, segment: str) -> list[tuple[str, ...]]:
    return [row for row in body.segments if row[0] == segment]


def test_an_invoice_becomes_these_segments(make_invoice: Make) -> None:
    rules = Rules810(order_line_reference="LI", percent_basis="2", tax_base=True)
    assert build(make_invoice(), rules).segments == (
        ("BIG", "20261124", "INV26000091", "20261103", "4500012345"),
        ("CUR", "SE", "USD"),
        ("REF", "IA", "V100"),
        ("REF", "DP", "17"),
        ("N1", "RI", "Example Lockbox", "92", "IDBNK"),
        ("N1", "ST", "Example Store", "92", "IDSTO"),
        ("N1", "BT", "Example Accounts", "92", "IDACC"),
        ("N1", "SE", "Example Distribution", "92", "IDOWN"),
        ("ITD", "01", "3", "", "", "", "", "30"),
        ("DTM", "011", "20261123"),
        ("IT1", "1", "10", "EA", "1.225", "", "VP", "VP-1", "BP", "BP1"),
        ("PID", "F", "", "", "", "Hex bolt M1"),
        ("REF", "LI", "10"),
        ("IT1", "2", "10", "EA", "1.225", "", "VP", "VP-2", "BP", "BP2"),
        ("PID", "F", "", "", "", "Hex bolt M2"),
        ("REF", "LI", "20"),
        ("SAC", "A", "C310", "", "", "225", "2", "10", "", "", "", "", "02"),
        ("TDS", "3229"),
        ("TXI", "ST", "2.54", "7", "", "", "", "", "36.25"),
        ("CAD", "M", "", "", "EXPC", "", "", "BM", "BOL77"),
        ("SAC", "C", "D240", "", "", "750", "", "", "", "", "", "", "06", "", "", "Freight"),
        ("CTT", "2"),
    )


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_the_same_invoice_is_right_in_both_releases_and_remit_to_is_ri(release: str, make_invoice: Make) -> None:
    rules = Rules810(release=release, note_reference="L1")
    body = build(make_invoice(notes=("Thank you",)), rules)
    assert validate_body(body, rules.delimiters) == []
    assert [row[1] for row in rows(body, "N1")] == ["RI", "ST", "BT", "SE"]
    assert rows(body, "MSG") == [("MSG", "Thank you")]  # the 810 did not change to MTX


def test_a_line_says_its_text_and_its_places_and_the_heading_then_has_none(
    make_invoice: Make, make_party: MakeParty
) -> None:
    rules = Rules810(note_reference="GEN", note_segment="NTE", line_note_reference="L1")
    places = tuple(
        Destination(ship_to=make_party(code, "Example Store"), quantity=Decimal(n), number=1)
        for code, n in (("ST1", 6), ("ST2", 4))
    )
    split = invoice_line(1, note="Two cartons.\nOne is short.", destinations=places)
    own = invoice_line(2, amount=Decimal("12.25"), ship_to=make_party("ST3", "Example Depot", address=None))
    invoice = make_invoice(lines=(split, own), notes=("Thank you",), total=Decimal("34.54"))
    body = build(invoice, rules)
    assert validate_body(body, rules.delimiters) == []
    assert body.segments[:2] == (body.segments[0], ("NTE", "GEN", "Thank you"))
    start = next(n for n, row in enumerate(body.segments) if row[0] == "IT1")
    assert [row[1] for row in body.segments[:start] if row[0] == "N1"] == ["RI", "BT", "SE"]
    assert [row for row in body.segments[start:] if row[0] in ("REF", "SDQ", "N1")] == [
        ("REF", "L1", "", "Two cartons."),
        ("REF", "L1", "", "One is short."),
        ("SDQ", "EA", "92", "IDST1", "6", "IDST2", "4"),
        ("N1", "ST", "Example Depot", "92", "IDST3"),
    ]
    for wrong, lost in (({"note": None}, {"note"}), ({"destinations": ()}, {"destinations"}),
                        ({"destinations": places[::-1]}, set())):  # fmt: skip
        other = make_invoice(lines=(split.model_copy(update=wrong), own), notes=("Thank you",), total=invoice.total)
        found = {f.element for f in compare(other, rules, body)}
        assert found - {"parties"} == {f"lines[0].{name}" for name in lost}
    moved = make_invoice(lines=(split, own.model_copy(update={"ship_to": None})), total=invoice.total)
    assert {f.element for f in compare(moved, rules, body)} == {"notes", "lines[1].ship_to"}


def test_a_place_without_an_identifier_and_a_credited_quantity_by_place(
    make_invoice: Make, make_party: MakeParty
) -> None:
    def split(party: Party) -> Invoice:
        line = invoice_line(1, destinations=(Destination(ship_to=party, quantity=Decimal(10), number=1),))
        return make_invoice(kind="credit_note", original_invoice="INV1", lines=(line,), total=Decimal("22.29"))

    rules = Rules810(credit_notes=CreditNotes(amounts="negative"))
    body = build(split(make_party("ST1", "Example Store")), rules)
    assert rows(body, "SDQ") == [("SDQ", "EA", "92", "IDST1", "-10")]
    assert validate_body(body, rules.delimiters) == []
    with pytest.raises(e.NotRepresentable, match="a place without an identifier"):
        build(split(Party(code="ST1", name="Example Store")), rules)


def test_re_is_a_role_in_004010_only(make_invoice: Make) -> None:
    assert rows(build(make_invoice(), Rules810(remit_to_role="RE")), "N1")[0][1] == "RE"
    with pytest.raises(e.NotRepresentable, match="remit_to_role"):
        build(make_invoice(), Rules810(remit_to_role="RE", release="005010"))


def test_an_invoiced_quantity_of_eleven_digits_fits_in_005010_only(make_invoice: Make) -> None:
    many = invoice_line(1, quantity=Decimal(12345678901), unit_price=Decimal("0.01"), amount=Decimal("123456789.01"))
    invoice = make_invoice(lines=(many,), total=Decimal("123456799.05"))
    assert rows(build(invoice, Rules810(release="005010")), "IT1")[0][2] == "12345678901"
    with pytest.raises(e.NotRepresentable, match="at most 10 digits"):
        build(invoice, Rules810())


def test_a_total_that_does_not_add_up_is_held_with_the_sum(make_invoice: Make) -> None:
    with pytest.raises(e.NotRepresentable) as held:
        build(make_invoice(total=Decimal("32.30")), Rules810())
    assert held.value.where == {"field": "total", "value": Decimal("32.30")}
    assert "expected 32.29" in str(held.value)


def test_a_line_whose_price_does_not_give_its_amount_is_held(make_invoice: Make) -> None:
    wrong = invoice_line(1, amount=Decimal("12.27"))
    with pytest.raises(e.PriceMismatch) as held:
        build(make_invoice(lines=(wrong,)), Rules810())
    assert held.value.where["field"] == "lines[0].amount"


def test_a_currency_without_two_decimals_is_held_unless_agreed(make_invoice: Make) -> None:
    line = invoice_line(1, unit_price=Decimal(100), amount=Decimal(1000))
    invoice = make_invoice(currency="JPY", lines=(line,), allowances=(), taxes=(), total=Decimal(1000))
    with pytest.raises(e.NotRepresentable, match="does not have two decimals"):
        build(invoice, Rules810())
    body = build(invoice, Rules810(other_currencies=True))
    assert rows(body, "TDS") == [("TDS", "100000")]
    assert compare(invoice, Rules810(other_currencies=True), body) == []


def test_an_amount_finer_than_a_cent_is_held(make_invoice: Make) -> None:
    charge = FREIGHT.model_copy(update={"amount": Decimal("7.505")})
    with pytest.raises(e.NotRepresentable, match="at most 2 decimals"):
        build(make_invoice(allowances=(charge,), total=Decimal("32.295")), Rules810())


def test_a_credit_note_is_held_until_the_agreement_says_how_it_is_written(make_invoice: Make) -> None:
    credit = make_invoice(kind="credit_note", original_invoice="INV26000077")
    with pytest.raises(e.NotRepresentable, match="credit note"):
        build(credit, Rules810())
    with pytest.raises(e.NotRepresentable, match="credited invoice"):
        build(make_invoice(kind="credit_note"), Rules810(credit_notes=CreditNotes()))


def test_a_credit_note_is_written_with_the_agreed_sign_type_and_reference(make_invoice: Make) -> None:
    credit = make_invoice(kind="credit_note", original_invoice="INV26000077")
    for amounts, total, quantity, tax in (("positive", "3229", "10", "2.54"), ("negative", "-3229", "-10", "-2.54")):
        rules = Rules810(credit_notes=CreditNotes(amounts=amounts))  # type: ignore[arg-type]
        body = build(credit, rules)
        assert validate_body(body) == []
        assert compare(credit, rules, body) == []
        assert rows(body, "BIG")[0][7] == "CR"
        assert ("REF", "OI", "INV26000077") in body.segments
        assert rows(body, "TDS") == [("TDS", total)]
        assert rows(body, "IT1")[0][2] == quantity
        assert rows(body, "TXI")[0][2] == tax


def test_a_bill_of_lading_without_a_carrier_stands_in_the_heading(make_invoice: Make) -> None:
    body = build(make_invoice(carrier_code=None), Rules810())
    assert ("REF", "BM", "BOL77") in body.segments
    assert rows(body, "CAD") == []


def test_terms_with_a_date_or_a_discount_are_written(make_invoice: Make) -> None:
    due = PaymentTerms(due_date=date(2026, 12, 31), description="End of month")
    itd = ("ITD", "01", "3", "", "", "", "20261231", "", "", "", "", "", "End of month")
    assert itd in build(make_invoice(terms=due), Rules810()).segments
    early = PaymentTerms(net_days=30, discount_percent=Decimal("2"), discount_days=10)
    assert ("ITD", "01", "3", "2", "", "10", "", "30") in build(make_invoice(terms=early), Rules810()).segments
    assert rows(build(make_invoice(terms=PaymentTerms()), Rules810()), "ITD") == []


def test_line_taxes_are_sent_where_asked_or_where_the_invoice_has_none(make_invoice: Make) -> None:
    taxed = invoice_line(1, taxes=(SALES_TAX,))
    both = make_invoice(lines=(taxed,), total=Decimal("22.29"))
    assert len(rows(build(both, Rules810()), "TXI")) == 1
    assert len(rows(build(both, Rules810(line_taxes=True)), "TXI")) == 2
    body = build(make_invoice(lines=(taxed,), taxes=(), total=Decimal("22.29")), Rules810())
    assert [row[0] for row in body.segments if row[0] in ("IT1", "TXI", "PID", "TDS")] == ["IT1", "TXI", "PID", "TDS"]
    for said in (build(both, Rules810(line_taxes=True)), body):
        assert validate_body(said) == []


def test_the_customers_order_line_can_be_the_line_number_and_is_then_needed(make_invoice: Make) -> None:
    rules = Rules810(line_id="order")
    assert [row[1] for row in rows(build(make_invoice(), rules), "IT1")] == ["10", "20"]
    with pytest.raises(e.NotRepresentable, match="order line"):
        build(make_invoice(lines=(invoice_line(1, order_line=None),), total=Decimal("22.29")), rules)


@pytest.mark.parametrize(
    ("change_of_it", "error", "field"),
    [
        ({"number": "I" * 23}, e.NotRepresentable, "number"),
        ({"order_number": "P" * 23}, e.NotRepresentable, "order_number"),
        ({"carrier_code": "TOOLONG"}, e.NotRepresentable, "carrier_code"),
        ({"allowances": (FREIGHT.model_copy(update={"code": "ZZ99"}),)}, e.NotRepresentable, "allowances.code"),
        ({"taxes": (SALES_TAX.model_copy(update={"kind": "QQ"}),)}, e.NotRepresentable, "taxes.kind"),
        ({"lines": (invoice_line(1, item=ItemReferences(manufacturer="M")),), "total": Decimal("22.29")},
         e.UnknownItem, "lines[0].item"),
        ({"notes": ("x" * 200,) * 11}, e.NotRepresentable, "notes"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_held_with_its_field(
    change_of_it: dict[str, Any], error: type[e.ProviderError], field: str, make_invoice: Make
) -> None:
    with pytest.raises(error) as held:
        build(make_invoice(**change_of_it), Rules810(note_reference="L1"))
    assert held.value.where["field"] == field


def test_two_parties_in_one_role_are_refused_at_once() -> None:
    with pytest.raises(e.SettingFault, match="same role"):
        Rules810(seller_role="BT")


@pytest.mark.parametrize(
    ("field", "change_of_it"),
    [
        ("number", {"number": "INV26000092"}),
        ("invoice_date", {"invoice_date": date(2026, 11, 25)}),
        ("order_number", {"order_number": "4500012346"}),
        ("order_date", {"order_date": None}),
        ("release", {"release": "7"}),
        ("kind", {"kind": "credit_note"}),
        ("currency", {"currency": "CAD"}),
        ("references", {"department": "18"}),
        ("parties", {"remit_to": None}),
        ("terms", {"terms": PaymentTerms(net_days=31)}),
        ("ship_date", {"ship_date": None}),
        ("carrier", {"bill_of_lading": "BOL78"}),
        ("taxes", {"taxes": ()}),
        ("allowances", {"allowances": ()}),
        ("total", {"total": Decimal("32.28")}),
    ],
)
def test_a_changed_value_is_found_by_comparison(field: str, change_of_it: dict[str, Any], make_invoice: Make) -> None:
    rules = Rules810()
    findings = compare(make_invoice(**change_of_it), rules, build(make_invoice(), rules))
    assert field in {f.element for f in findings}
    assert {f.code for f in findings} == {"value-differs"}


# name -> (edit, code that must be found, segment or element it must name)
MUTANTS: dict[str, tuple[Edit, str, str]] = {
    "GS01 of another set": (change("GS*IN", "GS*PO"), "gs01", "GS01"),
    "BIG missing": (drop("BIG"), "segment-missing", "BIG"),
    "invoice number missing": (change("*INV26000091*", "**"), "element-missing", "BIG02"),
    "invoice date impossible": (change("BIG*20261124", "BIG*20261131"), "element-date", "BIG01"),
    "invoice number too long": (change("*INV26000091*", "*INV26000091000000000000*"), "element-too-long", "BIG02"),
    "kind not in use": (change("*4500012345", "*4500012345***ZQ"), "element-code", "BIG07"),
    "thirteen references": (insert("N1*RI", *["REF*IA*V100"] * 11), "segment-over-max", "REF"),
    "SAC in the heading": (insert("ITD", "SAC*C*D240***750"), "segment-order", "ITD"),
    "terms after the date": (swap("ITD", "DTM"), "segment-order", "ITD"),
    "MTX under N9": (insert("IT1*1", "N9*L1**NOTE", "MTX*INV*TEXT"), "segment-unknown", "MTX"),
    "N9 without a text": (insert("IT1*1", "N9*L1**NOTE"), "segment-missing", "MSG"),
    "no lines at all": (drop_all("IT1", "PID", "SAC*A"), "ctt-lines", "CTT01"),
    "quantity without unit": (change("IT1*1*10*EA", "IT1*1*10*"), "syntax", "IT102"),
    "line without price": (change("*EA*1.225*", "*EA**"), "syntax", "IT102"),
    "quantity of sixteen digits": (change("IT1*1*10*", "IT1*1*1234567890123456*"), "element-too-long", "IT102"),
    "a line lost": (drop("IT1*2"), "ctt-lines", "CTT01"),
    "TDS missing": (drop("TDS"), "segment-missing", "TDS"),
    "TDS in whole units": (change("TDS*3229", "TDS*32"), "tds-sum", "TDS01"),
    "TDS with a point": (change("TDS*3229", "TDS*32.29"), "element-type", "TDS01"),
    "TXI in cents": (change("TXI*ST*2.54", "TXI*ST*254"), "tds-sum", "TDS01"),
    "TXI without any amount": (change("TXI*ST*2.54*7", "TXI*ST"), "syntax", "TXI02"),
    "charge not charged": (change("SAC*C*D240", "SAC*A*D240"), "tds-sum", "TDS01"),
    "charge with a point": (change("***750*", "***7.50*"), "element-type", "SAC05"),
    "charge without a code": (change("SAC*C*D240", "SAC*C*"), "syntax", "SAC02"),
    "allowance of a line lost": (drop("SAC*A"), "tds-sum", "TDS01"),
    "CAD before TDS": (swap("TDS", "CAD"), "segment-missing", "TDS"),
    "CAD without a carrier": (change("CAD*M***EXPC", "CAD*M***"), "syntax", "CAD04"),
    "CAD with a qualifier alone": (change("*BM*BOL77", "*BM"), "syntax", "CAD07"),
    "tax after the charges": (swap("TXI", "SAC*C"), "segment-order", "CAD"),
    "CTT missing": (drop("CTT"), "segment-missing", "CTT"),
    "CTT01 wrong": (change("CTT*2", "CTT*3"), "ctt-lines", "CTT01"),
    "CTT before the charges": (swap("CTT", "SAC*C"), "segment-order", "SAC"),
}  # fmt: skip


@pytest.mark.parametrize("release", ["004010", "005010"])
@pytest.mark.parametrize("name", MUTANTS)
def test_a_single_fault_in_an_810_is_found(name: str, release: str, make_invoice: Make) -> None:
    edit, code, place = MUTANTS[name]
    rules = Rules810(release=release)
    data = file_of(build(make_invoice(), rules), rules)
    assert validate(data, own=True) == []
    findings = validate(mutated(edit, data), own=True)
    assert [f for f in findings if f.code == code and place in (f.element, f.segment, f.found)], [
        str(f) for f in findings
    ]


def test_an_810_is_read_without_knowing_who_wrote_it(make_invoice: Make) -> None:
    read = set_810.read_back(build(make_invoice(), Rules810()))
    assert (read.total, read.taxes[0].amount, read.charges[0].amount) == (
        Decimal("32.29"),
        Decimal("2.54"),
        Decimal("7.50"),
    )
    assert read.lines[1].charges[0].indicator == "A"
