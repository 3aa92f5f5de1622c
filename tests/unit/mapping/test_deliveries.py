"""Deliveries become shipments that say what Sage X3 says, or a sentence; the published mapping equals the code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from airflow_provider_sagex3_cleo.documents.shipment import Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.errors import (
    AgreementIncomplete,
    FieldMissing,
    NoLines,
    NotRepresentable,
    ProviderError,
    QuantityMismatch,
    UnknownUnit,
    UnmappedValue,
    ValueUnreadable,
)
from airflow_provider_sagex3_cleo.mapping.deliveries import commercial, facts, gate, to_document
from airflow_provider_sagex3_cleo.mapping.delivery_table import delivery_mapping_page, delivery_mapping_table
from airflow_provider_sagex3_cleo.partners import Agreement, Book, Identity, Tables
from airflow_provider_sagex3_cleo.partners.shipping import Carrier, ShipmentRules
from airflow_provider_sagex3_cleo.pipeline.flows import Deliveries
from airflow_provider_sagex3_cleo.sagex3.reader import Record
from airflow_provider_sagex3_cleo.sagex3.spec import load_specs
from airflow_provider_sagex3_cleo.x12.validator import validate_body
from tests.support.x12 import examples, file_of, padded, plain_rows
from tests.unit.mapping.test_table import Watched

PAGE = Path(__file__).parents[3] / "docs" / "mapping-856.md"
SPEC = load_specs()["deliveries"]
STAMP = datetime(2026, 5, 4, 8, tzinfo=UTC)
SSCC = ("095060000000000017", "095060000000000024")

HEADER: dict[str, Any] = {
    "SDHNUM": "SDH-1", "SDHCAT": 1, "CFMFLG": 2, "RTNSTA": 1, "BETFCY": 1, "PACFLG": 2, "PRNNDE": 1, "CPY": "EXDIS",
    "SALFCY": "NJ01", "STOFCY": "NJ01", "BPCORD": "C0001", "BPAADD": "ST001", "BPDNAM0": "Example Retail Store 1",
    "BPDNAM1": None, "BPDADDLIG0": "2 Example Plaza", "BPDADDLIG1": None, "BPDADDLIG2": None, "BPDPOSCOD": "43215",
    "BPDCTY": "Columbus", "BPDSAT": "OH", "BPDCRY": "US", "SHIDAT": "2026-05-04", "SHIHOU": "1430",
    "DLVDAT": "2026-05-07", "ARVDAT": None, "BPTNUM": "EXPARCEL", "GROWEI": "120.5", "WEU": "LB",
    "PACNBR": 3, "BOLNUM": "BOL-1", "UPDDATTIM": "2026-05-04T08:00:00Z",
}  # fmt: skip
LINE: dict[str, Any] = {
    "SDDLIN": 1000, "ITMREF": "ITM00001", "ITMDES": "Bolt, zinc", "QTY": "40", "SAU": "UN", "QTYSTU": "40",
    "STU": "UN", "SAUSTUCOE": "1", "SOHNUM": "SO-1", "SOPLIN": 1000, "SOQSEQ": 1000,
    "UPDDATTIM": "2026-05-04T08:00:00Z",
}  # fmt: skip
SOLD_LINE: dict[str, Any] = {
    "SOPLIN": 1000, "SOQSEQ": 1000, "ITMREFBPC": "B-1", "LINORDNUM": "7", "QTY": "50", "SAU": "UN", "STU": "UN",
    "SAUSTUCOE": "1",
}  # fmt: skip
SOLD: dict[str, Any] = {"CUSORDREF": "PO-4711", "ORDDAT": "2026-04-20", "lines": [SOLD_LINE]}
BILL: dict[str, Any] = {"BOLNUM": "BOL-1", "SCAC": "XXBL", "PRONUM": "PRO-1", "UPDDATTIM": None}
BOOK = Book(
    [
        Identity.model_validate(
            {
                "key": "us",
                "company": "EXDIS",
                "name": "Example Distribution Inc",
                "ids": {"qualifier": "ZZ", "id": "EX"},
            }
        )
    ],
    Tables.model_validate(
        {
            "units": {"UN": "EA", "BOX": "BX", "CS": "CA", "LB": "LB"},
            "sites": {"NJ01": {"name": "Example Distribution Newark"}},
            "carriers": {"EXPARCEL": {"scac": "XXPA", "mode": "U", "name": "Example Parcel"}},
        }
    ),
    [],
)


def pack(number: str, sscc: str | None, **inside: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A row of SPACK and its rows of SPACKD: quantities by `L` and the line's number."""
    label = {"PACNUM": number, "PACSEQ": 1, "SCCCOD": sscc, "UPDDATTIM": None}
    rows = {
        f"{line[1:]}~{number}": {"VCRLIN": int(line[1:]), "PACNUM": number, "PACSEQ": 1, "QTY": quantity, "SAU": "UN",
                                 "UPDDATTIM": None}
        for line, quantity in inside.items()
    }  # fmt: skip
    return {f"{number}~1": label}, rows


