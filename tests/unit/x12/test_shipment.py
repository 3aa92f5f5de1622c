"""Shipment -> 856: what is written where, what is held, and which single faults are found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_sagex3_cleo import errors as e
from airflow_provider_sagex3_cleo.documents import ItemReferences, Party
from airflow_provider_sagex3_cleo.documents.shipment import Pack, PackedItem, Shipment, ShippedItem, ShippedOrder
from airflow_provider_sagex3_cleo.x12 import SetBody, show
from airflow_provider_sagex3_cleo.x12.set_856 import Rules856, build, compare, read_back
from airflow_provider_sagex3_cleo.x12.validator import validate, validate_body
from benchmarks.edits import Edit, change, drop, insert, mutated, swap
from tests.support.x12 import file_of

MakeParty = Callable[..., Party]
Make = Callable[..., Shipment]

ONE, TWO = "000071216100061567", "000071216100061574"
SSCC = tuple(
    f"{body}{-sum(int(d) * w for d, w in zip(body, [3, 1] * 9, strict=False)) % 10}" for body in (ONE[:17], TWO[:17])
)


def item(number: int, **more: Any) -> ShippedItem:
    values: dict[str, Any] = {
        "item": ItemReferences(buyer=f"BP{number}", vendor=f"VP-{number}", description=f"Hex bolt M{number}"),
        "quantity": Decimal(12),
        "unit": "EA",
        "ordered_quantity": Decimal(20),
        "order_line": f"{number}0",
    }
    return ShippedItem(number=number, **{**values, **more})


def order(number: str = "4500012345", **more: Any) -> ShippedOrder:
    values: dict[str, Any] = {
        "order_date": date(2026, 11, 3),
        "department": "17",
        "vendor_number": "V100",
        "items": (item(1), item(2)),
    }
    return ShippedOrder(number=number, **{**values, **more})


def pack(sscc: str, *contents: tuple[int, int], tracking: str | None = None) -> Pack:
    items = tuple(PackedItem(number=number, quantity=Decimal(quantity)) for number, quantity in contents)
    return Pack(sscc=sscc, tracking_number=tracking, items=items)


PACKED = order(packs=(pack(SSCC[0], (1, 12), (2, 2), tracking="1Z999"), pack(SSCC[1], (2, 10))))


@pytest.fixture
def make_shipment(make_party: MakeParty) -> Make:
    def make(**more: Any) -> Shipment:
        values: dict[str, Any] = {
            "number": "SHP26000033",
            "ship_date": date(2026, 11, 24),
            "ship_time": time(16, 5),
            "expected_date": date(2026, 11, 27),
            "ship_from": make_party("WHS", "Example Warehouse", address=None),
            "ship_to": make_party("STO", "Example Store", address=None),
            "carrier_code": "EXPC",
            "carrier_name": "Example Carrier",
            "carrier_mode": "M",
            "bill_of_lading": "BOL77",
            "tracking_numbers": ("PRO1", "PRO2"),
            "weight": Decimal("125.5"),
            "weight_unit": "LB",
            "packages": 2,
            "packaging": "CTN25",
            "orders": (order(),),
        }
        return Shipment(**{**values, **more})

    return make


def rows(body: SetBody, segment: str) -> list[tuple[str, ...]]:
    return [row for row in body.segments if row[0] == segment]


HEAD = (
    ("TD1", "CTN25", "2", "", "", "", "G", "125.5", "LB"),
    ("TD5", "B", "2", "EXPC", "M", "Example Carrier"),
    ("REF", "BM", "BOL77"),
    ("REF", "CN", "PRO1"),
    ("REF", "CN", "PRO2"),
    ("DTM", "011", "20261124", "1605"),
    ("DTM", "017", "20261127"),
    ("N1", "SF", "Example Warehouse", "92", "IDWHS"),
    ("N1", "ST", "Example Store", "92", "IDSTO"),
)
ORDER = (("PRF", "4500012345", "", "", "20261103"), ("REF", "DP", "17"), ("REF", "IA", "V100"))


def test_a_shipment_without_packs_becomes_shipment_order_item(make_shipment: Make) -> None:
    assert build(make_shipment(), Rules856()).segments == (
        ("BSN", "00", "SHP26000033", "20261124", "1605", "0004"),
        ("HL", "1", "", "S", "1"),
        *HEAD,
        ("HL", "2", "1", "O", "1"),
        *ORDER,
        ("HL", "3", "2", "I", "0"),
        ("LIN", "1", "VP", "VP-1", "BP", "BP1"),
        ("SN1", "1", "12", "EA", "", "20", "EA"),
        ("PID", "F", "", "", "", "Hex bolt M1"),
        ("HL", "4", "2", "I", "0"),
        ("LIN", "2", "VP", "VP-2", "BP", "BP2"),
        ("SN1", "2", "12", "EA", "", "20", "EA"),
        ("PID", "F", "", "", "", "Hex bolt M2"),
        ("CTT", "4", "24"),
    )


def test_a_packed_shipment_becomes_shipment_order_pack_item(make_shipment: Make) -> None:
    rules = Rules856(line_descriptions=False, ordered_quantities=False)
    assert build(make_shipment(orders=(PACKED,)), rules).segments == (
        ("BSN", "00", "SHP26000033", "20261124", "1605", "0001"),
        ("HL", "1", "", "S", "1"),
        *HEAD,
        ("HL", "2", "1", "O", "1"),
        *ORDER,
        ("HL", "3", "2", "P", "1"),
        ("MAN", "GM", f"00{SSCC[0]}"),
        ("MAN", "CP", "1Z999"),
        ("HL", "4", "3", "I", "0"),
        ("LIN", "1", "VP", "VP-1", "BP", "BP1"),
        ("SN1", "1", "12", "EA"),
        ("HL", "5", "3", "I", "0"),
        ("LIN", "2", "VP", "VP-2", "BP", "BP2"),
        ("SN1", "2", "2", "EA"),
        ("HL", "6", "2", "P", "1"),
        ("MAN", "GM", f"00{SSCC[1]}"),
        ("HL", "7", "6", "I", "0"),
        ("LIN", "2", "VP", "VP-2", "BP", "BP2"),
        ("SN1", "2", "10", "EA"),
        ("CTT", "7", "24"),
    )


def test_ctt01_counts_levels_or_items_as_agreed(make_shipment: Make) -> None:
    shipment = make_shipment(orders=(PACKED,))
    for count, said in (("levels", "7"), ("items", "3")):
        rules = Rules856(count=count)  # type: ignore[arg-type]
        body = build(shipment, rules)
        assert rows(body, "CTT") == [("CTT", said, "24")]
        assert validate_body(body) == []
        assert compare(shipment, rules, body) == []


def test_the_label_has_twenty_digits_under_gm_and_eighteen_under_aa(make_shipment: Make) -> None:
    shipment = make_shipment(orders=(PACKED,))
    assert len(rows(build(shipment, Rules856()), "MAN")[0][2]) == 20
    assert rows(build(shipment, Rules856(sscc_mark="AA")), "MAN")[0] == ("MAN", "AA", SSCC[0])


def test_several_orders_stand_below_one_shipment(make_shipment: Make) -> None:
    body = build(make_shipment(orders=(order(), order("4500012346"))), Rules856())
    assert [row[1:4] for row in rows(body, "HL")] == [
        ("1", "", "S"),
        ("2", "1", "O"),
        ("3", "2", "I"),
        ("4", "2", "I"),
        ("5", "1", "O"),
        ("6", "5", "I"),
        ("7", "5", "I"),
    ]


def test_a_shipment_whose_time_is_not_known_says_the_agreed_time_and_no_dtm_time(make_shipment: Make) -> None:
    body = build(make_shipment(ship_time=None), Rules856())
    assert rows(body, "BSN")[0][4] == "0000"
    assert rows(body, "DTM")[0] == ("DTM", "011", "20261124")


def test_a_partner_that_needs_packs_holds_a_shipment_without_them(make_shipment: Make) -> None:
    with pytest.raises(e.NotRepresentable, match=r"no packs are known.*4500012345"):
        build(make_shipment(), Rules856(packs="always"))
    with pytest.raises(e.NotRepresentable, match=r"no packs are known.*4500012346"):
        build(make_shipment(orders=(PACKED, order("4500012346"))), Rules856())
    body = build(make_shipment(orders=(PACKED, order("4500012346"))), Rules856(packs="never"))
    assert rows(body, "MAN") == []


@pytest.mark.parametrize("field", ["bill_of_lading", "carrier_code", "weight", "tracking_numbers", "packages"])
def test_what_the_partner_needs_holds_the_shipment_until_it_is_there(field: str, make_shipment: Make) -> None:
    rules = Rules856(needs=(field,))
    build(make_shipment(), rules)
    with pytest.raises(e.NotRepresentable) as held:
        build(make_shipment(**{field: () if field == "tracking_numbers" else None}), rules)
    assert held.value.where["field"] == field


def test_a_field_that_no_shipment_has_cannot_be_needed() -> None:
    with pytest.raises(e.SettingFault, match="not a field of a shipment"):
        Rules856(needs=("colour",))
    with pytest.raises(e.SettingFault, match="same role"):
        Rules856(bill_to_role="ST")


@pytest.mark.parametrize(
    ("packs", "field"),
    [
        ((pack(SSCC[0][:17], (1, 12), (2, 12)),), "orders[0].packs[0].sscc"),
        ((pack(SSCC[0][:17] + str((int(SSCC[0][17]) + 1) % 10), (1, 12), (2, 12)),), "orders[0].packs[0].sscc"),
        ((pack(SSCC[0], (1, 12), (2, 11)),), "orders[0].packs"),
        ((pack(SSCC[0], (1, 13), (2, 12)),), "orders[0].packs"),
        ((pack(SSCC[0], (1, 12), (3, 12)),), "orders[0].packs[0]"),
    ],
)
def test_packs_that_cannot_be_true_are_held(packs: tuple[Pack, ...], field: str, make_shipment: Make) -> None:
    with pytest.raises(e.NotRepresentable) as held:
        build(make_shipment(orders=(order(packs=packs),)), Rules856())
    assert held.value.where["field"] == field


def test_two_packs_of_one_number_are_held(make_shipment: Make) -> None:
    twice = order(packs=(pack(SSCC[0], (1, 12)), pack(SSCC[0], (2, 12))))
    with pytest.raises(e.NotRepresentable, match=f"2 packs have one number.*{SSCC[0]}"):
        build(make_shipment(orders=(twice,)), Rules856())


def test_a_blank_is_not_what_the_partner_needs(make_shipment: Make) -> None:
    with pytest.raises(e.NotRepresentable, match="does not have it"):
        build(make_shipment(bill_of_lading=" "), Rules856(needs=("bill_of_lading",)))


def test_two_items_of_one_number_cannot_be_packed(make_shipment: Make) -> None:
    twice = order(items=(item(1), item(1)), packs=(pack(SSCC[0], (1, 24)),))
    with pytest.raises(e.NotRepresentable, match="two items have one number"):
        build(make_shipment(orders=(twice,)), Rules856())


@pytest.mark.parametrize(
    ("more", "rules", "error", "field"),
    [
        ({"number": "S" * 31}, Rules856(), e.NotRepresentable, "number"),
        ({"carrier_mode": "QQ"}, Rules856(), e.NotRepresentable, "carrier_mode"),
        ({"weight_unit": None}, Rules856(), e.NotRepresentable, "weight_unit"),
        ({"weight_unit": "QQ"}, Rules856(), e.NotRepresentable, "weight_unit"),
        ({"packages": 10**7}, Rules856(), e.NotRepresentable, "packages"),
        ({"packaging": "CT"}, Rules856(), e.NotRepresentable, "packaging"),
        ({"bill_of_lading": "A*1"}, Rules856(), e.NotRepresentable, "bill_of_lading"),
        ({"orders": (order("P" * 23),)}, Rules856(), e.NotRepresentable, "orders[0].number"),
        ({"orders": (order(items=(item(1, unit="QQ"),)),)}, Rules856(), e.NotRepresentable, "orders[0].items[0].unit"),
        ({"orders": (order(items=(item(1, order_line=None),)),)}, Rules856(line_id="order"),
         e.NotRepresentable, "orders[0].items[0].order_line"),
        ({"orders": (order(items=(item(1, item=ItemReferences(buyer="B")),)),)}, Rules856(item_order=("VP",)),
         e.UnknownItem, "orders[0].items[0].item"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_held_with_its_field(
    more: dict[str, Any], rules: Rules856, error: type[e.ProviderError], field: str, make_shipment: Make
) -> None:
    with pytest.raises(error) as held:
        build(make_shipment(**more), rules)
    assert held.value.where["field"] == field


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("number", {"number": "SHP26000034"}),
        ("ship_date", {"ship_date": date(2026, 11, 25)}),
        ("ship_time", {"ship_time": None}),
        ("dates", {"expected_date": None}),
        ("packages", {"weight": Decimal(126)}),
        ("packages", {"packages": 3}),
        ("carrier", {"carrier_mode": "U"}),
        ("references", {"tracking_numbers": ("PRO1",)}),
        ("packs", {"orders": (PACKED,)}),
        ("levels", {"orders": (order(items=(item(1),)),)}),
        ("orders[0].number", {"orders": (order("4500012346"),)}),
        ("orders[0].references", {"orders": (order(department=None),)}),
        ("orders[0].items[1].quantity", {"orders": (order(items=(item(1), item(2, quantity=Decimal(11)))),)}),
        ("orders[0].items[0].ordered_quantity", {"orders": (order(items=(item(1, ordered_quantity=None), item(2))),)}),
        ("orders[0].items[0].item", {"orders": (order(items=(item(1, lot="L1"), item(2))),)}),
    ],
)
def test_a_changed_value_is_found_by_comparison(field: str, more: dict[str, Any], make_shipment: Make) -> None:
    rules = Rules856()
    findings = compare(make_shipment(**more), rules, build(make_shipment(), rules))
    assert field in {f.element for f in findings}


# name -> (edit, code that must be found, segment or element it must name)
MUTANTS: dict[str, tuple[Edit, str, str]] = {
    "GS01 of another set": (change("GS*SH", "GS*IN"), "gs01", "GS01"),
    "BSN missing": (drop("BSN"), "segment-missing", "BSN"),
    "BSN without time": (change("*20261124*1605*", "*20261124**"), "element-missing", "BSN04"),
    "time impossible": (change("*20261124*1605*", "*20261124*2505*"), "element-time", "BSN04"),
    "number of one character": (change("*SHP26000033*", "*S*"), "element-too-short", "BSN02"),
    "order of levels not in use": (change("*1605*0001", "*1605*9999"), "element-code", "BSN05"),
    "levels of another order": (change("*1605*0001", "*1605*0004"), "hl-level", "HL03"),
    "first level not the shipment": (change("HL*1**S", "HL*1**O"), "hl-level", "HL03"),
    "first level below another": (change("HL*1**S", "HL*1*2*S"), "hl-parent", "HL02"),
    "level number twice": (change("HL*4*3*I", "HL*3*3*I"), "hl-number", "HL01"),
    "level numbers with a gap": (change("HL*7*6*I", "HL*8*6*I"), "hl-number", "HL01"),
    "level below a later one": (change("HL*3*2*P", "HL*3*6*P"), "hl-parent", "HL02"),
    "level below nothing": (change("HL*2*1*O", "HL*2**O"), "hl-parent", "HL02"),
    "level below itself": (change("HL*6*2*P", "HL*6*6*P"), "hl-parent", "HL02"),
    "item below the order": (change("HL*7*6*I", "HL*7*2*I"), "hl-level", "HL03"),
    "pack below the shipment": (change("HL*6*2*P", "HL*6*1*P"), "hl-level", "HL03"),
    "children denied": (change("HL*3*2*P*1", "HL*3*2*P*0"), "hl-children", "HL04"),
    "children claimed": (change("HL*7*6*I*0", "HL*7*6*I*1"), "hl-children", "HL04"),
    "level unknown": (change("HL*7*6*I", "HL*7*6*@"), "element-code", "HL03"),
    "a level lost": (drop("HL*5"), "ctt-lines", "CTT01"),
    "CTT01 wrong": (change("CTT*7", "CTT*8"), "ctt-lines", "CTT01"),
    "CTT02 wrong": (change("CTT*7*24", "CTT*7*25"), "ctt-hash", "CTT02"),
    "CTT missing": (drop("CTT"), "segment-missing", "CTT"),
    "order without number": (change("PRF*4500012345*", "PRF**"), "element-missing", "PRF01"),
    "order without PRF": (drop("PRF"), "segment-missing", "PRF"),
    "pack without a label": (drop("MAN*GM*00" + SSCC[1]), "segment-missing", "MAN"),
    "item without LIN": (drop("LIN*1"), "segment-missing", "LIN"),
    "item without SN1": (drop("SN1*1"), "segment-missing", "SN1"),
    "label of eighteen digits under GM": (change("GM*00", "GM*"), "man-sscc", "MAN02"),
    "label with a letter": (change("GM*00", "GM*0O"), "man-sscc", "MAN02"),
    "quantity missing": (change("SN1*1*12*EA", "SN1*1**EA"), "element-missing", "SN102"),
    "quantity of eleven digits": (change("SN1*1*12*EA", "SN1*1*12345678901*EA"), "element-too-long", "SN102"),
    "SN1 before LIN": (swap("LIN*1", "SN1*1"), "segment-order", "LIN"),
    "packaging without number": (change("TD1*CTN25*2", "TD1*CTN25*"), "syntax", "TD101"),
    "weight without unit": (change("*G*125.5*LB", "*G*125.5"), "syntax", "TD107"),
    "kind of carrier id without the id": (change("TD5*B*2*EXPC", "TD5*B*2*"), "syntax", "TD502"),
    "routing before packages": (swap("TD1", "TD5"), "segment-order", "TD1"),
    "segment of an invoice": (insert("CTT", "TDS*100"), "segment-unknown", "TDS"),
}  # fmt: skip


@pytest.mark.parametrize("release", ["004010", "005010"])
@pytest.mark.parametrize("name", MUTANTS)
def test_a_single_fault_in_an_856_is_found(name: str, release: str, make_shipment: Make) -> None:
    edit, code, place = MUTANTS[name]
    rules = Rules856(release=release)
    data = file_of(build(make_shipment(orders=(PACKED,)), rules), rules)
    assert validate(data, own=True) == []
    findings = validate(mutated(edit, data), own=True)
    assert [f for f in findings if f.code == code and place in (f.element, f.segment, f.found)], [
        str(f) for f in findings
    ]


@pytest.mark.parametrize("levels", ["SOTPI", "STOPI", "SOPQI", "SEOPI"])
def test_pallets_and_other_levels_may_stand_in_files_of_others(levels: str) -> None:
    told = [("BSN", "00", "SHP26000033", "20261124", "1605", "0001")]
    told += [("HL", str(n), str(n - 1) if n > 1 else "", code) for n, code in enumerate(levels, 1)]
    body = SetBody("856", "SH", "004010", (*told, ("CTT", str(len(levels)))))
    assert validate(file_of(body, Rules856())) == []


def test_a_level_in_the_wrong_place_is_told_in_files_of_others_too() -> None:
    told = [("BSN", "00", "SHP26000033", "20261124", "1605", "0001"), ("HL", "1", "", "S"), ("HL", "2", "1", "I")]
    body = SetBody("856", "SH", "004010", (*told, ("CTT", "2")))
    assert [(f.code, f.expected) for f in validate(file_of(body, Rules856()))] == [("hl-level", "P or Q or T")]


def test_levels_are_read_with_what_stands_under_them(make_shipment: Make) -> None:
    read = read_back(build(make_shipment(orders=(PACKED,)), Rules856()))
    assert [level.code for level in read.levels] == list("SOPIIPI")
    assert read.levels[2].marks == [("GM", f"00{SSCC[0]}"), ("CP", "1Z999")]
    assert (read.levels[3].quantity, read.levels[3].unit) == (Decimal(12), "EA")
    assert read.levels[0].parties["SF"].name == "Example Warehouse"


def test_levels_are_indented_as_they_lie_in_each_other(make_shipment: Make) -> None:
    lines = list(show(file_of(build(make_shipment(orders=(PACKED,)), Rules856()), Rules856())))
    indents = [len(line) - len(line.lstrip()) for line in lines if line.lstrip().startswith("HL ")]
    assert indents == [6, 8, 10, 12, 12, 10, 12]
    assert next(line for line in lines if "MAN" in line).startswith(" " * 10 + "MAN Marks and numbers: SSCC-18")
