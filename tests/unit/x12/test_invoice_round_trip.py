"""Invoice -> 810 -> read by other means: every value is there, and the total is the document's to the cent."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents import Destination
from airflow_provider_sagex3_cleo.documents.invoice import AllowanceOrCharge, Invoice, InvoiceLine, PaymentTerms, Tax
from airflow_provider_sagex3_cleo.x12 import set_810
from airflow_provider_sagex3_cleo.x12.set_810 import CreditNotes, Rules810
from airflow_provider_sagex3_cleo.x12.set_rules import IDENTIFIER_KINDS
from tests.support.round_trips import notices_what_is_broken, read_again
from tests.support.x12 import (
    charges,
    dates,
    delimiters,
    ids,
    items,
    long_run,
    maybe,
    money,
    padded,
    parties,
    percents,
    plain_rows,
    references,
    words,
)
from tests.unit.x12.test_round_trip import known_places

CENT = Decimal("0.01")


def taxed(tax: Tax) -> Decimal:
    """The amount that exemption, rate and base allow."""
    if tax.exempt:
        return Decimal(0)
    return tax.amount if tax.rate is None or tax.base is None else (tax.rate * tax.base / 100).quantize(CENT)


taxes = st.builds(
    Tax,
    kind=st.sampled_from(["ST", "GS", "VA"]),
    code=maybe(ids(5)),
    jurisdiction=maybe(ids(10)),
    rate=maybe(percents),
    base=maybe(st.integers(0, 10**6).map(Decimal)),
    amount=money,
    exempt=st.booleans(),
).map(lambda tax: tax.model_copy(update={"amount": taxed(tax)}))
terms = st.builds(
    PaymentTerms,
    description=maybe(words(80)),
    net_days=maybe(st.integers(0, 999)),
    due_date=maybe(dates),
) | st.builds(PaymentTerms, net_days=st.just(30), discount_percent=percents, discount_days=st.integers(1, 30))


def net(given: tuple[AllowanceOrCharge, ...]) -> Decimal:
    return sum((c.amount if c.kind == "charge" else -c.amount for c in given), Decimal(0))


destinations = st.lists(
    st.builds(Destination, ship_to=known_places, quantity=st.decimals("0.01", "999", places=2)), min_size=1, max_size=13
).map(tuple)


@st.composite
def lines(draw: st.DrawFn) -> InvoiceLine:
    quantity = draw(st.integers(1, 10**6).map(Decimal) | st.decimals("0.01", "9999", places=2))
    split = draw(st.just(()) | destinations)
    if split:
        quantity = sum((part.quantity for part in split), Decimal(0))
    price = draw(st.decimals("0", "9999", places=4))
    allowances = draw(st.lists(charges, max_size=2).map(tuple))
    return InvoiceLine(
        number=draw(st.integers(1, 10**6)),
        item=draw(items),
        quantity=quantity,
        unit=draw(st.sampled_from(["EA", "CA", "KG"])),
        unit_price=price,
        amount=(quantity * price + net(allowances)).quantize(CENT, ROUND_HALF_UP),
        order_line=draw(ids(20)),
        allowances=allowances,
        taxes=draw(st.lists(taxes, max_size=1).map(tuple)),
        references=draw(references("order")),
        note=draw(maybe(st.lists(words(100), min_size=1, max_size=2).map("\n".join))),
        ship_to=None if split else draw(maybe(parties)),
        destinations=split,
    )


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    rows = draw(st.lists(lines(), min_size=1, max_size=3).map(tuple))
    of_invoice = draw(st.lists(taxes, max_size=2).map(tuple))
    allowances = draw(st.lists(charges, max_size=2).map(tuple))
    tax = sum((t.amount for t in of_invoice or [t for row in rows for t in row.taxes]), Decimal(0))
    return Invoice(
        number=draw(ids(22)),
        kind=draw(st.sampled_from(["invoice", "invoice", "credit_note"])),
        invoice_date=draw(dates),
        currency=draw(st.sampled_from(["USD", "CAD", "EUR"])),
        order_number=draw(maybe(ids(22))),
        order_date=draw(maybe(dates)),
        release=draw(maybe(ids(30))),
        original_invoice=draw(ids(30)),
        seller=draw(parties),
        bill_to=draw(parties),
        ship_to=draw(maybe(parties)),
        remit_to=draw(maybe(parties)),
        vendor_number=draw(maybe(ids(30))),
        department=draw(maybe(ids(10))),
        store=draw(maybe(ids(10))),
        terms=draw(maybe(terms)),
        ship_date=draw(maybe(dates)),
        bill_of_lading=draw(maybe(ids(30))),
        carrier_code=draw(maybe(st.sampled_from(["EXPC", "XF"]))),
        allowances=allowances,
        taxes=of_invoice,
        notes=draw(st.lists(words(200), max_size=2).map(tuple)),
        references=draw(references("contract", "project")),
        lines=rows,
        total=sum((row.amount for row in rows), net(allowances)) + tax,
    )


rules_810 = st.builds(
    lambda noted, **others: Rules810(**noted, **others, too_long={"notes": "cut"}),
    noted=st.sampled_from(
        [
            {},
            {"note_reference": "L1", "line_note_reference": "L1"},
            {"note_reference": "INV", "note_segment": "NTE", "line_note_reference": "ZZ"},
        ]
    ),
    release=st.sampled_from(["004010", "005010"]),
    delimiters=delimiters,
    item_order=st.permutations(["VP", "BP", "UP", "EN", "UK"]).map(tuple),
    references=st.sampled_from([{}, {"contract": "CT", "project": "JB"}]),
    line_references=st.sampled_from([{}, {"order": "SO"}]),
    invoice_type=st.sampled_from([None, "PR", "DI"]),
    credit_notes=st.builds(
        CreditNotes,
        type=st.sampled_from(["CR", "CN"]),
        amounts=st.sampled_from(["positive", "negative"]),
        reference=st.sampled_from(["OI", None]),
    ),
    currency_role=st.sampled_from(["SE", None]),
    seller_role=st.sampled_from(["SE", "SU", None]),
    order_line_reference=st.sampled_from([None, "LI"]),
    line_id=st.sampled_from(["invoice", "order"]),
    price_basis=st.sampled_from([None, "PE"]),
    terms=st.booleans(),
    ship_date_qualifier=st.sampled_from(["011", None]),
    carrier_mode=st.sampled_from(["M", None]),
    allowance_method=st.sampled_from(["02", None]),
    percent_basis=st.sampled_from([None, "2"]),
    line_taxes=st.booleans(),
    tax_base=st.booleans(),
    jurisdiction_list=st.sampled_from([None, "VD"]),
    line_descriptions=st.booleans(),
)


def agrees(invoice: Invoice, rules: Rules810, rows: list[list[str]]) -> None:
    """Read the rows in plain ways and look for the invoice in them."""
    credit = invoice.kind == "credit_note"
    factor = -1 if credit and rules.credit_notes and rules.credit_notes.amounts == "negative" else 1
    first: dict[str, list[str]] = {}
    for row in rows:
        first.setdefault(row[0], padded(row))
    big = first["BIG"]
    assert big[1:5] == [
        f"{invoice.invoice_date:%Y%m%d}",
        invoice.number,
        f"{invoice.order_date:%Y%m%d}" if invoice.order_date else "",
        invoice.order_number or "",
    ]
    assert (big[7] in ("CR", "CN")) == credit
    start = next(n for n, row in enumerate(rows) if row[0] == "IT1")
    end = next(n for n, row in enumerate(rows) if row[0] == "TDS")
    heading, detail, summary = rows[:start], rows[start:end], [padded(row) for row in rows[end:]]
    assert int(summary[0][1]) == factor * invoice.total * 100
    assert int(first["CTT"][1]) == len(invoice.lines)
    assert not any(row[0] == "SAC" for row in heading)
    names = {row[1]: padded(row)[2] for row in heading if row[0] == "N1"}
    assert names["BT"] == invoice.bill_to.name
    assert names.get("RI") == (invoice.remit_to.name if invoice.remit_to else None)
    assert "RE" not in names
    order = [("TDS", "TXI", "CAD", "SAC", "CTT").index(row[0]) for row in summary]
    assert order == sorted(order)
    assert [Decimal(row[2]) for row in summary if row[0] == "TXI"] == [factor * t.amount for t in invoice.taxes]
    assert [(row[1], row[2], Decimal(row[5]) / 100) for row in summary if row[0] == "SAC"] == [
        (c.kind[0].upper(), c.code, factor * c.amount) for c in invoice.allowances
    ]
    if invoice.carrier_code and rules.carrier_mode:
        assert first["CAD"][4] == invoice.carrier_code
    said = [padded(row) for row in detail if row[0] == "IT1"]
    for row, line in zip(said, invoice.lines, strict=True):
        assert row[1] == (line.order_line if rules.line_id == "order" else str(line.number))
        assert (Decimal(row[2]), row[3], Decimal(row[4])) == (factor * line.quantity, line.unit, line.unit_price)
        by_qualifier = dict(zip(row[6::2], row[7::2], strict=False))  # a number may spell a qualifier
        assert by_qualifier["BP"] == line.item.buyer
    assert [(row[1], Decimal(row[5]) / 100) for row in detail if row[0] == "SAC"] == [
        (c.kind[0].upper(), factor * c.amount) for line in invoice.lines for c in line.allowances
    ]
    places = [
        (row[0], row[1], row[2], Decimal(row[3]))
        for each in map(padded, (row for row in detail if row[0] == "SDQ"))
        for row in ([each[1], each[2], each[n], each[n + 1]] for n in range(3, 23, 2))
        if row[2]
    ]
    wanted: Counter[tuple[int, str, str, str]] = Counter()  # the parts of a line that go to one place are one
    for n, line in enumerate(invoice.lines):
        for part in line.destinations:
            kind = IDENTIFIER_KINDS[part.ship_to.identifier_kind]
            wanted[n, line.unit, kind, part.ship_to.identifier] += factor * part.quantity
    assert sorted(places) == sorted((*place, quantity) for (_, *place), quantity in wanted.items())
    assert ("ST" in names) == (invoice.ship_to is not None and not invoice.distributed)
    texts = [row[3] for row in detail if row[0] == "REF" and row[2] == ""]
    noted = [line.note for line in invoice.lines if line.note] if rules.line_note_reference else []
    assert texts == [text[:80].strip() for note in noted for text in note.split("\n")]
    # What is said adds up by itself: lines, charges, allowances and one kind of taxes.
    total = sum(Decimal(row[2]) * Decimal(row[4]) for row in said)
    total += sum((1 if r[1] == "C" else -1) * Decimal(r[5]) / 100 for r in rows if r[0] == "SAC")
    taxed = [r for r in summary if r[0] == "TXI"] or [r for r in detail if r[0] == "TXI"]
    total += sum(Decimal(r[2]) for r in taxed)
    assert abs(total - factor * invoice.total) <= CENT * len(invoice.lines)


@long_run(500)
@given(invoice=invoices(), rules=rules_810)
def test_every_value_of_an_invoice_is_read_from_its_bytes_by_other_means(invoice: Invoice, rules: Rules810) -> None:
    _, data = read_again(set_810, invoice, rules)
    agrees(invoice, rules, plain_rows(data))


@long_run(200)
@given(invoice=invoices(), rules=rules_810, data=st.data())
def test_no_element_can_change_and_no_segment_vanish_unnoticed(
    invoice: Invoice, rules: Rules810, data: st.DataObject
) -> None:
    notices_what_is_broken(set_810, invoice, rules, data)