def delivery(
    *,
    lines: list[dict[str, Any]] | None = None,
    orders: dict[str, Any] | None = None,
    packs: list[tuple[dict[str, Any], dict[str, Any]]] | None = None,
    bill: dict[str, Any] | None = BILL,
    **header: Any,
) -> Record:
    related: dict[str, dict[str, dict[str, Any]]] = {
        "sales_orders": {"SO-1": SOLD} if orders is None else orders,
        "packs": {key: row for labels, _ in packs or [] for key, row in labels.items()},
        "pack_items": {key: row for _, rows in packs or [] for key, row in rows.items()},
        "bills_of_lading": {} if bill is None else {"BOL-1": bill},
    }
    rows = [LINE] if lines is None else lines
    return Record("deliveries", "SDH-1", STAMP, {**HEADER, **header}, tuple(map(dict, rows)), None, related)


def agreement(**keys: Any) -> Agreement:
    base = {
        "id": "retail-856", "partner": "C0001", "role": "sold_to", "set": "856", "stage": "live",
        "effective_from": "2026-01-01", "ids": {"qualifier": "ZZ", "id": "EXRETAIL"}, "folder": "outbound/retail",
    }  # fmt: skip
    return Agreement.model_validate({**base, **keys})


def document(record: Record, **keys: Any) -> Shipment:
    return to_document(record, agreement(**keys), BOOK)


def test_a_good_delivery_says_what_sage_x3_says() -> None:
    made = document(delivery(), addresses={"ST001": {"kind": "assigned_by_buyer", "id": "77"}}, vendor_number="V1")
    assert (made.number, made.ship_date, made.ship_time) == ("SDH-1", date(2026, 5, 4), time(14, 30))
    assert made.expected_date == date(2026, 5, 7)
    assert (made.carrier_code, made.carrier_mode, made.carrier_name) == ("XXPA", "U", "Example Parcel")
    assert (made.bill_of_lading, made.tracking_numbers) == ("BOL-1", ("PRO-1",))
    assert (made.weight, made.weight_unit, made.packages) == (Decimal("120.5"), "LB", 3)
    assert (made.ship_to.code, made.ship_to.identifier) == ("ST001", "77")
    (order,) = made.orders
    assert (order.number, order.order_date, order.vendor_number) == ("PO-4711", date(2026, 4, 20), "V1")
    (item,) = order.items
    assert (item.number, item.quantity, item.unit, item.ordered_quantity) == (1000, 40, "EA", 50)
    assert (item.order_line, item.item.buyer, item.item.vendor) == ("7", "B-1", "ITM00001")


def test_the_ordered_quantity_is_that_of_the_very_row_of_the_order_or_is_not_told() -> None:
    rows = [{**SOLD_LINE, "SOQSEQ": 1000, "QTY": "50"}, {**SOLD_LINE, "SOQSEQ": 2000, "QTY": "70"}]
    for sequence, quantity in ((2000, 70), (3000, None)):
        record = delivery(lines=[{**LINE, "SOQSEQ": sequence}], orders={"SO-1": {**SOLD, "lines": rows}})
        (item,) = document(record).orders[0].items
        assert item.ordered_quantity == quantity
        assert item.item.buyer == "B-1"


