"""What Sage X3's references add to a document: only what is open, never a change of its commercial content."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import PartnerInactive, QuantityMismatch
from airflow_provider_sagex3_cleo.mapping.known_values import known_address, known_decimals, known_partner
from airflow_provider_sagex3_cleo.mapping.order_lines import need_decimals
from airflow_provider_sagex3_cleo.mapping.places import ORDER_FROM, header_party
from airflow_provider_sagex3_cleo.mapping.values import Row
from airflow_provider_sagex3_cleo.partners import Agreement, Book, Tables
from airflow_provider_sagex3_cleo.partners.known import Known, KnownAddress, KnownPartner
from airflow_provider_sagex3_cleo.pipeline.flows import flow_of
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from tests.unit.mapping import conftest as orders
from tests.unit.mapping import test_deliveries as deliveries
from tests.unit.mapping import test_invoices as invoices

ASKED: Mapping[str, Any] = {
    "parties_from": "partners",
    "our_numbers_from": "partners",
    "inactive_partner": "hold",
    "descriptions_from": "products",
    "unit_decimals": "hold",
}
EXAMPLES = settings(max_examples=60, deadline=None)

texts = st.none() | st.text("ABCxyz 019", min_size=1, max_size=12).map(str.strip).filter(bool)
known_partners = st.builds(
    KnownPartner, name=texts, name2=texts, active=st.sampled_from([None, True]), address=st.sampled_from([None, "ORD"]),
    our_number=texts,
)  # fmt: skip
known_addresses = st.builds(
    KnownAddress, lines=st.lists(st.text("ABC 1", min_size=2).map(str.strip).filter(bool), max_size=3).map(tuple),
    city=texts, state=texts, postal_code=texts, country=st.sampled_from([None, "US", "CA"]),
)  # fmt: skip
known = st.builds(
    lambda partner, address, text: Known(
        partners={("suppliers", "S0001"): partner, ("customers", "C0001"): partner},
        addresses={(code, at): address for code in ("S0001", "C0001") for at in ("ORD", "INV", "ST001")},
        descriptions={"ITM00001": text, "ITM00002": text} if text else {},
        decimals={"UN": 0, "BOX": 0},
    ),
    known_partners, known_addresses, texts,
)  # fmt: skip


def asking(tables: Tables, found: Known) -> Tables:
    return tables.knowing(found, **ASKED)


def completed(book: Book, found: Known) -> Book:
    return book.with_tables(asking(book.tables, found), "added")


ORDER_BOOK = Book(
    invoices.BOOK.identities.values(),
    Tables.model_validate(
        {"units": {"UN": "EA", "BOX": "BX"}, "sites": {"NJ01": {"name": "Example Distribution Newark"}}}
    ),
    [],
)
ORDER_AGREEMENT = {
    "id": "hardware-850", "partner": "S0001", "set": "850", "stage": "live", "effective_from": "2026-01-01",
    "ids": {"qualifier": "ZZ", "id": "EXHARDWARE"}, "folder": "outbound/hardware", "vendor_number": "V1",
    "shown_ids": {"buyer": "none"},
}  # fmt: skip
CASES: Mapping[str, tuple[Record, Agreement, Book]] = {
    "purchase_orders": (orders._order(), Agreement.model_validate(ORDER_AGREEMENT), ORDER_BOOK),
    "sales_invoices": (
        invoices.invoice(),
        invoices.agreement(vendor_number="V1", shown_ids={"seller": "none"}),
        invoices.BOOK,
    ),
    "deliveries": (deliveries.delivery(), deliveries.agreement(vendor_number="V1"), deliveries.BOOK),
}


@pytest.mark.parametrize("entity", sorted(CASES))
@EXAMPLES
@given(found=known)
def test_a_record_that_says_everything_is_written_to_the_byte_as_without_references(entity: str, found: Known) -> None:
    record, agreement, book = CASES[entity]
    flow = flow_of(entity)
    plain = flow.write(record, agreement, book, flow.rules(agreement))
    assert flow.write(record, agreement, completed(book, found), flow.rules(agreement)).body.dump() == plain.body.dump()


@pytest.mark.parametrize("entity", sorted(CASES))
@EXAMPLES
@given(before=known, after=known)
def test_no_reference_counts_as_a_change_of_what_was_sent(entity: str, before: Known, after: Known) -> None:
    record, agreement, book = CASES[entity]
    flow = flow_of(entity)
    was, now = (completed(book, each) for each in (before, after))
    assert flow.content(record, agreement, was) == flow.content(record, agreement, now)


@EXAMPLES
@given(found=known, blank=st.sets(st.sampled_from(["BPRNAM0", "BPRNAM1", "BPAADDLIG0", "POSCOD", "CTY", "SAT", "CRY"])))
def test_a_name_or_an_address_is_taken_as_a_whole_or_not_at_all(found: Known, blank: set[str]) -> None:
    head = Row("PO1", {**orders.HEADER, **dict.fromkeys(blank, None)})
    tables = invoices.BOOK.tables
    plain, filled = (
        header_party(head, ORDER_FROM, None, tables),
        header_party(head, ORDER_FROM, None, asking(tables, found)),
    )
    partner, address = found.partners["suppliers", "S0001"], found.addresses["S0001", "ORD"]
    nameless, placeless = bool(partner.name) and plain.name is None and plain.name2 is None, plain.address is None
    assert (filled.name, filled.name2) == ((partner.name, partner.name2) if nameless else (plain.name, plain.name2))
    if not placeless:
        assert filled.address == plain.address
    elif filled.address is not None:
        assert (filled.address.lines, filled.address.city) == (address.lines, address.city)
    assert filled.model_copy(update={"name": None, "name2": None, "address": None}) == plain.model_copy(
        update={"name": None, "name2": None, "address": None}
    )


def test_the_address_is_that_of_the_documents_code_else_the_default_one() -> None:
    first, other = (KnownAddress((f"{n} Example Street",), None, None, None, None) for n in (1, 2))
    found = Known(
        partners={("suppliers", "S0001"): KnownPartner("Example", None, True, "HQ1", None)},
        addresses={("S0001", "ORD"): first, ("S0001", "HQ1"): other},
    )
    empty = dict.fromkeys(("BPAADDLIG0", "POSCOD", "CTY", "SAT", "CRY"), None)
    for code, lines in (("ORD", first.lines), (None, other.lines), ("GONE", None)):
        head = Row("PO1", {**orders.HEADER, **empty, "BPAADD": code})
        party = header_party(head, ORDER_FROM, None, asking(invoices.BOOK.tables, found))
        assert (party.address.lines if party.address else None) == lines


def test_a_partner_of_which_nothing_was_read_counts_as_active() -> None:
    record, agreement, book = CASES["sales_invoices"]
    flow = flow_of("sales_invoices")
    for active in (True, None):
        found = Known(partners={("customers", "C0001"): KnownPartner("Example", None, active, None, None)})
        assert flow.write(record, agreement, completed(book, found), flow.rules(agreement)).body
    assert flow.write(record, agreement, completed(book, Known()), flow.rules(agreement)).body
    off = Known(partners={("customers", "C0001"): KnownPartner("Example", None, False, None, None)})
    with pytest.raises(PartnerInactive, match="customer C0001 is not active"):
        flow.write(record, agreement, completed(book, off), flow.rules(agreement))


def test_our_number_at_a_customer_leaves_a_qualifier_alone_that_another_reference_has() -> None:
    record, _, book = CASES["sales_invoices"]
    flow = flow_of("sales_invoices")
    found = Known(partners={("customers", "C0001"): KnownPartner(None, None, True, None, "V-9")})
    for references, expected in (({}, ["V-9"]), ({"account": {"qualifier": "IA", "text": "ACC"}}, ["ACC"])):
        agreement = invoices.agreement(references=references)
        body = flow.write(record, agreement, completed(book, found), flow.rules(agreement)).body
        assert [s[2] for s in body.segments if s[:2] == ("REF", "IA")] == expected


@pytest.mark.parametrize(
    ("quantity", "most", "fits"),
    [("2", 0, True), ("2.0", 0, True), ("2.5", 0, False), ("2.5", 1, True), ("0.0001", 3, False), ("1E+3", 0, True),
     ("12345678901234567890123456789012.5", 0, False)],
)  # fmt: skip
def test_decimals_are_counted_by_value_not_by_how_a_number_is_written(quantity: str, most: int, fits: bool) -> None:
    row, found = Row("PO1", {"QTYUOM": quantity}), Known(decimals={"UN": most})
    if fits:
        need_decimals(row, Decimal(quantity), "UN", found, "QTYUOM")
    else:
        with pytest.raises(QuantityMismatch, match="more decimals"):
            need_decimals(row, Decimal(quantity), "UN", found, "QTYUOM")
    need_decimals(row, Decimal(quantity), "BOX", found, "QTYUOM")


def reference(entity: str, key: str, **fields: Any) -> Record:
    return Record(entity, key, invoices.STAMP, fields)


def test_a_customers_flag_and_number_stand_in_columns_of_their_own() -> None:
    customer = known_partner("customers", {"BPCNUM": "C1", "BPCNAM": "Example", "BPCSTA": 1, "BPCBPSNUM": "V-1"})
    assert customer == KnownPartner("Example", None, False, None, "V-1")
    supplier = known_partner("suppliers", {"BPRNAM0": "Partner", "BPRNAM1": "Desk", "ENAFLG": 2, "BPCNUMBPS": "X"})
    assert supplier == KnownPartner("Partner", "Desk", True, None, "X")


def test_an_address_without_content_and_a_unit_without_number_say_nothing() -> None:
    assert known_address(reference("addresses", "1~S1~ORD", BPANUM="S1", BPAADD="ORD", CTY=None)) is None
    assert known_decimals(reference("units", "UN", UOM="UN", UOMDEC="some")) is None
    assert known_decimals(reference("units", "KG", UOM="KG", UOMDEC=3)) == 3
