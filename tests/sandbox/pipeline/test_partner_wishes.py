"""What a partner's agreement asks for arrives at Cleo as Sage X3 has it, and what was changed to fit is on record."""

from __future__ import annotations

from typing import Any

from airflow_provider_sagex3_cleo.ledger import Ledger, trace
from airflow_provider_sagex3_cleo.x12 import validator
from tests.sandbox.pipeline.conftest import Scene, sets_of, values

WISHES = """\
amount_total: true
date_qualifier: "002"
dates:
  ship: {qualifier: "010", days: -3}
  cancel after: {qualifier: "001", days: 14, of_lines: latest}
references:
  contract: {qualifier: CT, text: C-7}
  project: {qualifier: JB, from: project, required: true}
line_references:
  place: {qualifier: "19", from: place_of_use}
notes: {qualifier: L1}
too_long: {notes: split, description: cut}
discounts: gross_with_sac
discount_columns:
  "1": {kind: allowance, code: C310}
"""


def order_with_everything(scene: Scene) -> str:
    number: str = scene.world.new_order(
        scene.supplier,
        header={"PJTH": "PRJ-9", "TEX1": "Ring the bell. " * 30},
        line_values=[
            {"QTYUOM": "3", "UOM": "UN", "UOMPUUCOE": "1", "GROPRI": "10", "NETPRI": "9.5", "DISCRGVAL1": "5",
             "USEPLC": "HALL 3", "LINTEX": "Wrap it.", "ITMDES": "Bolt " * 30},
        ],
    )  # fmt: skip
    return number


def story(scene: Scene, number: str) -> str:
    ledger = Ledger.open(scene.place.ledger_url)
    with ledger.reading() as db:
        told: Any = trace.trace(db, number)
    ledger.close()
    return str(told)


def test_texts_references_dates_and_discounts_arrive_as_agreed_and_a_cut_is_on_record(scene: Scene) -> None:
    scene.edit_agreement(scene.supplier, r"\Z", WISHES)
    scene.baseline()
    number = order_with_everything(scene)
    outcome = scene.run()
    assert scene.held() == {}
    assert outcome.counts["sent"] == 1
    (sent,) = scene.sets_in_cleo()
    assert [row[1:3] for row in values(sent, "REF")][-3:] == [["CT", "C-7"], ["JB", "PRJ-9"], ["19", "HALL 3"]]
    assert " ".join(row[1] for row in values(sent, "MSG")[:-1]) == ("Ring the bell. " * 30).strip()
    assert values(sent, "MSG")[-1] == ["MSG", "Wrap it."]
    assert next(row[4] for row in values(sent, "PO1")) == "10"
    assert values(sent, "SAC")[0][:6] == ["SAC", "A", "C310", "", "", "150"]
    assert {"001", "002"} <= {row[1] for row in values(sent, "DTM")}
    order = scene.world.get(number)
    assert values(sent, "AMT")[0][2] == f"{sum(line.q['LINAMT'] for line in order.lines).normalize():f}"
    assert "changed to fit: lines[0].item.description: cut from 149 to 80 characters" in story(scene, number)


def test_an_order_that_lacks_a_required_reference_is_held_with_the_remedy(scene: Scene) -> None:
    scene.edit_agreement(scene.supplier, r"\Z", WISHES)
    scene.baseline()
    number = scene.world.new_order(scene.supplier)
    scene.run()
    held = scene.held()[number]
    assert "the reference 'project' is empty" in held.reason
    assert "required" in held.remedy


def test_names_beyond_ascii_are_held_until_the_partner_reads_utf_8(scene: Scene) -> None:
    scene.baseline()
    number = scene.world.new_order(scene.supplier, header={"BPRNAM0": "Quincaillerie Éléphant", "BPRNAM1": "倉庫"})
    scene.run()
    assert "is a character outside the extended set" in scene.held()[number].reason
    assert scene.journal() == []
    scene.edit_agreement(scene.supplier, r"\Z", "charset: utf8\n")
    assert scene.run().counts["sent"] == 1
    (row,) = scene.journal()
    assert "*Quincaillerie Éléphant*".encode() in row.data
    assert [f for f in validator.validate(row.data, own=True, charset="utf8") if f.severity == "error"] == []
    assert [s.elements[1] for s in sets_of(row.data)[0].segments if s.elements[0] == "N2"] == ["倉庫"]