def test_zeros_and_empty_values_are_left_out_never_sent() -> None:
    made = document(delivery(GROWEI="0", WEU=None, PACNBR=0, BPTNUM=None, BOLNUM=None, SHIHOU="0000", bill=None))
    assert (made.weight, made.weight_unit, made.packages, made.carrier_code) == (None, None, None, None)
    assert (made.bill_of_lading, made.tracking_numbers, made.ship_time) == (None, (), None)


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("SHIDAT", None, FieldMissing),
        ("STOFCY", "TX01", UnmappedValue),
        ("BPDCRY", "XX", UnmappedValue),
        ("BPAADD", None, FieldMissing),
        ("WEU", "STONE", UnknownUnit),
        ("SHIHOU", "noon", ValueUnreadable),
        ("PACNBR", "many", ValueUnreadable),
    ],
)
def test_a_broken_header_names_the_column(column: str, value: Any, problem: type[ProviderError]) -> None:
    with pytest.raises(problem) as caught:
        document(delivery(**{column: value}))
    assert column in str(caught.value)
    assert "SDH-1" in str(caught.value)


def test_the_carrier_is_the_agreements_then_the_tables_then_the_bill_of_ladings() -> None:
    own = {"carriers": {"EXPARCEL": {"scac": "XXOW"}}}
    assert document(delivery(), **own).carrier_code == "XXOW"
    assert document(delivery(BPTNUM="EXNEW")).carrier_code == "XXBL"
    with pytest.raises(UnmappedValue, match="the carrier has no entry") as caught:
        document(delivery(BPTNUM="EXNEW", bill=None))
    assert "`carriers` in tables.yaml, or in agreement retail-856" in str(caught.value)


def test_tracking_comes_from_the_column_the_agreement_names() -> None:
    how = {"shipment": {"tracking_field": "YTRACK"}}
    record = delivery(YTRACK="1Z1")
    assert document(record, **how).tracking_numbers == ("1Z1",)
    assert document(record, shipment={"tracking_field": None}).tracking_numbers == ()
    with pytest.raises(AgreementIncomplete, match="YTRACK"):
        document(delivery(), **how)


@pytest.mark.parametrize(
    ("shipped", "ordered", "quantity"),
    [
        ({"SAU": "BOX", "SAUSTUCOE": "12", "QTY": "2", "QTYSTU": "24"}, {"SAU": "UN", "SAUSTUCOE": "1"}, "24"),
        ({"SAU": "UN", "QTY": "30", "QTYSTU": "30"}, {"SAU": "BOX", "SAUSTUCOE": "12"}, "2.5"),
        ({"SAU": "BOX", "SAUSTUCOE": "12", "QTY": "4", "QTYSTU": "48"}, {"SAU": "CS", "SAUSTUCOE": "24"}, "2"),
        ({"SAU": "UN", "SAUSTUCOE": None}, {"SAU": "BOX", "SAUSTUCOE": "10"}, "4"),
    ],
)
def test_the_quantity_is_told_in_the_unit_that_was_ordered(
    shipped: dict[str, Any], ordered: dict[str, Any], quantity: str
) -> None:
    orders = {"SO-1": {**SOLD, "lines": [{**SOLD_LINE, **ordered}]}}
    (item,) = document(delivery(lines=[{**LINE, **shipped}], orders=orders)).orders[0].items
    assert item.quantity == Decimal(quantity)
    assert item.unit == BOOK.tables.units[ordered["SAU"]]


@pytest.mark.parametrize(
    ("shipped", "ordered", "sentence"),
    [
        ({"SAU": "BOX", "SAUSTUCOE": "0"}, {}, "no coefficient converts BOX"),
        ({}, {"SAU": "BOX", "SAUSTUCOE": None}, "no coefficient converts BOX"),
        ({}, {"SAU": "BOX", "SAUSTUCOE": "12", "STU": "KG"}, "ordered in BOX"),
        ({}, {"SAU": "BOX", "SAUSTUCOE": "12"}, "which is no exact number of BOX"),
        ({"SAU": "BOX", "SAUSTUCOE": "12", "QTYSTU": "41"}, {}, "x coefficient is 480"),
    ],
)
def test_a_quantity_that_is_not_exact_in_the_ordered_unit_is_held(
    shipped: dict[str, Any], ordered: dict[str, Any], sentence: str
) -> None:
    orders = {"SO-1": {**SOLD, "lines": [{**SOLD_LINE, **ordered}]}}
    with pytest.raises(QuantityMismatch, match=sentence) as caught:
        document(delivery(lines=[{**LINE, "QTY": "40", **shipped}], orders=orders))
    assert "line 1000" in str(caught.value)


