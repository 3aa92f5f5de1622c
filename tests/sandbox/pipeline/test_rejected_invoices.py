"""A partner rejects an invoice: every place he names is told with the invoice's line and the column of Sage X3."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airflow_provider_sagex3_cleo.ledger import audit
from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.sandbox import partner as p
from airflow_provider_sagex3_cleo.story import tell
from tests.sandbox.pipeline.conftest import Scene
from tests.support.scene import acknowledge

PLACES = [
    (p.Place("BIG", 2, "6"), "BIG02 (invoice number): ", "; from Sage X3 NUM ("),
    (p.Place("BIG", 4, "1"), "BIG04 ", "; from Sage X3 orders.CUSORDREF ("),
    (p.Place("CUR", 2, "7"), "CUR02 ", "; from Sage X3 CUR ("),
    (p.Place("N1", 4, "7", turn=2), "N104 ", "; from Sage X3 BPAADD, BPDNAM0, "),
    (p.Place("N4", 2, "7", turn=2), "N402 ", "; from Sage X3 BPAADD, BPDNAM0, "),
    (p.Place("ITD", 7, "6"), "ITD07 ", "; from Sage X3 PTE ("),
    (p.Place("IT1", 3, "7", turn=2), "IT103 (unit) of line 2000: ", "; from Sage X3 lines.SAU ("),
    (p.Place("IT1", 4, "6", turn=1), "IT104 (unit price) of line 1000: ", "; from Sage X3 lines.NETPRINOT, "),
    (p.Place("IT1", 7, "7", turn=3), "IT107 ", "; from Sage X3 lines.SOPLIN, "),
    (p.Place("IT1", 9, "7", turn=3), "IT109 ", "; from Sage X3 lines.ITMREF ("),
    (p.Place("PID", 5, "6", turn=1), "PID05 (description) of line 1000: ", "; from Sage X3 lines.ITMDES ("),
    (p.Place("TDS", 1, "6"), "TDS01 ", "; from Sage X3 AMTATI ("),
    (p.Place("TXI", 2, "6"), "TXI02 ", "; from Sage X3 TAX, BASTAX, AMTTAX ("),
    (p.Place("SAC", 5, "6", turn=1), "SAC05 ", "; from Sage X3 INVDTA, INVDTAAMT, INVDTATYP ("),
]


@pytest.mark.parametrize("kind", ["997", "999"])
@pytest.mark.parametrize("release", ["004010", "005010"])
def test_every_place_of_a_rejected_invoice_is_told_with_line_and_column(
    invoices: Scene, kind: str, release: str
) -> None:
    invoices.place = replace(invoices.place, options={"ack_folders": (p.INBOUND,)})
    invoices.edit_agreement("C0001", r"\Z", f"release: '{release}'\n")
    invoices.baseline()
    number = invoices.world.sales.new_invoice("C0001", lines=3, charges={"1": "25.00"})
    assert invoices.run().green
    answer = p.reject([place for place, _, _ in PLACES], p.Spelling(kind))
    p.Partner(invoices.sandbox.cleo.store).answer(answer)
    acknowledge(invoices.place, "ack-1")
    assert invoices.documents(number)[-1].state.value == "rejected"
    ledger = invoices.place.ledger()
    with ledger.reading() as db:
        told = [line.strip() for story in trace(db, number) for line in tell(story)]
        assert audit.verify(db).ok
    ledger.close()
    sentences = [line for line in told if line.startswith("segment ")]
    assert len(sentences) == len(PLACES)
    for sentence, (place, where, column) in zip(sentences, PLACES, strict=True):
        assert where in sentence, place
        assert column in sentence, place
    for name in ("TDS", "TXI", "SAC"):  # the summary belongs to no line
        assert not any(name in sentence and " of line " in sentence for sentence in sentences)
