"""The world's sales invoices: totals as Sage X3 makes them, moves that stamp what they touch, deterministic."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.partners.loading import check, load_book
from airflow_provider_sagex3_cleo.sandbox.agreements import invoice_folder_of, write_agreements
from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.sales import INVOICE_STORIES, SALES_TABLES, Sales
from airflow_provider_sagex3_cleo.sandbox.world import World

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World(7, Clock(START, frozen=True), orders=40)


@pytest.fixture
def sales(world: World) -> Sales:
    return world.sales


def everything(sales: Sales):
    return {number: sales.describe_invoice(number) for number in sales.invoices}


def test_the_same_seed_sells_the_same_and_another_seed_something_else():
    one, same, other = (World(seed, Clock(START, frozen=True), orders=40).sales for seed in (3, 3, 4))
    assert everything(one) == everything(same)
    assert everything(one) != everything(other)


def test_every_state_and_kind_and_every_odd_case_is_there(sales: Sales):
    headers = [shown["header"] for shown in everything(sales).values()]
    assert {header["INVTYP"] for header in headers} == {1, 2, 3, 4, 5}
    assert {header["INVSTA"] for header in headers} == {1, 3}
    assert set(sales.stories) == set(INVOICE_STORIES)
    assert max(header["UPDDATTIM"] for header in headers) < START


def test_totals_come_from_lines_elements_and_tax(sales: Sales):
    shown = sales.describe_invoice(sales.new_invoice("C0001", charges={"1": "25.00", "3": "4.10"}))
    header, lines = shown["header"], shown["lines"]
    net = sum((line["AMTNOTLIN"] for line in lines), Decimal(0)) + Decimal("20.90")
    assert header["AMTNOT"] == net
    assert header["AMTATI"] == net + header["AMTTAX0"]


def test_an_invoice_over_two_orders_bills_each_line_of_both(sales: Sales):
    lines = sales.describe_invoice(sales.stories["two_orders"])["lines"]
    assert [line["SIDLIN"] for line in lines] == [1000, 2000, 3000, 4000]
    assert len({line["SOHNUM"] for line in lines}) == 2
    for line in lines:
        sold = sales.orders[line["SOHNUM"]].quantities
        assert line["QTY"] == next(row["QTY"] for row in sold if row["SOPLIN"] == line["SOPLIN"])


def test_posting_stamps_the_header_that_holds_the_state_and_nothing_else(world: World, sales: Sales):
    number = sales.new_invoice("C0001", posted=False)
    before = {table: world.entries_of(number, table) for table in SALES_TABLES}
    world.clock.advance(60)
    sales.post_invoice(number)
    moved = [table for table in SALES_TABLES if world.entries_of(number, table) != before[table]]
    assert moved == ["SINVOICEV"]
    assert sales.describe_invoice(number)["header"]["INVSTA"] == 3


def test_a_move_on_an_unknown_invoice_or_column_says_so(sales: Sales):
    with pytest.raises(LookupError, match="no invoice NOPE"):
        sales.post_invoice("NOPE")
    with pytest.raises(LookupError, match="no column NOPE"):
        sales.edit_invoice(sales.stories["posted"], NOPE=1)


def test_after_moves_the_indexes_hold_exactly_the_stamps_of_the_rows(world: World, sales: Sales):
    number = sales.new_invoice("C0001")
    world.clock.advance(5)
    sales.edit_invoice(number, AMTATI="5", INVREF="x")
    sales.edit_invoice_line(number, 2000, QTY="3")
    for table in SALES_TABLES:
        entries = list(sales.index[table].between(None, None))
        assert [sales.row(table, entry)["UPDDATTIM"] for entry in entries] == [entry[0] for entry in entries]


def test_the_first_customers_have_an_agreement_for_invoices_and_the_next_has_none(tmp_path: Path, world: World):
    folder = write_agreements(tmp_path, world)
    assert check(folder) == []
    book = load_book(folder)

    def found(customer: str):
        return book.find(
            company="EXDIS", site="NJ01", partner=customer, role="bill_to", set_id="810", on=START.date(), address="INV"
        )

    codes = [customer.code for customer in world.sales.enrolled(7)]
    assert [found(code) is not None for code in codes] == [True] * 6 + [False]
    assert found("C0002").target_folder == invoice_folder_of("C0002")


def test_every_unit_term_element_and_tax_but_the_odd_ones_is_in_the_tables(tmp_path: Path, world: World):
    tables = load_book(write_agreements(tmp_path, world)).tables
    shown = everything(world.sales).values()
    assert {line["SAU"] for each in shown for line in each["lines"]} <= set(tables.units)
    assert {each["header"]["PTE"] for each in shown} <= set(tables.terms)
    assert {each["header"]["TAX0"] for each in shown} - set(tables.taxes) == {"ODD"}
    assert {str(each["header"]["INVDTA0"]) for each in shown} - set(tables.charges) == {"0", "9"}