def test_lines_of_zero_are_not_told_and_a_delivery_of_nothing_else_is_put_by() -> None:
    empty = {**LINE, "SDDLIN": 2000, "QTY": "0"}
    made = document(delivery(lines=[LINE, empty]))
    assert [item.number for order in made.orders for item in order.items] == [1000]
    with pytest.raises(NoLines, match="no line of the delivery ships anything"):
        document(delivery(lines=[empty]))
    with pytest.raises(NoLines, match="the delivery has no lines"):
        document(delivery(lines=[]))


TWO = [LINE, {**LINE, "SDDLIN": 2000, "SOHNUM": "SO-2"}, {**LINE, "SDDLIN": 3000}]
TWO_ORDERS = {"SO-1": SOLD, "SO-2": {**SOLD, "CUSORDREF": "PO-4712"}}


def test_lines_stand_below_the_customers_order_they_came_from() -> None:
    made = document(delivery(lines=TWO, orders=TWO_ORDERS))
    assert [(order.number, [item.number for item in order.items]) for order in made.orders] == [
        ("PO-4711", [1000, 3000]),
        ("PO-4712", [2000]),
    ]


def test_a_line_without_a_customers_order_number_is_held() -> None:
    with pytest.raises(AgreementIncomplete, match="no customer's order number") as caught:
        document(delivery(orders={"SO-1": {**SOLD, "CUSORDREF": None}}))
    assert "line 1000 SOHNUM" in str(caught.value)


def test_packs_stand_below_the_order_whose_goods_they_hold() -> None:
    packs = [pack("10", SSCC[1], L2000="40"), pack("9", SSCC[0], L1000="40", L3000="40")]
    made = document(delivery(lines=TWO, orders=TWO_ORDERS, packs=packs))
    assert [[(p.sscc, [(i.number, i.quantity) for i in p.items]) for p in order.packs] for order in made.orders] == [
        [(SSCC[0], [(1000, 40), (3000, 40)])],
        [(SSCC[1], [(2000, 40)])],
    ]


def test_contents_of_a_pack_are_converted_as_the_line_is() -> None:
    orders = {"SO-1": {**SOLD, "lines": [{**SOLD_LINE, "SAU": "BOX", "SAUSTUCOE": "10"}]}}
    made = document(delivery(orders=orders, packs=[pack("1", SSCC[0], L1000="30"), pack("2", SSCC[1], L1000="10")]))
    assert [p.items[0].quantity for p in made.orders[0].packs] == [3, 1]


@pytest.mark.parametrize(
    ("packs", "sentence"),
    [
        (
            [pack("1", SSCC[0], L1000="40", L2000="40", L3000="40")],
            "goods of several customer orders: PO-4711, PO-4712",
        ),
        ([pack("1", None, L1000="40"), pack("2", SSCC[0], L2000="40")], "the pack has no SSCC"),
        ([pack("1", SSCC[0])], "the pack is empty"),
        ([pack("1", SSCC[0], L9000="1")], "a line that the delivery does not ship"),
        ([pack("1", SSCC[0], L1000="40"), ({}, pack("2", None, L2000="1")[1])], "contents of a pack that is not there"),
    ],
)
def test_packing_that_cannot_be_told_is_held_naming_the_pack(packs: list[Any], sentence: str) -> None:
    with pytest.raises(NotRepresentable, match=sentence) as caught:
        document(delivery(lines=TWO, orders=TWO_ORDERS, packs=packs))
    assert "pack " in str(caught.value)


def test_packs_without_any_sscc_are_not_known_unless_they_must_be_told() -> None:
    record = delivery(packs=[pack("1", None, L1000="40")])
    assert document(record).orders[0].packs == ()
    with pytest.raises(NotRepresentable, match="the pack has no SSCC"):
        document(record, shipment={"packs": "always"})
    assert document(delivery(packs=[pack("1", SSCC[0], L1000="1")]), shipment={"packs": "never"}).orders[0].packs == ()


@pytest.mark.parametrize(
    ("columns", "verdict"),
    [
        ({}, "send"),
        ({"CFMFLG": 1}, "wait"),
        ({"CFMFLG": None}, "unknown"),
        ({"SDHCAT": 2}, "never"),
        ({"SDHCAT": 3}, "never"),
        ({"SDHCAT": 4}, "unknown"),
        ({"BETFCY": 2}, "never"),
        ({"RTNSTA": 2}, "send"),
        ({"RTNSTA": 3, "CFMFLG": 1}, "never"),
    ],
)
def test_only_what_is_validated_and_truly_shipped_goes(columns: dict[str, Any], verdict: str) -> None:
    assert gate(delivery(**columns), SPEC, agreement()).verdict == verdict


