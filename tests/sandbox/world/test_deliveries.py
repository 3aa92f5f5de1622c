"""The world's deliveries: what was sold is shipped, moves stamp what they touch, labels are right, deterministic."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.partners.loading import load_book
from airflow_provider_sagex3_cleo.sandbox.agreements import shipment_folder_of, write_agreements
from airflow_provider_sagex3_cleo.sandbox.clock import Clock
from airflow_provider_sagex3_cleo.sandbox.deliveries import DELIVERY_KEYS, DELIVERY_STORIES, Deliveries
from airflow_provider_sagex3_cleo.sandbox.world import World

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World(7, Clock(START, frozen=True), orders=40)


@pytest.fixture
def deliveries(world: World) -> Deliveries:
    return world.deliveries


def everything(deliveries: Deliveries):
    return {number: deliveries.describe_delivery(number) for number in deliveries.deliveries}


def stamps(deliveries: Deliveries):
    return {table: list(deliveries.index[table].between(None, None)) for table in DELIVERY_KEYS}


def test_the_same_seed_ships_the_same_and_another_seed_something_else():
    one, same, other = (World(seed, Clock(START, frozen=True), orders=40).deliveries for seed in (3, 3, 4))
    assert everything(one) == everything(same)
    assert everything(one) != everything(other)


def test_every_odd_case_is_there_and_all_of_it_lies_before_the_start(deliveries: Deliveries):
    headers = [shown["header"] for shown in everything(deliveries).values()]
    assert {header["CFMFLG"] for header in headers} == {1, 2}
    assert set(deliveries.stories) == set(DELIVERY_STORIES)
    assert max(header["UPDDATTIM"] for header in headers) < START


def test_each_line_ships_a_line_of_a_sales_order_in_its_unit(world: World, deliveries: Deliveries):
    shown = deliveries.describe_delivery(deliveries.stories["two_customer_orders"])
    assert [line["SDDLIN"] for line in shown["lines"]] == [1000, 2000, 3000, 4000]
    assert len({line["SOHNUM"] for line in shown["lines"]}) == 2
    for line in shown["lines"]:
        order = world.sales.orders[line["SOHNUM"]]
        quantity = next(row for row in order.quantities if row["SOPLIN"] == line["SOPLIN"])
        price = next(row for row in order.prices if row["SOPLIN"] == line["SOPLIN"])
        assert (line["QTY"], line["SAU"], line["SAUSTUCOE"]) == (quantity["QTY"], price["SAU"], price["SAUSTUCOE"])
        assert line["QTYSTU"] == line["QTY"] * line["SAUSTUCOE"]


def test_packs_hold_all_lines_and_have_labels_of_their_own_with_a_right_check_digit(deliveries: Deliveries):
    number = deliveries.new_delivery("C0001", lines=5, packs=3)
    shown = deliveries.describe_delivery(number)
    packed: dict[int, Decimal] = {}
    for row in shown["contents"]:
        packed[row["VCRLIN"]] = packed.get(row["VCRLIN"], Decimal(0)) + row["QTY"]
    assert packed == {line["SDDLIN"]: line["QTY"] for line in shown["lines"]}
    labels = [pack["SCCCOD"] for pack in shown["packs"]]
    assert len(set(labels)) == 3
    for label in labels:
        assert len(label) == 18
        assert sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(label)) % 10 == 0


@pytest.mark.parametrize(
    ("move", "arguments", "moved"),
    [
        ("validate_delivery", {}, {"SDELIVERY"}),
        ("edit_delivery", {"GROWEI": "3"}, {"SDELIVERY"}),
        ("edit_delivery_line", {"line": 2000, "QTY": "3"}, {"SDELIVERYD"}),
        ("edit_pack", {"pack": 2, "SCCCOD": ""}, {"SPACK"}),
        ("pack_delivery", {"packs": 3}, {"SPACK", "SPACKD"}),
    ],
)
def test_a_move_stamps_the_table_it_touches_and_nothing_else(
    world: World, deliveries: Deliveries, move, arguments, moved
):
    number = deliveries.new_delivery("C0001", validated=False, packs=2)
    before = stamps(deliveries)
    world.clock.advance(60)
    getattr(deliveries, move)(number, **arguments)
    after = stamps(deliveries)
    assert {table for table in DELIVERY_KEYS if after[table] != before[table]} == moved
    for table, entries in after.items():
        assert [deliveries.row(table, entry)["UPDDATTIM"] for entry in entries] == [entry[0] for entry in entries]


def test_a_bill_of_lading_stamps_its_deliveries_once_and_its_own_edit_stamps_it_alone(
    world: World, deliveries: Deliveries
):
    pair = [deliveries.new_delivery("C0001"), deliveries.new_delivery("C0001")]
    world.clock.advance(60)
    bill = deliveries.new_bill_of_lading(pair)
    assert {deliveries.describe_delivery(number)["header"]["BOLNUM"] for number in pair} == {bill}
    before = stamps(deliveries)
    world.clock.advance(60)
    deliveries.edit_bill_of_lading(bill, PRONUM="X")
    after = stamps(deliveries)
    assert {table for table in DELIVERY_KEYS if after[table] != before[table]} == {"BILLLADH"}


def test_a_move_on_an_unknown_delivery_or_column_says_so(deliveries: Deliveries):
    with pytest.raises(LookupError, match="no delivery NOPE"):
        deliveries.validate_delivery("NOPE")
    with pytest.raises(LookupError, match="no column NOPE"):
        deliveries.edit_delivery(deliveries.stories["shipped"], NOPE=1)


def test_the_first_customers_have_an_agreement_for_shipments_and_the_next_has_none(tmp_path: Path, world: World):
    book = load_book(write_agreements(tmp_path, world))

    def found(customer: str):
        return book.find(
            company="EXDIS", site="NJ01", partner=customer, role=("ship_to", "sold_to"), set_id="856", on=START.date()
        )

    codes = [customer.code for customer in world.sales.enrolled(7)]
    assert [found(code) is not None for code in codes] == [True] * 6 + [False]
    assert found("C0002").target_folder == shipment_folder_of("C0002")
    assert {found(code).release for code in codes[:6]} == {"004010", "005010"}
    assert {found(code).shipment.packs for code in codes[:6]} == {"known", "always", "never"}
    assert {found(code).role for code in codes[:6]} == {"sold_to", "ship_to"}


def test_every_unit_and_carrier_but_the_odd_ones_is_in_the_tables(tmp_path: Path, world: World):
    tables = load_book(write_agreements(tmp_path, world)).tables
    shown = everything(world.deliveries).values()
    assert {line["SAU"] for each in shown for line in each["lines"]} - set(tables.units) == {"PAL"}
    assert {each["header"]["WEU"] for each in shown} <= set(tables.units)
    assert {each["header"]["BPTNUM"] for each in shown} - set(tables.carriers) == {"", "EXNEW"}
