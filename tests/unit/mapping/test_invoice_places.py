"""An invoice over sales orders for several places says so as the agreement wants it, or is held."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_sagex3_cleo.errors import AgreementIncomplete, UnmappedValue
from airflow_provider_sagex3_cleo.mapping.sales_invoices import to_document
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from tests.unit.mapping.test_invoices import BOOK, CENT, LINE, SOLD, agreement, document, invoice
from tests.unit.mapping.test_references import rows
from tests.unit.mapping.test_splits import told

STORES = {f"ST{n:03d}": {"kind": "assigned_by_buyer", "id": f"{100 + n}"} for n in range(1, 5)}


def for_stores(*stores: str | None, price: str = "2.5", **header: Any) -> Record:
    """An invoice of one item, forty pieces for each of these places by a sales order of their own."""
    lines, orders = [], {}
    for n, store in enumerate(stores, 1):
        amount = (40 * Decimal(price)).quantize(CENT, ROUND_HALF_UP)
        lines.append({**LINE, "SIDLIN": 1000 * n, "SOHNUM": f"SO-{n}", "NETPRINOT": price, "AMTNOTLIN": f"{amount:f}"})
        orders[f"SO-{n}"] = {**SOLD, "lines": [{**SOLD["lines"][0], "BPAADD": store}]}
    total = sum((Decimal(line["AMTNOTLIN"]) for line in lines), Decimal("28.4"))
    return invoice(lines=lines, orders=orders, **{"AMTATI": f"{total:f}", **header})


def said(record: Record, **keys: Any) -> list[str]:
    found = rows(record, agreement(addresses=STORES, **keys), BOOK, entity="sales_invoices")
    return told(found, "N1", "IT1", "SDQ", "TDS", "CTT")[1:]  # the payee first


def test_lines_for_several_places_hold_the_invoice_with_the_lines_of_each() -> None:
    with pytest.raises(AgreementIncomplete, match=r"1000, 3000 for ST001; 2000 for ST002") as held:
        document(for_stores("ST001", "ST002", "ST001"))
    assert held.value.where["field"] == "BPAADD"
    assert "`line_ship_to: n1` in agreement retail-810" in held.value.remedy


def test_a_partner_who_is_told_no_place_is_told_none_of_several() -> None:
    made = document(for_stores("ST001", "ST002"), invoice={"ship_to_role": None})
    assert [line.ship_to for line in made.lines] == [None, None]


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_lines_alike_but_for_the_place_become_one_with_its_quantity_by_place(release: str) -> None:
    assert said(for_stores("ST001", "ST002", "ST001"), line_ship_to="sdq", release=release) == [
        "N1*BT*Example Retail", "N1*SE*Example Distribution Inc",
        "IT1*1000*120*EA*2.5**VP*ITM00001*BP*B-1", "SDQ*EA*92*101*80*102*40", "TDS*32840", "CTT*1",
    ]  # fmt: skip


def test_lines_whose_cents_do_not_add_up_stay_apart_and_name_their_place() -> None:
    # 40 x 0.00062 is 0.0248, billed as 0.02 each: 160 x 0.00062 is 0.10 and not 0.08.
    found = said(for_stores("ST001", "ST002", "ST003", "ST004", price="0.00062"), line_ship_to="sdq")
    assert [row for row in found if row.startswith("SDQ")] == [f"SDQ*EA*92*10{n}*40" for n in (1, 2, 3, 4)]
    assert found[-1] == "CTT*4"


def test_a_line_for_another_place_than_the_invoices_own_names_it_by_its_id() -> None:
    found = said(for_stores("ST001", "ST002", None), line_ship_to="n1")
    assert found[0].startswith("N1*ST*Example Retail Store 1*92*101")
    assert [row[:12] for row in found[3:]] == ["IT1*1000*40*", "IT1*2000*40*", "N1*ST**92*10", "IT1*3000*40*",
                                               "TDS*32840", "CTT*3"]  # fmt: skip


@pytest.mark.parametrize("wish", ["hold", "n1", "sdq"])
def test_lines_for_one_place_leave_the_invoice_as_it_is(wish: str) -> None:
    for stores in (("ST001", "ST001"), ("ST002", "ST002"), (None, None)):
        made = document(for_stores(*stores), line_ship_to=wish, addresses=STORES)
        assert (len(made.lines), made.distributed) == (2, False)
        assert made.ship_to is not None
        assert made.ship_to.code == "ST001"


@pytest.mark.parametrize("wish", ["n1", "sdq"])
def test_a_place_without_an_id_holds_the_invoice_with_the_remedy(wish: str) -> None:
    with pytest.raises(UnmappedValue, match="this one has none") as held:
        document(for_stores("ST001", "ST009"), line_ship_to=wish, addresses=STORES)
    assert (held.value.where["value"], held.value.where["field"]) == ("ST009", "line 2000 BPAADD")
    assert held.value.remedy == "add ST009 under `addresses` in agreement retail-810"


def test_places_that_were_not_read_hold_the_invoice_only_where_they_are_asked_for() -> None:
    record = for_stores("ST001", "ST002")
    for order in record.related["sales_orders"].values():
        for line in order["lines"]:
            del line["BPAADD"]
    assert not document(record).distributed
    with pytest.raises(AgreementIncomplete, match="not read"):
        document(record, line_ship_to="sdq", addresses=STORES)


@settings(max_examples=80, deadline=None)
@given(
    sold=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["ITM00001", "ITM00002"]), st.integers(1, 99),
                  st.sampled_from(["2.5", "0.333", "0.0049"])),
        min_size=1, max_size=9,
    )
)  # fmt: skip
def test_no_piece_and_no_cent_is_lost_between_lines_and_their_split(sold: list[tuple[int, str, int, str]]) -> None:
    record = for_stores(*(f"ST{store:03d}" for store, *_ in sold))
    wanted: Counter[tuple[str | None, str | None]] = Counter()
    for line, (store, item, pieces, price) in zip(record.lines, sold, strict=True):
        amount = (pieces * Decimal(price)).quantize(CENT, ROUND_HALF_UP)
        line |= {"ITMREF": item, "QTY": str(pieces), "NETPRINOT": price, "AMTNOTLIN": f"{amount:f}"}
        wanted[item, STORES[f"ST{store:03d}"]["id"]] += pieces
    total = sum((Decimal(line["AMTNOTLIN"]) for line in record.lines), Decimal("28.4"))
    record.fields["AMTATI"] = f"{total:f}"
    made = to_document(record, agreement(line_ship_to="sdq", addresses=STORES), BOOK)
    found: Counter[tuple[str | None, str | None]] = Counter()
    for each in made.lines:
        for place, pieces in [(part.ship_to, part.quantity) for part in each.destinations] or [
            (made.ship_to, each.quantity)
        ]:
            if made.distributed:
                found[each.item.vendor, place and place.identifier] += int(pieces)
    assert found == (wanted if made.distributed else Counter())
    assert made.distributed == (len({store for store, *_ in sold}) > 1)
    assert sum(line.amount for line in made.lines) + Decimal("28.4") == made.total == total
    assert len(rows(record, agreement(line_ship_to="sdq", addresses=STORES), BOOK, entity="sales_invoices")) > 5
