"""From a record to the document: what arrives, and what is held or quarantined with which sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import (
    AgreementIncomplete,
    FieldMissing,
    GateUnknown,
    NoLines,
    NotRepresentable,
    PriceMismatch,
    ProviderError,
    UnknownItem,
    UnknownUnit,
    UnmappedValue,
    ValueUnreadable,
)
from airflow_provider_sagex3_cleo.mapping.purchase_orders import facts, to_document

Make = Callable[..., Any]


def refused(kind: type[ProviderError], record: Any, agreement: Any, book: Any) -> str:
    with pytest.raises(kind) as caught:
        to_document(record, agreement, book)
    text = str(caught.value)
    assert type(caught.value) is kind
    assert "PO-26-00417" in text
    assert caught.value.remedy
    return text


def test_a_good_order_becomes_the_document_value_by_value(order: Make, agreement: Make, book: Make) -> None:
    document = to_document(order(), agreement(vendor_number="V-77"), book())
    assert document.number == "PO-26-00417"
    assert (document.order_date, document.currency, document.revision) == (date(2026, 5, 4), "USD", 0)
    assert (document.buyer.name, document.buyer.identifier_kind) == ("Example Distribution Inc", "duns")
    assert (document.supplier.code, document.supplier.name2) == ("S0001", "Order Desk")
    assert document.supplier.address is not None
    assert document.supplier.address.model_dump() == {
        "lines": ("1 Example Street",), "city": "Columbus", "state": "OH", "postal_code": "43215", "country": "US",
    }  # fmt: skip
    assert (document.ship_to.code, document.ship_to.identifier) == ("NJ01", "NJ01")
    assert (document.internal_reference, document.vendor_number) == ("REQ-7", "V-77")
    assert (document.requested_date, document.bill_to, document.terms) == (date(2026, 6, 1), None, None)
    one, two = document.lines
    assert (one.number, one.quantity, one.unit, one.unit_price) == (1000, Decimal(10), "EA", Decimal("2.5"))
    assert one.item.model_dump() == {
        "buyer": "ITM00001", "vendor": "HW-1001", "gtin": None, "manufacturer": None, "description": "Bolt, zinc",
    }  # fmt: skip
    assert (two.quantity, two.unit, two.unit_price, two.item.gtin) == (1, "BX", Decimal("12.500004"), "012345678905")
    assert one.ship_to is None


def test_a_missing_order_date_is_quarantined(order: Make, agreement: Make, book: Make) -> None:
    for empty in (None, "", "1599-12-31"):
        text = refused(FieldMissing, order(ORDDAT=empty), agreement(), book())
        assert text == (
            "sagex3 PO-26-00417 ORDDAT: is empty. Correct the record in Sage X3; its new version is read by itself."
        )


@pytest.mark.parametrize("column", ["BPSNUM", "CUR"])
def test_a_missing_mandatory_field_of_the_header_is_quarantined(
    order: Make, agreement: Make, book: Make, column: str
) -> None:
    assert f"{column}: is empty" in refused(FieldMissing, order(**{column: None}), agreement(), book())


@pytest.mark.parametrize("column", ["QTYUOM", "NETPRI", "UOM", "ITMREF"])
def test_a_missing_mandatory_field_of_a_line_is_quarantined_naming_the_line(
    order: Make, line: Make, agreement: Make, book: Make, column: str
) -> None:
    record = order(lines=[line(), line(POPLIN=3000, **{column: None})])
    assert f"PO-26-00417 line 3000 {column}: is empty" in refused(FieldMissing, record, agreement(), book())


def test_a_date_of_1599_is_no_date(order: Make, line: Make, agreement: Make, book: Make) -> None:
    record = order(EXTRCPDAT="1599-12-31", lines=[line(DEMRCPDAT="1599-12-31", EXTRCPDAT=None)])
    document = to_document(record, agreement(), book())
    assert document.requested_date is None
    assert document.lines[0].requested_date is None


def test_the_requested_date_is_the_lines_then_the_expected_then_the_orders(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    record = order(
        lines=[line(), line(POPLIN=2000, DEMRCPDAT=None), line(POPLIN=3000, DEMRCPDAT=None, EXTRCPDAT=None)],
        EXTRCPDAT="2026-07-07",
    )
    document = to_document(record, agreement(), book())
    assert [each.requested_date for each in document.lines] == [date(2026, 6, 1), date(2026, 6, 2), date(2026, 7, 7)]
    assert document.requested_date is None


def test_an_unreadable_value_is_quarantined_with_the_value(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    text = refused(ValueUnreadable, order(lines=[line(NETPRI="2,50 USD")]), agreement(), book())
    assert "line 1000 NETPRI: is no number (value '2,50 USD')" in text
    for odd in ("NaN", "Infinity", "1E5", "1_0", " 1", "٣"):
        assert "is no number" in refused(ValueUnreadable, order(lines=[line(QTYUOM=odd)]), agreement(), book())
    text = refused(ValueUnreadable, order(ORDDAT="2026-13-45"), agreement(), book())
    assert "ORDDAT: is no date (value '2026-13-45'); expected YYYY-MM-DD" in text
    assert "REVNUM: is no whole number (value '1.5')" in refused(
        ValueUnreadable, order(REVNUM="1.5"), agreement(), book()
    )


def test_an_unknown_unit_is_held_with_the_file_to_put_it_in(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    text = refused(UnknownUnit, order(lines=[line(UOM="PAL", PUU="PAL")]), agreement(), book())
    assert text == (
        "sagex3 PO-26-00417 line 1000 UOM: the unit has no X12 code (value 'PAL'); expected a code of X12 element 355. "
        "Add PAL under `units` in tables.yaml, or in agreement hardware-850."
    )


def test_the_agreements_unit_goes_before_the_common_one(order: Make, agreement: Make, book: Make) -> None:
    document = to_document(order(), agreement(units={"UN": "PC"}), book())
    assert [each.unit for each in document.lines] == ["PC", "BX"]


def test_an_enrolled_partner_that_is_incomplete_is_held_naming_what_is_missing(
    order: Make, agreement: Make, book: Make
) -> None:
    text = refused(AgreementIncomplete, order(), agreement(ids=None, folder=None), book())
    assert "agreement hardware-850 is incomplete" in text
    assert text.endswith("Add ids, folder to agreement hardware-850.")


def test_an_order_number_that_is_too_long_is_held_never_cut(order: Make, agreement: Make, book: Make) -> None:
    record = order(POHNUM="PO-26-00417-LONG-NUMBER-1")
    text = refused(NotRepresentable, record, agreement(), book())
    assert "POHNUM: the order number has 25 characters (value 'PO-26-00417-LONG-NUMBER-1'); expected 1 to 22" in text
    rules = {"strip": "-", "max_length": 22}
    assert to_document(record, agreement(po_number=rules), book()).number == "PO2600417LONGNUMBER1"


def test_a_prefix_is_part_of_the_number_and_of_its_length(order: Make, agreement: Make, book: Make) -> None:
    assert to_document(order(), agreement(po_number={"prefix": "EX"}), book()).number == "EXPO-26-00417"
    assert "has 13 characters" in refused(
        NotRepresentable, order(), agreement(po_number={"prefix": "EX", "max_length": 12}), book()
    )


def test_an_item_with_no_usable_reference_is_held_naming_kind_and_item(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    record = order(lines=[line(ITMREFBPS=None)])
    text = refused(UnknownItem, record, agreement(items={"order": ["VN", "UP"]}), book())
    assert "line 1000 ITMREF: the item has no reference of kind vendor, gtin (value 'ITM00001')" in text
    assert "Enter the supplier's item number in Sage X3, or add the item to the items table" in text
    text = refused(UnknownItem, record, agreement(items={"required": ["vendor"]}), book())
    assert "no reference of kind vendor" in text
    assert to_document(record, agreement(), book()).lines[0].item.buyer == "ITM00001"


def test_the_items_table_gives_the_suppliers_own_number(order: Make, line: Make, agreement: Make, book: Make) -> None:
    items = {"ITM00001": {"vendor": {"S0001": "T-1", "S0002": "T-2"}, "manufacturer": "MF-1"}}
    document = to_document(order(lines=[line(ITMREFBPS=None)]), agreement(), book(items=items))
    assert (document.lines[0].item.vendor, document.lines[0].item.manufacturer) == ("T-1", "MF-1")
    assert to_document(order(lines=[line()]), agreement(), book(items=items)).lines[0].item.vendor == "HW-1001"
    own = agreement(item_numbers={"ITM00001": {"id": "OWN-1"}})
    assert to_document(order(lines=[line()]), own, book(items=items)).lines[0].item.vendor == "OWN-1"


def test_a_gtin_of_a_length_that_no_agreed_qualifier_carries_is_no_reference(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    items = {"ITM00001": {"gtin": "4006381333931"}}
    record = order(lines=[line(ITMREFBPS=None)])
    assert to_document(record, agreement(items={"order": ["EN"]}), book(items=items)).lines[0].item.gtin
    assert "kind gtin" in refused(UnknownItem, record, agreement(items={"order": ["UP"]}), book(items=items))


def test_an_order_without_lines_is_quarantined(order: Make, agreement: Make, book: Make) -> None:
    assert "lines: the order has no lines" in refused(NoLines, order(lines=[]), agreement(), book())


def test_a_line_number_that_stands_twice_is_quarantined(order: Make, line: Make, agreement: Make, book: Make) -> None:
    text = refused(ValueUnreadable, order(lines=[line(), line(POQSEQ=2000)]), agreement(), book())
    assert "line 1000 POPLIN: the line number stands twice" in text
    for odd in (0, -1000, "A1"):
        text = refused(ValueUnreadable, order(lines=[line(POPLIN=odd)]), agreement(), book())
        assert "is no line number" in text


def test_negative_and_zero_quantities_and_negative_prices_are_quarantined(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    for quantity in ("-5", "0"):
        text = refused(ValueUnreadable, order(lines=[line(QTYUOM=quantity)]), agreement(), book())
        assert f"line 1000 QTYUOM: the quantity is not above zero (value '{quantity}')" in text
    text = refused(ValueUnreadable, order(lines=[line(NETPRI="-0.01")]), agreement(), book())
    assert "line 1000 NETPRI: the price is negative (value '-0.01')" in text


def test_a_price_of_nothing_is_a_price(order: Make, line: Make, agreement: Make, book: Make) -> None:
    assert to_document(order(lines=[line(NETPRI="0", LINAMT="0")]), agreement(), book()).lines[0].unit_price == 0


def test_huge_quantities_and_totals_stay_exact(order: Make, line: Make, agreement: Make, book: Make) -> None:
    quantity, price = "99999999999999999999", "123456789.123456"
    amount = Decimal("12345678912345599999876543210.876544")
    record = order(lines=[line(QTYUOM=quantity, QTYPUU=quantity, NETPRI=price, LINAMT=f"{amount:f}")])
    document = to_document(record, agreement(), book())
    assert document.lines[0].quantity == Decimal(quantity)
    assert document.total == amount


def test_six_decimals_of_a_price_are_kept(order: Make, line: Make, agreement: Make, book: Make) -> None:
    record = order(lines=[line(NETPRI="0.000123", QTYUOM="1000", LINAMT="0.12")])
    assert str(to_document(record, agreement(), book()).lines[0].unit_price) == "0.000123"


def test_a_line_amount_that_differs_by_more_than_a_cent_is_held(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    assert to_document(order(lines=[line(LINAMT="25.01")]), agreement(), book())
    text = refused(PriceMismatch, order(lines=[line(LINAMT="25.011")]), agreement(), book())
    assert (
        "line 1000 LINAMT: quantity x price is 25.0 (10 UN at 2.5) (value '25.011'); expected the line amount" in text
    )
    assert to_document(order(lines=[line(LINAMT=None)]), agreement(), book())


def test_units_that_differ_without_a_coefficient_are_held(
    order: Make, second: Make, agreement: Make, book: Make
) -> None:
    for missing in (None, "0", "-12"):
        text = refused(PriceMismatch, order(lines=[second(UOMPUUCOE=missing)]), agreement(), book())
        assert "UOMPUUCOE: the price is per UN and the quantity in BOX, and no coefficient converts them" in text


def test_a_rounded_coefficient_gives_no_exact_price_and_the_agreement_can_send_the_unit_of_the_price(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    rounded = line(UOM="UN", PUU="BOX", UOMPUUCOE="0.083333", QTYUOM="24", QTYPUU="2", NETPRI="30", LINAMT="60")
    text = refused(PriceMismatch, order(lines=[rounded]), agreement(), book())
    assert "QTYPUU: 24 UN x coefficient is 1.999992 BOX, so no exact price per UN exists (value '2')" in text
    assert "set `quantity_unit: price` in the agreement" in text
    sent = to_document(order(lines=[rounded]), agreement(quantity_unit="price"), book()).lines[0]
    assert (sent.quantity, sent.unit, sent.unit_price) == (2, "BX", 30)


_quantities = st.decimals(min_value="0.001", max_value="1000000", places=3)
_prices = st.decimals(min_value=0, max_value="100000", places=6)
_coefficients = st.one_of(
    st.integers(1, 1000).map(Decimal), st.decimals(min_value="0.000001", max_value="1000", places=6)
)


@given(quantity=_quantities, price=_prices, coefficient=_coefficients)
@settings(max_examples=120, deadline=None)
def test_price_times_quantity_is_the_same_money_in_either_unit(
    quantity: Decimal, price: Decimal, coefficient: Decimal
) -> None:
    from airflow_provider_sagex3_cleo.documents import EXACT
    from airflow_provider_sagex3_cleo.mapping.order_lines import priced
    from airflow_provider_sagex3_cleo.mapping.values import Row
    from airflow_provider_sagex3_cleo.partners import Agreement

    there = EXACT.multiply(quantity, coefficient)
    money = EXACT.multiply(there, price)
    row = Row("PO-1", {
        "UOM": "BOX", "PUU": "UN", "QTYUOM": f"{quantity:f}", "NETPRI": f"{price:f}",
        "UOMPUUCOE": f"{coefficient:f}", "QTYPUU": f"{there:f}", "LINAMT": f"{money.quantize(Decimal('0.01')):f}",
    })  # fmt: skip
    for choice, unit in (("order", "BOX"), ("price", "UN")):
        how = Agreement.model_validate({"id": "a", "partner": "S", "set": "850", "quantity_unit": choice})
        sent_quantity, sent_unit, sent_price = priced(row, how)
        assert sent_unit == unit
        assert EXACT.multiply(sent_quantity, sent_price) == money


def test_the_site_of_a_line_goes_before_the_orders(order: Make, line: Make, agreement: Make, book: Make) -> None:
    assert to_document(order(lines=[line(PRHFCY="TX01")]), agreement(), book()).ship_to.code == "TX01"
    assert to_document(order(lines=[line(PRHFCY=None)]), agreement(), book()).ship_to.code == "NJ01"
    text = refused(FieldMissing, order(RCPFCY=None, lines=[line(PRHFCY=None)]), agreement(), book())
    assert "line 1000 PRHFCY: no receiving site on the line or the order" in text


def test_an_unknown_site_is_held_naming_table_and_key(order: Make, line: Make, agreement: Make, book: Make) -> None:
    text = refused(UnmappedValue, order(lines=[line(PRHFCY="ZZ99")]), agreement(), book())
    assert text == (
        "sagex3 PO-26-00417 line 1000 PRHFCY: the site is not in the sites table (value 'ZZ99/DOCK'); "
        "expected an entry ZZ99/DOCK or ZZ99. Add ZZ99/DOCK under `sites` in tables.yaml."
    )


def test_once_addresses_of_a_site_are_told_apart_an_unknown_one_is_held(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    sites = {"NJ01": {"name": "Newark"}, "NJ01/DOCK": {"name": "Newark dock"}}
    assert to_document(order(lines=[line()]), agreement(), book(sites=sites)).ship_to.name == "Newark dock"
    assert to_document(order(lines=[line(FCYADD=None)]), agreement(), book(sites=sites)).ship_to.name == "Newark"
    refused(UnmappedValue, order(lines=[line(FCYADD="GATE9")]), agreement(), book(sites=sites))


def test_lines_that_go_to_different_places_are_held_naming_them_unless_the_agreement_takes_them(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    record = order(lines=[line(), line(POPLIN=2000, PRHFCY="TX01"), line(POPLIN=3000, PRHFCY="TX01")])
    text = refused(AgreementIncomplete, record, agreement(), book())
    assert "lines go to different places: 1000 to NJ01; 2000, 3000 to TX01" in text
    assert "Write `line_ship_to: n1` in agreement hardware-850" in text
    document = to_document(record, agreement(line_ship_to="n1"), book())
    assert document.ship_to.code == "NJ01"
    assert [each.ship_to and each.ship_to.code for each in document.lines] == [None, "TX01", "TX01"]


def test_the_partners_own_id_of_our_site_goes_before_the_common_one(order: Make, agreement: Make, book: Make) -> None:
    sites = {"NJ01": {"kind": "assigned_by_seller", "id": "00417"}}
    ship_to = to_document(order(), agreement(sites=sites), book()).ship_to
    assert (ship_to.identifier_kind, ship_to.identifier) == ("assigned_by_seller", "00417")


def test_a_line_linked_to_a_sales_order_is_held_until_the_agreement_says_what_it_is(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    record = order(lines=[line(SOHNUM="SO-1")])
    text = refused(AgreementIncomplete, record, agreement(), book())
    assert (
        "line 1000 SOHNUM: drop shipment is not configured: the line is linked to a sales order (value 'SO-1')" in text
    )
    assert not to_document(record, agreement(drop_ship="ignore"), book()).drop_ship


def test_material_that_we_supply_is_not_ordered(order: Make, line: Make, agreement: Make, book: Make) -> None:
    assert "LINTYP: lines of this kind are not sent" in refused(
        GateUnknown, order(lines=[line(LINTYP=4)]), agreement(), book()
    )


def test_an_unknown_company_currency_country_or_term_is_held_naming_the_table(
    order: Make, agreement: Make, book: Make
) -> None:
    text = refused(UnmappedValue, order(CPY="NEW"), agreement(), book())
    assert "CPY: no identity for company NEW, site NJ01 (value 'NEW')" in text
    text = refused(UnmappedValue, order(CUR="USX"), agreement(), book())
    assert text.endswith("Add USX under `currencies` in tables.yaml.")
    text = refused(UnmappedValue, order(CRY="UNK"), agreement(), book())
    assert text.endswith("Add UNK under `countries` in tables.yaml.")
    text = refused(UnmappedValue, order(), agreement(terms="send"), book())
    assert "PTE: the payment terms are unknown (value 'NET30')" in text
    assert to_document(order(CUR="USX"), agreement(), book(currencies={"USX": "USD"})).currency == "USD"
    with_terms = agreement(terms="send", payment_terms={"NET30": {"net_days": "30"}})
    assert to_document(order(), with_terms, book()).terms == "NET30"


def test_the_bill_to_is_the_invoiced_site_where_the_agreement_wants_one(
    order: Make, agreement: Make, book: Make
) -> None:
    document = to_document(order(INVFCY="TX01"), agreement(bill_to="invoice_site"), book())
    assert document.bill_to is not None
    assert document.bill_to.code == "TX01"
    assert "INVFCY: the site is not in the sites table (value 'ZZ99')" in refused(
        UnmappedValue, order(INVFCY="ZZ99"), agreement(bill_to="invoice_site"), book()
    )


def test_names_outside_ascii_and_delimiters_in_texts_arrive_untouched(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    name, text = "Przykład Łożyska Sp. z o.o.", "Bolt *M8* ~ 2>1 ^ | Ø 8"
    document = to_document(order(BPRNAM0=name, lines=[line(ITMDES=text)]), agreement(), book())
    assert document.supplier.name == name
    assert document.lines[0].item.description == text


def test_of_a_partly_closed_order_only_the_open_lines_go(
    order: Make, line: Make, second: Make, agreement: Make, book: Make
) -> None:
    closed = line(LINCLEFLG=2, LINAMT="999", UOM="PAL", PRHFCY="ZZ99")  # what is wrong with it does not matter any more
    document = to_document(order(lines=[closed, second()]), agreement(), book())
    assert [each.number for each in document.lines] == [2000]
    text = refused(GateUnknown, order(lines=[line(LINCLEFLG=None)]), agreement(), book())
    assert "line 1000 LINCLEFLG: the state of the line is unknown" in text


def test_a_line_without_a_line_type_is_a_normal_one(order: Make, line: Make, agreement: Make, book: Make) -> None:
    row = line()
    del row["LINTYP"]
    assert to_document(order(lines=[row]), agreement(), book()).lines


def test_facts_are_what_routing_needs(order: Make) -> None:
    found = facts(order())
    assert (found.number, found.company, found.site) == ("PO-26-00417", "EXDIS", "NJ01")
    assert (found.supplier, found.supplier_address, found.order_date) == ("S0001", "ORD", date(2026, 5, 4))
    assert facts(order(ORDDAT=None)).order_date is None
    with pytest.raises(FieldMissing, match="sagex3 PO-26-00417 BPSNUM: is empty"):
        facts(order(BPSNUM=None))
