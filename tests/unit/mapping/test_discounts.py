"""Gross price and discounts as SAC: equal to Sage X3's net line amount to the cent, or held."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.documents.charges import net_of
from airflow_provider_sagex3_cleo.errors import (
    AgreementIncomplete,
    GateUnknown,
    NotRepresentable,
    PriceMismatch,
    UnmappedValue,
)
from airflow_provider_sagex3_cleo.mapping.purchase_orders import to_document
from airflow_provider_sagex3_cleo.partners import Tables
from tests.unit.mapping.test_invoices import BOOK, document, invoice
from tests.unit.mapping.test_invoices import LINE as INVOICE_LINE
from tests.unit.mapping.test_invoices import agreement as invoice_agreement
from tests.unit.mapping.test_references import rows

Make = Callable[..., Any]
COLUMNS = {
    "1": {"kind": "allowance", "code": "C310", "description": "Discount"},
    "2": {"kind": "allowance", "code": "I170", "of": "gross"},
    "3": {"kind": "charge", "code": "D500", "value": "amount"},
}
GROSS = {"discounts": "gross_with_sac", "discount_columns": COLUMNS}
CENT = Decimal("0.01")


def told(found: list[str]) -> list[str]:
    return [row for row in found if row.startswith(("PO1", "IT1", "SAC", "AMT"))]


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_gross_price_and_discounts_say_the_net_line_amount(
    release: str, order: Make, line: Make, agreement: Make, book: Make
) -> None:
    columns = {"GROPRI": "10", "DISCRGVAL1": "10", "DISCRGVAL2": "5", "DISCRGVAL3": "0.25"}
    record = order(lines=[line(NETPRI="8.75", LINAMT="87.5", **columns)])
    wanted = agreement(**GROSS, release=release, amount_total=True, sac={"percent_basis": "1"})
    assert told(rows(record, wanted, book())) == [
        "PO1*1000*10*EA*10**VP*HW-1001*BP*ITM00001",
        "SAC*A*C310***1000*1*10*****02***Discount",
        "SAC*A*I170***500*1*5*****02",
        "SAC*C*D500***250*******06",
        "AMT*TT*87.5",
    ]


def test_net_prices_stay_the_default(order: Make, line: Make, agreement: Make, book: Make) -> None:
    record = order(lines=[line(GROPRI="10", DISCRGVAL1="75")])
    assert told(rows(record, agreement(), book())) == ["PO1*1000*10*EA*2.5**VP*HW-1001*BP*ITM00001"]


def test_a_price_per_another_unit_is_converted_with_its_discounts(
    order: Make, second: Make, agreement: Make, book: Make
) -> None:
    record = order(lines=[second(GROPRI="1", NETPRI="0.9", LINAMT="10.8", DISCRGVAL1="10")])
    assert told(rows(record, agreement(**GROSS), book()))[:2] == [
        "PO1*2000*1*BX*12**VP*HW-2002*BP*ITM00002*UP*012345678905", "SAC*A*C310***120*******02***Discount",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "columns", "sentence"),
    [
        (PriceMismatch, {"GROPRI": "10", "DISCRGVAL1": "10", "NETPRI": "8", "LINAMT": "80"}, "makes 90"),
        (PriceMismatch, {"GROPRI": "3"}, "with its discounts makes 30"),
        (UnmappedValue, {"GROPRI": "2.75", "DISCRGVAL9": "10"}, "discount column 9 has no entry"),
        (GateUnknown, {"GROPRI": "2.75", "DISCRGVAL1": "-10"}, "below zero"),
    ],
)  # fmt: skip
def test_what_does_not_make_the_net_amount_is_held(
    error: type[Exception], columns: dict[str, Any], sentence: str, order: Make, line: Make, agreement: Make, book: Make
) -> None:
    with pytest.raises(error, match=sentence):
        to_document(order(lines=[line(**columns)]), agreement(**GROSS), book())


def test_cents_of_a_currency_without_two_decimals_are_held(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    record = order(CUR="JPY", lines=[line(GROPRI="5", DISCRGVAL1="50")])
    with pytest.raises(NotRepresentable, match="two decimals"):
        rows(record, agreement(**GROSS), book())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    quantity=st.integers(1, 5000),
    price=st.decimals("0.0001", "999", places=4),
    percents=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    amount=st.decimals("0", "5", places=3),
)
def test_whatever_the_discounts_the_parts_are_the_net_line_amount_to_the_cent(
    order: Make, line: Make, agreement: Make, book: Make, quantity: int, price: Decimal, percents: tuple[int, int],
    amount: Decimal,
) -> None:  # fmt: skip
    net = price * (100 - percents[0]) / 100 - price * percents[1] / 100 + amount
    worth = (net * quantity).quantize(CENT, ROUND_HALF_UP)
    columns = {
        "QTYUOM": str(quantity), "QTYPUU": str(quantity), "GROPRI": str(price), "NETPRI": f"{net:f}",
        "LINAMT": str(worth), "DISCRGVAL1": str(percents[0]), "DISCRGVAL2": str(percents[1]), "DISCRGVAL3": str(amount),
    }  # fmt: skip
    (made,) = to_document(order(lines=[line(**columns)]), agreement(**GROSS), book()).lines
    assert (made.quantity * made.unit_price).quantize(CENT, ROUND_HALF_UP) + net_of(made.allowances) == worth


def test_lines_that_become_one_add_their_discounts(order: Make, line: Make, agreement: Make, book: Make) -> None:
    sites = {n: {"name": n, "party": {"kind": "assigned_by_buyer", "id": n}} for n in ("NJ01", "TX01")}
    lines = [
        line(POPLIN=n, POQSEQ=n, PRHFCY=site, FCYADD=None, GROPRI="5", DISCRGVAL1="50")
        for n, site in ((1000, "NJ01"), (2000, "TX01"))
    ]
    found = rows(order(lines=lines), agreement(**GROSS, line_ship_to="sdq"), book(sites=sites))
    assert told(found) == [
        "PO1*1000*20*EA*5**VP*HW-1001*BP*ITM00001", "SAC*A*C310***5000*******02***Discount",
    ]  # fmt: skip


def test_what_the_footer_adds_goes_into_the_heading(order: Make, agreement: Make, book: Make) -> None:
    codes = {"footer_charge": "D240"}
    found = rows(order(TOTORD="42.5"), agreement(sac=codes, amount_total=True), book())
    assert [row for row in told(found) if row[:3] in ("SAC", "AMT")] == ["SAC*C*D240***500*******06", "AMT*TT*42.5"]
    assert rows(order(), agreement(sac=codes), book()) == rows(order(), agreement(), book())
    with pytest.raises(AgreementIncomplete, match="no code for such a allowance"):
        to_document(order(TOTORD="30"), agreement(sac=codes), book())


def test_invoice_lines_have_their_discounts_too() -> None:
    line = {**INVOICE_LINE, "GROPRI": "5", "DISCRGVAL1": "50"}
    found = rows(invoice(lines=[line]), invoice_agreement(**GROSS), BOOK, entity="sales_invoices")
    assert told(found)[:2] == [
        "IT1*1000*40*EA*5**VP*ITM00001*BP*B-1", "SAC*A*C310***10000*******02***Discount",
    ]  # fmt: skip
    with pytest.raises(PriceMismatch, match="include tax"):
        document(invoice(lines=[line], PRITYP=2), **GROSS)


def test_the_common_table_serves_agreements_without_columns_of_their_own(
    order: Make, line: Make, agreement: Make, book: Make
) -> None:
    record = order(lines=[line(GROPRI="5", DISCRGVAL1="50")])
    found = rows(record, agreement(discounts="gross_with_sac"), book(discount_columns=COLUMNS))
    assert "SAC*A*C310***2500*******02***Discount" in found
    assert Tables.model_validate({"discount_columns": COLUMNS}).discount_columns["2"].of == "gross"
