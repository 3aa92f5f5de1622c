"""A document that breaks its partner's pack is held with the partner's sentence; the others go on."""

from __future__ import annotations

import pytest

from airflow_provider_sagex3_cleo.errors import AgreementFault
from airflow_provider_sagex3_cleo.ledger import Ledger
from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.story import tell
from tests.sandbox.pipeline.conftest import Scene, sets_of, values

PACK = """\
pack: 1
id: partner
set: "{set_id}"
extends: {extends}
rules:
{rules}
"""
UNITS = """\
  - id: units
    codes: {PO103: [BX, CA]}
    says: We ship whole boxes and cases only.
"""
DEPARTMENT = """\
  - id: department
    require: REF
    in: set
    where: {REF01: IA}
    says: Your vendor number must be there.
"""


def with_pack(scene: Scene, rules: str, *, set_id: str = "850", extends: str = "nothing", partner: str = "") -> None:
    """Give one partner's agreement a pack of its own."""
    text = PACK.format(set_id=set_id, extends=extends, rules=rules.rstrip("\n"))
    text = text.replace("extends: nothing\n", "").replace("rules:\n\n", "")
    (scene.agreements / "packs").mkdir(exist_ok=True)
    (scene.agreements / "packs" / "partner.yaml").write_text(text)
    path = scene.agreements / "partners" / f"{(partner or scene.supplier).lower()}.yaml"
    if "pack: partner" not in path.read_text():
        path.write_text(path.read_text() + "pack: partner\n")


def story_of(scene: Scene, key: str) -> list[str]:
    ledger = Ledger.open(scene.place.ledger_url)
    with ledger.reading() as db:
        lines = [line for story in trace(db, key) for line in tell(story)]
    ledger.close()
    return lines


def order_in_kg(scene: Scene, lines: int = 1) -> str:
    return scene.world.new_order(
        scene.supplier, lines=lines, line_values=[{"UOM": "KG", "PUU": "KG", "UOMPUUCOE": 1}] * lines
    )


def other_supplier(scene: Scene) -> str:
    return scene.world.enrolled()[1].code


def test_an_order_that_breaks_its_pack_is_held_with_sentence_value_and_column_and_the_others_go(scene: Scene) -> None:
    scene.baseline()
    with_pack(scene, UNITS)
    broken = order_in_kg(scene, 2)
    others = [scene.world.new_order(other_supplier(scene), lines=2) for _ in range(3)]
    outcome = scene.run()
    assert outcome.green
    assert sorted(scene.orders_in_cleo()) == sorted(others)
    held = scene.held()[broken]
    assert held.reason == (
        f"x12 {broken} PO103: breaks pack partner: PO1 line 1000, unit: We ship whole boxes and cases only "
        "(value 'KG'); expected BX or CA; from Sage X3 lines.UOM, lines.PUU (`units` of the agreement, else table "
        "`units`)."
    )
    assert held.remedy == ("correct the value in Sage X3, the agreement or a table; or the pack, if the guide changed")
    assert (held.field, held.value) == ("PO103", "KG")


def test_after_the_pack_is_changed_the_order_goes_by_itself(scene: Scene) -> None:
    scene.baseline()
    with_pack(scene, UNITS)
    broken = order_in_kg(scene, 2)
    scene.run()
    assert scene.orders_in_cleo() == []
    assert scene.run().counts["sent"] == 0
    with_pack(scene, UNITS.replace("[BX, CA]", "[BX, CA, KG]"))
    assert scene.run().counts["sent"] == 1
    assert scene.orders_in_cleo() == [broken]
    assert scene.held() == {}


def test_a_segment_that_is_missing_is_traced_to_the_key_that_would_send_it(scene: Scene) -> None:
    scene.baseline()
    with_pack(scene, DEPARTMENT)
    scene.edit_agreement(scene.supplier, r"^vendor_number: .*\n", "")
    number = scene.world.new_order(scene.supplier, lines=1)
    scene.run()
    assert scene.held()[number].reason == (
        f"x12 {number} REF: breaks pack partner: REF: Your vendor number must be there; expected REF with "
        "REF01 IA; not from Sage X3 (`vendor_number` of the agreement; qualifier: `vendor_reference`)."
    )


def test_several_broken_rules_are_told_at_once(scene: Scene) -> None:
    scene.baseline()
    with_pack(scene, UNITS + UNITS.replace("units", "lines").replace("codes: {PO103: [BX, CA]}", "count: {PO1: 3-}"))
    number = order_in_kg(scene, 2)
    scene.run()
    reason = scene.held()[number].reason
    assert "breaks pack partner: PO1 line 1000, unit: " in reason
    assert "; also PO1: We ship whole boxes" in reason