def test_an_agreement_may_wait_for_packing_or_for_the_slip() -> None:
    packed, printed = (agreement(shipment={"when": word}) for word in ("packed", "printed"))
    assert gate(delivery(), SPEC, packed).verdict == "send"
    assert gate(delivery(PACFLG=1), SPEC, packed).reason == "not packed yet (PACFLG 1)"
    assert gate(delivery(), SPEC, printed).verdict == "wait"
    assert gate(delivery(PRNNDE=2), SPEC, printed).verdict == "send"


def test_goods_place_and_day_are_a_change_and_what_comes_late_is_not() -> None:
    plain = commercial(delivery(), agreement())
    late = {"GROWEI": "9", "BOLNUM": "B2", "BPTNUM": "X", "PACNBR": 9, "PRNNDE": 2}
    assert commercial(delivery(**late, bill=None), agreement()) == plain
    for column, value in (("SHIDAT", "2026-05-05"), ("BPAADD", "ST002"), ("BPCORD", "C2")):
        assert commercial(delivery(**{column: value}), agreement()) != plain
    assert commercial(delivery(lines=[{**LINE, "QTY": "41"}]), agreement()) != plain
    packed = delivery(packs=[pack("1", SSCC[0], L1000="40")])
    assert commercial(packed, agreement()) != plain
    assert commercial(packed, agreement(shipment={"packs": "never"})) == commercial(
        delivery(), agreement(shipment={"packs": "never"})
    )


@pytest.mark.parametrize(
    ("need", "columns"),
    [("carrier_code", {"BPTNUM": None}), ("bill_of_lading", {"BOLNUM": "B2"}), ("weight", {"WEU": "KG"}),
     ("packages", {"PACNBR": 4}), ("expected_date", {"DLVDAT": None}), ("ship_time", {"SHIHOU": None}),
     ("tracking_numbers", {"bill": {**BILL, "PRONUM": "PRO-2"}})],
)  # fmt: skip
def test_what_the_agreement_needs_is_a_change(need: str, columns: dict[str, Any]) -> None:
    needing = agreement(shipment={"needs": [need]})
    assert commercial(delivery(**columns), needing) != commercial(delivery(), needing)
    assert commercial(delivery(**columns), agreement()) == commercial(delivery(), agreement())


QUANTITIES = st.integers(1, 99_999).map(Decimal) | st.decimals("0.01", "9999", places=2)


@examples(300)
@given(
    data=st.data(),
    shipped=st.lists(st.tuples(QUANTITIES, st.integers(1, 48), st.integers(0, 2)), min_size=1, max_size=6),
    packed=st.booleans(),
    release=st.sampled_from(["004010", "005010"]),
)
def test_a_delivery_is_read_from_its_856_as_it_stands_in_sage_x3(
    data: st.DataObject, shipped: list[tuple[Decimal, int, int]], packed: bool, release: str
) -> None:
    """Each line is shipped in BOX of so many UN and ordered in UN; each order's lines are spread over two packs."""
    lines = [
        {**LINE, "SDDLIN": 1000 * n, "ITMREF": f"ITM{n:05d}", "QTY": f"{quantity:f}", "SAU": "BOX",
         "SAUSTUCOE": str(size), "QTYSTU": f"{quantity * size:f}", "SOHNUM": f"SO-{order}", "SOPLIN": 1000 * n}
        for n, (quantity, size, order) in enumerate(shipped, 1)
    ]  # fmt: skip
    orders = {
        f"SO-{order}": {"CUSORDREF": f"PO-{order}", "ORDDAT": "2026-04-20",
                        "lines": [{**SOLD_LINE, "SOPLIN": line["SOPLIN"]} for line in lines]}
        for order in range(3)
    }  # fmt: skip
    packs = []
    for line in lines if packed else ():
        quantity = Decimal(line["QTY"])
        first = data.draw(st.decimals("0.01", quantity, places=2)) if quantity > 1 else quantity
        for share in filter(None, (first, quantity - first)):
            label, rows = pack(f"{len(packs) + 1}", sscc(len(packs)), **{f"L{line['SDDLIN']}": f"{share:f}"})
            for row in rows.values():
                row["SAU"] = "BOX"
            packs.append((label, rows))
    record = delivery(lines=lines, orders=orders, packs=packs)
    flow, ruling = Deliveries(), agreement(release=release, items={"order": ["VP", "BP"]})
    rules = flow.rules(ruling)
    written = flow.write(record, ruling, BOOK, rules)
    assert written.lost == []
    assert validate_body(written.body, rules.delimiters) == []
    rows = plain_rows(file_of(written.body, rules))
    order, told = "", {}
    for row in map(padded, rows):
        if row[0] == "PRF":
            order = row[1]
        elif row[0] == "LIN":
            item = row[row.index("VP") + 1]
        elif row[0] == "SN1":
            assert row[3] == "EA"
            told[(order, item)] = told.get((order, item), Decimal(0)) + Decimal(row[2])
    stock = {(f"PO-{each['SOHNUM'][3:]}", each["ITMREF"]): Decimal(each["QTYSTU"]) for each in lines}
    assert told == stock
    labels = [padded(row)[2] for row in rows if row[0] == "MAN"]
    assert sorted(labels) == sorted(f"00{label['SCCCOD']}" for labels, _ in packs for label in labels.values())


