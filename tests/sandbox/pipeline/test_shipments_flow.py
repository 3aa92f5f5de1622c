"""What a user sees of deliveries on their way: each validated one told once, the others held with a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.sandbox import partner as p
from airflow_provider_sagex3_cleo.sandbox.deliveries import sscc
from airflow_provider_sagex3_cleo.story import tell
from tests.sandbox.pipeline.conftest import START, Scene, values
from tests.support.scene import acknowledge

PLAIN, PACKED, BY_ORDER_LINE, WITH_BILL = "C0001", "C0002", "C0003", "C0004"  # what their sample agreements differ in


def levels(sent: Any) -> list[tuple[str, list[list[str]]]]:
    """The levels of an 856 in order: their kind, and their segments."""
    found: list[tuple[str, list[list[str]]]] = []
    for segment in sent.segments:
        row = list(segment.elements)
        if row[0] == "HL":
            found.append((row[3], []))
        if found:
            found[-1][1].append(row)
    return found


def test_validated_deliveries_arrive_once_and_five_more_runs_send_nothing(shipments: Scene) -> None:
    shipments.baseline()
    new = shipments.world.deliveries.new_deliveries(8, customer=PLAIN, lines=4)
    assert shipments.run().counts["sent"] == 8
    assert sorted(shipments.shipments_in_cleo()) == sorted(new)
    for row in shipments.journal():
        assert row.name.startswith("856_")
    for _ in range(5):
        outcome = shipments.run()
        assert outcome.green
        assert outcome.counts["sent"] == 0
    assert len(shipments.journal()) == 8


@pytest.mark.parametrize("customer", [PLAIN, BY_ORDER_LINE], ids=["004010", "005010"])
def test_values_in_the_file_are_those_of_sage_x3(shipments: Scene, customer: str) -> None:
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(customer, lines=3, bill=True)
    assert shipments.run().counts["sent"] == 1
    shown = shipments.world.deliveries.describe_delivery(number)
    header, lines, bill = shown["header"], shown["lines"], shown["bill"]
    order = shipments.world.sales.orders[lines[0]["SOHNUM"]]
    (sent,) = shipments.sets_in_cleo()
    assert values(sent, "BSN") == [["BSN", "00", number, f"{header['SHIDAT']:%Y%m%d}", "1430", "0004"]]
    assert [kind for kind, _ in levels(sent)] == ["S", "O", "I", "I", "I"]
    (td1,), (td5,) = values(sent, "TD1"), values(sent, "TD5")
    assert (int(td1[2]), Decimal(td1[7]), td1[8]) == (header["PACNBR"], header["GROWEI"], "LB")
    assert td5[3] == {"EXPARCEL": "XXPA", "EXFREIGHT": "XXFR"}[header["BPTNUM"]]
    assert values(sent, "REF")[:2] == [["REF", "BM", bill["BOLNUM"]], ["REF", "CN", bill["PRONUM"]]]
    dates = {dtm[1]: dtm[2] for dtm in values(sent, "DTM")}
    assert dates == {"011": f"{header['SHIDAT']:%Y%m%d}", "017": f"{header['DLVDAT']:%Y%m%d}"}
    parties = {n1[1]: n1 for n1 in values(sent, "N1")}
    assert parties["SF"][3:5] == ["91", header["STOFCY"]]
    assert parties["ST"][2:5] == [header["BPDNAM0"], "92", f"STORE{customer[1:]}"]
    assert values(sent, "PRF") == [["PRF", order.header["CUSORDREF"], "", "", f"{order.header['ORDDAT']:%Y%m%d}"]]
    for lin, sn1, line, asked in zip(values(sent, "LIN"), values(sent, "SN1"), lines, order.quantities, strict=True):
        assert (Decimal(sn1[2]), Decimal(sn1[5])) == (line["QTY"], asked["QTY"])
        assert f"B{customer[1:]}-{line['ITMREF'][3:]}" in lin  # the customer's own number, from the sales order
        assert lin[1] == (asked["LINORDNUM"] if customer == BY_ORDER_LINE else str(line["SDDLIN"]))


def test_packs_are_told_with_their_labels_and_contents(shipments: Scene) -> None:
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PACKED, lines=3, packs=2)
    assert shipments.run().counts["sent"] == 1
    shown = shipments.world.deliveries.describe_delivery(number)
    (sent,) = shipments.sets_in_cleo()
    assert [kind for kind, _ in levels(sent)] == ["S", "O", "P", "I", "I", "P", "I"]
    labels = [row[2] for row in values(sent, "MAN")]
    assert labels == [f"00{pack['SCCCOD']}" for pack in shown["packs"]]
    told = [(row[1], Decimal(row[2])) for row in values(sent, "SN1")]
    by_pack = sorted(shown["contents"], key=lambda row: (row["PACNUM"], row["VCRLIN"]))
    assert told == [(str(row["VCRLIN"]), row["QTY"]) for row in by_pack]


def test_a_quantity_in_another_unit_is_told_in_the_unit_that_was_ordered(shipments: Scene) -> None:
    shipments.baseline()
    deliveries = shipments.world.deliveries
    number = deliveries.new_delivery(PLAIN, lines=1)
    line = deliveries.describe_delivery(number)["lines"][0]
    price = shipments.world.sales.orders[line["SOHNUM"]].prices[0]
    price["SAU"], price["SAUSTUCOE"], price["STU"] = "DZ", Decimal(12), line["STU"]
    deliveries.edit_delivery_line(number, SAU="BOX", SAUSTUCOE="24", QTY="3", QTYSTU="72")
    assert shipments.run().counts["sent"] == 1
    (sent,) = shipments.sets_in_cleo()
    (sn1,) = values(sent, "SN1")
    assert sn1[2:4] == ["6", "DZ"]


def test_several_orders_of_the_customer_are_levels_of_their_own(shipments: Scene) -> None:
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PLAIN, orders=2, lines=4)
    assert shipments.run().counts["sent"] == 1
    (sent,) = shipments.sets_in_cleo()
    assert [kind for kind, _ in levels(sent)] == ["S", "O", "I", "I", "O", "I", "I"]
    orders = dict.fromkeys(row["SOHNUM"] for row in shipments.world.deliveries.describe_delivery(number)["lines"])
    told = [shipments.world.sales.orders[each].header["CUSORDREF"] for each in orders]
    assert [prf[1] for prf in values(sent, "PRF")] == told


def test_a_delivery_that_is_not_validated_waits_and_goes_when_it_is(shipments: Scene) -> None:
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PLAIN, validated=False)
    assert shipments.run().counts["waiting"] == 1
    assert shipments.journal() == []
    shipments.world.deliveries.validate_delivery(number)
    assert shipments.run().counts["sent"] == 1
    assert shipments.shipments_in_cleo() == [number]


@pytest.mark.parametrize("columns", [{"SDHCAT": 2}, {"SDHCAT": 3}, {"BETFCY": 2}, {"RTNSTA": 3}], ids=str)
def test_loans_own_sites_and_returns_are_told_to_nobody(shipments: Scene, columns: dict[str, int]) -> None:
    shipments.baseline()
    shipments.world.deliveries.new_delivery(PLAIN, header=columns)
    assert shipments.run().counts["not_for_edi"] == 1
    assert shipments.held() == {}
    assert shipments.journal() == []


def test_a_partner_can_be_told_when_the_goods_are_packed(shipments: Scene) -> None:
    shipments.baseline()
    shipments.edit_agreement(PLAIN, r"^shipment:$", "shipment:\n  when: packed")
    number = shipments.world.deliveries.new_delivery(PLAIN)
    assert shipments.run().counts["waiting"] >= 1  # others of before the agreement changed may wait too
    assert shipments.journal() == []
    shipments.world.deliveries.edit_delivery(number, PACFLG=2)
    assert shipments.run().counts["sent"] == 1
    assert shipments.shipments_in_cleo() == [number]


GOOD = sscc(77)
SSCC_WRONG = {"packs": 1, "pack_values": [{"SCCCOD": f"{GOOD[:-1]}{(int(GOOD[-1]) + 1) % 10}"}]}
BAD: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("held", PLAIN, {"header": {"BPTNUM": ""}}, "carrier_code: the partner needs it", "needs"),
    ("held", PLAIN, {"header": {"BPTNUM": "EXNEW"}}, "the carrier has no entry (value 'EXNEW')", "carriers"),
    ("held", WITH_BILL, {}, "bill_of_lading: the partner needs it", "needs"),
    ("held", PACKED, {}, "no packs are known for an order", "packs"),
    ("held", PACKED, {"packs": 2, "pack_values": [{"SCCCOD": ""}, {}]}, "the pack has no SSCC", "number it"),
    ("held", PACKED, SSCC_WRONG, "not an SSCC", "correct it"),
    ("held", PACKED, {"packs": 1, "orders": 2, "lines": 2}, "goods of several customer orders", "packing"),
    ("held", PLAIN, {"line_values": [{"SAU": "PAL", "SAUSTUCOE": "0"}]}, "no coefficient converts PAL", "coefficients"),
    ("held", PLAIN, {"order_values": {"CUSORDREF": ""}}, "no customer's order number", "sales order"),
    ("held", PLAIN, {"header": {"SDHCAT": 4}}, "SDHCAT has the value 4", "gates"),
    ("held", PLAIN, {"header": {"WEU": ""}}, "a weight without its unit", "unit of weight"),
    ("quarantined", PLAIN, {"lines": 0}, "the delivery has no lines", "Sage X3"),
    ("quarantined", PLAIN, {"line_values": [{"QTY": "0"}] * 3}, "no line of the delivery ships anything", "Sage X3"),
    ("quarantined", PLAIN, {"line_values": [{"QTY": "-1"}]}, "the quantity is negative", "Sage X3"),
    ("quarantined", PLAIN, {"header": {"SHIHOU": "2561"}}, "SHIHOU: is no time", "Sage X3"),
]


@pytest.mark.parametrize(("state", "customer", "story", "sentence", "remedy"), BAD, ids=[case[3] for case in BAD])
def test_a_bad_delivery_is_put_by_with_a_sentence_and_the_others_go_on(
    shipments: Scene, state: str, customer: str, story: dict[str, Any], sentence: str, remedy: str
) -> None:
    shipments.baseline()
    bad = shipments.world.deliveries.new_delivery(customer, **story)
    good = shipments.world.deliveries.new_delivery(PLAIN)
    outcome = shipments.run()
    assert outcome.problems == []
    assert outcome.counts[state] == 1
    assert shipments.shipments_in_cleo() == [good]
    row = shipments.held()[bad]
    assert sentence in row.reason
    assert remedy in row.remedy


def test_a_customer_without_agreement_is_not_for_edi(shipments: Scene) -> None:
    shipments.baseline()
    shipments.world.deliveries.new_delivery("C0050")
    assert shipments.run().counts["not_for_edi"] == 1
    assert shipments.held() == {}


def test_a_line_that_ships_nothing_is_not_told(shipments: Scene) -> None:
    shipments.baseline()
    shipments.world.deliveries.new_delivery(PLAIN, lines=3, line_values=[{}, {"QTY": "0"}])
    assert shipments.run().counts["sent"] == 1
    (sent,) = shipments.sets_in_cleo()
    assert [lin[1] for lin in values(sent, "LIN")] == ["1000", "3000"]


def test_packs_made_after_validation_let_a_held_delivery_go_though_its_own_stamp_stood_still(shipments: Scene) -> None:
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PACKED)
    assert shipments.run().counts["held"] == 1
    labels = shipments.world.deliveries.pack_delivery(number, 2)
    assert shipments.run().counts["sent"] == 1
    assert shipments.held() == {}
    (sent,) = shipments.sets_in_cleo()
    assert [row[2][2:] for row in values(sent, "MAN")] == labels


def test_a_corrected_label_lets_a_held_delivery_go(shipments: Scene) -> None:
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PACKED, **SSCC_WRONG)
    assert shipments.run().counts["held"] == 1
    shipments.world.deliveries.edit_pack(number, 1, SCCCOD=GOOD)
    assert shipments.run().counts["sent"] == 1


def test_a_bill_of_lading_entered_later_reaches_every_delivery_on_it(shipments: Scene) -> None:
    shipments.baseline()
    deliveries = shipments.world.deliveries
    pair = [deliveries.new_delivery(WITH_BILL), deliveries.new_delivery(WITH_BILL)]
    assert shipments.run().counts["held"] == 2
    bill = deliveries.new_bill_of_lading(pair, PRONUM="")
    deliveries.edit_bill_of_lading(bill, PRONUM="PRO-77")
    assert shipments.run().counts["sent"] == 2
    for sent in shipments.sets_in_cleo():
        assert ["REF", "BM", bill] in values(sent, "REF")
        assert ["REF", "CN", "PRO-77"] in values(sent, "REF")


def test_a_bill_that_changes_before_the_shipment_has_settled_is_told_as_it_is_then(shipments: Scene) -> None:
    shipments.baseline()
    deliveries = shipments.world.deliveries
    number = deliveries.new_delivery(WITH_BILL, bill=True)
    bill = deliveries.describe_delivery(number)["bill"]["BOLNUM"]
    assert shipments.run(settled=False).counts["sent"] == 0
    shipments.advance(3)
    deliveries.edit_bill_of_lading(bill, PRONUM="PRO-88")
    assert shipments.run().counts["sent"] == 1
    (sent,) = shipments.sets_in_cleo()
    assert ["REF", "CN", "PRO-88"] in values(sent, "REF")


def test_transport_details_that_come_late_change_nothing_but_goods_do(shipments: Scene) -> None:
    shipments.baseline()
    deliveries = shipments.world.deliveries
    number = deliveries.new_delivery(PLAIN)
    shipments.run()
    deliveries.edit_delivery(number, GROWEI="99", PRNNDE=2)
    deliveries.new_bill_of_lading([number])
    assert shipments.run().counts["unchanged"] == 1
    deliveries.edit_delivery_line(number, 1000, QTY="99")
    assert shipments.run().counts["held"] == 1
    held = shipments.held()[number]
    assert "changed after sending, and the partner was told otherwise" in held.reason
    assert shipments.shipments_in_cleo() == [number]


def test_what_the_agreement_needs_counts_as_a_change(shipments: Scene) -> None:
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PLAIN, header={"BPTNUM": "EXPARCEL"})
    shipments.run()
    shipments.world.deliveries.edit_delivery(number, BPTNUM="EXFREIGHT")
    assert shipments.run().counts["held"] == 1


def test_a_carrier_that_gets_its_entry_lets_the_held_delivery_go_by_itself(shipments: Scene) -> None:
    shipments.baseline()
    shipments.world.deliveries.new_delivery(PLAIN, header={"BPTNUM": "EXNEW"})
    assert shipments.run().counts["held"] == 1
    shipments.edit_agreement(PLAIN, r"^shipment:", "carriers: {EXNEW: {scac: XXNW, mode: M}}\nshipment:")
    assert shipments.run().counts["sent"] == 1
    (sent,) = shipments.sets_in_cleo()
    assert values(sent, "TD5")[0][3:5] == ["XXNW", "M"]


def test_the_bill_of_ladings_scac_names_a_carrier_that_no_table_has(shipments: Scene) -> None:
    shipments.baseline()
    deliveries = shipments.world.deliveries
    number = deliveries.new_delivery(PLAIN, header={"BPTNUM": "EXNEW"})
    deliveries.new_bill_of_lading([number], SCAC="XXBL")
    assert shipments.run().counts["sent"] == 1
    (sent,) = shipments.sets_in_cleo()
    assert values(sent, "TD5")[0][3] == "XXBL"


def test_a_tracking_column_that_is_not_read_is_named_with_the_remedy(shipments: Scene) -> None:
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PLAIN)
    shipments.edit_agreement(PLAIN, r"^shipment:$", "shipment:\n  tracking_field: YTRACK")
    assert shipments.run().counts["held"] == 1
    held = shipments.held()[number]
    assert "YTRACK: is read neither of the delivery nor of its bill of lading" in held.reason
    assert "tracking_field" in held.remedy


def test_deliveries_of_before_the_baseline_are_never_told(shipments: Scene) -> None:
    old = shipments.world.deliveries.stories["shipped"]
    shipments.baseline()
    shipments.world.deliveries.edit_delivery(old, PRNNDE=2)
    outcome = shipments.run()
    assert outcome.problems == []
    assert shipments.journal() == []


def test_a_backfill_by_business_date_finds_deliveries_and_never_tells_a_second_time(shipments: Scene) -> None:
    shipments.baseline()
    new = shipments.world.deliveries.new_deliveries(3, customer=PLAIN)
    shipments.run()
    window: dict[str, Any] = {"window_from": START.replace(hour=0), "window_to": START + timedelta(days=1)}
    outcome = shipments.run(kind="backfill", select_by="business_date", **window)
    assert outcome.problems == []
    assert outcome.extract is not None
    assert outcome.extract["keys"] >= 3
    assert sorted(shipments.shipments_in_cleo()) == sorted(new)


@pytest.mark.parametrize("role", ["sold_to", "ship_to"])
def test_the_agreement_is_found_in_the_role_it_names(shipments: Scene, role: str) -> None:
    shipments.baseline()
    shipments.edit_agreement(PLAIN, r"^role: sold_to$", f"role: {role}\norder_address: ST001")
    number = shipments.world.deliveries.new_delivery(PLAIN)
    elsewhere = shipments.world.deliveries.new_delivery(PLAIN, header={"BPAADD": "ST099"})
    assert shipments.run().counts["sent"] == 1
    (document,) = shipments.documents(number)
    assert (document.role, document.set_id, document.agreement) == (role, "856", "c0001-856")
    assert shipments.documents(elsewhere) == []


def test_a_rejected_shipment_is_explained_by_line_and_column_of_sage_x3(shipments: Scene) -> None:
    shipments.place = replace(shipments.place, options={"ack_folders": (p.INBOUND,)})
    shipments.baseline()
    number = shipments.world.deliveries.new_delivery(PACKED, lines=3, packs=2)
    shipments.run()
    partner = p.Partner(shipments.sandbox.cleo.store)
    partner.answer(p.reject([p.Place("SN1", 3, "7", turn=2), p.Place("MAN", 2, "7"), p.Place("PRF", 1, "7")]))
    acknowledge(shipments.place, "ack-1")
    assert shipments.documents(number)[-1].state.value == "rejected"
    ledger = shipments.place.ledger()
    with ledger.reading() as db:
        text = "\n".join(line for story in trace(db, number) for line in tell(story))
    ledger.close()
    assert "of line 3000: code not in the list" in text  # the second item told is the third line: packs go in turn
    assert "from Sage X3 orders.lines.SAU, lines.SAU" in text
    assert "from Sage X3 packs.SCCCOD" in text
    assert "from Sage X3 lines.SOHNUM, orders.CUSORDREF" in text


def test_a_quiet_poll_asks_each_table_once(shipments: Scene) -> None:
    shipments.baseline()
    shipments.run()
    shipments.advance(600)
    shipments.sandbox.x3.server.clear_log()
    assert shipments.run().green
    assert len(shipments.x3_requests()) == 5