def test_an_envelope_that_the_partner_does_not_take_holds_the_order_before_it_takes_a_number(scene: Scene) -> None:
    scene.baseline()
    with_pack(scene, "  - id: version\n    equals: {GS08: 004010VICS}\n    says: We read 004010VICS in GS08.\n")
    number = scene.world.new_order(scene.supplier, lines=1)
    scene.run()
    assert "GS, release of the standard: We read 004010VICS in GS08 (value '004010')" in scene.held()[number].reason
    scene.edit_agreement(scene.supplier, r"^set: (.*)$", r"set: \1\nversion: 004010VICS")
    assert scene.run().counts["sent"] == 1
    (row,) = scene.journal()
    assert b"*X*004010VICS~" in row.data
    assert b"*000000001*" in row.data


def test_what_the_partner_takes_against_the_standard_goes_and_the_trail_says_why(scene: Scene) -> None:
    scene.baseline()
    scene.edit_agreement(scene.supplier, r"^set: (.*)$", r"set: \1\nunits: {KG: P3}")
    number = order_in_kg(scene, 1)
    scene.run()
    assert "not a code in use" in scene.held()[number].reason
    rule = "  - id: three-packs\n    allow: {codes: {PO103: P3}}\n    reason: Screws come in three-packs.\n"
    with_pack(scene, rule)
    assert scene.run().counts["sent"] == 1
    assert values(sets_of(scene.journal()[0].data)[0], "PO1")[0][3] == "P3"
    told = [line for line in story_of(scene, number) if "three-packs" in line]
    assert told
    assert (
        f"850 written under agreement {scene.supplier.lower()}-850; pack partner: PO1 line 1000, unit: Screws come in "
        "three-packs" in told[0]
    )


def test_a_rule_that_only_warns_lets_the_order_go_and_is_told_in_its_story(scene: Scene) -> None:
    scene.baseline()
    with_pack(scene, UNITS + "    severity: warning\n")
    number = order_in_kg(scene, 1)
    assert scene.run().counts["sent"] == 1
    assert any("We ship whole boxes and cases only" in line for line in story_of(scene, number))


def test_an_invoice_that_breaks_its_pack_names_the_column_it_comes_from(invoices: Scene) -> None:
    invoices.baseline()
    customer, other = (c.code for c in invoices.world.sales.enrolled(2))
    rule = "  - id: short\n    length: {BIG04: 1-2}\n    says: Our order numbers have two characters.\n"
    with_pack(invoices, rule, set_id="810", partner=customer)
    invoices.edit_agreement(customer, r"^pack: example-retailer-810\n", "")
    broken, sent = (invoices.world.sales.new_invoice(code) for code in (customer, other))
    invoices.run()
    assert invoices.invoices_in_cleo() == [sent]
    reason = invoices.held()[broken].reason
    assert "breaks pack partner: BIG, purchase order number: Our order numbers have two characters" in reason
    assert "expected 1 to 2 characters; from Sage X3 orders.CUSORDREF" in reason


def test_a_shipment_that_breaks_its_pack_names_the_column_it_comes_from(shipments: Scene) -> None:
    shipments.baseline()
    with_pack(shipments, UNITS.replace("PO103: [BX, CA]", "SN103: XX"), set_id="856", partner="C0001_856")
    broken = shipments.world.deliveries.new_delivery("C0001", lines=1)
    sent = shipments.world.deliveries.new_delivery("C0003", lines=1)
    shipments.run()
    assert shipments.shipments_in_cleo() == [sent]
    reason = shipments.held()[broken].reason
    assert "breaks pack partner: level 3 (item), SN1, unit: We ship whole boxes and cases only" in reason
    assert "expected XX; from Sage X3 orders.lines.SAU, lines.SAU" in reason


def test_ship_notices_of_deliveries_keep_the_pack_of_the_retailer_that_comes_with_the_package(
    shipments: Scene,
) -> None:
    shipments.baseline()
    for partner in ("C0001", "C0002"):  # without packs, and with them
        path = shipments.agreements / "partners" / f"{partner.lower()}_856.yaml"
        path.write_text(path.read_text() + "pack: example-retailer-856\n")
    sent = [
        shipments.world.deliveries.new_delivery("C0001", lines=3, bill=True),
        shipments.world.deliveries.new_delivery("C0002", lines=3, packs=2, bill=True),
    ]
    without_bill = shipments.world.deliveries.new_delivery("C0001", lines=1)
    shipments.run()
    assert sorted(shipments.shipments_in_cleo()) == sorted(sent)
    assert shipments.held()[without_bill].reason == (
        f"x12 {without_bill} REF: breaks pack example-retailer-856: level 1 (shipment), REF: The shipment has a bill "
        "of lading (BM) or a carrier's number (CN); expected REF with REF01 BM or CN."
    )


def test_a_pack_with_a_fault_stops_the_run_like_any_fault_of_the_folder(scene: Scene) -> None:
    scene.baseline()
    with_pack(scene, UNITS.replace("PO103", "PO199"))
    with pytest.raises(AgreementFault, match=r"packs/partner.yaml:5: rule 'units': PO199 is not there"):
        scene.run()