def sscc(serial: int) -> str:
    digits = f"09506000{serial:09d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, [3, 1] * 9, strict=False))
    return f"{digits}{-total % 10}"


def test_mapping_raises_nothing_but_errors_of_the_tree() -> None:
    """Whatever stands in one column, the answer is a document or one sentence."""
    odd = (None, "", "x", "1599-12-31", -1, 0, 7, "9" * 60, "\ud800", "1e400", "NaN")
    labels, rows = pack("1", SSCC[0], L1000="40")
    for value in odd:
        for column in HEADER:
            _no_surprise(delivery(**{column: value}) if column != "SDHNUM" else delivery())
        for column in LINE:
            _no_surprise(delivery(lines=[{**LINE, column: value}]))
        for column in SOLD_LINE:
            _no_surprise(delivery(orders={"SO-1": {**SOLD, "lines": [{**SOLD_LINE, column: value}]}}))
        for column in ("CUSORDREF", "ORDDAT"):
            _no_surprise(delivery(orders={"SO-1": {**SOLD, column: value}}))
        for column in labels["1~1"]:
            _no_surprise(delivery(packs=[({"1~1": {**labels["1~1"], column: value}}, rows)]))
        for column in rows["1000~1"]:
            _no_surprise(delivery(packs=[(labels, {"1000~1": {**rows["1000~1"], column: value}})]))
        for column in BILL:
            _no_surprise(delivery(bill={**BILL, column: value}))


def _no_surprise(record: Record) -> None:
    needing = agreement(shipment={"needs": ["weight", "tracking_numbers"], "when": "packed"})
    steps: tuple[Callable[[], Any], ...] = (
        lambda: facts(record), lambda: gate(record, SPEC, needing), lambda: document(record),
        lambda: commercial(record, needing),
    )  # fmt: skip
    for step in steps:
        with suppress(ProviderError):
            step()


# --- the published mapping ---
def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == delivery_mapping_page()


def test_the_table_names_exactly_the_columns_the_mapping_reads() -> None:
    seen: set[str] = set()
    prefixes = {"packs": "packs.", "pack_items": "pack_items.", "bills_of_lading": "bills_of_lading."}
    labels, rows = pack("1", SSCC[0], L1000="4")
    for when, carrier in (("packed", "EXNEW"), ("printed", "EXPARCEL")):
        sold_line = {**SOLD_LINE, "SAU": "BOX", "SAUSTUCOE": "10"}
        plain = delivery(packs=[(labels, rows)], BPTNUM=carrier, lines=[{**LINE, "SAU": "CS", "QTYSTU": "40"}])
        sold = Watched({**SOLD, "lines": [Watched(sold_line, seen, "orders.lines.")]}, seen, "orders.")
        related = {
            name: {key: Watched(row, seen, prefix) for key, row in plain.related[name].items()}
            for name, prefix in prefixes.items()
        }
        lines = tuple(Watched(row, seen, "lines.") for row in plain.lines)
        record = Record(
            plain.entity, plain.key, STAMP, Watched(plain.fields, seen), lines, None,
            {"sales_orders": {"SO-1": sold}, **related},
        )  # fmt: skip
        how = agreement(shipment={"when": when, "needs": ["carrier_code", "weight", "packages", "bill_of_lading"]})
        facts(record)
        gate(record, SPEC, how)
        to_document(record, how, BOOK)
        commercial(record, how)
    named = {column for row in delivery_mapping_table() for column in row.columns}
    # the number is the record's key; a site may have a tracking column on the delivery, which is asked first
    assert (seen | {"SDHNUM"}) - {"orders.lines", "PRONUM"} == named


