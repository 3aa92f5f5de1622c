"""What a partner who is told by load gets: one 856 for all deliveries of it, once, when all of them may go."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.ledger import Ledger, audit
from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.story import tell
from tests.sandbox.pipeline.conftest import Scene, values

CUSTOMER, PACKED = "C0001", "C0002"


@pytest.fixture
def loads(shipments: Scene) -> Scene:
    """Customers who are told by load."""
    for customer in (CUSTOMER, PACKED):
        shipments.edit_agreement(customer, r"^shipment:$", "shipment:\n  per: load")
    shipments.baseline()
    return shipments


def carried(scene: Scene, count: int, customer: str = CUSTOMER, **options: Any) -> list[str]:
    """New deliveries of one carrier, on no bill yet."""
    new = scene.world.deliveries.new_delivery
    found = [new(customer, header={"BPTNUM": "EXFREIGHT"}, **options) for _ in range(count)]
    return found


def story(scene: Scene, term: str) -> str:
    with Ledger.open(scene.place.ledger_url) as ledger, ledger.reading() as db:
        return "\n".join(line for each in trace(db, term) for line in tell(each))


def waiting(scene: Scene, *numbers: str) -> list[str]:
    """Why the latest versions of these deliveries wait."""
    found = []
    with Ledger.open(scene.place.ledger_url) as ledger, ledger.reading() as db:
        for number in numbers:
            last = trace(db, number)[0].versions[-1]
            assert last.state == "waiting"
            found.append(last.reason or "")
    return found


def test_the_deliveries_of_a_bill_of_lading_are_one_notice(loads: Scene) -> None:
    first, second, third = carried(loads, 3, lines=2)
    load = loads.world.deliveries.new_bill_of_lading([first, second, third])
    assert loads.run().counts["sent"] == 1
    (sent,) = loads.sets_in_cleo()
    assert values(sent, "BSN")[0][2] == load
    shown = [loads.world.deliveries.describe_delivery(each) for each in (first, second, third)]
    (td1,) = values(sent, "TD1")
    assert int(td1[2]) == sum(each["header"]["PACNBR"] for each in shown)
    assert Decimal(td1[7]) == sum(each["header"]["GROWEI"] for each in shown)
    assert [Decimal(sn1[2]) for sn1 in values(sent, "SN1")] == [line["QTY"] for each in shown for line in each["lines"]]
    assert [lin[1] for lin in values(sent, "LIN")] == ["1", "2", "3", "4", "5", "6"]
    orders = [loads.world.sales.orders[each["lines"][0]["SOHNUM"]].header["CUSORDREF"] for each in shown]
    assert [prf[1] for prf in values(sent, "PRF")] == orders
    for _ in range(3):
        assert loads.run().counts["sent"] == 0
    assert len(loads.journal()) == 1


def test_any_of_its_deliveries_leads_to_the_notice_and_the_notice_to_them(loads: Scene) -> None:
    first, second = carried(loads, 2)
    load = loads.world.deliveries.new_bill_of_lading([first, second])
    loads.run()
    for term in (first, second, load):
        told = story(loads, term)
        assert f"856 {load} to {CUSTOMER}" in told
        assert f"{first} lines 1 to 3; {second} lines 4 to 6" in told
    assert f"record version of {first}" in story(loads, load)
    assert f"record version of {second}" in story(loads, load)
    with Ledger.open(loads.place.ledger_url) as ledger, ledger.reading() as db:
        assert audit.verify(db).ok


def test_a_load_waits_for_the_delivery_that_may_not_go_yet(loads: Scene) -> None:
    first = carried(loads, 1)[0]
    second = carried(loads, 1, validated=False)[0]
    load = loads.world.deliveries.new_bill_of_lading([first, second])
    for _ in range(2):
        assert loads.run().counts["sent"] == 0
    assert waiting(loads, first, second) == [
        f"load {load} waits for {second}",
        "not validated yet in Sage X3 (CFMFLG 1)",
    ]
    loads.world.deliveries.validate_delivery(second)
    assert loads.run().counts["sent"] == 1
    assert loads.shipments_in_cleo() == [load]


def test_a_load_goes_without_the_delivery_that_was_taken_off_it(loads: Scene) -> None:
    first = carried(loads, 1)[0]
    second = carried(loads, 1, validated=False)[0]
    load = loads.world.deliveries.new_bill_of_lading([first, second])
    loads.run()
    loads.world.deliveries.edit_delivery(second, BOLNUM="")
    assert loads.run().counts["sent"] == 1
    assert loads.shipments_in_cleo() == [load]
    assert f"{first} lines 1 to 3)" in story(loads, load)


def test_a_delivery_on_no_load_waits_until_it_is(loads: Scene) -> None:
    number = carried(loads, 1)[0]
    assert loads.run().counts["sent"] == 0
    assert waiting(loads, number) == ["in no load yet (BOLNUM is empty)"]
    load = loads.world.deliveries.new_bill_of_lading([number])
    assert loads.run().counts["sent"] == 1
    assert loads.shipments_in_cleo() == [load]


def test_a_delivery_that_joins_a_load_that_was_told_is_held_and_said(loads: Scene) -> None:
    first, late = carried(loads, 2)
    load = loads.world.deliveries.new_bill_of_lading([first])
    loads.run()
    loads.world.deliveries.edit_delivery(late, BOLNUM=load)
    assert loads.run().counts["sent"] == 0
    held = loads.held()[late]
    assert held.reason == f"load {load} was told before with {first}, and there is no second notice of a load"
    assert "load of its own" in held.remedy
    other = loads.world.deliveries.new_bill_of_lading([late])
    assert loads.run().counts["sent"] == 1
    assert loads.shipments_in_cleo() == [load, other]


@pytest.mark.parametrize("change", ["another load", "no load", "another quantity"])
def test_a_delivery_that_changes_after_its_load_was_told_is_held(loads: Scene, change: str) -> None:
    first, second = carried(loads, 2)
    load = loads.world.deliveries.new_bill_of_lading([first, second])
    loads.run()
    if change == "another load":
        loads.world.deliveries.new_bill_of_lading([second])
    elif change == "no load":
        loads.world.deliveries.edit_delivery(second, BOLNUM="")
    else:
        loads.world.deliveries.edit_delivery_line(second, QTY="1")
    assert loads.run().counts["sent"] == 0
    assert loads.held()[second].reason.startswith("changed after sending")
    assert loads.shipments_in_cleo() == [load]


def test_a_detail_that_changes_nothing_sends_nothing_again(loads: Scene) -> None:
    first, second = carried(loads, 2)
    loads.world.deliveries.new_bill_of_lading([first, second])
    loads.run()
    loads.world.deliveries.edit_delivery(second, PRNNDE=2)
    outcome = loads.run()
    assert (outcome.counts["sent"], outcome.counts["unchanged"]) == (0, 1)
    assert len(loads.journal()) == 1


def test_a_load_that_changes_before_it_left_is_put_together_anew(loads: Scene) -> None:
    first, second, third = carried(loads, 3)
    load = loads.world.deliveries.new_bill_of_lading([first, second])
    refused = loads.sandbox.cleo.server.fault("status", "/", method="PUT", status=403, times=None, body="{}")
    assert not loads.run().green
    loads.sandbox.cleo.server.faults.clear(refused)
    loads.world.deliveries.edit_delivery(third, BOLNUM=load)
    outcomes = [loads.run() for _ in range(3)]
    assert sum(outcome.counts["sent"] for outcome in outcomes) == 1
    (sent,) = loads.sets_in_cleo()
    assert [each in story(loads, load) for each in (first, second, third)] == [True] * 3
    assert len(values(sent, "LIN")) == 9


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("SHIDAT", "2026-11-05", "ship date"),
        ("BPTNUM", "EXPARCEL", "carrier code"),
        ("BPAADD", "S99", "ship to"),
        ("WEU", "KG", "weight unit"),
    ],
)
def test_deliveries_that_do_not_go_together_are_held_naming_each(
    loads: Scene, column: str, value: str, words: str
) -> None:
    first, second = carried(loads, 2)
    load = loads.world.deliveries.new_bill_of_lading([first, second])
    before = loads.world.deliveries.describe_delivery(second)["header"][column]
    loads.world.deliveries.edit_delivery(second, **{column: value})
    assert loads.run().counts["sent"] == 0
    for number in (first, second):
        held = loads.held()[number]
        assert f"the deliveries of load {load} differ in {words}" in held.reason
        assert [each in held.reason for each in (first, second)] == [True, True]
    loads.world.deliveries.edit_delivery(second, **{column: str(before)})
    assert loads.run().counts["sent"] == 1
    assert loads.shipments_in_cleo() == [load]


def test_a_faulty_delivery_is_held_and_the_others_wait_for_it(loads: Scene) -> None:
    first, second = carried(loads, 2)
    load = loads.world.deliveries.new_bill_of_lading([first, second])
    loads.world.deliveries.edit_delivery(second, BPTNUM="EXNEW")
    assert loads.run().counts["sent"] == 0
    assert "the carrier has no entry" in loads.held()[second].reason
    assert waiting(loads, first) == [f"load {load} waits for {second}"]
    loads.world.deliveries.edit_delivery(second, BPTNUM="EXFREIGHT")
    assert loads.run().counts["sent"] == 1


def test_goods_of_one_customer_order_come_together_with_their_packs(loads: Scene) -> None:
    first, second = carried(loads, 2, PACKED, lines=2, packs=1, order_values={"CUSORDREF": "PO-SHARED"})
    loads.world.deliveries.new_bill_of_lading([first, second])
    assert loads.run().counts["sent"] == 1
    (sent,) = loads.sets_in_cleo()
    assert [prf[1] for prf in values(sent, "PRF")] == ["PO-SHARED"]
    assert [hl[3] for hl in values(sent, "HL")] == ["S", "O", "P", "I", "I", "P", "I", "I"]
    labels = [
        pack["SCCCOD"] for each in (first, second) for pack in loads.world.deliveries.describe_delivery(each)["packs"]
    ]
    assert [man[2] for man in values(sent, "MAN")] == [f"00{label}" for label in labels]


def test_two_customers_on_one_bill_get_a_notice_each(loads: Scene) -> None:
    mine, theirs = carried(loads, 1)[0], carried(loads, 1, PACKED, packs=1)[0]
    load = loads.world.deliveries.new_bill_of_lading([mine, theirs])
    assert loads.run().counts["sent"] == 2
    assert loads.shipments_in_cleo() == [load, load]
    assert len({row.folder for row in loads.journal()}) == 2


def test_the_number_can_be_that_of_the_first_delivery(shipments: Scene) -> None:
    shipments.edit_agreement(CUSTOMER, r"^shipment:$", "shipment:\n  per: load\n  load_number: delivery")
    shipments.baseline()
    first, second = carried(shipments, 2)
    shipments.world.deliveries.new_bill_of_lading([second, first])
    assert shipments.run().counts["sent"] == 1
    assert shipments.shipments_in_cleo() == [first]
