"""The loop from an order in Sage X3 to the partner's answer and back into the order's story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from airflow_provider_sagex3_cleo.ledger import audit
from airflow_provider_sagex3_cleo.ledger.trace import trace
from airflow_provider_sagex3_cleo.sandbox import partner as p
from airflow_provider_sagex3_cleo.sandbox.cleo_admin import CleoAdmin
from airflow_provider_sagex3_cleo.sandbox.run import Sandbox
from airflow_provider_sagex3_cleo.story import tell
from tests.sandbox.pipeline.conftest import START, Scene
from tests.support.scene import acknowledge


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Sandbox(7, orders=60, supplier_count=40, start=START, frozen=True) as sandbox:
        scene = Scene(tmp_path, sandbox)
        scene.place = replace(scene.place, options={"ack_folders": (p.INBOUND,)})
        scene.baseline()
        yield scene


def test_orders_of_partners_of_both_releases_are_accepted_and_a_second_look_changes_nothing(scene: Scene) -> None:
    partner = p.Partner(CleoAdmin(scene.sandbox.cleo_url))
    orders = scene.world.new_orders(9, lines=2)
    assert scene.run().green
    partner.answer(p.accept())
    done, report = acknowledge(scene.place, "ack-1")
    assert done["counts"] == {"applied": 9, "read_files": 9}
    assert report["documents"] == {"accepted": 9}
    assert {scene.documents(key)[-1].state.value for key in orders} == {"accepted"}
    assert acknowledge(scene.place, "ack-2")[0]["counts"] == {}
    assert scene.run().counts["sent"] == 0


def test_a_rejected_order_tells_line_and_column_and_is_not_sent_again_by_itself(scene: Scene) -> None:
    partner = p.Partner(scene.sandbox.cleo.store)
    number = scene.world.new_order(scene.supplier, lines=3)
    scene.run()
    partner.answer(p.reject([p.Place("PO1", 3, "7", turn=2)]))
    acknowledge(scene.place, "ack-1")
    assert scene.documents(number)[-1].state.value == "rejected"
    ledger = scene.place.ledger()
    with ledger.reading() as db:
        text = "\n".join(line for story in trace(db, number) for line in tell(story))
        assert audit.verify(db).ok
    ledger.close()
    assert "of line 2000: code not in the list" in text
    assert "from Sage X3 lines.UOM, lines.PUU" in text
    scene.world.edit_line(number, 1000, NETPRI="9.5")
    scene.run()
    assert len(scene.journal()) == 1
    assert number in scene.held()


def test_what_was_in_doubt_is_settled_by_the_partner_who_has_it(scene: Scene) -> None:
    scene.pickup("may")
    scene.sandbox.cleo.store.folder(f"{scene.supplier.lower()}-850", pickup="at_once")
    scene.sandbox.cleo.cut_upload("after")
    number = scene.world.new_order(scene.supplier, lines=2)
    scene.run()
    assert scene.documents(number)[-1].state.value == "in_doubt"
    p.Partner(scene.sandbox.cleo.store).answer(p.accept())
    acknowledge(scene.place, "ack-1")
    assert scene.documents(number)[-1].state.value == "accepted"
    assert scene.run().green
    assert len(scene.journal()) == 1