def test_every_column_of_the_table_is_in_the_specification() -> None:
    related = SPEC.related["sales_orders"]
    known = set(SPEC.columns) | {f"lines.{name}" for name in SPEC.lines.columns}
    known |= {f"orders.{name}" for name in related.columns} | {f"orders.lines.{name}" for name in related.line_columns}
    known |= {f"{name}.{column}" for name, each in SPEC.attached.items() for column in each.columns}
    assert {column for row in delivery_mapping_table() for column in row.columns} <= known


def test_every_field_of_the_table_is_in_the_document() -> None:
    for row in delivery_mapping_table():
        model: type[BaseModel] = Shipment
        parts = row.field.split(".") if row.field else []
        if parts[:1] in (["lines"], ["orders"]):
            model, parts = ShippedItem if parts[0] == "lines" else ShippedOrder, parts[1:]
        if parts:
            assert parts[0] in model.model_fields, row


def test_every_key_the_table_names_is_in_the_agreement_or_the_tables() -> None:
    words = {part for row in delivery_mapping_table() for part in row.condition.split("`")[1::2]}
    keys = {word.split(":")[0] for word in words}
    assert keys <= {*Agreement.model_fields, *ShipmentRules.model_fields, *Carrier.model_fields, *Tables.model_fields}


def without(record: Record, *columns: str, related: tuple[str, ...] = ()) -> Record:
    """A record that was read without these columns and these attached tables."""
    fields = {name: value for name, value in record.fields.items() if name not in columns}
    return replace(record, fields=fields, related={n: rows for n, rows in record.related.items() if n not in related})


BY_GRAPHQL = ("packs", "pack_items", "bills_of_lading")
READ_WITHOUT: list[tuple[tuple[str, ...], dict[str, Any], str]] = [
    (("BPTNUM",), {"needs": ["carrier_code"]}, "BPTNUM: the agreement asks for a column that is not read"),
    (("WEU",), {"needs": ["weight"]}, "WEU: the agreement asks for a column that is not read"),
    (("ARVDAT",), {"needs": ["expected_date"]}, "ARVDAT: the agreement asks for a column that is not read"),
    ((), {"packs": "always"}, "packs: the agreement asks for packs, which are not read"),
    ((), {"needs": ["tracking_numbers"]}, "PRONUM: is read neither of the delivery nor of its bill of lading"),
]


@pytest.mark.parametrize(("columns", "shipment", "sentence"), READ_WITHOUT, ids=[case[2][:8] for case in READ_WITHOUT])
def test_what_the_agreement_needs_and_was_not_read_is_held_naming_it(
    columns: tuple[str, ...], shipment: dict[str, Any], sentence: str
) -> None:
    record = without(delivery(), *columns, related=BY_GRAPHQL)
    with pytest.raises(AgreementIncomplete, match=sentence) as caught:
        document(record, shipment=shipment)
    assert "SDH-1" in str(caught.value)


def test_what_was_not_read_and_nobody_needs_is_left_out_and_no_other_day_told_in_its_place() -> None:
    columns = ("PACFLG", "PRNNDE", "ARVDAT", "BPTNUM", "GROWEI", "WEU", "PACNBR", "BOLNUM")
    made = document(without(delivery(packs=[pack("1", SSCC[0], L1000="40")]), *columns, related=BY_GRAPHQL))
    assert (made.expected_date, made.carrier_code, made.weight, made.packages) == (None, None, None, None)
    assert (made.bill_of_lading, made.tracking_numbers, made.orders[0].packs) == (None, (), ())
    assert made.orders[0].items[0].quantity == 40


def test_an_agreement_that_waits_for_a_column_that_was_not_read_is_held_unless_the_delivery_never_goes() -> None:
    packed = agreement(shipment={"when": "packed"})
    with pytest.raises(AgreementIncomplete, match="PACFLG: the agreement asks for a column that is not read"):
        gate(without(delivery(), "PACFLG"), SPEC, packed)
    assert gate(without(delivery(SDHCAT=2), "PACFLG"), SPEC, packed).verdict == "never"
    assert gate(without(delivery(), "PACFLG"), SPEC, agreement()).verdict == "send"
