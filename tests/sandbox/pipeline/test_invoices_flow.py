"""What a user sees of sales invoices on their way: each posted one once, the others held with a sentence."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.sandbox.sales import INVOICE_STORIES
from tests.sandbox.pipeline.conftest import START, Scene, values

PLAIN, CREDITS, BY_ORDER_LINE = "C0001", "C0002", "C0003"  # what their sample agreements differ in
NO_PACK = "C0005"


def test_posted_invoices_arrive_once_and_five_more_runs_send_nothing(invoices: Scene) -> None:
    invoices.baseline()
    new = invoices.world.sales.new_invoices(8, lines=4)
    assert invoices.run().counts["sent"] == 8
    assert sorted(invoices.invoices_in_cleo()) == sorted(new)
    for row in invoices.journal():
        assert row.name.startswith("810_")
    for _ in range(5):
        outcome = invoices.run()
        assert outcome.green
        assert outcome.counts["sent"] == 0
    assert len(invoices.journal()) == 8


def test_values_in_the_file_are_those_of_sage_x3(invoices: Scene) -> None:
    invoices.baseline()
    number = invoices.world.sales.new_invoice(PLAIN, lines=3, charges={"1": "25.00", "3": "4.10"})
    invoices.run()
    shown = invoices.world.sales.describe_invoice(number)
    header, lines = shown["header"], shown["lines"]
    order = invoices.world.sales.orders[lines[0]["SOHNUM"]].header
    (sent,) = invoices.sets_in_cleo()
    big = values(sent, "BIG")[0]
    assert big[1:5] == [f"{header['INVDAT']:%Y%m%d}", number, f"{order['ORDDAT']:%Y%m%d}", order["CUSORDREF"]]
    assert Decimal(values(sent, "TDS")[0][1]) / 100 == header["AMTATI"]
    for it1, line in zip(values(sent, "IT1"), lines, strict=True):
        assert (Decimal(it1[2]), Decimal(it1[4])) == (line["QTY"], line["NETPRINOT"])
        assert line["ITMREF"] in it1
        assert f"B0001-{line['ITMREF'][3:]}" in it1  # the customer's own number, from the sales order
    assert [(sac[1], sac[2], sac[5]) for sac in values(sent, "SAC")] == [("C", "D240", "2500"), ("A", "C310", "410")]
    assert Decimal(values(sent, "TXI")[0][2]) == header["AMTTAX0"]
    parties = {n1[1]: n1 for n1 in values(sent, "N1")}
    assert parties["RI"][2] == "Example Distribution Lockbox"
    assert parties["ST"][4] == "STORE0001"
    assert parties["BT"][4] == PLAIN


def test_an_invoice_that_is_not_posted_waits_and_goes_when_it_is(invoices: Scene) -> None:
    invoices.baseline()
    number = invoices.world.sales.new_invoice(PLAIN, posted=False)
    assert invoices.run().counts["waiting"] == 1
    assert invoices.journal() == []
    invoices.world.sales.post_invoice(number)
    assert invoices.run().counts["sent"] == 1
    assert invoices.invoices_in_cleo() == [number]


def test_a_proforma_never_goes_and_nobody_is_alarmed(invoices: Scene) -> None:
    invoices.baseline()
    invoices.world.sales.new_invoice(PLAIN, kind=5)
    assert invoices.run().counts["not_for_edi"] == 1
    assert invoices.held() == {}
    assert invoices.journal() == []


@pytest.mark.parametrize("kind", [2, 4])
def test_a_credit_note_is_held_until_the_agreement_says_how_it_is_written(invoices: Scene, kind: int) -> None:
    invoices.baseline()
    number = invoices.world.sales.new_invoice(PLAIN, kind=kind, header={"INVNUM": "INV-OLD-1"})
    assert invoices.run().counts["held"] == 1
    assert "credit notes need `credit_notes` in the agreement" in invoices.held()[number].reason
    assert invoices.journal() == []
    invoices.edit_agreement(PLAIN, r"^terms: send", "terms: send\ninvoice: {credit_notes: {amounts: negative}}")
    assert invoices.run().counts["sent"] == 1
    (sent,) = invoices.sets_in_cleo()
    total = invoices.world.sales.describe_invoice(number)["header"]["AMTATI"]
    assert values(sent, "BIG")[0][7] == "CR"
    assert Decimal(values(sent, "TDS")[0][1]) / 100 == -total
    assert ["REF", "OI", "INV-OLD-1"] in values(sent, "REF")


def test_an_invoice_over_two_customer_orders_is_held_unless_the_agreement_says_how(invoices: Scene) -> None:
    invoices.baseline()
    number = invoices.world.sales.new_invoice(PLAIN, orders=2, lines=4)
    other = invoices.world.sales.new_invoice(CREDITS, orders=2, lines=4)  # several_orders: first
    assert invoices.run().counts == {"mapped": 1, "held": 1, "sent": 1}
    held = invoices.held()[number]
    orders = {line["SOHNUM"] for line in invoices.world.sales.describe_invoice(number)["lines"]}
    for order in orders:
        assert invoices.world.sales.orders[order].header["CUSORDREF"] in held.reason
    assert "several_orders" in held.remedy
    (sent,) = invoices.sets_in_cleo()
    first = invoices.world.sales.describe_invoice(other)["lines"][0]["SOHNUM"]
    assert values(sent, "BIG")[0][4] == invoices.world.sales.orders[first].header["CUSORDREF"]


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("held", {"charges": {"9": "3.00"}}, "invoice element 9 has no entry", "charges"),
    ("held", {"tax": "ODD"}, "tax ODD has no entry", "taxes"),
    ("held", {"header": {"CUR": "JPY"}}, "the currency does not have two decimals", "other_currencies"),
    ("held", {"header": {"AMTATI": "1.00"}}, "but Sage X3's total is 1.00", "tables"),
    ("held", {"kind": 3}, "a debit note", "debit_notes"),
    ("held", {"orders": 0}, "customer's order number", "order_number"),
    ("held", {"header": {"INVSTA": 2}}, "INVSTA has the value 2", "gates"),
    ("held", {"line_values": [{"AMTNOTLIN": "77.77"}]}, "quantity x price is", "line amount"),
    ("quarantined", {"line_values": [{"QTY": 0}]}, "the quantity is not above zero", "Sage X3"),
    ("quarantined", {"lines": 0}, "the invoice has no lines", "Sage X3"),
]


@pytest.mark.parametrize(("state", "story", "sentence", "remedy"), BAD, ids=[case[2] for case in BAD])
def test_a_bad_invoice_is_put_by_with_a_sentence_and_the_others_go_on(
    invoices: Scene, state: str, story: dict[str, Any], sentence: str, remedy: str
) -> None:
    invoices.baseline()
    bad = invoices.world.sales.new_invoice(PLAIN, **story)
    good = invoices.world.sales.new_invoice(PLAIN)
    outcome = invoices.run()
    assert outcome.problems == []
    assert outcome.counts[state] == 1
    assert invoices.invoices_in_cleo() == [good]
    row = invoices.held()[bad]
    assert sentence in row.reason
    assert remedy in row.remedy


def test_a_total_that_does_not_add_up_names_both_totals_and_the_parts(invoices: Scene) -> None:
    invoices.baseline()
    number = invoices.world.sales.new_invoice(PLAIN, charges={"1": "25.00"})
    total = invoices.world.sales.describe_invoice(number)["header"]["AMTATI"]
    invoices.world.sales.edit_invoice(number, AMTATI=str(total + Decimal("0.01")))
    invoices.run()
    reason = invoices.held()[number].reason
    assert f"make {total}, but Sage X3's total is {total + Decimal('0.01')}" in reason
    assert "charges 25" in reason
    assert invoices.journal() == []


def test_an_element_that_gets_its_entry_lets_the_held_invoice_go_by_itself(invoices: Scene) -> None:
    invoices.baseline()
    number = invoices.world.sales.new_invoice(PLAIN, charges={"9": "3.00"})
    invoices.run()
    assert number in invoices.held()
    tables = invoices.agreements / "tables.yaml"
    entry = "charges:\n  '9': {kind: charge, code: D980}"
    tables.write_text(tables.read_text().replace("charges:", entry, 1))
    assert invoices.run().counts["sent"] == 1
    assert invoices.held() == {}
    (sent,) = invoices.sets_in_cleo()
    assert [(sac[1], sac[2], sac[5]) for sac in values(sent, "SAC")] == [("C", "D980", "300")]


WISHES = """\
line_ship_to: sdq
notes: {qualifier: INV}
invoice: {note_segment: NTE, line_note_reference: L1}
"""


STORE_900 = "addresses:\n  ST900: {kind: assigned_by_buyer, id: STORE900}"


def for_two_stores(scene: Scene) -> str:
    number: str = scene.world.sales.new_invoice(
        NO_PACK, lines=3, stores=("ST005", "ST900"), header={"SIHTEX1": "Paid by lockbox."},
        line_values=[{"SIDTEX": "Two cartons.\r\nOne is short."}],
    )  # fmt: skip
    return number


def test_an_invoice_for_two_stores_is_held_until_the_agreement_says_how_it_is_told(invoices: Scene) -> None:
    invoices.baseline()
    number = for_two_stores(invoices)
    assert invoices.run().counts["held"] == 1
    held = invoices.held()[number]
    assert "lines are for different places: 1000, 3000 for ST005; 2000 for ST900" in held.reason
    assert "line_ship_to" in held.remedy
    invoices.edit_agreement(NO_PACK, r"\Z", WISHES)
    invoices.run()
    assert "add ST900 under `addresses`" in invoices.held()[number].remedy
    invoices.edit_agreement(NO_PACK, "^addresses:$", STORE_900)
    assert invoices.run().counts["sent"] == 1
    (sent,) = invoices.sets_in_cleo()
    quantities = [it1[2] for it1 in values(sent, "IT1")]
    stores = ("STORE0005", "STORE900", "STORE0005")
    assert [sdq[3:] for sdq in values(sent, "SDQ")] == [[s, q] for s, q in zip(stores, quantities, strict=True)]
    assert "ST" not in {n1[1] for n1 in values(sent, "N1")}
    assert values(sent, "NTE") == [["NTE", "INV", "Paid by lockbox."]]
    assert [ref[3] for ref in values(sent, "REF") if ref[1] == "L1"] == ["Two cartons.", "One is short."]


def test_a_percentage_is_sent_as_the_amount_it_makes_never_as_itself(invoices: Scene) -> None:
    invoices.baseline()
    header = {"INVDTA0": 2, "INVDTAAMT0": "2.5", "INVDTATYP0": 3}
    number = invoices.world.sales.new_invoice(PLAIN, header=header)
    assert invoices.run().counts["sent"] == 1
    lines = sum(line["AMTNOTLIN"] for line in invoices.world.sales.describe_invoice(number)["lines"])
    (sent,) = invoices.sets_in_cleo()
    amount = Decimal(values(sent, "SAC")[0][5]) / 100
    assert amount == (lines * Decimal("0.025")).quantize(Decimal("0.01"), "ROUND_HALF_UP")


def test_the_customers_order_line_names_the_line_where_the_agreement_wants_it(invoices: Scene) -> None:
    invoices.baseline()
    invoices.world.sales.new_invoice(BY_ORDER_LINE, lines=3)
    assert invoices.run().counts["sent"] == 1
    (sent,) = invoices.sets_in_cleo()
    assert [it1[1] for it1 in values(sent, "IT1")] == ["1", "2", "3"]


def test_a_posted_invoice_that_changes_all_the_same_is_held_and_a_mere_stamp_is_not(invoices: Scene) -> None:
    invoices.baseline()
    number = invoices.world.sales.new_invoice(PLAIN)
    invoices.run()
    invoices.world.sales.edit_invoice(number, INVREF="printed again")
    assert invoices.run().counts["unchanged"] == 1
    invoices.world.sales.edit_invoice_line(number, 1000, QTY="99")
    assert invoices.run().counts["held"] == 1
    held = invoices.held()[number]
    assert "changed after sending, though nobody can change a posted invoice" in held.reason
    assert "credit note" in held.remedy
    assert invoices.invoices_in_cleo() == [number]


def test_a_customer_without_agreement_is_not_for_edi(invoices: Scene) -> None:
    invoices.baseline()
    invoices.world.sales.new_invoice("C0050")
    assert invoices.run().counts["not_for_edi"] == 1
    assert invoices.held() == {}


def test_invoices_posted_before_the_baseline_are_never_sent(invoices: Scene) -> None:
    old = invoices.world.sales.stories["posted"]
    invoices.baseline()
    invoices.world.sales.edit_invoice(old, INVREF="touched")
    outcome = invoices.run()
    assert outcome.problems == []
    assert invoices.journal() == []


def test_a_draft_from_before_the_baseline_goes_when_it_is_posted_afterwards(invoices: Scene) -> None:
    draft = invoices.world.sales.stories["not_posted"]
    invoices.baseline()
    invoices.world.sales.post_invoice(draft)
    assert invoices.run().counts["sent"] == 1
    assert invoices.invoices_in_cleo() == [draft]


def test_a_backfill_by_business_date_finds_invoices_and_never_sends_a_second_time(invoices: Scene) -> None:
    invoices.baseline()
    new = invoices.world.sales.new_invoices(3)
    invoices.run()
    window: dict[str, Any] = {"window_from": START.replace(hour=0), "window_to": START + timedelta(days=1)}
    outcome = invoices.run(kind="backfill", select_by="business_date", **window)
    assert outcome.problems == []
    assert outcome.extract is not None
    assert outcome.extract["keys"] >= 3
    assert sorted(invoices.invoices_in_cleo()) == sorted(new)


def test_a_sales_order_is_asked_for_once_a_run_however_many_invoices_bill_it(invoices: Scene) -> None:
    invoices.baseline()
    first = invoices.world.sales.new_invoice(PLAIN, lines=2)
    order = invoices.world.sales.describe_invoice(first)["lines"][0]["SOHNUM"]
    second = invoices.world.sales.new_invoice(PLAIN, lines=2)
    for line in invoices.world.sales.invoices[second].lines:
        line["SOHNUM"] = order
    invoices.sandbox.x3.server.clear_log()
    invoices.run()
    assert len(invoices.x3_requests(rf"SORDER\('{order}")) == 1
    assert sorted(invoices.invoices_in_cleo()) == sorted([first, second])


def test_a_quiet_poll_asks_each_table_once(invoices: Scene) -> None:
    invoices.baseline()
    invoices.run()
    invoices.advance(600)
    invoices.sandbox.x3.server.clear_log()
    assert invoices.run().green
    assert len(invoices.x3_requests()) == 3


def test_an_invoice_is_the_same_to_the_byte_whichever_way_it_was_read(tmp_path: Path) -> None:
    sent: dict[str, tuple[list[bytes], list[str]]] = {}
    for transport in ("rest", "graphql"):
        (tmp_path / transport).mkdir()
        with Sandbox(7, orders=40, supplier_count=40, start=START, frozen=True) as sandbox:
            scene = Scene(tmp_path / transport, sandbox, entity="sales_invoices")
            if transport == "graphql":
                scene.by_graphql()
            scene.edit_agreement(NO_PACK, r"\Z", WISHES)
            scene.edit_agreement(NO_PACK, "^addresses:$", STORE_900)
            scene.baseline()
            for_two_stores(scene)
            for customer in (PLAIN, CREDITS):
                for story in INVOICE_STORIES.values():
                    scene.world.sales.new_invoice(customer, **story)
            outcome = scene.run()
            assert outcome.green
            assert outcome.counts["sent"] >= 6
            # without ISA, GS and ST, SE, GE, IEA: what differs by control numbers and by the hour
            bodies = sorted(b"".join(row.data.split(row.data[105:106])[3:-4]) for row in scene.journal())
            sent[transport] = (bodies, [f"{key}: {row.reason}" for key, row in sorted(scene.held().items())])
    assert sent["rest"] == sent["graphql"]
